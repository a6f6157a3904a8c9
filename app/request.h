/* A request, whatever it came from: FastCGI (fcgi.c) or a test that made it in memory. */
#ifndef QUIRE_REQUEST_H
#define QUIRE_REQUEST_H

#include <json-c/json_types.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "http.h"
#include "position.h"
#include "urlencoded.h"

struct cached;
struct change;
struct route;

#define PATH_PARAMETERS_MAX 8

struct path_parameter {
	const char *name; /* as in the route's pattern, without the colon */
	const char *value;
};

/* Who asks. */
struct viewer {
	int64_t id;
	const char *session; /* the session's identifier: a hash of the token, never the token */
	const char *badge;   /* what the handlers keep with a session, see session_create */
};

/* What is wrong with a request: the key and message of the answer's {"errors":{…}}. */
struct input_error {
	const char *key;
	const char *message;
	struct input_error *next;
};

struct request {
	struct arena *arena;

	/* as it arrived */
	enum http_method method;
	const char *path;              /* raw, before any '?' */
	const char *query;             /* raw, "" for none */
	const char *const *parameters; /* FastCGI parameters "NAME=value", NULL at the end */
	const char *body;
	size_t body_length;
	int64_t arrived; /* clock_monotonic() */

	/* found by the router */
	const struct route *route; /* NULL if none matches */
	unsigned allowed;          /* methods that the path has */
	struct path_parameter path_parameters[PATH_PARAMETERS_MAX];
	size_t path_parameters_count;

	/* found on the way to the handler */
	struct viewer *user;       /* NULL for the anonymous */
	bool session_ended;        /* a page was asked for with the cookie of a session that is no more */
	struct json_object *input; /* the body once parsed, see input.h */
	struct form *query_form;   /* the query string once parsed */
	struct input_error *errors, **errors_end;

	/* of a page that says why a request failed: what it failed with, see dispatch.h */
	const struct input_error *failure;
	enum http_status failure_status;

	/* how fresh the answer is, see freshness.h */
	bool primary_only;       /* no replica is read from: so it is until freshness_entered knows better */
	struct position needed;  /* what a replica must have replayed to be read from */
	struct position written; /* behind the last write that was committed; nowhere when there was none */
	struct change *changes;  /* what was written, until it is told */
	struct cached *cached;   /* what there is to do with the cache; NULL: nothing */
	bool cache_hit;          /* the answer came from there */

	unsigned database_trips;
	unsigned replica_trips; /* of those */
	unsigned redis_trips;

	/* where a failure goes on: see fail() */
	jmp_buf *unwind;
	struct response *response;
};

/* Starts a request in `arena`, all else empty. */
void request_init(struct request *req, struct arena *arena);

/* The FastCGI parameter of that name, NULL if it was not sent; the first one if it was sent twice. */
const char *request_parameter(const struct request *req, const char *name);

/* The request header of that name ("If-None-Match"), NULL if it was not sent. */
const char *request_header(const struct request *req, const char *name);

/* The client's address as nginx saw it, "" if unknown. */
const char *request_address(const struct request *req);

/* Is the path "/api" or one below it? */
bool request_is_api(const struct request *req);

/* Is it people who ask, with a browser: for a route with PAGE, or for a path outside of the API that no route has? */
bool request_is_page(const struct request *req);

/* The identifier that nginx gave the request, "" if none. */
const char *request_id(const struct request *req);

/* The part of the path that stood for :name. Asking for one that the route has not ends the process. */
const char *path_param(const struct request *req, const char *name) __attribute__((returns_nonnull));

/* As path_param, NULL if the route has none of that name. */
const char *request_path_value(const struct request *req, const char *name);

/* The user's id, 0 for the anonymous: no user has that one. */
int64_t viewer_id(const struct request *req);

/* Ends the handler with the answer that req->response holds already. Does not return. */
void fail_answered(struct request *req) __attribute__((noreturn));

/* Ends the handler: the answer becomes `status` with {"errors":{key:[message]}}. Does not return. */
void fail(struct request *req, enum http_status status, const char *key, const char *message) __attribute__((noreturn));

/* As fail(), when something that Quire depends on is not there: 503 with Retry-After. */
void fail_unavailable(struct request *req) __attribute__((noreturn));

/* As fail(), when Quire itself is at fault: 500, and a log line with `what` and `detail`, which the client does not see. */
void fail_server(struct request *req, const char *what, const char *detail) __attribute__((noreturn));

#endif
