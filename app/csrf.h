/* Proof that a form was sent from a page of ours (cross-site request forgery; OWASP CSRF Prevention).
 *
 * Three checks, for each POST to a page: Sec-Fetch-Site, or else Origin, must say that it comes from this site (as in Go's
 * net/http.CrossOriginProtection); and when a session's cookie came with it, the form's field "csrf" must hold that session's
 * token. The session's cookie is SameSite=Lax besides.
 */
#ifndef QUIRE_CSRF_H
#define QUIRE_CSRF_H

#include "request.h"

#define CSRF_FIELD "csrf"

/* Ends the request with 403 {"form":["is out of date"]} when the token is not that of the session, with 403
 * {"form":["came from another site"]} when it came from elsewhere. */
void csrf_check(struct request *req);

/* Does the browser say that the request comes from another site? What its form holds was not typed here then, and is not to be shown as if
 * it had been: with a token of ours it would be one click from being sent. */
bool csrf_foreign(const struct request *req);

/* The token for a form, "" for the anonymous. It is masked anew at each call, so that a compressed page does not give it away
 * (BREACH). */
const char *csrf_token(struct request *req);

#endif
