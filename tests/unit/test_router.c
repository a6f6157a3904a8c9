#include "unit.h"

#include <sysexits.h>

#include "router.h"
#include "scoreboard.h"

/* A handler is never called here: rows are told apart by the name. */
#define ROW(method, pattern, name)                                                                                     \
	{                                                                                                              \
		HTTP_##method, pattern, NULL, name, 0, NULL                                                            \
	}

static const struct route routes[] = {
    ROW(GET, "/", "root"),
    ROW(GET, "/api/articles", "list"),
    ROW(POST, "/api/articles", "create"),
    ROW(GET, "/api/articles/:slug", "show"),
    ROW(PUT, "/api/articles/:slug", "update"),
    ROW(DELETE, "/api/articles/:slug", "delete"),
    ROW(GET, "/api/articles/feed", "feed"),
    ROW(POST, "/api/articles/:name/comments", "comment"),
    ROW(DELETE, "/api/articles/:slug/comments/:id", "uncomment"),
    ROW(GET, "/api/articles/feed/only/this", "only this"),
    ROW(POST, "/api/users/login", "login"),
    ROW(GET, "/:a/:b/:c/:d/:e/:f/:g/:h", "eight"),
    ROW(PUT, "/x-1/.well_known~", "letters"),
    ROW(GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "sixteen"),
};

static struct request req;

static enum route_result
match(enum http_method method, const char *path)
{
	arena_reset(req.arena);
	req.method = method;
	req.path = path;
	return route_match(&req);
}

static int
start(void **state __attribute__((unused)))
{
	req.arena = arena_new();
	router_init(routes, COUNT_OF(routes));
	return 0;
}

static int
stop(void **state __attribute__((unused)))
{
	arena_free(req.arena);
	return 0;
}

