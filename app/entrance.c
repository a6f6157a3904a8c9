#include "entrance.h"

#include <string.h>

#include "admission.h"
#include "cache.h"
#include "clock.h"
#include "freshness.h"
#include "rate_limit.h"
#include "redis.h"
#include "router.h"
#include "session.h"
#include "settings.h"

#define KEYS_FIXED      3
#define ARGUMENTS_FIXED 8

/* KEYS: session or "", limit by session, limit by address, the scopes, and last the answer if it may be kept; ARGV: now, the run id of
 * Redis, "read", "write" or "", then for a read: "here" or "apart" if its answer may be kept, luck, milliseconds of the lock and its name; for a
 * write: its name, milliseconds that it may be under way. The constants are of script_of(). {session or nil, seconds to wait, the position
 * needed or nil; if the cache is open, the mark that an answer must have, the one for this request's own, and what lookup() gives} */
#define ENTER                                                                                                          \
	"local session = KEYS[1] ~= '' and call('GET', KEYS[1])\n"                                                     \
	"if session and call('PTTL', KEYS[1]) < renewed_below then call('EXPIRE', KEYS[1], idle) end\n"                \
	"local key, now = session and KEYS[2] or KEYS[3], tonumber(ARGV[1])\n"                                         \
	"local arrival, wait = arrive(key, now, count, period)\n"                                                      \
	"if wait > 0 then return {session, wait} end\n"                                                                \
	"admit(key, now, arrival)\n"                                                                                   \
	"if ARGV[3] == 'write' then begin_write(ARGV[4], ARGV[5]) end\n"                                               \
	"if ARGV[3] ~= 'read' or (KEYS[1] ~= '' and not session) then return {session, 0} end\n"                       \
	"local kept = ARGV[4] ~= ''\n"                                                                                 \
	"local needed, turn = newest(ARGV[2], session, 4, kept and #KEYS - 1 or #KEYS)\n"                              \
	"if not needed or not kept then return {session, 0, needed} end\n"                                             \
	"local floor, epoch = open_cache()\n"                                                                          \
	"if not floor then return {session, 0, needed} end\n"                                                          \
	"if floor > needed then needed = floor end\n"                                                                  \
	"local oldest, mark = epoch .. turn, epoch .. ('%016d'):format(call('GET', 'told') or 0)\n"                    \
	"if ARGV[4] == 'apart' then return {session, 0, needed, oldest, mark} end\n"                                   \
	"return {session, 0, needed, oldest, mark, lookup(KEYS[#KEYS], oldest, now, ARGV[5], ARGV[6], ARGV[7])}\n"

/* A limit that the script counts requests under. */
struct entrance {
	const char *limit;
	const struct rate *rate; /* NULL for none */
	struct redis_script script;
};

static struct entrance *
entrance_of(unsigned flags)
{
	static struct entrance general = {.limit = "general", .rate = &setting_limit_general, .script.name = "enter"};
	static struct entrance signup = {.limit = "signup", .rate = &setting_limit_signup, .script.name = "sign up"};
	static struct entrance unlimited = {.limit = "none", .script.name = "enter unlimited"};

	if (flags & LIMIT_NONE)
		return &unlimited;
	return flags & LIMIT_SIGNUP ? &signup : &general;
}

/* What settings say stands in the script: fewer arguments for each request to write and for Redis to read. */
static struct redis_script *
script_of(struct entrance *entrance)
{
	const struct rate none = {0, 1}, *rate = entrance->rate != NULL ? entrance->rate : &none;

	if (entrance->script.text == NULL)
		entrance->script.text =
		    redis_script_text("%s%s%slocal renewed_below, idle, count, period = %lld, %ld, %ld, %lld\n%s",
		                      rate_limit_lua, freshness_lua, cache_lua, session_renewed_below_ms(),
		                      setting_session_idle_seconds, rate->count, rate->seconds * 1000LL, ENTER);
	return &entrance->script;
}

static bool
is_read(const struct request *req)
{
	return (req->method & (HTTP_GET | HTTP_HEAD)) != 0;
}

/* The script's arguments as they come together. */
struct call {
	struct redis_argument *arguments;
	size_t keys, count;
	const char *run_id; /* of the Redis that it was made for */
};

static void
add_key(struct call *call, const char *key)
{
	call->arguments[call->keys++] = redis_text(key);
}

static void
add_argument(struct call *call, const char *argument)
{
	call->arguments[call->keys + call->count++] = redis_text(argument);
}

static void
add_read(struct call *call, struct request *req, const struct cached *cached)
{
	add_argument(call, "read");
	add_argument(call, cached == NULL ? "" : cache_apart() ? "apart" : "here");
	add_argument(call, cached == NULL ? "" : cache_luck(req));
	add_argument(call, arena_printf(req->arena, "%ld", setting_cache_wait_ms));
	add_argument(call, cached == NULL ? "" : cache_name(cached));
}

