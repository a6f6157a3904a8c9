#include "http.h"

#include <stdio.h>
#include <string.h>

/* In the order in which Allow names them. */
static const struct {
	enum http_method method;
	const char *name;
} methods_known[] = {
    {HTTP_GET, "GET"}, {HTTP_HEAD, "HEAD"},     {HTTP_POST, "POST"},
    {HTTP_PUT, "PUT"}, {HTTP_DELETE, "DELETE"}, {HTTP_OPTIONS, "OPTIONS"},
};

#define METHODS_KNOWN (sizeof methods_known / sizeof *methods_known)

enum http_method
http_method_of(const char *name)
{
	for (size_t i = 0; i < METHODS_KNOWN; i++)
		if (strcmp(methods_known[i].name, name) == 0)
			return methods_known[i].method;
	return HTTP_OTHER;
}

const char *
http_method_name(enum http_method method)
{
	for (size_t i = 0; i < METHODS_KNOWN; i++)
		if (methods_known[i].method == method)
			return methods_known[i].name;
	return "OTHER";
}

void
http_method_list(unsigned methods, char *text, size_t size)
{
	size_t length = 0;

	if (size > 0)
		*text = '\0';
	for (size_t i = 0; i < METHODS_KNOWN && length < size; i++)
		if (methods & methods_known[i].method)
			length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? ", " : "",
			                           methods_known[i].name);
}

const char *
http_reason(enum http_status status)
{
	switch (status) {
	case HTTP_OK:
		return "OK";
	case HTTP_CREATED:
		return "Created";
	case HTTP_NO_CONTENT:
		return "No Content";
	case HTTP_MOVED_PERMANENTLY:
		return "Moved Permanently";
	case HTTP_SEE_OTHER:
		return "See Other";
	case HTTP_NOT_MODIFIED:
		return "Not Modified";
	case HTTP_BAD_REQUEST:
		return "Bad Request";
	case HTTP_UNAUTHORIZED:
		return "Unauthorized";
	case HTTP_FORBIDDEN:
		return "Forbidden";
	case HTTP_NOT_FOUND:
		return "Not Found";
	case HTTP_METHOD_NOT_ALLOWED:
		return "Method Not Allowed";
	case HTTP_CONFLICT:
		return "Conflict";
	case HTTP_CONTENT_TOO_LARGE:
		return "Content Too Large";
	case HTTP_UNSUPPORTED_MEDIA_TYPE:
		return "Unsupported Media Type";
	case HTTP_UNPROCESSABLE:
		return "Unprocessable Content";
	case HTTP_TOO_MANY_REQUESTS:
		return "Too Many Requests";
	case HTTP_SERVER_ERROR:
		return "Internal Server Error";
	case HTTP_UNAVAILABLE:
		return "Service Unavailable";
	}
	return "";
}
