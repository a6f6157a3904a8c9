/* A request made in memory and its answer, for tests and fuzzers: no socket, no nginx.
 *
 *	struct memory memory;
 *	memory_start(&memory, "POST", "/api/articles?x=1");
 *	memory_header(&memory, "Authorization", "Token …");
 *	memory_body(&memory, "application/json", "{}");
 *	dispatch(&memory.req, &memory.res);
 *	memory_error(&memory, "title");
 *	memory_end(&memory);
 */
#ifndef QUIRE_TESTS_MEMORY_H
#define QUIRE_TESTS_MEMORY_H

#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "clock.h"
#include "http.h"
#include "request.h"
#include "response.h"

#define MEMORY_PARAMETERS_MAX 32

struct memory {
	struct request req;
	struct response res;
	jmp_buf unwind;
	const char *parameters[MEMORY_PARAMETERS_MAX + 1];
	size_t parameters_count;
};

/* For `if (MEMORY_TRY(&memory)) …`: a failure within goes on behind it, with the answer in memory.res. */
#define MEMORY_TRY(memory) (setjmp((memory)->unwind) == 0)

/* Adds a FastCGI parameter. */
static inline void
memory_parameter(struct memory *memory, const char *name, const char *value)
{
	if (memory->parameters_count == MEMORY_PARAMETERS_MAX)
		abort();
	memory->parameters[memory->parameters_count++] = arena_printf(memory->req.arena, "%s=%s", name, value);
}

/* Adds a request header, as nginx hands it on. */
static inline void
memory_header(struct memory *memory, const char *name, const char *value)
{
	bool bare = strcasecmp(name, "Content-Type") == 0 || strcasecmp(name, "Content-Length") == 0;
	char *variable = arena_printf(memory->req.arena, "%s%s", bare ? "" : "HTTP_", name);

	for (char *byte = variable; *byte != '\0'; byte++)
		*byte = *byte == '-' ? '_' : (char)toupper((unsigned char)*byte);
	memory_parameter(memory, variable, value);
}

static inline void
memory_body_bytes(struct memory *memory, const char *body, size_t length)
{
	/* in a block of exactly that length, so that AddressSanitizer sees a read past it */
	memory->req.body = memcpy(arena_alloc(memory->req.arena, length), body, length);
	memory->req.body_length = length;
}

/* Sets the body and its type, NULL for none. */
static inline void
memory_body(struct memory *memory, const char *content_type, const char *body)
{
	if (content_type != NULL)
		memory_header(memory, "Content-Type", content_type);
	memory_body_bytes(memory, body, strlen(body));
}

/* Sets the body to a form's fields, percent-encoded. */
static inline void
memory_form(struct memory *memory, const char *fields)
{
	memory_body(memory, "application/x-www-form-urlencoded", fields);
}

/* Starts a request in an arena of its own. `target` is path and query string, as in a request line. */
static inline void
memory_start(struct memory *memory, const char *method, const char *target)
{
	struct request *req = &memory->req;
	size_t path_length = strcspn(target, "?");

	memset(memory, 0, sizeof *memory);
	request_init(req, arena_new());
	response_init(&memory->res, req->arena);
	req->method = http_method_of(method);
	req->path = arena_copy(req->arena, target, path_length);
	req->query = target[path_length] == '?'
	                 ? arena_copy(req->arena, target + path_length + 1, strlen(target + path_length + 1))
	                 : "";
	req->parameters = memory->parameters;
	req->arrived = clock_monotonic();
	req->unwind = &memory->unwind;
	req->response = &memory->res;
	memory_parameter(memory, "REQUEST_METHOD", method);
	memory_parameter(memory, "REQUEST_URI", target);
	memory_parameter(memory, "REMOTE_ADDR", "127.0.0.1");
	memory_parameter(memory, "REQUEST_ID", "memory");
}

static inline void
memory_end(struct memory *memory)
{
	arena_free(memory->req.arena);
}

/* The answer's body as a text. */
static inline const char *
memory_text(const struct memory *memory)
{
	const struct buffer *body = &memory->res.body;

	return body->length > 0 ? arena_copy(memory->req.arena, body->data, body->length) : "";
}

/* The answer's last Set-Cookie of that name, from its value on ("x; Path=/; …"); NULL if there is none. */
static inline const char *
memory_cookie(const struct memory *memory, const char *name)
{
	const struct response *res = &memory->res;
	size_t length = strlen(name);

	for (size_t i = res->headers_count; i-- > 0;) {
		const char *cookie = res->headers[i].value;

		if (strcmp(res->headers[i].name, "Set-Cookie") == 0 && strncmp(cookie, name, length) == 0 &&
		    cookie[length] == '=')
			return cookie + length + 1;
	}
	return NULL;
}

static inline void
memory_release_json(void *object)
{
	json_object_put(object);
}

/* The answer's body as JSON, which ends with the request; NULL if it is none. */
static inline struct json_object *
memory_json(const struct memory *memory)
{
	struct json_object *object = json_tokener_parse(memory_text(memory));

	if (object != NULL)
		arena_on_reset(memory->req.arena, memory_release_json, object);
	return object;
}

/* The first message under `key` of the answer's {"errors":{…}}, NULL if there is none. */
static inline const char *
memory_error(const struct memory *memory, const char *key)
{
	struct json_object *errors, *messages;

	if (!json_object_object_get_ex(memory_json(memory), "errors", &errors) ||
	    !json_object_object_get_ex(errors, key, &messages))
		return NULL;
	return json_object_get_string(json_object_array_get_idx(messages, 0));
}

#endif