static void
add_write(struct call *call, struct request *req)
{
	add_argument(call, "write");
	add_argument(call, freshness_write(req));
	add_argument(call, arena_printf(req->arena, "%lld", freshness_write_ms()));
}

static struct call
call_of(struct request *req, const char *hash, const struct scope_read *read, const struct cached *cached)
{
	const char *limit = entrance_of(req->route->flags)->limit;
	struct redis_argument *scopes = NULL;
	size_t scopes_count = read != NULL ? freshness_keys(req, read, &scopes) : 0;
	struct call call = {.arguments = arena_alloc(req->arena, (KEYS_FIXED + scopes_count + 1 + ARGUMENTS_FIXED) *
	                                                             sizeof *call.arguments)};

	add_key(&call, hash[0] == '\0' ? "" : session_key(req, hash));
	add_key(&call, arena_printf(req->arena, "limit:%s:%s", limit, hash));
	add_key(&call, arena_printf(req->arena, "limit:%s:%s", limit, rate_limit_address(req)));
	for (size_t i = 0; i < scopes_count; i++)
		call.arguments[call.keys++] = scopes[i];
	if (cached != NULL)
		add_key(&call, cache_key(cached));
	add_argument(&call, arena_printf(req->arena, "%lld", (long long)clock_now() / 1000));
	call.run_id = arena_printf(req->arena, "%s", redis_run_id(req));
	add_argument(&call, call.run_id);
	if (read != NULL)
		add_read(&call, req, cached);
	else if (!is_read(req))
		add_write(&call, req);
	else
		add_argument(&call, "");
	return call;
}

/* One round trip. An answer in a Redis of its own is asked for at the same time. */
static const redisReply *
ask(struct request *req, const char *hash, const struct scope_read *read, struct cached *cached)
{
	struct call call = call_of(req, hash, read, cached);
	struct redis_argument get[2];
	struct redis_ask asks[] = {
	    {.server = REDIS_MAIN,
	     .script = script_of(entrance_of(req->route->flags)),
	     .keys = call.keys,
	     .arguments = call.arguments,
	     .count = call.keys + call.count},
	    {.server = REDIS_CACHE, .arguments = get, .count = 2},
	};
	bool apart = cached != NULL && cache_apart();

	if (apart) {
		get[0] = redis_text("GET");
		get[1] = redis_text(cache_key(cached));
	}
	redis_ask(req, asks, apart ? 2 : 1);

	const redisReply *reply = asks[0].reply;

	/* what another Redis says, to which the connection led in the end, was judged by the wrong run id */
	if (reply == NULL || reply->elements < 3 || strcmp(call.run_id, redis_run_id(req)) != 0)
		return reply;
	freshness_entered(req, reply->element[2]);
	if (cached == NULL || reply->elements < 4)
		return reply;
	cache_open(req, reply->element[3], reply->element[4]);
	if (apart)
		cache_found_apart(req, asks[1].reply);
	else
		cache_found(req, reply->element[5], reply->element[6]);
	return reply;
}

void
entrance_pass(struct request *req)
{
	unsigned flags = req->route->flags;
	const char *token = flags & NO_SESSION ? NULL : session_token(req);
	const char *hash = token != NULL ? session_hash(req, token) : "";
	const struct scope_read *read = is_read(req) ? scopes_route(req->route) : NULL;
	struct cached *cached = NULL;
	const redisReply *reply;

	if (token == NULL && (flags & NEEDS_USER))
		fail(req, HTTP_UNAUTHORIZED, "token", "is missing");
	if (flags & LIMIT_LOGIN || (token == NULL && flags & LIMIT_NONE))
		return;

	if (read != NULL && (token == NULL || read->kept_for == EVERYBODY))
		cached = cache_begin(req, read);
	reply = ask(req, hash, read, cached);
	if (reply == NULL) {
		/* without Redis the anonymous go on reading, uncounted; nobody is told that their token is bad */
		if (token != NULL || !is_read(req))
			fail_unavailable(req);
		admission_fallback(req);
		return;
	}
	if (reply->element[1]->integer > 0 && flags & NEVER_429)
		fail_unavailable(req);
	if (reply->element[1]->integer > 0)
		fail_too_many(req, (long)reply->element[1]->integer);
	if (token == NULL || session_resume(req, reply->element[0], hash))
		return;
	req->session_ended = (flags & PAGE) != 0;
	if (!req->session_ended || flags & NEEDS_USER)
		fail(req, HTTP_UNAUTHORIZED, "token", "is invalid");
}
