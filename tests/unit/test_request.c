#include "unit.h"

#include <sysexits.h>

#include "../memory.h"
#include "router.h"

static struct memory memory;

static int
start(void **state __attribute__((unused)))
{
	memory_start(&memory, "GET", "/api/articles/x?limit=1");
	return 0;
}

static int
stop(void **state __attribute__((unused)))
{
	memory_end(&memory);
	return 0;
}

TEST(a_new_request_is_empty)
{
	struct request req;

	request_init(&req, memory.req.arena);
	assert_null(request_parameter(&req, "REQUEST_METHOD"));
	assert_null(request_header(&req, "Host"));
	assert_string_equal(request_address(&req), "");
	assert_string_equal(request_id(&req), "");
	assert_string_equal(req.path, "");
	assert_string_equal(req.query, "");
	assert_int_equal(viewer_id(&req), 0);
}

TEST(parameters_are_found_by_their_whole_name)
{
	memory_parameter(&memory, "EMPTY", "");
	memory_parameter(&memory, "TWICE", "first");
	memory_parameter(&memory, "TWICE", "second");
	memory_parameter(&memory, "SIGNS", "a=b=c");

	assert_string_equal(request_parameter(&memory.req, "REQUEST_METHOD"), "GET");
	assert_null(request_parameter(&memory.req, "REQUEST"));
	assert_null(request_parameter(&memory.req, "REQUEST_METHODS"));
	assert_null(request_parameter(&memory.req, "request_method"));
	assert_string_equal(request_parameter(&memory.req, "EMPTY"), "");
	assert_string_equal(request_parameter(&memory.req, "TWICE"), "first");
	assert_string_equal(request_parameter(&memory.req, "SIGNS"), "a=b=c");
	assert_string_equal(request_address(&memory.req), "127.0.0.1");
	assert_string_equal(request_id(&memory.req), "memory");
}

TEST(headers_are_found_whatever_their_case)
{
	memory_parameter(&memory, "HTTP_IF_NONE_MATCH", "\"a\"");
	memory_parameter(&memory, "CONTENT_TYPE", "text/plain");
	memory_parameter(&memory, "HTTP_CONTENT_TYPE", "forged");
	memory_parameter(&memory, "CONTENT_LENGTH", "3");
	memory_parameter(&memory, "HTTP_X_2", "two");

	assert_string_equal(request_header(&memory.req, "If-None-Match"), "\"a\"");
	assert_string_equal(request_header(&memory.req, "if-none-match"), "\"a\"");
	assert_string_equal(request_header(&memory.req, "content-type"), "text/plain");
	assert_string_equal(request_header(&memory.req, "Content-Length"), "3");
	assert_string_equal(request_header(&memory.req, "X-2"), "two");
	assert_null(request_header(&memory.req, "If-None"));
	assert_null(request_header(&memory.req, "If-None-Match-More"));
	assert_null(request_header(&memory.req, "Request-Method"));
}

TEST(the_viewer_is_the_user)
{
	struct viewer user = {.id = 7};

	memory.req.user = &user;
	assert_int_equal(viewer_id(&memory.req), 7);
}

TEST(people_ask_for_what_is_not_of_the_api)
{
	static const struct {
		const char *path;
		bool api;
	} rows[] = {{"/api/tags", true}, {"/api", true}, {"/api/", true}, {"/apis", false}, {"/", false}, {"", false}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		memory.req.path = rows[i].path;
		assert_int_equal(request_is_api(&memory.req), rows[i].api);
		assert_int_equal(request_is_page(&memory.req), !rows[i].api);
	}
}

TEST(people_ask_for_routes_that_are_pages)
{
	const struct route page = {.flags = PAGE | NEEDS_USER}, other = {.flags = NEEDS_USER};

	memory.req.path = "/";
	memory.req.route = &page;
	assert_true(request_is_page(&memory.req));
	memory.req.route = &other;
	assert_false(request_is_page(&memory.req));
}

static void
ask_for_a_path_parameter_that_is_not_there(const void *subject)
{
	(void)path_param(subject, "id");
}

