/* Sessions: who asks.
 *
 * A token is 32 random bytes in base64url. Redis knows only its hash: who reads Redis cannot sign in. A session ends when it was not
 * used for QUIRE_SESSION_IDLE_SECONDS, and after QUIRE_SESSION_LIFETIME_SECONDS in any case. The keys:
 *   session:<hash>        the session, see struct session
 *   sessions:<user>       the user's hashes by the time when they were made, to list and to end them
 */
#ifndef QUIRE_SESSION_H
#define QUIRE_SESSION_H

#include "request.h"
#include "response.h"

struct redisReply;

/* Signs a user in; returns the token, which is not kept anywhere. `badge` is one line that comes back as req->user->badge: what is
 * shown of the user on every page without asking the database. 503 without Redis. */
const char *session_create(struct request *req, int64_t user_id, const char *badge);

/* Gives all sessions of the user another badge. */
void session_set_badge(struct request *req, int64_t user_id, const char *badge);

/* The token that came with the request, in the cookie for a page and in the Authorization header else; NULL if none. */
const char *session_token(struct request *req);

/* The name under which Redis knows the token's session, "" for what cannot be a token; and the key that it stands under. */
const char *session_hash(struct request *req, const char *token);
const char *session_key(struct request *req, const char *hash);

/* A session whose key has less time than this to live is renewed when it is used, in milliseconds. */
long long session_renewed_below_ms(void);

/* Makes the user of the session that was found there the one who asks; false when it is no more. */
bool session_resume(struct request *req, const struct redisReply *found, const char *hash);

/* Has the browser keep the token as a cookie, or forget it: __Host-session with Secure when QUIRE_URL is https, else session. */
void session_set_cookie(struct response *res, const char *token);
void session_clear_cookie(struct response *res);

/* Ends one session of the user; false if there is no such one. */
bool session_end(struct request *req, int64_t user_id, const char *session);

/* Ends all sessions of the user but `except` (NULL: all). */
void session_end_all(struct request *req, int64_t user_id, const char *except);

/* {"sessions":[…]}: all of the user's sessions, newest first. */
enum http_status session_list(struct request *req, struct response *res);

#endif
