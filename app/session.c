#include "session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "cookie.h"
#include "json_text.h"
#include "rate_limit.h"
#include "redis.h"
#include "router.h"
#include "settings.h"
#include "utf8.h"

#define TOKEN_BYTES    32
#define BASE64         sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define TOKEN_SIZE     sodium_base64_ENCODED_LEN(TOKEN_BYTES, BASE64)
#define USER_AGENT_MAX 200
#define RENEWAL_MS     60000

/* A session in Redis: "<user> <created> <address> <user agent>" and, in a line of its own, "<badge>"; created in seconds since 1970.
 * One without a badge is of a version that knew none. */
struct session {
	int64_t user;
	int64_t created;
	const char *address;
	const char *user_agent;
	const char *badge;
};

/* KEYS: session, the user's sessions by microseconds since 1970 (seconds would not tell which of two came first); ARGV: hash, value,
 * now, idle seconds, lifetime seconds, most sessions */
#define CREATE                                                                                                         \
	"redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[4])\n"                                                         \
	"redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3] - ARGV[5] * 1000000)\n"                               \
	"redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])\n"                                                              \
	"redis.call('EXPIRE', KEYS[2], ARGV[5])\n"                                                                     \
	"local surplus = redis.call('ZCARD', KEYS[2]) - ARGV[6]\n"                                                     \
	"if surplus > 0 then\n"                                                                                        \
	"  local oldest = redis.call('ZPOPMIN', KEYS[2], surplus)\n"                                                   \
	"  for i = 1, #oldest, 2 do redis.call('DEL', 'session:' .. oldest[i]) end\n"                                  \
	"end\n"                                                                                                        \
	"return 1\n"

/* KEYS: the user's sessions; hash, value and milliseconds to live of each, newest first; forgets those that have expired */
#define LIST                                                                                                           \
	"local found = {}\n"                                                                                           \
	"for _, hash in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do\n"                                          \
	"  local session = redis.call('GET', 'session:' .. hash)\n"                                                    \
	"  if session then\n"                                                                                          \
	"    found[#found + 1] = {hash, session, redis.call('PTTL', 'session:' .. hash)}\n"                            \
	"  else\n"                                                                                                     \
	"    redis.call('ZREM', KEYS[1], hash)\n"                                                                      \
	"  end\n"                                                                                                      \
	"end\n"                                                                                                        \
	"return found\n"

/* KEYS: the user's sessions; ARGV: the badge that takes the place of the last line of each */
#define SET_BADGE                                                                                                      \
	"for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do\n"                                             \
	"  local key = 'session:' .. hash\n"                                                                           \
	"  local session = redis.call('GET', key)\n"                                                                   \
	"  if session then\n"                                                                                          \
	"    redis.call('SET', key, (session:match('^(.*)\\n') or session) .. '\\n' .. ARGV[1], 'KEEPTTL')\n"          \
	"  end\n"                                                                                                      \
	"end\n"                                                                                                        \
	"return 1\n"

/* KEYS: the user's sessions; ARGV: hash; 1 if it was one of them and lived */
#define END "return redis.call('ZREM', KEYS[1], ARGV[1]) == 1 and redis.call('DEL', 'session:' .. ARGV[1]) or 0\n"

/* KEYS: the user's sessions; ARGV: the hash to leave, or "" */
#define END_ALL                                                                                                        \
	"for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do\n"                                             \
	"  if hash ~= ARGV[1] then\n"                                                                                  \
	"    redis.call('DEL', 'session:' .. hash)\n"                                                                  \
	"    redis.call('ZREM', KEYS[1], hash)\n"                                                                      \
	"  end\n"                                                                                                      \
	"end\n"                                                                                                        \
	"return 1\n"

const char *
session_key(struct request *req, const char *hash)
{
	return arena_printf(req->arena, "session:%s", hash);
}

static const char *
list_key_of(struct request *req, int64_t user_id)
{
	return arena_printf(req->arena, "sessions:%lld", (long long)user_id);
}

