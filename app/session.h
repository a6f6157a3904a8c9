/* Sessions, and what stands between a request and its handler: one round trip to Redis that counts the request and fetches its session.
 *
 * A token is 32 random bytes in base64url. Redis knows only its hash: who reads Redis cannot sign in. A session ends when it was not
 * used for QUIRE_SESSION_IDLE_SECONDS, and after QUIRE_SESSION_LIFETIME_SECONDS in any case. The keys:
 *   session:<hash>        the session, as JSON
 *   sessions:<user>       a set of the user's hashes, to list and to end them
 *   limit:<name>:<whom>   a rate limit's theoretical arrival time, see rate_limit.h
 */
#ifndef QUIRE_SESSION_H
#define QUIRE_SESSION_H

#include "request.h"
#include "response.h"

/* Does what the route's flags ask for: sets req->user, or ends the request with 401, 429 or 503. */
void session_enter(struct request *req);

/* Signs a user in; returns the token, which is not kept anywhere. 503 without Redis. */
const char *session_create(struct request *req, int64_t user_id);

/* The token that came with the request, NULL if none. */
const char *session_token(struct request *req);

/* Ends one session of the user; false if there is no such one. */
bool session_end(struct request *req, int64_t user_id, const char *session);

/* Ends all sessions of the user but `except` (NULL: all). */
void session_end_all(struct request *req, int64_t user_id, const char *except);

/* {"sessions":[…]}: all of the user's sessions, newest first. */
enum http_status session_list(struct request *req, struct response *res);

#endif
