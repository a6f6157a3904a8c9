#include "handler.h"
#include "slug.h"

TEST(tells_the_title)
{
	static const struct {
		const char *title, *slug;
	} cases[] = {
	    {"How to train your dragon", "how-to-train-your-dragon"},
	    {"  Don't — really: don’t!  ", "dont-really-dont"},
	    {"Crème brûlée à la carte", "creme-brulee-a-la-carte"},
	    {"Straße", "strasse"},
	    {"Ελληνικά", "ελληνικα"},
	    {"日本語の題名", "日本語の題名"},
	    {"\u1100'\u1161", "가"}, /* normalized, as a path is */
	    {"../../etc/passwd", "etc-passwd"},
	    {"Feed!", "feed-article"},
	    {"!!!", "article"},
	    {"\xf0\x9f\x90\x89", "article"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		memory_start(&memory, "GET", "/");
		assert_string_equal(slug_of(&memory.req, cases[i].title), cases[i].slug);
		memory_end(&memory);
	}
	memory.req.arena = NULL;
}

TEST(is_short_and_whole)
{
	char title[400] = "";

	for (int i = 0; i < 100; i++)
		strcat(title, "語");
	memory_start(&memory, "GET", "/");
	const char *slug = slug_of(&memory.req, title);
	assert_true(strlen(slug) >= SLUG_MAX && strlen(slug) < SLUG_MAX + 4);
	assert_int_equal(strlen(slug) % strlen("語"), 0);
	assert_int_equal(strlen(slug_suffix(&memory.req)), 8);
	memory_end(&memory);
	memory.req.arena = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_the_title),
	    cmocka_unit_test(is_short_and_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
