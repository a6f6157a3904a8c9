/* Texts and formats of the interface. */
#include "../unit/unit.h"

#include "clock.h"
#include "formats.h"
#include "texts.h"

#define US INT64_C(1000000)

static struct arena *arena;

static const char *
formatted(const char *name, struct view_value value, unsigned language)
{
	struct buffer out = buffer_in(arena);

	buffer_add_text(&out, "");
	for (size_t i = 0; i < formats_count; i++) {
		if (strcmp(formats[i].name, name) == 0) {
			formats[i].write(&out, &value, language);
			buffer_add_byte(&out, '\0');
			return out.data;
		}
	}
	fail_msg("no format %s", name);
	return NULL;
}

static const char *
text_as(const char *format, const char *text)
{
	return formatted(format, (struct view_value){VIEW_TEXT, text, strlen(text), 0}, ENGLISH);
}

static const char *
number_as(const char *format, int64_t number, unsigned language)
{
	return formatted(format, (struct view_value){.kind = VIEW_INTEGER, .number = number}, language);
}

static const char *
ago(int64_t seconds, unsigned language)
{
	struct view_value value = {.kind = VIEW_TIME, .number = clock_now() - seconds * US - US / 2};

	return formatted("ago", value, language);
}

TEST(every_message_is_told_in_both_languages)
{
	static const struct {
		const char *message, *english, *german;
	} rows[] = {
	    {"can't be blank", "Please fill this in.", "Bitte ausfüllen."},
	    {"is too short (minimum is 8 characters)", "Please use at least 8 characters.",
	     "Bitte mindestens 8 Zeichen."},
	    {"is too long (maximum is 200000 characters)", "Please use at most 200000 characters.",
	     "Bitte höchstens 200000 Zeichen."},
	    {"must be a number between 1 and 100", "This must be a number between 1 and 100.",
	     "Das muss eine Zahl zwischen 1 und 100 sein."},
	    {"is too short (minimum is many characters)", "is too short (minimum is many characters)",
	     "is too short (minimum is many characters)"},
	    {"never heard of", "never heard of", "never heard of"},
	    {"", "", ""},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_string_equal(text_of_message(arena, ENGLISH, rows[i].message), rows[i].english);
		assert_string_equal(text_of_message(arena, GERMAN, rows[i].message), rows[i].german);
	}
}

TEST(numbers_have_their_thousands_apart)
{
	assert_string_equal(number_as("count", 0, ENGLISH), "0");
	assert_string_equal(number_as("count", 999, ENGLISH), "999");
	assert_string_equal(number_as("count", 1000, ENGLISH), "1,000");
	assert_string_equal(number_as("count", 1234567, GERMAN), "1.234.567");
	assert_string_equal(number_as("count", -123456, ENGLISH), "-123,456");
	assert_string_equal(number_as("comments", 0, ENGLISH), "0 comments");
	assert_string_equal(number_as("comments", 1, ENGLISH), "1 comment");
	assert_string_equal(number_as("comments", 12345, GERMAN), "12.345 Kommentare");
}

TEST(times_are_told_as_people_do)
{
	assert_string_equal(ago(-3600, ENGLISH), text_in(ENGLISH, TEXT_just_now));
	assert_string_equal(ago(59, ENGLISH), text_in(ENGLISH, TEXT_just_now));
	assert_string_equal(ago(60, ENGLISH), "1 minute ago");
	assert_string_equal(ago(60 * 60 - 1, GERMAN), "vor 59 Minuten");
	assert_string_equal(ago(60 * 60, GERMAN), "vor 1 Stunde");
	assert_string_equal(ago(24 * 60 * 60 - 1, ENGLISH), "23 hours ago");
	assert_string_equal(ago(24 * 60 * 60, ENGLISH), "1 day ago");
	assert_string_equal(ago(7 * 24 * 60 * 60 - 1, GERMAN), "vor 6 Tagen");
}

TEST(dates_have_the_months_of_their_language)
{
	struct view_value newest = {.kind = VIEW_TIME, .number = 1795253400 * US};
	struct view_value march = {.kind = VIEW_TIME, .number = 951782400 * US + 2 * 24 * 3600 * US};

	assert_string_equal(formatted("date", newest, ENGLISH), "21 November 2026");
	assert_string_equal(formatted("date", newest, GERMAN), "21. November 2026");
	assert_string_equal(formatted("ago", march, GERMAN), "2. März 2000");
	assert_string_equal(formatted("iso", newest, GERMAN), "2026-11-21T09:30:00.000Z");
}

TEST(texts_become_parts_of_addresses_and_pictures)
{
	assert_string_equal(text_as("url", "a b/ü?"), "a%20b%2F%C3%BC%3F");
	assert_string_equal(text_as("initial", "ada"), "A");
	assert_string_equal(text_as("initial", "élodie"), "É");
	assert_string_equal(text_as("initial", "李"), "李");
	assert_string_equal(text_as("initial", ""), "");
	assert_string_equal(text_as("hue", "ada"), text_as("hue", "ada"));
	assert_true(atoi(text_as("hue", "grace")) >= 0 && atoi(text_as("hue", "grace")) < 12);
}

TEST(images_come_by_http_only)
{
	assert_string_equal(text_as("link", "https://example.org/a.png"), "https://example.org/a.png");
	assert_string_equal(text_as("link", "HTTP://example.org/a.png"), "HTTP://example.org/a.png");
	assert_string_equal(text_as("link", "javascript:alert(1)"), "");
	assert_string_equal(text_as("link", " https://example.org"), "");
	assert_string_equal(text_as("link", "data:image/svg+xml,<svg onload=alert(1)>"), "");
	assert_string_equal(text_as("link", "//example.org/a.png"), "");
	assert_string_equal(text_as("link", ""), "");
}

TEST(constants_of_templates_are_texts_and_assets)
{
	const char *text = NULL;

	assert_true(text_constant("text.just_now", GERMAN, &text));
	assert_string_equal(text, text_in(GERMAN, TEXT_just_now));
	assert_true(text_constant("text.none_such", GERMAN, &text));
	assert_null(text);
	assert_true(text_constant("asset.style.css", ENGLISH, &text));
	assert_non_null(strstr(text, "/static/style."));
	assert_true(text_constant("asset.none", ENGLISH, &text));
	assert_null(text);
	assert_false(text_constant("title", ENGLISH, &text));
}

static int
start(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_message_is_told_in_both_languages),
	    cmocka_unit_test(numbers_have_their_thousands_apart),
	    cmocka_unit_test(times_are_told_as_people_do),
	    cmocka_unit_test(dates_have_the_months_of_their_language),
	    cmocka_unit_test(texts_become_parts_of_addresses_and_pictures),
	    cmocka_unit_test(images_come_by_http_only),
	    cmocka_unit_test(constants_of_templates_are_texts_and_assets),
	};
	return cmocka_run_group_tests(tests, start, end);
}
