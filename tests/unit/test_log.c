#include "unit.h"

#include <errno.h>
#include <json-c/json.h>
#include <sysexits.h>

#include "log.h"

static char text[20000];

/* The one line that the function logs, parsed. The caller owns it. */
static struct json_object *
logged(void (*function)(const void *), const void *subject)
{
	run_apart(function, subject, text, sizeof text);
	size_t length = strlen(text);
	assert_true(length > 0 && length <= LOG_LINE_MAX);
	assert_ptr_equal(strchr(text, '\n'), text + length - 1);

	struct json_object *line = json_tokener_parse(text);
	assert_non_null(line);
	return line;
}

static const char *
field(struct json_object *line, const char *name)
{
	return json_object_get_string(json_object_object_get(line, name));
}

static void
log_fields(const void *subject __attribute__((unused)))
{
	log_warning("an event", LOG_TEXT("text", "a\"b\\c\n\x01é€"), LOG_NUMBER("number", INT64_MIN),
	            LOG_TEXT("none", NULL), LOG_MILLISECONDS("ms", 1234567), LOG_MILLISECONDS("short", 7),
	            LOG_MILLISECONDS("before", -1500));
}

TEST(a_line_has_its_fields)
{
	struct json_object *line = logged(log_fields, NULL);

	assert_int_equal(strlen(field(line, "time")), 24);
	assert_string_equal(field(line, "level"), "warning");
	assert_string_equal(field(line, "event"), "an event");
	assert_string_equal(field(line, "text"), "a\"b\\c\n\x01é€");
	assert_int_equal(json_object_get_int64(json_object_object_get(line, "number")), INT64_MIN);
	assert_non_null(strstr(text, "\"ms\":1234.567,\"short\":0.007,\"before\":-1.500}"));
	assert_false(json_object_object_get_ex(line, "none", NULL));
	json_object_put(line);
}

static void
log_nothing_but_the_event(const void *event)
{
	log_info(event);
}

TEST(an_event_may_have_no_fields)
{
	struct json_object *line = logged(log_nothing_but_the_event, "alone");

	assert_int_equal(json_object_object_length(line), 3);
	assert_string_equal(field(line, "event"), "alone");
	json_object_put(line);
}

static void
log_text(const void *value)
{
	log_info("e", LOG_TEXT("text", value), LOG_NUMBER("after", 1));
}

TEST(every_byte_is_escaped)
{
	for (int byte = 1; byte < 256; byte++) {
		struct json_object *line = logged(log_text, (char[]){'<', (char)byte, '>', '\0'});
		const char *expected = byte < 0x80 ? (char[]){'<', (char)byte, '>', '\0'} : "<\uFFFD>";
		assert_string_equal(field(line, "text"), expected);
		json_object_put(line);
	}
	assert_null(strchr(text, 0x7F));
}

TEST(a_long_text_is_cut)
{
	static const char *const parts[] = {"x", "\"", "\x01", "€", "𝄞", "\xFF"};
	static char value[8000];

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		*value = '\0';
		for (size_t length = 0; length + strlen(parts[i]) < sizeof value; length += strlen(parts[i]))
			strcpy(value + length, parts[i]);

		struct json_object *line = logged(log_text, value);
		const char *cut = field(line, "text");
		assert_true(strlen(cut) < LOG_TEXT_MAX + 16);
		assert_string_equal(cut + strlen(cut) - strlen("…"), "…");
		assert_string_equal(field(line, "after"), "1");
		json_object_put(line);
	}
}

TEST(a_text_is_cut_at_the_limit_and_not_before)
{
	char value[LOG_TEXT_MAX + 2];
	memset(value, 'x', sizeof value);

	value[LOG_TEXT_MAX - 1] = '\0'; /* with its opening quote that is all there may be */
	struct json_object *line = logged(log_text, value);
	assert_string_equal(field(line, "text"), value);
	json_object_put(line);

	value[LOG_TEXT_MAX - 1] = 'x';
	value[LOG_TEXT_MAX] = '\0';
	line = logged(log_text, value);
	assert_int_equal(strlen(field(line, "text")), LOG_TEXT_MAX - 1 + strlen("…"));
	json_object_put(line);
}

static void
log_much(const void *value)
{
	log_info("e", LOG_TEXT("a", value), LOG_TEXT("b", value), LOG_TEXT("c", value), LOG_TEXT("d", value),
	         LOG_NUMBER("last", 1));
}

TEST(what_does_not_fit_is_left_out)
{
	char value[2000];

	for (size_t length = 900; length < 1100; length++) {
		memset(value, 'x', length);
		value[length] = '\0';
		struct json_object *line = logged(log_much, value);
		assert_non_null(field(line, "c"));
		assert_true(field(line, "d") != NULL ||
		            strlen(text) + length + strlen(",\"d\":\"\"") > LOG_LINE_MAX - 10);
		assert_true(field(line, "last") != NULL || strlen(text) + strlen(",\"last\":1") > LOG_LINE_MAX);
		json_object_put(line);
	}
}

static void
log_at_level(const void *name)
{
	if (!log_set_level(name))
		_exit(1);
	log_error("E");
	log_warning("W");
	log_info("I");
	log_debug("D");
}

TEST(levels_filter)
{
	static const struct {
		const char *name;
		size_t lines;
	} rows[] = {{"error", 1}, {"warning", 2}, {"info", 3}, {"debug", 4}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t lines = 0;
		assert_int_equal(run_apart(log_at_level, rows[i].name, text, sizeof text), 0);
		for (const char *end = text; (end = strchr(end, '\n')) != NULL; end++)
			lines++;
		assert_int_equal(lines, rows[i].lines);
	}
	assert_false(log_set_level("Error"));
	assert_false(log_set_level(""));
	assert_false(log_set_level("all"));
}

static void
log_and_end(const void *why)
{
	log_fatal(why, LOG_NUMBER("n", 1));
}

TEST(a_fatal_event_ends_the_process)
{
	assert_int_equal(run_apart(log_and_end, "the end", text, sizeof text), EX_SOFTWARE);
	assert_non_null(strstr(text, "\"level\":\"error\",\"event\":\"the end\",\"n\":1}\n"));
}

static void
log_to_nowhere(const void *subject __attribute__((unused)))
{
	close(STDERR_FILENO);
	errno = ENOENT;
	log_error("nobody reads this");
	_exit(errno == ENOENT ? 0 : 1);
}

TEST(errno_stays_as_it_was)
{
	assert_int_equal(run_apart(log_to_nowhere, NULL, text, sizeof text), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_has_its_fields),
	    cmocka_unit_test(an_event_may_have_no_fields),
	    cmocka_unit_test(every_byte_is_escaped),
	    cmocka_unit_test(a_long_text_is_cut),
	    cmocka_unit_test(a_text_is_cut_at_the_limit_and_not_before),
	    cmocka_unit_test(what_does_not_fit_is_left_out),
	    cmocka_unit_test(levels_filter),
	    cmocka_unit_test(a_fatal_event_ends_the_process),
	    cmocka_unit_test(errno_stays_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
