#include "dispatch.h"

#include <json-c/json.h>

#include "admission.h"
#include "body.h"
#include "cache.h"
#include "clock.h"
#include "csrf.h"
#include "entrance.h"
#include "freshness.h"
#include "log.h"
#include "router.h"
#include "scoreboard.h"
#include "session.h"

static handler *error_page;

void
dispatch_init(handler *page)
{
	error_page = page;
}

static const char *
allow(struct request *req)
{
	char methods[64];

	http_method_list(req->allowed, methods, sizeof methods);
	return arena_printf(req->arena, "%s", methods);
}

static enum http_status
no_method(struct request *req, struct response *res)
{
	enum http_status status = response_error(res, HTTP_METHOD_NOT_ALLOWED, "method", "not allowed");

	response_header(res, "Allow", allow(req));
	return status;
}

static enum http_status
options(struct request *req, struct response *res)
{
	response_header(res, "Allow", allow(req));
	return HTTP_OK;
}

/* Pages take nothing but forms. */
static void
require_form(struct request *req)
{
	if (req->body_length > 0 && !body_is_form(req))
		fail(req, HTTP_UNSUPPORTED_MEDIA_TYPE, "body", "must be a form");
}

static enum http_status
answer(struct request *req, struct response *res)
{
	enum route_result found = route_match(req);

	if (found == ROUTE_BAD_PATH)
		return response_error(res, HTTP_BAD_REQUEST, "path", "is invalid");
	if (req->method == HTTP_OPTIONS)
		return options(req, res);
	if (found == ROUTE_NO_PATH)
		return response_error(res, HTTP_NOT_FOUND, "path", "not found");
	if (found == ROUTE_NO_METHOD)
		return no_method(req, res);

	atomic_store_explicit(&scoreboard_slot()->route, route_index(req->route), memory_order_relaxed);
	entrance_pass(req);
	if (cache_answer(req, res))
		return res->status;
	if (req->route->flags & PAGE && req->method == HTTP_POST) {
		require_form(req);
		csrf_check(req);
	}
	admission_check(req);
	cache_wait(req);
	return cache_answer(req, res) ? res->status : req->route->handler(req, res);
}

/* Has `step` answer into *res; a failure within ends it. Does the answer stand, rather than say what failed? */
static bool
attempt(handler *step, struct request *req, struct response *res)
{
	jmp_buf unwind;

	response_init(res, req->arena);
	req->response = res;
	req->unwind = &unwind;
	if (setjmp(unwind) == 0)
		res->status = step(req, res);
	req->unwind = NULL;
	req->response = NULL;
	return res->errors == NULL;
}

static enum http_status
read_form(struct request *req, struct response *res)
{
	require_form(req);
	body_object(req);
	return res->status;
}

/* Sees to it that a page that shows the form again finds one, if it is empty for want of one that can be read. */
static void
keep_form(struct request *req)
{
	struct response unused;

	if (!attempt(read_form, req, &unused))
		req->input = body_keep(req, json_object_new_object());
}

static void
hand_on(struct response *to, const struct response *from, const char *name)
{
	const char *value = response_header_value(from, name);

	if (value != NULL)
		response_header(to, name, value);
}

/* Puts what `page` makes of the failure in the place of *res; false if it cannot. */
static bool
show(handler *page, struct request *req, struct response *res)
{
	struct response shown;

	req->errors = NULL;
	req->errors_end = &req->errors;
	if (!attempt(page, req, &shown))
		return false;
	if (shown.status == HTTP_OK) {
		shown.status = res->status;
		hand_on(&shown, res, "Retry-After");
		hand_on(&shown, res, "Allow");
	}
	*res = shown;
	return true;
}

static void
show_failure(struct request *req, struct response *res)
{
	handler *again = NULL;

	req->failure = res->errors;
	req->failure_status = res->status;
	if (req->method == HTTP_POST && !csrf_foreign(req)) {
		keep_form(req);
		again = req->route != NULL ? req->route->again : NULL;
	}
	if (again == NULL || !show(again, req, res))
		show(error_page, req, res);
}

/* It has been written, but readers may not see it yet: nobody may be told that they do. */
static enum http_status
unsettled(struct request *req, struct response *res)
{
	(void)res;
	fail_unavailable(req);
}

/* Before anybody learns of what was written, readers are told to look for it. */
static bool
settle(struct request *req, struct response *res, bool stands)
{
	cache_keep(req, res);
	return freshness_tell(req) ? stands : attempt(unsettled, req, res);
}

void
dispatch(struct request *req, struct response *res)
{
	if (!settle(req, res, attempt(answer, req, res)) && error_page != NULL && request_is_page(req))
		show_failure(req, res);
	if (req->session_ended)
		session_clear_cookie(res);
	response_finish(res, req);
}

void
dispatch_account(const struct request *req, const struct response *res)
{
	int64_t took = clock_monotonic() - req->arrived;

	scoreboard_count(&(struct served){
	    .route = route_index(req->route),
	    .status = res->status,
	    .microseconds = took,
	    .database_trips = req->database_trips,
	    .replica_trips = req->replica_trips,
	    .redis_trips = req->redis_trips,
	    .cache_hit = req->cache_hit,
	    .cache_miss = req->cached != NULL && !req->cache_hit,
	});
	log_info("request", LOG_TEXT("id", request_id(req)), LOG_TEXT("method", http_method_name(req->method)),
	         LOG_TEXT("route", req->route ? req->route->pattern : NULL), LOG_TEXT("path", req->path),
	         LOG_NUMBER("status", res->status), LOG_MILLISECONDS("ms", took), LOG_NUMBER("db", req->database_trips),
	         LOG_NUMBER("replica", req->replica_trips), LOG_NUMBER("redis", req->redis_trips),
	         LOG_NUMBER("user", viewer_id(req)), LOG_NUMBER("bytes", res->body.length));
}
