#include "unit.h"

#include <sysexits.h>

#include "../memory.h"
#include "cookie.h"
#include "router.h"
#include "settings.h"

static struct memory memory;

/* The tag of the body {"a":1}: the same on every machine and after every restart. */
#define HASH "f2adae41a11817327e93ac932ebd2908"
#define TAG  "W/\"" HASH "\""

static void
begin(const char *method, const char *path)
{
	if (memory.req.arena != NULL)
		memory_end(&memory);
	memory_start(&memory, method, path);
}

static void
answer(enum http_status status, const char *body)
{
	buffer_add_text(response_json(&memory.res, status), body);
}

static const char *
header(const char *name)
{
	return response_header_value(&memory.res, name);
}

static int
stop(void **state __attribute__((unused)))
{
	memory_end(&memory);
	memory.req.arena = NULL;
	setting_cors_origin = "*";
	return 0;
}

TEST(headers_are_replaced_whatever_their_case)
{
	begin("GET", "/");
	assert_null(header("Location"));
	response_header(&memory.res, "Location", "/a");
	response_header(&memory.res, "location", "/b");
	assert_string_equal(header("LOCATION"), "/b");
	assert_int_equal(memory.res.headers_count, 1);
}

static void
set_header(const void *value)
{
	response_header(&memory.res, "Location", value);
}

static void
set_too_many_headers(const void *subject)
{
	(void)subject;
	for (int i = 0; i <= RESPONSE_HEADERS_MAX; i++)
		response_header(&memory.res, arena_printf(memory.req.arena, "X-%d", i), "");
}

TEST(a_header_that_would_be_two_ends_the_process)
{
	char errors[500];

	begin("GET", "/");
	assert_int_equal(run_apart(set_header, "/a\r\nX: y", errors, sizeof errors), EX_SOFTWARE);
	assert_int_equal(run_apart(set_header, "/a\nX: y", errors, sizeof errors), EX_SOFTWARE);
	assert_int_equal(run_apart(set_header, "/a\r", errors, sizeof errors), EX_SOFTWARE);
	assert_int_equal(run_apart(set_header, "/a\tb", errors, sizeof errors), 0);
	assert_int_equal(run_apart(set_too_many_headers, NULL, errors, sizeof errors), EX_SOFTWARE);
}

TEST(errors_are_grouped_by_key)
{
	struct input_error third = {"title", "is too \"long\"", NULL}, second = {"body", "can't be blank", &third};
	struct input_error first = {"title", "is invalid", &second};

	begin("POST", "/");
	assert_int_equal(response_errors(&memory.res, HTTP_UNPROCESSABLE, &first), HTTP_UNPROCESSABLE);
	assert_string_equal(memory_text(&memory), "{\"errors\":{\"title\":[\"is invalid\",\"is too \\\"long\\\"\"],"
	                                          "\"body\":[\"can't be blank\"]}}");
	assert_int_equal(memory.res.status, HTTP_UNPROCESSABLE);
}

TEST(an_answer_that_is_an_error_says_so)
{
	begin("POST", "/");
	assert_null(memory.res.errors);
	response_error(&memory.res, HTTP_FORBIDDEN, "article", "forbidden");
	assert_string_equal(memory.res.errors->key, "article");
	assert_string_equal(memory.res.errors->message, "forbidden");
	assert_null(memory.res.errors->next);
	response_body(&memory.res, HTTP_OK, CONTENT_TYPE_HTML);
	assert_null(memory.res.errors);
	assert_int_equal(memory.res.body.length, 0);
	response_finish(&memory.res, &memory.req);
	assert_string_equal(header("Content-Type"), "text/html; charset=utf-8");
}

TEST(an_answer_to_get_has_a_tag_and_is_not_kept_unasked)
{
	begin("GET", "/api/tags");
	answer(HTTP_OK, "{\"a\":1}");
	response_finish(&memory.res, &memory.req);
	assert_int_equal(memory.res.status, HTTP_OK);
	assert_string_equal(header("ETag"), TAG);
	assert_string_equal(header("Cache-Control"), "no-cache");
	assert_string_equal(header("Vary"), "Authorization");
	assert_string_equal(header("Content-Type"), "application/json; charset=utf-8");
	assert_string_equal(header("Content-Length"), "7");
	assert_string_equal(memory_text(&memory), "{\"a\":1}");
}