TEST(path_parameters_are_found_or_end_the_process)
{
	char errors[500];

	memory.req.path_parameters[0] = (struct path_parameter){"slug", "x"};
	memory.req.path_parameters_count = 1;
	assert_string_equal(path_param(&memory.req, "slug"), "x");

	assert_int_equal(run_apart(ask_for_a_path_parameter_that_is_not_there, &memory.req, errors, sizeof errors),
	                 EX_SOFTWARE);
	assert_non_null(strstr(errors, "\"name\":\"id\""));
}

TEST(a_failure_replaces_the_answer_and_unwinds)
{
	response_header(&memory.res, "Location", "/elsewhere");
	buffer_add_text(response_json(&memory.res, HTTP_OK), "{\"half");
	if (MEMORY_TRY(&memory))
		fail(&memory.req, HTTP_FORBIDDEN, "article", "forbidden");

	assert_int_equal(memory.res.status, HTTP_FORBIDDEN);
	assert_string_equal(memory_text(&memory), "{\"errors\":{\"article\":[\"forbidden\"]}}");
	assert_string_equal(memory.res.content_type, CONTENT_TYPE_JSON);
	assert_null(response_header_value(&memory.res, "Location"));
}

TEST(an_answer_that_stands_can_end_the_handler)
{
	response_error(&memory.res, HTTP_TOO_MANY_REQUESTS, "limit", "too many");
	response_header(&memory.res, "Retry-After", "9");
	if (MEMORY_TRY(&memory))
		fail_answered(&memory.req);

	assert_int_equal(memory.res.status, HTTP_TOO_MANY_REQUESTS);
	assert_string_equal(response_header_value(&memory.res, "Retry-After"), "9");
}

TEST(what_is_unavailable_may_be_tried_again)
{
	if (MEMORY_TRY(&memory))
		fail_unavailable(&memory.req);

	assert_int_equal(memory.res.status, HTTP_UNAVAILABLE);
	assert_string_equal(memory_error(&memory, "service"), "is unavailable, try again soon");
	assert_non_null(response_header_value(&memory.res, "Retry-After"));
}

static void
fail_by_own_fault(const void *subject)
{
	const struct request *req = subject;

	fail_server((struct request *)req, "query", "42601");
}

static void
fail_by_own_fault_caught(const void *subject)
{
	(void)subject;
	if (MEMORY_TRY(&memory))
		fail_by_own_fault(&memory.req);
	if (memory.res.status != HTTP_SERVER_ERROR || strstr(memory_text(&memory), "42601") != NULL)
		_exit(1);
}

TEST(an_own_fault_is_logged_and_not_shown)
{
	char errors[500];

	assert_int_equal(run_apart(fail_by_own_fault_caught, NULL, errors, sizeof errors), 0);
	assert_non_null(strstr(errors, "\"event\":\"internal error\""));
	assert_non_null(strstr(errors, "\"id\":\"memory\""));
	assert_non_null(strstr(errors, "\"detail\":\"42601\""));
}

TEST(a_failure_outside_of_a_handler_ends_the_process)
{
	char errors[500];

	memory.req.unwind = NULL;
	assert_int_equal(run_apart(fail_by_own_fault, &memory.req, errors, sizeof errors), EX_SOFTWARE);
	assert_non_null(strstr(errors, "failure outside of a handler"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_new_request_is_empty, start, stop),
	    cmocka_unit_test_setup_teardown(parameters_are_found_by_their_whole_name, start, stop),
	    cmocka_unit_test_setup_teardown(headers_are_found_whatever_their_case, start, stop),
	    cmocka_unit_test_setup_teardown(the_viewer_is_the_user, start, stop),
	    cmocka_unit_test_setup_teardown(people_ask_for_what_is_not_of_the_api, start, stop),
	    cmocka_unit_test_setup_teardown(people_ask_for_routes_that_are_pages, start, stop),
	    cmocka_unit_test_setup_teardown(path_parameters_are_found_or_end_the_process, start, stop),
	    cmocka_unit_test_setup_teardown(a_failure_replaces_the_answer_and_unwinds, start, stop),
	    cmocka_unit_test_setup_teardown(an_answer_that_stands_can_end_the_handler, start, stop),
	    cmocka_unit_test_setup_teardown(what_is_unavailable_may_be_tried_again, start, stop),
	    cmocka_unit_test_setup_teardown(an_own_fault_is_logged_and_not_shown, start, stop),
	    cmocka_unit_test_setup_teardown(a_failure_outside_of_a_handler_ends_the_process, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