const char *
session_hash(struct request *req, const char *token)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof hash, BASE64)];

	if (strlen(token) != TOKEN_SIZE - 1)
		return "";
	crypto_hash_sha256(hash, (const unsigned char *)token, strlen(token));
	sodium_bin2base64(text, sizeof text, hash, sizeof hash, BASE64);
	return arena_printf(req->arena, "%s", text);
}

static bool
over_https(void)
{
	return strncmp(setting_url, "https://", 8) == 0;
}

/* The prefix has browsers refuse the cookie unless it is Secure, for all of the site and for no other host (RFC 6265bis, 4.1.3.2). */
static const char *
cookie_name(void)
{
	return over_https() ? "__Host-session" : "session";
}

static void
set_cookie(struct response *res, const char *token, long seconds)
{
	cookie_set(res, cookie_name(), token, seconds, COOKIE_HTTP_ONLY | (over_https() ? COOKIE_SECURE : 0));
}

void
session_set_cookie(struct response *res, const char *token)
{
	set_cookie(res, token, setting_session_lifetime_seconds);
}

void
session_clear_cookie(struct response *res)
{
	set_cookie(res, "", 0);
}

/* The token of the Authorization header; "" for one that has none in it. */
static const char *
authorization(const struct request *req)
{
	const char *credentials = request_header(req, "Authorization");
	const char *space;
	size_t scheme;

	if (credentials == NULL || (space = strchr(credentials, ' ')) == NULL)
		return credentials == NULL || credentials[0] == '\0' ? NULL : "";
	scheme = (size_t)(space - credentials);
	if ((scheme != 5 || strncasecmp(credentials, "Token", 5) != 0) &&
	    (scheme != 6 || strncasecmp(credentials, "Bearer", 6) != 0))
		return "";
	return space + strspn(space, " ");
}

const char *
session_token(struct request *req)
{
	if (request_is_page(req))
		return cookie_value(req->arena, request_header(req, "Cookie"), cookie_name());
	return authorization(req);
}

static struct session
session_parse(struct request *req, const char *text, size_t length)
{
	struct session session;
	char *rest, *copy = arena_copy(req->arena, text, length), *badge = strrchr(copy, '\n');

	session.badge = "";
	if (badge != NULL) {
		*badge = '\0';
		session.badge = badge + 1;
	}
	session.user = strtoll(copy, &rest, 10);
	session.created = strtoll(rest, &rest, 10);
	session.address = strtok_r(rest, " ", &rest);
	if (session.address == NULL)
		session.address = "";
	session.user_agent = rest;
	return session;
}

static bool
session_too_old(const struct session *session)
{
	return session->created + setting_session_lifetime_seconds <= clock_now() / 1000000;
}

/* A session's life is not renewed at each request, which would be a write: only once in a minute, or in a tenth of a short life. */
long long
session_renewed_below_ms(void)
{
	long long idle = setting_session_idle_seconds * 1000LL, tenth = idle / 10;

	return idle - (tenth < RENEWAL_MS ? tenth : RENEWAL_MS);
}

bool
session_resume(struct request *req, const redisReply *found, const char *hash)
{
	struct session session;

	if (found->type != REDIS_REPLY_STRING)
		return false;
	session = session_parse(req, found->str, found->len);
	if (session_too_old(&session))
		return false;
	req->user = arena_alloc(req->arena, sizeof *req->user);
	*req->user = (struct viewer){.id = session.user, .session = hash, .badge = session.badge};
	return true;
}

/* What of the User-Agent header is worth keeping: valid UTF-8 of a reasonable length. */
static const char *
user_agent(struct request *req)
{
	const char *agent = request_header(req, "User-Agent");
	size_t length = agent == NULL ? 0 : strnlen(agent, USER_AGENT_MAX);

	while (length > 0 && !utf8_valid(agent, length))
		length--;
	return arena_copy(req->arena, length > 0 ? agent : "", length);
}

/* Runs a script that must not fail. */
static redisReply *
run(struct request *req, struct redis_script *script, size_t keys, const struct redis_argument *arguments, size_t count)
{
	redisReply *reply = redis_run(req, script, keys, arguments, count);

	if (reply == NULL)
		fail_unavailable(req);
	return reply;
}