TEST(paths_find_their_route)
{
	static const struct {
		enum http_method method;
		const char *path, *name, *parameter, *value;
	} rows[] = {
	    {HTTP_GET, "/", "root", NULL, NULL},
	    {HTTP_GET, "/api/articles", "list", NULL, NULL},
	    {HTTP_GET, "/api/articles/", "list", NULL, NULL},
	    {HTTP_HEAD, "/api/articles", "list", NULL, NULL},
	    {HTTP_POST, "/api/articles", "create", NULL, NULL},
	    {HTTP_GET, "/api/articles/feed", "feed", NULL, NULL},
	    {HTTP_HEAD, "/api/articles/feed/", "feed", NULL, NULL},
	    {HTTP_GET, "/api/articles/fee", "show", "slug", "fee"},
	    {HTTP_GET, "/api/articles/feeds/", "show", "slug", "feeds"},
	    {HTTP_GET, "/api/articles/Feed", "show", "slug", "Feed"},
	    {HTTP_PUT, "/api/articles/feed", "update", "slug", "feed"}, /* the text has no such method */
	    {HTTP_DELETE, "/api/articles/a", "delete", "slug", "a"},
	    {HTTP_POST, "/api/articles/feed/comments", "comment", "name", "feed"}, /* the text leads nowhere */
	    {HTTP_POST, "/api/articles/a/comments", "comment", "name", "a"},
	    {HTTP_DELETE, "/api/articles/a/comments/12", "uncomment", "slug", "a"},
	    {HTTP_GET, "/api/articles/feed/only/this", "only this", NULL, NULL},
	    {HTTP_POST, "/%61pi/users/log%69n", "login", NULL, NULL},
	    {HTTP_GET, "/api/articles/a%20b+c", "show", "slug", "a b+c"},
	    {HTTP_GET, "/api/articles/a%2Fb", "show", "slug", "a/b"},
	    {HTTP_GET, "/api/articles/%E2%82%AC", "show", "slug", "€"},
	    {HTTP_GET, "/api/articles/€", "show", "slug", "€"},
	    {HTTP_GET, "/api/articles/e%CC%81", "show", "slug", "é"},
	    {HTTP_GET, "/api/articles/%2525", "show", "slug", "%25"},
	    {HTTP_GET, "/api/articles/..", "show", "slug", ".."},
	    {HTTP_GET, "/api/articles/:slug", "show", "slug", ":slug"},
	    {HTTP_PUT, "/x-1/.well_known~", "letters", NULL, NULL},
	    {HTTP_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/", "sixteen", NULL, NULL},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(match(rows[i].method, rows[i].path), ROUTE_FOUND);
		assert_string_equal(req.route->handler_name, rows[i].name);
		if (rows[i].parameter == NULL) {
			assert_int_equal(req.path_parameters_count, 0);
		} else {
			assert_string_equal(req.path_parameters[0].name, rows[i].parameter);
			assert_string_equal(req.path_parameters[0].value, rows[i].value);
		}
	}
}

TEST(parameters_come_in_their_order)
{
	assert_int_equal(match(HTTP_DELETE, "/api/articles/a-b/comments/12"), ROUTE_FOUND);
	assert_int_equal(req.path_parameters_count, 2);
	assert_string_equal(req.path_parameters[0].name, "slug");
	assert_string_equal(req.path_parameters[0].value, "a-b");
	assert_string_equal(req.path_parameters[1].name, "id");
	assert_string_equal(req.path_parameters[1].value, "12");

	assert_int_equal(match(HTTP_GET, "/1/2/3/4/5/6/7/8"), ROUTE_FOUND);
	assert_int_equal(req.path_parameters_count, PATH_PARAMETERS_MAX);
	for (size_t i = 0; i < PATH_PARAMETERS_MAX; i++) {
		assert_string_equal(req.path_parameters[i].name, ((char[]){(char)('a' + i), '\0'}));
		assert_string_equal(req.path_parameters[i].value, ((char[]){(char)('1' + i), '\0'}));
	}
}

TEST(other_paths_find_none)
{
	static const struct {
		const char *path;
		enum route_result result;
	} rows[] = {
	    {"", ROUTE_NO_PATH},
	    {"*", ROUTE_NO_PATH},
	    {"api/articles", ROUTE_NO_PATH},
	    {"//", ROUTE_NO_PATH},
	    {"///", ROUTE_NO_PATH},
	    {"//api/articles", ROUTE_NO_PATH},
	    {"/api//articles", ROUTE_NO_PATH},
	    {"/api/articles//", ROUTE_NO_PATH},
	    {"/api/articles//comments", ROUTE_NO_PATH},
	    {"/api", ROUTE_NO_PATH},
	    {"/API/articles", ROUTE_NO_PATH},
	    {"/api/article", ROUTE_NO_PATH},
	    {"/api/articles/a/b", ROUTE_NO_PATH},
	    {"/api/articles/feed/only", ROUTE_NO_PATH},
	    {"/api%2Farticles", ROUTE_NO_PATH},
	    {"/api/./articles", ROUTE_NO_PATH},
	    {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", ROUTE_NO_PATH},
	    {"/api/articles/%00", ROUTE_BAD_PATH},
	    {"/api/articles/a%", ROUTE_BAD_PATH},
	    {"/api/articles/a%2", ROUTE_BAD_PATH},
	    {"/api/articles/%2/comments", ROUTE_BAD_PATH},
	    {"/api/articles/%zz", ROUTE_BAD_PATH},
	    {"/api/articles/%ff", ROUTE_BAD_PATH},
	    {"/api/articles/\xFF", ROUTE_BAD_PATH},
	    {"/api/articles/%c3/%a9", ROUTE_BAD_PATH},
	    {"/no/such/path/%00", ROUTE_BAD_PATH},
	    {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/%", ROUTE_BAD_PATH},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (match(HTTP_GET, rows[i].path) != rows[i].result)
			fail_msg("%s", rows[i].path);
		assert_null(req.route);
		assert_int_equal(req.allowed, HTTP_OPTIONS);
		assert_int_equal(req.path_parameters_count, 0);
	}
}

TEST(methods_of_a_path_are_told)
{
	static const struct {
		enum http_method method;
		const char *path;
		enum route_result result;
		unsigned allowed;
	} rows[] = {
	    {HTTP_PUT, "/api/articles", ROUTE_NO_METHOD, HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_OPTIONS},
	    {HTTP_OTHER, "/api/articles/", ROUTE_NO_METHOD, HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_OPTIONS},
	    {HTTP_OPTIONS, "/api/articles", ROUTE_NO_METHOD, HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_OPTIONS},
	    {HTTP_GET, "/api/users/login", ROUTE_NO_METHOD, HTTP_POST | HTTP_OPTIONS},
	    {HTTP_HEAD, "/api/users/login", ROUTE_NO_METHOD, HTTP_POST | HTTP_OPTIONS},
	    {HTTP_OPTIONS, "/no/such/path", ROUTE_NO_PATH, HTTP_OPTIONS},
	    {HTTP_POST, "/api/articles/feed", ROUTE_NO_METHOD,
	     HTTP_GET | HTTP_HEAD | HTTP_PUT | HTTP_DELETE | HTTP_OPTIONS},
	    {HTTP_GET, "/api/articles", ROUTE_FOUND, HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_OPTIONS},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(match(rows[i].method, rows[i].path), rows[i].result);
		assert_int_equal(req.allowed, rows[i].allowed);
		assert_true((req.route != NULL) == (rows[i].result == ROUTE_FOUND));
	}
}

TEST(long_paths_are_fine)
{
	static char path[100000];

	strcpy(path, "/api/articles/");
	memset(path + strlen(path), 'x', sizeof path - strlen(path) - 1);
	assert_int_equal(match(HTTP_GET, path), ROUTE_FOUND);
	assert_string_equal(req.path_parameters[0].value, path + strlen("/api/articles/"));

	for (size_t i = 0; i < sizeof path - 1; i++)
		path[i] = i % 2 == 0 ? '/' : 'a';
	assert_int_equal(match(HTTP_GET, path), ROUTE_NO_PATH);
	memset(path, '/', sizeof path - 1);
	assert_int_equal(match(HTTP_GET, path), ROUTE_NO_PATH);
}

TEST(routes_have_an_index)
{
	assert_int_equal(route_count(), COUNT_OF(routes));
	for (size_t i = 0; i < COUNT_OF(routes); i++) {
		assert_int_equal(route_index(&routes[i]), i);
		assert_ptr_equal(route_at((int)i), &routes[i]);
	}
	assert_int_equal(route_index(NULL), SCOREBOARD_NO_ROUTE);
	assert_null(route_at(SCOREBOARD_NO_ROUTE));
	assert_null(route_at(COUNT_OF(routes)));
	assert_null(route_at(-1));
}

/* Starts a router with a good row and the one under test. */
static void
use(const void *route)
{
	const struct route table[] = {ROW(GET, "/a/:b", "good"), *(const struct route *)route};
	router_init(table, COUNT_OF(table));
}

TEST(bad_routes_end_the_process)
{
	static const struct route rows[] = {
	    ROW(GET, "", ""),
	    ROW(GET, "a", ""),
	    ROW(GET, "//", ""),
	    ROW(GET, "/a/", ""),
	    ROW(GET, "/a//b", ""),
	    ROW(GET, "/a b", ""),
	    ROW(GET, "/a%20b", ""),
	    ROW(GET, "/é", ""),
	    ROW(GET, "/:", ""),
	    ROW(GET, "/:/b", ""),
	    ROW(GET, "/a:b", ""),
	    ROW(GET, "/:a:b", ""),
	    ROW(GET, "/:a/:a", ""),
	    ROW(GET, "/:a/:b/:c/:d/:e/:f/:g/:h/:i", ""),
	    ROW(GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", ""),
	    ROW(GET, "/a/:b", ""),
	    ROW(GET, "/a/:other", ""),
	    ROW(HEAD, "/head", ""),
	    ROW(OPTIONS, "/options", ""),
	    ROW(OTHER, "/other", ""),
	};
	char text[4096];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char pattern[200];
		snprintf(pattern, sizeof pattern, "\"pattern\":\"%s\"", rows[i].pattern);
		assert_int_equal(run_apart(use, &rows[i], text, sizeof text), EX_SOFTWARE);
		assert_non_null(strstr(text, pattern));
	}

	assert_int_equal(run_apart(use, &(struct route)ROW(POST, "/a/:b", ""), text, sizeof text), 0);
}

static void
use_many(const void *count)
{
	static struct route table[SCOREBOARD_NO_ROUTE + 1];
	static char patterns[COUNT_OF(table)][16];

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		snprintf(patterns[i], sizeof patterns[i], "/%zu", i);
		table[i] = (struct route){HTTP_GET, patterns[i], NULL, "", 0, NULL};
	}
	router_init(table, *(const size_t *)count);
}

TEST(the_table_has_a_limit)
{
	char text[4096];

	assert_int_equal(run_apart(use_many, &(size_t){SCOREBOARD_NO_ROUTE}, text, sizeof text), 0);
	assert_int_equal(run_apart(use_many, &(size_t){SCOREBOARD_NO_ROUTE + 1}, text, sizeof text), EX_SOFTWARE);
}

TEST(a_table_can_be_replaced)
{
	static const struct route other[] = {ROW(GET, "/other", "other")};

	router_init(other, 1);
	assert_int_equal(match(HTTP_GET, "/other"), ROUTE_FOUND);
	assert_int_equal(match(HTTP_GET, "/api/articles"), ROUTE_NO_PATH);
	router_init(NULL, 0);
	assert_int_equal(match(HTTP_GET, "/"), ROUTE_NO_PATH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_find_their_route),     cmocka_unit_test(parameters_come_in_their_order),
	    cmocka_unit_test(other_paths_find_none),      cmocka_unit_test(methods_of_a_path_are_told),
	    cmocka_unit_test(long_paths_are_fine),        cmocka_unit_test(routes_have_an_index),
	    cmocka_unit_test(bad_routes_end_the_process), cmocka_unit_test(the_table_has_a_limit),
	    cmocka_unit_test(a_table_can_be_replaced),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
