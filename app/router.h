/* From method and path to a handler. The table is the program's whole surface (handlers/routes.def). */
#ifndef QUIRE_ROUTER_H
#define QUIRE_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"
#include "response.h"

typedef enum http_status handler(struct request *req, struct response *res);

/* What a route asks for before its handler runs. */
enum route_flags {
	NEEDS_USER = 1 << 0,   /* 401 without a valid token */
	NO_SESSION = 1 << 1,   /* a token is not looked at */
	LIMIT_NONE = 1 << 2,   /* the general rate limit does not count it */
	LIMIT_SIGNUP = 1 << 3, /* counted per address under QUIRE_LIMIT_SIGNUP */
	LIMIT_LOGIN = 1 << 4,  /* the handler itself counts it: it alone knows the e-mail address */
	NEVER_429 = 1 << 5,    /* over the limit it is unavailable: clients sign out on any 4xx there */
	PAGE =
	    1 << 6, /* for people: the session comes as a cookie, a POST is checked against forgery, errors are pages */
	CRITICAL =
	    1 << 7, /* refused last of all under overload, see admission.h; nginx/quire.conf names these routes too */
};

struct route {
	enum http_method method;
	const char *pattern; /* "/api/articles/:slug": a segment is text or :name */
	handler *handler;
	const char *handler_name;
	unsigned flags;
	handler *again; /* the page of a form, shown again when its POST has failed; NULL for others */
};

/* The table in use: set once at start. `routes` stays the caller's. A segment of a pattern has RFC 3986's unreserved
 * characters. A malformed pattern, a method other than GET, POST, PUT and DELETE, or the same method and path twice ends the
 * process with a log line that has them. */
void router_init(const struct route *routes, size_t count);

enum route_result { ROUTE_FOUND, ROUTE_BAD_PATH, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/* Matches req->path and sets route, path_parameters and allowed.
 *
 * Each segment is percent-decoded after the split; ROUTE_BAD_PATH says that one could not be. One trailing slash is ignored,
 * an empty segment matches nothing. Of several patterns that match, text segments go before parameters, and one that has
 * the method before one that has not. HEAD is served by GET's row. `allowed` has the methods of all patterns that match,
 * HEAD beside GET, and OPTIONS whatever the result is. */
enum route_result route_match(struct request *req);

/* Index of the route in the table, SCOREBOARD_NO_ROUTE for NULL; and back, NULL for an index outside the table. */
int route_index(const struct route *route);
const struct route *route_at(int index);
size_t route_count(void);

#endif