TEST(an_answer_to_a_user_is_private)
{
	struct viewer user = {.id = 1};

	begin("GET", "/api/tags");
	memory.req.user = &user;
	answer(HTTP_OK, "{}");
	response_finish(&memory.res, &memory.req);
	assert_string_equal(header("Cache-Control"), "private, no-cache");
}

TEST(what_the_handler_set_stays)
{
	begin("GET", "/api/tags");
	answer(HTTP_OK, "{}");
	response_header(&memory.res, "ETag", "\"v1\"");
	response_header(&memory.res, "Cache-Control", "no-store");
	response_header(&memory.res, "Vary", "Cookie");
	memory_header(&memory, "If-None-Match", "W/\"v1\"");
	response_finish(&memory.res, &memory.req);
	assert_int_equal(memory.res.status, HTTP_NOT_MODIFIED);
	assert_string_equal(header("ETag"), "\"v1\"");
	assert_string_equal(header("Cache-Control"), "no-store");
	assert_string_equal(header("Vary"), "Cookie");
}

TEST(a_tag_is_compared_weakly_with_each_of_the_list)
{
	static const struct {
		const char *known;
		bool matches;
	} rows[] = {
	    {TAG, true},
	    {"\"" HASH "\"", true},
	    {"*", true},
	    {" \t*", true},
	    {"\"x\", " TAG, true},
	    {"W/\"x\"," TAG ",\"y\"", true},
	    {"\"a,b\" , " TAG, true},
	    {"\"\", " TAG, true},
	    {"", false},
	    {"\"x\"", false},
	    {"\"*\"", false},
	    {HASH, false},
	    {"\"" HASH, false},
	    {"W/\"" HASH "0\"", false},
	    {"\"", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin("GET", "/api/tags");
		answer(HTTP_OK, "{\"a\":1}");
		memory_header(&memory, "If-None-Match", rows[i].known);
		response_finish(&memory.res, &memory.req);
		if ((memory.res.status == HTTP_NOT_MODIFIED) != rows[i].matches)
			fail_msg("If-None-Match: %s gave %d", rows[i].known, memory.res.status);
	}
}

TEST(not_modified_has_no_body_and_keeps_its_headers)
{
	begin("HEAD", "/api/tags");
	answer(HTTP_OK, "{\"a\":1}");
	memory_header(&memory, "If-None-Match", TAG);
	response_finish(&memory.res, &memory.req);
	assert_int_equal(memory.res.status, HTTP_NOT_MODIFIED);
	assert_int_equal(memory.res.body.length, 0);
	assert_null(header("Content-Length"));
	assert_null(header("Content-Type"));
	assert_string_equal(header("ETag"), TAG);
	assert_string_equal(header("Cache-Control"), "no-cache");
	assert_string_equal(header("Vary"), "Authorization");
	assert_string_equal(header("Access-Control-Allow-Origin"), "*");
}

TEST(what_has_not_changed_since_is_not_sent_again)
{
	static const struct {
		const char *since, *known;
		bool modified;
	} rows[] = {
	    {"Sun, 06 Nov 1994 08:49:37 GMT", NULL, false},
	    {"Sun, 06 Nov 1994 08:49:38 GMT", NULL, false},
	    {"Sun, 06 Nov 1994 08:49:36 GMT", NULL, true},
	    {"yesterday", NULL, true},
	    {"", NULL, true},
	    {"Sun, 06 Nov 1994 08:49:37 GMT", "\"other\"", true},
	    {"Sun, 06 Nov 1994 08:49:36 GMT", TAG, false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin("GET", "/api/tags");
		answer(HTTP_OK, "{\"a\":1}");
		response_modified(&memory.res, INT64_C(784111777999999));
		memory_header(&memory, "If-Modified-Since", rows[i].since);
		if (rows[i].known != NULL)
			memory_header(&memory, "If-None-Match", rows[i].known);
		response_finish(&memory.res, &memory.req);
		assert_string_equal(header("Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
		if ((memory.res.status == HTTP_OK) != rows[i].modified)
			fail_msg("since %s gave %d", rows[i].since, memory.res.status);
	}

	begin("GET", "/api/tags");
	answer(HTTP_OK, "{\"a\":1}");
	memory_header(&memory, "If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT");
	response_finish(&memory.res, &memory.req);
	assert_int_equal(memory.res.status, HTTP_OK);
}

TEST(only_a_successful_get_is_conditional)
{
	static const struct {
		const char *method;
		enum http_status status;
		const char *body;
	} rows[] = {
	    {"GET", HTTP_NOT_FOUND, "{}"}, {"GET", HTTP_OK, ""},          {"POST", HTTP_OK, "{}"},
	    {"POST", HTTP_CREATED, "{}"},  {"GET", HTTP_UNAVAILABLE, ""}, {"OPTIONS", HTTP_OK, "{}"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin(rows[i].method, "/api/tags");
		answer(rows[i].status, rows[i].body);
		memory_header(&memory, "If-None-Match", "*");
		response_finish(&memory.res, &memory.req);
		assert_int_equal(memory.res.status, rows[i].status);
		assert_null(header("ETag"));
	}
}

TEST(head_keeps_the_length_and_loses_the_body)
{
	begin("HEAD", "/api/tags");
	answer(HTTP_OK, "{\"a\":1}");
	response_finish(&memory.res, &memory.req);
	assert_int_equal(memory.res.status, HTTP_OK);
	assert_string_equal(header("Content-Length"), "7");
	assert_string_equal(header("ETag"), TAG);
	assert_int_equal(memory.res.body.length, 0);
}

TEST(an_answer_without_a_body_has_the_length_0_but_no_content_has_none)
{
	begin("OPTIONS", "/api/tags");
	response_finish(&memory.res, &memory.req);
	assert_string_equal(header("Content-Length"), "0");
	assert_null(header("Content-Type"));

	begin("DELETE", "/api/tags");
	memory.res.status = HTTP_NO_CONTENT;
	response_finish(&memory.res, &memory.req);
	assert_null(header("Content-Length"));
	assert_null(header("Content-Type"));
}

TEST(a_page_for_anybody_may_be_kept_for_a_moment)
{
	static const struct route page = {.flags = PAGE};
	static const char everybody[] = "public, max-age=0, s-maxage=1, stale-while-revalidate=2, stale-if-error=600";
	static const struct {
		const char *method;
		enum http_status status;
		bool signed_in, sets_cookie, known, everybody;
	} rows[] = {
	    {"GET", HTTP_OK, false, false, false, true},         {"HEAD", HTTP_OK, false, false, false, true},
	    {"GET", HTTP_OK, false, false, true, true},          {"GET", HTTP_OK, true, false, false, false},
	    {"GET", HTTP_OK, true, false, true, false},          {"GET", HTTP_OK, false, true, false, false},
	    {"GET", HTTP_OK, false, true, true, false},          {"GET", HTTP_NOT_FOUND, false, false, false, false},
	    {"GET", HTTP_SEE_OTHER, false, false, false, false}, {"POST", HTTP_OK, false, false, false, false},
	};
	struct viewer user = {.id = 1};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin(rows[i].method, "/");
		memory.req.route = &page;
		memory.req.user = rows[i].signed_in ? &user : NULL;
		buffer_add_text(response_body(&memory.res, rows[i].status, CONTENT_TYPE_HTML), "<p>");
		if (rows[i].sets_cookie)
			cookie_set(&memory.res, "theme", "dark", 1, 0);
		if (rows[i].known)
			memory_header(&memory, "If-None-Match", "*");
		response_finish(&memory.res, &memory.req);
		assert_int_equal(memory.res.status, rows[i].known ? HTTP_NOT_MODIFIED : rows[i].status);
		assert_string_equal(header("Cache-Control"), rows[i].everybody ? everybody : "private, no-cache");
		assert_string_equal(header("Vary"), "Cookie, Accept-Language");
		assert_null(header("Access-Control-Allow-Origin"));
	}
}

TEST(the_api_is_open_to_other_origins)
{
	static const struct {
		const char *path;
		bool open;
	} rows[] = {{"/api/tags", true}, {"/api", true},      {"/api/", true},
	            {"/apis", false},    {"/healthz", false}, {"", false}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin("GET", rows[i].path);
		response_finish(&memory.res, &memory.req);
		if ((header("Access-Control-Allow-Origin") != NULL) != rows[i].open)
			fail_msg("%s", rows[i].path);
		assert_null(header("Access-Control-Allow-Methods"));
	}

	begin("OPTIONS", "/api/tags");
	response_finish(&memory.res, &memory.req);
	assert_string_equal(header("Access-Control-Allow-Origin"), "*");
	assert_string_equal(header("Access-Control-Allow-Methods"), "GET, HEAD, POST, PUT, DELETE, OPTIONS");
	assert_string_equal(header("Access-Control-Allow-Headers"), "Content-Type, Authorization, X-Requested-With");
	assert_non_null(header("Access-Control-Max-Age"));
}

TEST(the_setting_says_to_which_origin)
{
	begin("GET", "/api/tags");
	setting_cors_origin = "https://example.org";
	response_finish(&memory.res, &memory.req);
	assert_string_equal(header("Access-Control-Allow-Origin"), "https://example.org");

	begin("GET", "/api/tags");
	setting_cors_origin = "";
	response_finish(&memory.res, &memory.req);
	assert_null(header("Access-Control-Allow-Origin"));
	assert_null(header("Access-Control-Expose-Headers"));
}

TEST(the_head_is_written_as_cgi_has_it)
{
	begin("GET", "/");

	struct buffer head = buffer_in(memory.req.arena);

	response_header(&memory.res, "Location", "/a");
	response_header(&memory.res, "Allow", "GET");
	memory.res.status = HTTP_MOVED_PERMANENTLY;
	response_head(&memory.res, &head);
	assert_string_equal(head.data, "Status: 301 Moved Permanently\r\nLocation: /a\r\nAllow: GET\r\n\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(headers_are_replaced_whatever_their_case, stop),
	    cmocka_unit_test_teardown(a_header_that_would_be_two_ends_the_process, stop),
	    cmocka_unit_test_teardown(errors_are_grouped_by_key, stop),
	    cmocka_unit_test_teardown(an_answer_that_is_an_error_says_so, stop),
	    cmocka_unit_test_teardown(an_answer_to_get_has_a_tag_and_is_not_kept_unasked, stop),
	    cmocka_unit_test_teardown(an_answer_to_a_user_is_private, stop),
	    cmocka_unit_test_teardown(what_the_handler_set_stays, stop),
	    cmocka_unit_test_teardown(a_tag_is_compared_weakly_with_each_of_the_list, stop),
	    cmocka_unit_test_teardown(not_modified_has_no_body_and_keeps_its_headers, stop),
	    cmocka_unit_test_teardown(what_has_not_changed_since_is_not_sent_again, stop),
	    cmocka_unit_test_teardown(only_a_successful_get_is_conditional, stop),
	    cmocka_unit_test_teardown(head_keeps_the_length_and_loses_the_body, stop),
	    cmocka_unit_test_teardown(an_answer_without_a_body_has_the_length_0_but_no_content_has_none, stop),
	    cmocka_unit_test_teardown(a_page_for_anybody_may_be_kept_for_a_moment, stop),
	    cmocka_unit_test_teardown(the_api_is_open_to_other_origins, stop),
	    cmocka_unit_test_teardown(the_setting_says_to_which_origin, stop),
	    cmocka_unit_test_teardown(the_head_is_written_as_cgi_has_it, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
