#include "request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "log.h"
#include "response.h"
#include "router.h"

/* How long a client should wait when something that Quire depends on is away; it is usually back within seconds. */
#define UNAVAILABLE_RETRY_SECONDS "2"

void
request_init(struct request *req, struct arena *arena)
{
	*req = (struct request){.arena = arena, .path = "", .query = "", .body = "", .primary_only = true};
	req->errors_end = &req->errors;
}

const char *
request_parameter(const struct request *req, const char *name)
{
	size_t length = strlen(name);

	if (req->parameters == NULL)
		return NULL;
	for (const char *const *parameter = req->parameters; *parameter != NULL; parameter++) {
		if (strncmp(*parameter, name, length) == 0 && (*parameter)[length] == '=')
			return *parameter + length + 1;
	}
	return NULL;
}

/* The value when `parameter` is the CGI variable of that header, else NULL (RFC 3875, 4.1.18). */
static const char *
header_in_parameter(const char *parameter, const char *header)
{
	for (; *header != '\0'; header++, parameter++) {
		int expected = *header == '-' ? '_' : toupper((unsigned char)*header);

		if (*parameter != expected)
			return NULL;
	}
	return *parameter == '=' ? parameter + 1 : NULL;
}

const char *
request_header(const struct request *req, const char *name)
{
	/* these two have variables of their own, the others begin with HTTP_ */
	bool bare = strcasecmp(name, "Content-Type") == 0 || strcasecmp(name, "Content-Length") == 0;

	if (req->parameters == NULL)
		return NULL;
	for (const char *const *parameter = req->parameters; *parameter != NULL; parameter++) {
		const char *value = NULL;

		if (bare)
			value = header_in_parameter(*parameter, name);
		else if (strncmp(*parameter, "HTTP_", 5) == 0)
			value = header_in_parameter(*parameter + 5, name);
		if (value != NULL)
			return value;
	}
	return NULL;
}

const char *
request_address(const struct request *req)
{
	const char *address = request_parameter(req, "REMOTE_ADDR");

	return address != NULL ? address : "";
}

bool
request_is_api(const struct request *req)
{
	return strncmp(req->path, "/api", 4) == 0 && (req->path[4] == '/' || req->path[4] == '\0');
}

bool
request_is_page(const struct request *req)
{
	return req->route != NULL ? (req->route->flags & PAGE) != 0 : !request_is_api(req);
}

const char *
request_id(const struct request *req)
{
	const char *id = request_parameter(req, "REQUEST_ID");

	return id != NULL ? id : "";
}

const char *
request_path_value(const struct request *req, const char *name)
{
	for (size_t i = 0; i < req->path_parameters_count; i++) {
		if (strcmp(req->path_parameters[i].name, name) == 0)
			return req->path_parameters[i].value;
	}
	return NULL;
}

const char *
path_param(const struct request *req, const char *name)
{
	const char *value = request_path_value(req, name);

	if (value == NULL)
		log_fatal("path parameter not in the route", LOG_TEXT("name", name), LOG_TEXT("path", req->path));
	return value;
}

int64_t
viewer_id(const struct request *req)
{
	return req->user != NULL ? req->user->id : 0;
}

void
fail_answered(struct request *req)
{
	if (req->unwind == NULL)
		log_fatal("failure outside of a handler", LOG_TEXT("path", req->path));
	longjmp(*req->unwind, 1);
}

void
fail(struct request *req, enum http_status status, const char *key, const char *message)
{
	if (req->response != NULL)
		response_error(req->response, status, key, message);
	fail_answered(req);
}

void
fail_unavailable(struct request *req)
{
	if (req->response != NULL) {
		response_error(req->response, HTTP_UNAVAILABLE, "service", "is unavailable, try again soon");
		response_header(req->response, "Retry-After", UNAVAILABLE_RETRY_SECONDS);
	}
	fail_answered(req);
}

void
fail_server(struct request *req, const char *what, const char *detail)
{
	log_error("internal error", LOG_TEXT("id", request_id(req)), LOG_TEXT("path", req->path),
	          LOG_TEXT("what", what), LOG_TEXT("detail", detail));
	fail(req, HTTP_SERVER_ERROR, "server", "internal error");
}
