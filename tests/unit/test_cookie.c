#include "unit.h"

#include "../memory.h"
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

TEST(cookies_are_set_side_by_side)
{
	struct memory memory;
	struct buffer head;

	memory_start(&memory, "GET", "/");
	cookie_set(&memory.res, "theme", "dark", 60, 0);
	cookie_set(&memory.res, "session", "abc-_", 7, COOKIE_HTTP_ONLY | COOKIE_SECURE);
	cookie_set(&memory.res, "language", "", 0, 0);
	head = buffer_in(memory.req.arena);
	response_head(&memory.res, &head);
	assert_string_equal(head.data,
	                    "Status: 200 OK\r\n"
	                    "Set-Cookie: theme=dark; Path=/; Max-Age=60; SameSite=Lax\r\n"
	                    "Set-Cookie: session=abc-_; Path=/; Max-Age=7; SameSite=Lax; HttpOnly; Secure\r\n"
	                    "Set-Cookie: language=; Path=/; Max-Age=0; SameSite=Lax\r\n\r\n");
	memory_end(&memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cookies_are_found),
	    cmocka_unit_test(cookies_are_set_side_by_side),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
