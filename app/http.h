/* The words of HTTP (RFC 9110) that a handler and the router share. */
#ifndef QUIRE_HTTP_H
#define QUIRE_HTTP_H

#include <stddef.h>

enum http_method {
	HTTP_GET = 1 << 0,
	HTTP_HEAD = 1 << 1,
	HTTP_POST = 1 << 2,
	HTTP_PUT = 1 << 3,
	HTTP_DELETE = 1 << 4,
	HTTP_OPTIONS = 1 << 5,
	HTTP_OTHER = 1 << 6,
};

enum http_status {
	HTTP_OK = 200,
	HTTP_CREATED = 201,
	HTTP_NO_CONTENT = 204,
	HTTP_MOVED_PERMANENTLY = 301,
	HTTP_SEE_OTHER = 303,
	HTTP_NOT_MODIFIED = 304,
	HTTP_BAD_REQUEST = 400,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_METHOD_NOT_ALLOWED = 405,
	HTTP_CONFLICT = 409,
	HTTP_CONTENT_TOO_LARGE = 413,
	HTTP_UNSUPPORTED_MEDIA_TYPE = 415,
	HTTP_UNPROCESSABLE = 422,
	HTTP_TOO_MANY_REQUESTS = 429,
	HTTP_SERVER_ERROR = 500,
	HTTP_UNAVAILABLE = 503,
};

/* The method of that name; HTTP_OTHER for one that Quire has no use for. */
enum http_method http_method_of(const char *name);

/* The name of one method, "OTHER" for HTTP_OTHER. */
const char *http_method_name(enum http_method method);

/* "GET, HEAD, OPTIONS" for a set of methods, for Allow: written to `text`, cut to `size` (64 holds them all). */
void http_method_list(unsigned methods, char *text, size_t size);

/* The reason phrase of RFC 9110, "" for a status that is not in the list above. */
const char *http_reason(enum http_status status);

#endif