const char *
session_create(struct request *req, int64_t user_id, const char *badge)
{
	static struct redis_script script = {.name = "session create", .text = CREATE};
	unsigned char bytes[TOKEN_BYTES];
	char *token = arena_alloc(req->arena, TOKEN_SIZE);
	int64_t now = clock_now();
	const char *address = request_address(req), *hash;

	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2base64(token, TOKEN_SIZE, bytes, sizeof bytes, BASE64);
	sodium_memzero(bytes, sizeof bytes);
	hash = session_hash(req, token);

	const struct redis_argument arguments[] = {
	    redis_text(session_key(req, hash)),
	    redis_text(list_key_of(req, user_id)),
	    redis_text(hash),
	    redis_text(arena_printf(req->arena, "%lld %lld %s %s\n%s", (long long)user_id, (long long)now / 1000000,
	                            address[0] == '\0' ? "-" : address, user_agent(req), badge)),
	    redis_number(req, now),
	    redis_number(req, setting_session_idle_seconds),
	    redis_number(req, setting_session_lifetime_seconds),
	    redis_number(req, setting_sessions_per_user_max),
	};
	run(req, &script, 2, arguments, sizeof arguments / sizeof arguments[0]);
	return token;
}

void
session_set_badge(struct request *req, int64_t user_id, const char *badge)
{
	static struct redis_script script = {.name = "session set badge", .text = SET_BADGE};
	const struct redis_argument arguments[] = {redis_text(list_key_of(req, user_id)), redis_text(badge)};

	run(req, &script, 1, arguments, 2);
}

bool
session_end(struct request *req, int64_t user_id, const char *session)
{
	static struct redis_script script = {.name = "session end", .text = END};
	const struct redis_argument arguments[] = {redis_text(list_key_of(req, user_id)), redis_text(session)};

	return run(req, &script, 1, arguments, 2)->integer == 1;
}

void
session_end_all(struct request *req, int64_t user_id, const char *except)
{
	static struct redis_script script = {.name = "session end all", .text = END_ALL};
	const struct redis_argument arguments[] = {redis_text(list_key_of(req, user_id)),
	                                           redis_text(except == NULL ? "" : except)};

	run(req, &script, 1, arguments, 2);
}

static void
add_member(struct buffer *out, const char *key, const char *value)
{
	buffer_printf(out, "\"%s\":", key);
	json_text(out, value, strlen(value));
	buffer_add_byte(out, ',');
}

static void
add_session(struct request *req, struct buffer *out, const redisReply *entry, const struct session *session)
{
	const char *hash = entry->element[0]->str;
	int64_t idle = setting_session_idle_seconds * INT64_C(1000) - entry->element[2]->integer;
	char created[CLOCK_TEXT_SIZE], seen[CLOCK_TEXT_SIZE];

	clock_format(session->created * 1000000, created);
	clock_format(clock_now() - (idle > 0 ? idle : 0) * 1000, seen);
	buffer_add_byte(out, '{');
	add_member(out, "id", hash);
	add_member(out, "createdAt", created);
	add_member(out, "lastSeenAt", seen);
	add_member(out, "userAgent", session->user_agent);
	add_member(out, "address", session->address);
	buffer_printf(out, "\"current\":%s}", strcmp(hash, req->user->session) == 0 ? "true" : "false");
}

enum http_status
session_list(struct request *req, struct response *res)
{
	static struct redis_script script = {.name = "session list", .text = LIST};
	const struct redis_argument key = redis_text(list_key_of(req, req->user->id));
	redisReply *found = run(req, &script, 1, &key, 1);
	struct buffer *out = response_json(res, HTTP_OK);
	const char *before = "";

	buffer_add_text(out, "{\"sessions\":[");
	for (size_t i = 0; i < found->elements; i++) {
		const redisReply *value = found->element[i]->element[1];
		struct session session = session_parse(req, value->str, value->len);

		if (session_too_old(&session))
			continue;
		buffer_add_text(out, before);
		add_session(req, out, found->element[i], &session);
		before = ",";
	}
	buffer_add_text(out, "]}");
	return HTTP_OK;
}
