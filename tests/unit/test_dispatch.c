#include "unit.h"

#include <json-c/json.h>
#include <sodium.h>

#include "../memory.h"
#include "body.h"
#include "dispatch.h"
#include "input.h"
#include "router.h"
#include "settings.h"

static struct memory memory;

static enum http_status
write_page(struct response *res, enum http_status status, const char *text)
{
	buffer_add_text(response_body(res, status, CONTENT_TYPE_HTML), text);
	return status;
}

static enum http_status
greet(struct request *req, struct response *res)
{
	(void)req;
	return write_page(res, HTTP_OK, "hello");
}

/* A form whose field "title" must not be blank. */
static enum http_status
save(struct request *req, struct response *res)
{
	input_text(req, input_object(req, "thing"), "title", 1, 10);
	input_check(req);
	response_header(res, "Location", "/");
	return HTTP_SEE_OTHER;
}

/* That form again: what is wrong with it, and its field "body". */
static enum http_status
edit(struct request *req, struct response *res)
{
	struct json_object *body;
	struct buffer *out = response_body(res, HTTP_OK, CONTENT_TYPE_HTML);

	assert_false(input_failed(req));
	json_object_object_get_ex(body_object(req), "body", &body);
	for (const struct input_error *error = req->failure; error != NULL; error = error->next)
		buffer_printf(out, "%s %s, ", error->key, error->message);
	buffer_printf(out, "%d: %s", req->failure_status, body != NULL ? json_object_get_string(body) : "");
	return HTTP_OK;
}

static enum http_status
break_down(struct request *req, struct response *res)
{
	response_header(res, "X-Half", "done");
	fail_unavailable(req);
}

static enum http_status
refuse(struct request *req, struct response *res)
{
	(void)req;
	return response_error(res, HTTP_CONFLICT, "thing", "is gone");
}

/* The page of errors: sends to /login when a user is needed. */
static enum http_status
explain(struct request *req, struct response *res)
{
	if (req->failure_status == HTTP_UNAUTHORIZED && req->method == HTTP_GET) {
		response_header(res, "Location", "/login");
		return HTTP_SEE_OTHER;
	}
	buffer_printf(response_body(res, HTTP_OK, CONTENT_TYPE_HTML), "sorry, %s %s", req->failure->key,
	              req->failure->message);
	return HTTP_OK;
}

#define FREELY PAGE | NO_SESSION | LIMIT_NONE

static const struct route routes[] = {
    {HTTP_GET, "/", greet, "greet", FREELY, NULL},
    {HTTP_GET, "/broken", break_down, "break_down", FREELY, NULL},
    {HTTP_GET, "/things", greet, "greet", FREELY, NULL},
    {HTTP_POST, "/things", save, "save", FREELY, edit},
    {HTTP_POST, "/broken", break_down, "break_down", FREELY, edit},
    {HTTP_POST, "/gone", refuse, "refuse", FREELY, NULL},
    {HTTP_POST, "/gone/twice", refuse, "refuse", FREELY, break_down},
    {HTTP_GET, "/mine", greet, "greet", PAGE | NEEDS_USER | LIMIT_NONE, NULL},
    {HTTP_POST, "/mine", save, "save", PAGE | NEEDS_USER | LIMIT_NONE, edit},
    {HTTP_GET, "/api/broken", break_down, "break_down", NO_SESSION | LIMIT_NONE, NULL},
    {HTTP_POST, "/api/things", save, "save", NO_SESSION | LIMIT_NONE, NULL},
    {HTTP_GET, "/machines", break_down, "break_down", NO_SESSION | LIMIT_NONE, NULL},
};

static int
start(void **state __attribute__((unused)))
{
	setting_redis = "unix:/nonexistent";
	router_init(routes, COUNT_OF(routes));
	dispatch_init(explain);
	return sodium_init() < 0 ? -1 : 0;
}

static int
stop(void **state __attribute__((unused)))
{
	memory_end(&memory);
	memory.req.arena = NULL;
	dispatch_init(explain);
	return 0;
}

static void
begin(const char *method, const char *target)
{
	if (memory.req.arena != NULL)
		memory_end(&memory);
	memory_start(&memory, method, target);
}

static const char *
header(const char *name)
{
	return response_header_value(&memory.res, name);
}

/* Dispatches the request that was begun. */
static void
expect(int status, const char *text)
{
	dispatch(&memory.req, &memory.res);
	assert_string_equal(memory_text(&memory), text);
	assert_int_equal(memory.res.status, status);
}

TEST(a_page_is_answered)
{
	begin("GET", "/");
	expect(200, "hello");
	assert_string_equal(header("Content-Type"), CONTENT_TYPE_HTML);

	begin("HEAD", "/");
	expect(200, "");
	assert_string_equal(header("Content-Length"), "5");

	begin("POST", "/things");
	memory_form(&memory, "title=x");
	expect(303, "");
	assert_string_equal(header("Location"), "/");
	assert_string_equal(header("Cache-Control"), "private, no-cache");
}

TEST(a_form_that_failed_is_shown_again)
{
	begin("POST", "/things");
	memory_form(&memory, "title=&body=typed");
	expect(422, "title can't be blank, 422: typed");
	assert_string_equal(header("Content-Type"), CONTENT_TYPE_HTML);
	assert_string_equal(header("Cache-Control"), "private, no-cache");
}

