/* A request's way: router, what the route's flags ask for, the handler, the finished answer. */
#ifndef QUIRE_DISPATCH_H
#define QUIRE_DISPATCH_H

#include "request.h"
#include "response.h"

/* Answers the request into *res, whatever happens; nothing unwinds past it. Counts and logs nothing. */
void dispatch(struct request *req, struct response *res);

/* Counts the answered request in the scoreboard and writes its log line. */
void dispatch_account(const struct request *req, const struct response *res);

#endif
