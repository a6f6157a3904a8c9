#include "arena_fixture.h"

#include "urlencoded.h"

/* Parses with a limit of 4 fields and writes them back as "[name|value]…". */
static const char *
parsed(const char *text, size_t length, enum form_result *result)
{
	struct form form;
	const char *fields = "";

	*result = form_parse(arena, text, length, 4, &form);
	for (size_t i = 0; i < form.count; i++)
		fields = arena_printf(arena, "%s[%s|%s]", fields, form.fields[i].name, form.fields[i].value);
	return fields;
}

TEST(forms_are_parsed)
{
	static const struct {
		const char *text, *fields;
	} rows[] = {
	    {"", ""},
	    {"a=1", "[a|1]"},
	    {"a=1&b=2", "[a|1][b|2]"},
	    {"a=1&a=2", "[a|1][a|2]"},
	    {"a", "[a|]"},
	    {"a=", "[a|]"},
	    {"=x", "[|x]"},
	    {"=", "[|]"},
	    {"&&a=1&&b&&", "[a|1][b|]"},
	    {"&&&&&&&&", ""},
	    {"a=b=c", "[a|b=c]"},
	    {"a+b=c+d", "[a b|c d]"},
	    {"a%2Bb=%26%3D%25", "[a+b|&=%]"},
	    {"%c3%A9=%E2%82%AC", "[é|€]"},
	    {"é=€", "[é|€]"},
	    {"a=1;b=2", "[a|1;b=2]"},
	    {"a=1&b=2&c=3&d=4", "[a|1][b|2][c|3][d|4]"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum form_result result;
		assert_string_equal(parsed(rows[i].text, strlen(rows[i].text), &result), rows[i].fields);
		assert_int_equal(result, FORM_OK);
	}
}

TEST(bad_forms_are_refused)
{
	static const struct {
		const char *text;
		size_t length;
		enum form_result result;
	} rows[] = {
	    {"%", 1, FORM_INVALID},          {"a=%", 3, FORM_INVALID},          {"a=%4", 4, FORM_INVALID},
	    {"a=%4g", 5, FORM_INVALID},      {"a=%g4", 5, FORM_INVALID},        {"a=%41", 4, FORM_INVALID},
	    {"a=%%41", 6, FORM_INVALID},     {"a=% 1", 5, FORM_INVALID},        {"%4=1", 4, FORM_INVALID},
	    {"a=%00", 5, FORM_INVALID},      {"%00=a", 5, FORM_INVALID},        {"a=\0", 3, FORM_INVALID},
	    {"a=%ff", 5, FORM_INVALID},      {"a=\xFF", 3, FORM_INVALID},       {"%c3=%a9", 7, FORM_INVALID},
	    {"a=1&b=%", 7, FORM_INVALID},    {"a=%ed%a0%80", 11, FORM_INVALID}, {"a&b&c&d&e", 9, FORM_TOO_MANY},
	    {"a&b&c&d&%", 9, FORM_TOO_MANY},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum form_result result;
		parsed(rows[i].text, rows[i].length, &result);
		if (result != rows[i].result)
			fail_msg("row %zu", i);
	}
}

TEST(only_the_length_is_read)
{
	enum form_result result;

	assert_string_equal(parsed("a=1&b=%zz", 5, &result), "[a|1][b|]");
	assert_int_equal(result, FORM_OK);
}

TEST(the_first_value_is_found)
{
	struct form form;

	assert_int_equal(form_parse(arena, "a=1&a=2&b=&=x", 13, 10, &form), FORM_OK);
	assert_string_equal(form_value(&form, "a"), "1");
	assert_string_equal(form_value(&form, "b"), "");
	assert_string_equal(form_value(&form, ""), "x");
	assert_null(form_value(&form, "c"));
	assert_null(form_value(&form, "A"));
}

TEST(percent_sequences_are_decoded)
{
	static const struct {
		const char *text, *decoded;
	} rows[] = {
	    {"", ""},           {"plain", "plain"},   {"a+b", "a+b"}, {"%41%2f%2F", "A//"},
	    {"%e2%82%ac", "€"}, {"%25%34%31", "%41"}, {"€", "€"},     {"%", NULL},
	    {"a%4", NULL},      {"%4x", NULL},        {"%00", NULL},  {"%e2%82", NULL},
	    {"\xC0\xAF", NULL}, {"%c0%af", NULL},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *decoded = percent_decode(arena, rows[i].text, strlen(rows[i].text));
		if (rows[i].decoded == NULL)
			assert_null(decoded);
		else
			assert_string_equal(decoded, rows[i].decoded);
	}
	assert_null(percent_decode(arena, "a\0b", 3));
	assert_string_equal(percent_decode(arena, "ab%zz", 2), "ab");
}

TEST(what_is_not_unreserved_is_encoded)
{
	assert_string_equal(percent_encode(arena, ""), "");
	assert_string_equal(percent_encode(arena, "aZ09-._~"), "aZ09-._~");
	assert_string_equal(percent_encode(arena, "a b+c/d?e"), "a%20b%2Bc%2Fd%3Fe");
	assert_string_equal(percent_encode(arena, "\x01€\x7F"), "%01%E2%82%AC%7F");
}

TEST(decoding_undoes_encoding)
{
	char text[128];
	for (int i = 0; i < 127; i++)
		text[i] = (char)(i + 1);
	text[127] = '\0';

	const char *encoded = percent_encode(arena, text);
	assert_string_equal(percent_decode(arena, encoded, strlen(encoded)), text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forms_are_parsed),
	    cmocka_unit_test(bad_forms_are_refused),
	    cmocka_unit_test(only_the_length_is_read),
	    cmocka_unit_test(the_first_value_is_found),
	    cmocka_unit_test(percent_sequences_are_decoded),
	    cmocka_unit_test(what_is_not_unreserved_is_encoded),
	    cmocka_unit_test(decoding_undoes_encoding),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
