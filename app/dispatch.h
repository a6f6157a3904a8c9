/* A request's way: router, what the route's flags ask for, the handler, the finished answer. */
#ifndef QUIRE_DISPATCH_H
#define QUIRE_DISPATCH_H

#include "request.h"
#include "response.h"

/* What shows people that their request failed: set once at start. The answer of a page (a route with PAGE, or a path outside of /api that
 * no route has) that failed is made again: by the route's `again`, if it has one and the request was a POST from this site, else, or when that fails as
 * well, by `page`; and if that fails too it stays the JSON of response_error. Both find what happened in req->failure and
 * req->failure_status; when they return 200, the answer's status is that of the failure. NULL: all errors are JSON. */
void dispatch_init(enum http_status (*page)(struct request *req, struct response *res));

/* Answers the request into *res, whatever happens; nothing unwinds past it. Counts and logs nothing. */
void dispatch(struct request *req, struct response *res);

/* Counts the answered request in the scoreboard and writes its log line. */
void dispatch_account(const struct request *req, const struct response *res);

#endif
