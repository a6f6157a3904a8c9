#include "response.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "json_text.h"
#include "log.h"
#include "settings.h"

/* How long a browser may remember the answer to a preflight: two hours is the most that Chromium honours. */
#define PREFLIGHT_SECONDS "7200"
#define HEAD_USUAL        1000 /* bytes of status line and headers, rarely more */

/* A shared cache answers for a second by itself, asks behind the reader's back for two more, and for ten minutes when the program does
 * not answer; a browser asks each time. */
#define PUBLIC  "public, max-age=0, s-maxage=1, stale-while-revalidate=2, stale-if-error=600"
#define PRIVATE "private, no-cache"

void
response_init(struct response *res, struct arena *arena)
{
	*res = (struct response){.status = HTTP_OK, .body = buffer_in(arena)};
}

/* Index of the header of that name, headers_count if it was not set. */
static size_t
find_header(const struct response *res, const char *name)
{
	size_t i = 0;

	while (i < res->headers_count && strcasecmp(res->headers[i].name, name) != 0)
		i++;
	return i;
}

static void
set_header(struct response *res, size_t i, const char *name, const char *value)
{
	if (value[strcspn(value, "\r\n")] != '\0')
		log_fatal("header with a line break", LOG_TEXT("name", name));
	if (i == RESPONSE_HEADERS_MAX)
		log_fatal("too many headers in an answer", LOG_TEXT("name", name));
	if (i == res->headers_count)
		res->headers_count++;
	res->headers[i] = (struct response_header){name, value};
}

void
response_header(struct response *res, const char *name, const char *value)
{
	set_header(res, find_header(res, name), name, value);
}

void
response_header_more(struct response *res, const char *name, const char *value)
{
	set_header(res, res->headers_count, name, value);
}

const char *
response_header_value(const struct response *res, const char *name)
{
	size_t i = find_header(res, name);

	return i < res->headers_count ? res->headers[i].value : NULL;
}

struct buffer *
response_body(struct response *res, enum http_status status, const char *content_type)
{
	res->status = status;
	res->content_type = content_type;
	res->body.length = 0;
	res->errors = NULL;
	return &res->body;
}

struct buffer *
response_json(struct response *res, enum http_status status)
{
	return response_body(res, status, CONTENT_TYPE_JSON);
}

void
response_modified(struct response *res, int64_t time)
{
	char *date = arena_alloc(res->body.arena, CLOCK_TEXT_SIZE);

	clock_http_date(time, date);
	response_header(res, "Last-Modified", date);
}

enum http_status
response_error(struct response *res, enum http_status status, const char *key, const char *message)
{
	struct input_error *error = arena_alloc(res->body.arena, sizeof *error);

	*error = (struct input_error){.key = key, .message = message};
	return response_errors(res, status, error);
}

/* Is this the first error of its key? */
static bool
opens_key(const struct input_error *errors, const struct input_error *error)
{
	while (errors != error && strcmp(errors->key, error->key) != 0)
		errors = errors->next;
	return errors == error;
}

static void
add_messages(struct buffer *out, const struct input_error *first)
{
	for (const struct input_error *error = first; error != NULL; error = error->next) {
		if (strcmp(error->key, first->key) != 0)
			continue;
		buffer_add_byte(out, error == first ? '[' : ',');
		json_text(out, error->message, strlen(error->message));
	}
	buffer_add_byte(out, ']');
}

enum http_status
response_errors(struct response *res, enum http_status status, const struct input_error *errors)
{
	struct buffer *out = response_json(res, status);
	const char *before = "";

	res->headers_count = 0;
	res->errors = errors;
	buffer_add_text(out, "{\"errors\":{");
	for (const struct input_error *error = errors; error != NULL; error = error->next) {
		if (!opens_key(errors, error))
			continue;
		buffer_add_text(out, before);
		json_text(out, error->key, strlen(error->key));
		buffer_add_byte(out, ':');
		add_messages(out, error);
		before = ",";
	}
	buffer_add_text(out, "}}");
	return status;
}

/* Sets a header unless the handler did. */
static void
default_header(struct response *res, const char *name, const char *value)
{
	if (response_header_value(res, name) == NULL)
		response_header(res, name, value);
}

/* A weak entity tag: equal bodies have equal ones, whatever encoding nginx gives them. The key is public: a tag hides nothing. */
static const char *
entity_tag(struct response *res)
{
	static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] = "quire entity tag";
	unsigned char hash[crypto_shorthash_siphashx24_BYTES];
	char text[sizeof hash * 2 + 1];

	crypto_shorthash_siphashx24(hash, (const unsigned char *)res->body.data, res->body.length, key);
	sodium_bin2hex(text, sizeof text, hash, sizeof hash);
	return arena_printf(res->body.arena, "W/\"%s\"", text);
}

