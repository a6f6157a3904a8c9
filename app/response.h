/* An answer: a status, headers and a body that grows in memory. Nothing is sent before the handler returns. */
#ifndef QUIRE_RESPONSE_H
#define QUIRE_RESPONSE_H

#include "buffer.h"
#include "http.h"
#include "request.h"

#define RESPONSE_HEADERS_MAX 24
#define CONTENT_TYPE_JSON    "application/json; charset=utf-8"
#define CONTENT_TYPE_HTML    "text/html; charset=utf-8"

struct response_header {
	const char *name;
	const char *value;
};

struct response {
	enum http_status status;
	const char *content_type; /* NULL: no body */
	struct buffer body;
	struct response_header headers[RESPONSE_HEADERS_MAX];
	size_t headers_count;
	const struct input_error *errors; /* what response_error was told, NULL for none */
};

/* Starts an empty answer in the request's arena. */
void response_init(struct response *res, struct arena *arena);

/* Sets a header; the value is kept by reference. A header that was set before is replaced. A line break in a value ends the
 * process: nothing that a client sent may reach a header unchecked. */
void response_header(struct response *res, const char *name, const char *value);
const char *response_header_value(const struct response *res, const char *name);

/* As response_header, beside those of the same name: for Set-Cookie. */
void response_header_more(struct response *res, const char *name, const char *value);

/* Starts an answer of that type: sets the status, empties the body and returns it, to be written to. */
struct buffer *response_body(struct response *res, enum http_status status, const char *content_type);
struct buffer *response_json(struct response *res, enum http_status status);

/* Says when what is answered was last changed, in microseconds since 1970: sets Last-Modified, and has response_finish answer 304 to
 * an If-Modified-Since that is not older, unless there is an If-None-Match (RFC 9110, 13.1.3). */
void response_modified(struct response *res, int64_t time);

/* Replaces what the answer holds, its headers too, by {"errors":{key:[message]}}. Returns the status. */
enum http_status response_error(struct response *res, enum http_status status, const char *key, const char *message);

/* As response_error, with all collected errors, grouped by key in the order in which the keys appear. */
enum http_status response_errors(struct response *res, enum http_status status, const struct input_error *errors);

/* Sets the entity tag that response_finish would, for an answer that is kept. */
void response_tag(struct response *res);

/* Adds what follows from request and body: Content-Type, Content-Length, ETag and 304 for a GET that was answered 200 (RFC 9110,
 * 13.1.2), Cache-Control, Vary, and CORS headers under /api/. ETag, Cache-Control and Vary stay when the handler set them. A page
 * that anybody may see may be kept by a shared cache for a second. HEAD keeps the length and loses the body. Called once, after the
 * handler. */
void response_finish(struct response *res, const struct request *req);

/* Writes status line and headers as CGI has them ("Status: 200 OK\r\n…\r\n\r\n") to `out`; the body follows separately. */
void response_head(const struct response *res, struct buffer *out);

#endif
