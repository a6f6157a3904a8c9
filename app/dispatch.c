#include "dispatch.h"

#include "clock.h"
#include "log.h"
#include "router.h"
#include "scoreboard.h"
#include "session.h"

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
	session_enter(req);
	return req->route->handler(req, res);
}

void
dispatch(struct request *req, struct response *res)
{
	jmp_buf unwind;

	req->response = res;
	req->unwind = &unwind;
	if (setjmp(unwind) == 0)
		res->status = answer(req, res);
	req->unwind = NULL;
	response_finish(res, req);
}

void
dispatch_account(const struct request *req, const struct response *res)
{
	int64_t took = clock_monotonic() - req->arrived;

	scoreboard_count(route_index(req->route), res->status, took, req->database_trips, req->redis_trips);
	log_info("request", LOG_TEXT("id", request_id(req)), LOG_TEXT("method", http_method_name(req->method)),
	         LOG_TEXT("route", req->route ? req->route->pattern : NULL), LOG_TEXT("path", req->path),
	         LOG_NUMBER("status", res->status), LOG_MILLISECONDS("ms", took), LOG_NUMBER("db", req->database_trips),
	         LOG_NUMBER("redis", req->redis_trips), LOG_NUMBER("user", viewer_id(req)),
	         LOG_NUMBER("bytes", res->body.length));
}