void
response_tag(struct response *res)
{
	response_header(res, "ETag", entity_tag(res));
}

/* Does If-None-Match name the tag, by weak comparison (RFC 9110, 13.1.2 and 8.8.3.2)? */
static bool
names_tag(const char *list, const char *tag)
{
	const char *opaque = tag + strcspn(tag, "\"");
	size_t length = strlen(opaque);

	if (list[strspn(list, " \t")] == '*')
		return true;
	while ((list = strchr(list, '"')) != NULL) {
		const char *end = strchr(list + 1, '"');

		if (end == NULL)
			return false;
		end++;
		if ((size_t)(end - list) == length && memcmp(list, opaque, length) == 0)
			return true;
		list = end;
	}
	return false;
}

/* Has nothing changed since the time that If-Modified-Since says? */
static bool
unmodified(const struct response *res, const struct request *req)
{
	const char *given = request_header(req, "If-Modified-Since");
	const char *modified = response_header_value(res, "Last-Modified");
	int64_t since, time;

	return given != NULL && modified != NULL && clock_read_http_date(given, &since) &&
	       clock_read_http_date(modified, &time) && time <= since;
}

/* A page with forms for a reader who is signed in is another each time, for their token is masked anew: no tag would match again. */
static bool
is_shown_once(const struct request *req)
{
	return req->user != NULL && request_is_page(req);
}

/* Gives the answer to a successful GET its entity tag, or turns it into 304 when the client has that very body. */
static void
finish_conditional(struct response *res, const struct request *req)
{
	const char *known = request_header(req, "If-None-Match"), *tag;

	if (!(req->method & (HTTP_GET | HTTP_HEAD)) || res->status != HTTP_OK || res->body.length == 0)
		return;
	if (response_header_value(res, "ETag") == NULL && !is_shown_once(req))
		response_tag(res);
	tag = response_header_value(res, "ETag");
	if (known != NULL ? names_tag(known, tag != NULL ? tag : "") : unmodified(res, req))
		res->status = HTTP_NOT_MODIFIED;
}

/* The API is open to scripts of other origins; what they may send and see (Fetch standard, 3.2.3). */
static void
finish_cors(struct response *res, const struct request *req)
{
	if (!request_is_api(req) || *setting_cors_origin == '\0')
		return;
	default_header(res, "Access-Control-Allow-Origin", setting_cors_origin);
	if (req->method == HTTP_OPTIONS) {
		default_header(res, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
		default_header(res, "Access-Control-Allow-Headers", "Content-Type, Authorization, X-Requested-With");
		default_header(res, "Access-Control-Max-Age", PREFLIGHT_SECONDS);
	} else {
		default_header(res, "Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, X-Request-Id");
	}
}

/* What anybody would be shown. */
static bool
is_public(const struct response *res, const struct request *req)
{
	return req->user == NULL && (req->method & (HTTP_GET | HTTP_HEAD)) &&
	       (res->status == HTTP_OK || res->status == HTTP_NOT_MODIFIED) &&
	       response_header_value(res, "Set-Cookie") == NULL;
}

static void
finish_caching(struct response *res, const struct request *req)
{
	if (request_is_page(req)) {
		default_header(res, "Cache-Control", is_public(res, req) ? PUBLIC : PRIVATE);
		default_header(res, "Vary", "Cookie, Accept-Language");
	} else {
		default_header(res, "Cache-Control", req->user != NULL ? PRIVATE : "no-cache");
		default_header(res, "Vary", "Authorization");
	}
}

void
response_finish(struct response *res, const struct request *req)
{
	finish_conditional(res, req);
	finish_cors(res, req);
	finish_caching(res, req);

	if (res->status == HTTP_NO_CONTENT || res->status == HTTP_NOT_MODIFIED) {
		res->content_type = NULL;
		res->body.length = 0;
		return;
	}
	if (res->content_type != NULL)
		response_header(res, "Content-Type", res->content_type);
	response_header(res, "Content-Length", arena_printf(res->body.arena, "%zu", res->body.length));
	if (req->method == HTTP_HEAD)
		res->body.length = 0;
}

void
response_head(const struct response *res, struct buffer *out)
{
	buffer_reserve(out, HEAD_USUAL);
	buffer_printf(out, "Status: %d %s\r\n", res->status, http_reason(res->status));
	for (size_t i = 0; i < res->headers_count; i++) {
		buffer_add_text(out, res->headers[i].name);
		buffer_add(out, ": ", 2);
		buffer_add_text(out, res->headers[i].value);
		buffer_add(out, "\r\n", 2);
	}
	buffer_add(out, "\r\n", 2);
}
