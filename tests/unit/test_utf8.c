#include "unit.h"

#include "utf8.h"

TEST(bytes_are_judged)
{
	static const struct {
		const char *text;
		size_t length;
		bool valid;
	} rows[] = {
	    {"", 0, true},
	    {"plain", 5, true},
	    {"a\0b", 3, true},
	    {"\x7F", 1, true},
	    {"é", 2, true},
	    {"€", 3, true},
	    {"𝄞", 4, true},
	    {"\xC2\x80", 2, true},         /* U+0080 */
	    {"\xDF\xBF", 2, true},         /* U+07FF */
	    {"\xE0\xA0\x80", 3, true},     /* U+0800 */
	    {"\xED\x9F\xBF", 3, true},     /* U+D7FF */
	    {"\xEE\x80\x80", 3, true},     /* U+E000 */
	    {"\xEF\xBF\xBF", 3, true},     /* U+FFFF */
	    {"\xF0\x90\x80\x80", 4, true}, /* U+10000 */
	    {"\xF4\x8F\xBF\xBF", 4, true}, /* U+10FFFF */

	    {"\x80", 1, false},
	    {"\xBF", 1, false},
	    {"\xFE", 1, false},
	    {"\xFF", 1, false},
	    {"\xC0\x80", 2, false}, /* overlong */
	    {"\xC1\xBF", 2, false},
	    {"\xE0\x9F\xBF", 3, false},
	    {"\xF0\x8F\xBF\xBF", 4, false},
	    {"\xED\xA0\x80", 3, false}, /* surrogates */
	    {"\xED\xBF\xBF", 3, false},
	    {"\xF4\x90\x80\x80", 4, false}, /* above U+10FFFF */
	    {"\xF5\x80\x80\x80", 4, false},
	    {"\xF8\x88\x80\x80\x80", 5, false},
	    {"é", 1, false}, /* cut */
	    {"€", 2, false},
	    {"𝄞", 3, false},
	    {"\xC3(", 2, false},
	    {"\xE2\x82(", 3, false},
	    {"\xF0\x9D\x84(", 4, false},
	    {"\xE2(\xAC", 3, false},
	    {"good then \xFF", 11, false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *exact = malloc(rows[i].length); /* AddressSanitizer sees a read past the end */
		memcpy(exact, rows[i].text, rows[i].length);
		if (utf8_valid(exact, rows[i].length) != rows[i].valid)
			fail_msg("row %zu", i);
		free(exact);
	}
}

TEST(a_sequence_has_a_size)
{
	assert_int_equal(utf8_sequence("abc", 3), 1);
	assert_int_equal(utf8_sequence("éa", 3), 2);
	assert_int_equal(utf8_sequence("€", 3), 3);
	assert_int_equal(utf8_sequence("𝄞", 4), 4);
	assert_int_equal(utf8_sequence("\0", 1), 1);
	assert_int_equal(utf8_sequence("€", 2), 0);
	assert_int_equal(utf8_sequence("\xFFz", 2), 0);
}

TEST(code_points_are_counted)
{
	assert_int_equal(utf8_length(""), 0);
	assert_int_equal(utf8_length("abc"), 3);
	assert_int_equal(utf8_length("aé€𝄞"), 4);
	assert_int_equal(utf8_length("e\u0301"), 2); /* a combining mark counts by itself */
}

TEST(texts_are_normalized)
{
	static const struct {
		const char *text, *normalized;
	} rows[] = {
	    {"", ""},
	    {"plain, ~ and \x7f", "plain, ~ and \x7f"},
	    {"é€𝄞", "é€𝄞"},
	    {"Zoe\u0308", "Zoë"},
	    {"\u212b", "Å"},                                  /* the sign for a length */
	    {"q\u0307\u0323", "q\u0323\u0307"},               /* marks in the order of their classes */
	    {"\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"}, /* letters to syllables */
	    {"\u0958", "\u0915\u093c"},                       /* never composed */
	    {"ﬁ", "ﬁ"},                                       /* only looks like it */
	    {"\u0301", "\u0301"},
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(utf8_normalize(arena, rows[i].text), rows[i].normalized);
	assert_ptr_equal(utf8_normalize(arena, rows[1].text), rows[1].text);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_are_judged),
	    cmocka_unit_test(a_sequence_has_a_size),
	    cmocka_unit_test(code_points_are_counted),
	    cmocka_unit_test(texts_are_normalized),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
