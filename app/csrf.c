#include "csrf.h"

#include <json-c/json.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "body.h"
#include "router.h"
#include "session.h"
#include "settings.h"

#define TOKEN_BYTES 16
#define BASE64      sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define MASKED_SIZE sodium_base64_ENCODED_LEN(2 * TOKEN_BYTES, BASE64)

/* A token as a form holds it: the mask, and the token under it. */
struct masked {
	unsigned char mask[TOKEN_BYTES];
	unsigned char token[TOKEN_BYTES];
};

/* What the forms of a session hold: a hash that says nothing of the session's token. The key only keeps it apart from other hashes. */
static void
derive(const char *session, unsigned char token[TOKEN_BYTES])
{
	static const unsigned char key[] = "quire form token";

	crypto_generichash(token, TOKEN_BYTES, (const unsigned char *)session, strlen(session), key, sizeof key - 1);
}

static void
apply_mask(struct masked *masked)
{
	for (size_t i = 0; i < TOKEN_BYTES; i++)
		masked->token[i] ^= masked->mask[i];
}

const char *
csrf_token(struct request *req)
{
	bool no_session = req->session_ended || (req->route != NULL && req->route->flags & NO_SESSION);
	const char *session = no_session ? NULL : session_token(req);
	struct masked masked;
	char *text;

	if (session == NULL)
		return "";
	derive(session, masked.token);
	randombytes_buf(masked.mask, sizeof masked.mask);
	apply_mask(&masked);
	text = arena_alloc(req->arena, MASKED_SIZE);
	return sodium_bin2base64(text, MASKED_SIZE, (const unsigned char *)&masked, sizeof masked, BASE64);
}

static bool
token_matches(struct request *req, const char *session)
{
	struct json_object *field;
	struct masked masked;
	unsigned char token[TOKEN_BYTES];
	const char *text;
	size_t length;

	if (!json_object_object_get_ex(body_object(req), CSRF_FIELD, &field) ||
	    !json_object_is_type(field, json_type_string))
		return false;
	text = json_object_get_string(field);
	if (sodium_base642bin((unsigned char *)&masked, sizeof masked, text, strlen(text), NULL, &length, NULL,
	                      BASE64) != 0 ||
	    length != sizeof masked)
		return false;
	apply_mask(&masked);
	derive(session, token);
	return sodium_memcmp(masked.token, token, sizeof token) == 0;
}

/* Is it the origin of QUIRE_URL, or of the host that the request was sent to? */
static bool
origin_is_ours(const struct request *req, const char *origin)
{
	const char *host = request_header(req, "Host"), *origin_host = strstr(origin, "://");
	size_t length = strlen(origin);

	if (origin_host == NULL)
		return false; /* "null": a browser that keeps it to itself */
	if (host != NULL && strcasecmp(origin_host + 3, host) == 0)
		return true;
	return strncasecmp(setting_url, origin, length) == 0 &&
	       (setting_url[length] == '\0' || setting_url[length] == '/');
}

/* Browsers send one of the two headers with each POST, and no script can change them. Who sends neither is no browser, or one so old
 * that the token has to do. */
bool
csrf_foreign(const struct request *req)
{
	const char *site = request_header(req, "Sec-Fetch-Site");
	const char *origin = request_header(req, "Origin");

	if (site != NULL)
		return strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
	return origin != NULL && !origin_is_ours(req, origin);
}

void
csrf_check(struct request *req)
{
	if (csrf_foreign(req))
		fail(req, HTTP_FORBIDDEN, "form", "came from another site");
	if (req->user != NULL && !token_matches(req, session_token(req)))
		fail(req, HTTP_FORBIDDEN, "form", "is out of date");
}
