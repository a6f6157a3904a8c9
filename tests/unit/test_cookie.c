#include "unit.h"

#include "cookie.h"

TEST(cookies_are_found)
{
	static const struct {
		const char *header, *name, *value;
	} rows[] = {
	    {NULL, "a", NULL},
	    {"", "a", NULL},
	    {"a=1", "a", "1"},
	    {"a=1", "A", NULL},
	    {"a=1", "b", NULL},
	    {"a=1; b=2", "b", "2"},
	    {"a=1;b=2", "b", "2"},
	    {" a = 1 ;\tb\t=\t2\t", "a", "1"},
	    {" a = 1 ;\tb\t=\t2\t", "b", "2"},
	    {"a=1; a=2", "a", "1"},
	    {"aa=1; a=2", "a", "2"},
	    {"a=", "a", ""},
	    {"a", "a", NULL},
	    {"a; a=2", "a", "2"},
	    {"a=b=c", "a", "b=c"},
	    {"a=\"quoted\"", "a", "quoted"},
	    {"a=\"\"", "a", ""},
	    {"a=\"", "a", "\""},
	    {"a=\"half", "a", "\"half"},
	    {"a=x\"y\"", "a", "x\"y\""},
	    {";;; a=1 ;;;", "a", "1"},
	    {"=1; a=2", "", "1"},
	    {"a=1;", "a", "1"},
	    {"x=a=1; b", "a", NULL},
	    {"a=\xFF", "a", "\xFF"},
	};

	struct arena *arena = arena_new();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *value = cookie_value(arena, rows[i].header, rows[i].name);
		if (rows[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].value);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(cookies_are_found)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