TEST(a_form_is_shown_again_whatever_failed)
{
	begin("POST", "/broken");
	memory_form(&memory, "body=typed");
	expect(503, "service is unavailable, try again soon, 503: typed");
	assert_non_null(header("Retry-After"));
	assert_null(header("X-Half"));

	begin("POST", "/mine");
	memory_form(&memory, "title=x&body=typed");
	expect(401, "token is missing, 401: typed");

	begin("POST", "/mine");
	memory_header(&memory, "Cookie", "session=0123456789012345678901234567890123456789012");
	memory_form(&memory, "title=x&body=typed");
	expect(503, "service is unavailable, try again soon, 503: typed");
	assert_null(memory_cookie(&memory, "session"));
}

/* It would look as if the reader had typed it, and lack but a click. */
TEST(a_form_of_another_site_is_not_shown_again)
{
	begin("POST", "/things");
	memory_header(&memory, "Sec-Fetch-Site", "cross-site");
	memory_form(&memory, "title=x&body=theirs");
	expect(403, "sorry, form came from another site");

	begin("POST", "/mine");
	memory_header(&memory, "Origin", "https://evil.example");
	memory_form(&memory, "title=x&body=theirs");
	expect(401, "sorry, token is missing");
}

TEST(a_form_that_cannot_be_read_is_shown_empty)
{
	begin("POST", "/things");
	memory_form(&memory, "title=%&body=typed");
	expect(400, "body is not a valid form, 400: ");
}

TEST(pages_take_forms_only)
{
	static const struct {
		const char *type, *body;
	} rows[] = {
	    {"application/json", "{\"thing\":{\"title\":\"x\"},\"body\":\"typed\"}"},
	    {"text/plain", "title=x"},
	    {NULL, "{}"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin("POST", "/things");
		memory_body(&memory, rows[i].type, rows[i].body);
		expect(415, "body must be a form, 415: ");
	}

	begin("POST", "/api/things");
	memory_body(&memory, "application/json", "{\"thing\":{\"title\":\"x\"}}");
	expect(303, "");
}

TEST(what_has_no_form_is_explained)
{
	begin("POST", "/gone");
	expect(409, "sorry, thing is gone");
	begin("POST", "/gone/twice");
	expect(409, "sorry, thing is gone");
	begin("GET", "/broken");
	expect(503, "sorry, service is unavailable, try again soon");
	assert_non_null(header("Retry-After"));
	assert_null(header("X-Half"));
	begin("HEAD", "/broken");
	expect(503, "");
	assert_string_equal(header("Content-Type"), CONTENT_TYPE_HTML);
}

TEST(a_page_of_errors_may_send_elsewhere)
{
	begin("GET", "/mine");
	expect(303, "");
	assert_string_equal(header("Location"), "/login");
}

TEST(paths_that_no_route_has_are_explained)
{
	begin("GET", "/nowhere");
	expect(404, "sorry, path not found");
	begin("GET", "/%");
	expect(400, "sorry, path is invalid");
	begin("PUT", "/things");
	expect(405, "sorry, method not allowed");
	assert_string_equal(header("Allow"), "GET, HEAD, POST, OPTIONS");
	begin("OPTIONS", "/things");
	expect(200, "");
	assert_string_equal(header("Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST(machines_are_told_in_json)
{
	static const char *const targets[] = {"/api/broken", "/api/nowhere", "/api", "/machines"};

	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		begin("GET", targets[i]);
		dispatch(&memory.req, &memory.res);
		assert_string_equal(header("Content-Type"), CONTENT_TYPE_JSON);
		assert_non_null(memory_json(&memory));
	}
	begin("POST", "/api/things");
	memory_form(&memory, "title=");
	expect(422, "{\"errors\":{\"title\":[\"can't be blank\"]}}");
}

TEST(what_cannot_be_shown_stays_json)
{
	dispatch_init(break_down);
	begin("GET", "/nowhere");
	expect(404, "{\"errors\":{\"path\":[\"not found\"]}}");
	assert_string_equal(header("Vary"), "Cookie, Accept-Language");
	dispatch_init(NULL);
	begin("POST", "/things");
	memory_form(&memory, "title=");
	expect(422, "{\"errors\":{\"title\":[\"can't be blank\"]}}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_page_is_answered, stop),
	    cmocka_unit_test_teardown(a_form_that_failed_is_shown_again, stop),
	    cmocka_unit_test_teardown(a_form_is_shown_again_whatever_failed, stop),
	    cmocka_unit_test_teardown(a_form_of_another_site_is_not_shown_again, stop),
	    cmocka_unit_test_teardown(a_form_that_cannot_be_read_is_shown_empty, stop),
	    cmocka_unit_test_teardown(pages_take_forms_only, stop),
	    cmocka_unit_test_teardown(what_has_no_form_is_explained, stop),
	    cmocka_unit_test_teardown(a_page_of_errors_may_send_elsewhere, stop),
	    cmocka_unit_test_teardown(paths_that_no_route_has_are_explained, stop),
	    cmocka_unit_test_teardown(machines_are_told_in_json, stop),
	    cmocka_unit_test_teardown(what_cannot_be_shown_stays_json, stop),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
