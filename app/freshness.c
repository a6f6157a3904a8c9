#include "freshness.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cache.h"
#include "clock.h"
#include "log.h"
#include "nodes.h"
#include "settings.h"

#define WRITE_NAME_BYTES 12
#define TIMELINE_DIGITS  8
#define PAUSE_MS         20
#define MARGIN_MS        10000
#define SPARE_US         500000 /* of the longest time that a request has, for its answer */

_Static_assert(POSITION_LENGTH == 24 && TURN_LENGTH == 16,
               "the scripts here, in cache.c and in entrance.c count on it");

/* What a request has changed so far. */
struct change {
	const char *write; /* its name among the writes under way */
	int64_t lost;      /* clock_monotonic() at which it counts as lost */
	bool unknown;      /* whether it was committed */
	struct scopes scopes;
};

/* The time is Redis's own: those who ask need not agree on it. */
const char freshness_lua[] = "local function clock()\n"
			     "  local time = call('TIME')\n"
			     "  return time[1] * 1000 + math.floor(time[2] / 1000)\n"
			     "end\n"
			     "local function begin_write(name, milliseconds)\n"
			     "  call('ZADD', 'writes', clock() + milliseconds, name)\n"
			     "end\n"
			     "local function open_cache()\n"
			     "  local write = call('ZRANGE', 'writes', 0, 0, 'WITHSCORES')\n"
			     "  if write[1] and tonumber(write[2]) < clock() then\n"
			     "    call('ZREMRANGEBYSCORE', 'writes', '-inf', clock())\n"
			     "    call('DEL', 'at:cache')\n"
			     "  end\n"
			     "  local at = call('GET', 'at:cache')\n"
			     "  return at and at:sub(1, 24), at and at:sub(25)\n"
			     "end\n"
			     "local function newest(run, session, first, last)\n"
			     "  local needed, turn = call('GET', 'at:everything'), '0000000000000000'\n"
			     "  if not needed or needed:sub(26) ~= run then return false end\n"
			     "  needed = needed:sub(1, 24)\n"
			     "  local user = session and call('GET', 'at:user:' .. session:match('^%d+'))\n"
			     "  if user and user:sub(1, 24) > needed then needed = user:sub(1, 24) end\n"
			     "  if last < first then return needed, turn end\n"
			     "  for _, at in ipairs(call('MGET', unpack(KEYS, first, last))) do\n"
			     "    if at then\n"
			     "      if at:sub(1, 24) > needed then needed = at:sub(1, 24) end\n"
			     "      if at:sub(25) > turn then turn = at:sub(25) end\n"
			     "    end\n"
			     "  end\n"
			     "  return needed, turn\n"
			     "end\n";

/* KEYS: of the scopes; ARGV: position, milliseconds to keep it, the write that is done */
#define TELL                                                                                                           \
	"local turn = ('%016d'):format(redis.call('INCR', 'told'))\n"                                                  \
	"for _, key in ipairs(KEYS) do\n"                                                                              \
	"  local at, position = redis.call('GET', key), ARGV[1]\n"                                                     \
	"  if at and at:sub(1, 24) > position then position = at:sub(1, 24) end\n"                                     \
	"  redis.call('SET', key, position .. turn, 'PX', ARGV[2])\n"                                                  \
	"end\n"                                                                                                        \
	"redis.call('ZREM', 'writes', ARGV[3])\n"                                                                      \
	"return 1\n"

/* ARGV: cursor of SCAN, the least that a replica has replayed; the next cursor. Keeps what was told beyond that for a day. */
#define SAVE                                                                                                           \
	"local found = redis.call('SCAN', ARGV[1], 'MATCH', 'at:*', 'COUNT', 10000)\n"                                 \
	"for _, key in ipairs(found[2]) do\n"                                                                          \
	"  if redis.call('PTTL', key) > 0 and redis.call('GETRANGE', key, 0, 23) > ARGV[2] then\n"                     \
	"    redis.call('EXPIRE', key, 86400)\n"                                                                       \
	"  end\n"                                                                                                      \
	"end\n"                                                                                                        \
	"return found[1]\n"

/* ARGV: run id, the primary's timeline, its position seen since the last look or "", a new epoch; 1 if both are as they should be now. One
 * of an older timeline would keep readers from all replicas of the new one. */
#define WATCH                                                                                                          \
	"if redis.call('ZREMRANGEBYSCORE', 'writes', '-inf', redis.call('TIME')[1] * 1000) > 0 then\n"                 \
	"  redis.call('DEL', 'at:cache')\n"                                                                            \
	"end\n"                                                                                                        \
	"local floor, cache = redis.call('GET', 'at:everything'), redis.call('EXISTS', 'at:cache')\n"                  \
	"local good = floor and floor:sub(26) == ARGV[1] and floor:sub(1, 8) >= ARGV[2]\n"                             \
	"if good and cache == 1 then return 1 end\n"                                                                   \
	"if ARGV[3] == '' then return 0 end\n"                                                                         \
	"if not good then redis.call('SET', 'at:everything', ARGV[3] .. ' ' .. ARGV[1]) end\n"                         \
	"redis.call('SET', 'at:cache', ARGV[3] .. ARGV[4])\n"                                                          \
	"return 1\n"

static struct redis_argument *
keys_of(struct request *req, const struct scopes *scopes, size_t more)
{
	struct redis_argument *keys = arena_alloc(req->arena, (scopes->count + more) * sizeof *keys);

	for (size_t i = 0; i < scopes->count; i++)
		keys[i] = redis_text(arena_printf(req->arena, "at:%s", scopes->names[i]));
	return keys;
}

size_t
freshness_keys(struct request *req, const struct scope_read *read, struct redis_argument **keys)
{
	struct scopes scopes = {0};

	scopes_add_reads(&scopes, req, read);
	*keys = keys_of(req, &scopes, 0);
	return scopes.count;
}

void
freshness_entered(struct request *req, const struct redisReply *newest)
{
	req->primary_only =
	    newest->type != REDIS_REPLY_STRING || !position_parse(newest->str, newest->len, &req->needed);
}

/* A write that began so long ago has been committed, or it is answered 503. */
long long
freshness_write_ms(void)
{
	return setting_database_connect_timeout_ms + setting_database_timeout_ms + setting_redis_timeout_ms;
}

static const char *
random_name(struct request *req, size_t bytes)
{
	unsigned char *random = arena_alloc(req->arena, bytes);
	char *name = arena_alloc(req->arena, 2 * bytes + 1);

	randombytes_buf(random, bytes);
	return sodium_bin2hex(name, 2 * bytes + 1, random, bytes);
}

const char *
freshness_write(struct request *req)
{
	req->changes = arena_alloc(req->arena, sizeof *req->changes);
	*req->changes = (struct change){.write = random_name(req, WRITE_NAME_BYTES),
	                                .lost = clock_monotonic() + freshness_write_ms() * 1000};
	return req->changes->write;
}

void
freshness_changed(struct request *req, const struct query *query, const char *const values[], const struct rows *rows)
{
	if (req->changes == NULL) {
		req->changes = arena_alloc(req->arena, sizeof *req->changes);
		*req->changes = (struct change){.write = ""};
	}
	scopes_add_changes(&req->changes->scopes, req, query, values, rows);
}

/* Longer than any answer in the cache that it makes stale, which may be made until its request is ended, and than a replica in rotation
 * lags. */
static long long
keep_ms(void)
{
	long longest = setting_cache_seconds > setting_cache_missing_seconds ? setting_cache_seconds
	                                                                     : setting_cache_missing_seconds;

	return longest * 1100LL + CACHE_GRACE_MS + setting_replica_lag_max_ms + setting_request_timeout_ms + MARGIN_MS;
}

static bool
tell(struct request *req, const struct change *change)
{
	static struct redis_script script = {.name = "tell", .text = TELL};
	char position[POSITION_LENGTH + 1];
	const size_t count = change->scopes.count;
	struct redis_argument *arguments = keys_of(req, &change->scopes, 4);
	size_t keys = count;

	if (req->user != NULL)
		arguments[keys++] = redis_text(arena_printf(req->arena, "at:user:%lld", (long long)req->user->id));
	position_format(req->written, position);
	arguments[keys] = redis_text(position);
	arguments[keys + 1] = redis_number(req, keep_ms());
	arguments[keys + 2] = redis_text(change->write);
	return redis_run(req, &script, keys, arguments, keys + 3) != NULL;
}

/* Nothing was written: nobody needs to be told, and nobody waits for this. */
static void
forget(struct request *req, const struct change *change)
{
	const struct redis_argument arguments[] = {redis_text("ZREM"), redis_text("writes"), redis_text(change->write)};

	redis_tell(req, &(struct redis_ask){.server = REDIS_MAIN, .arguments = arguments, .count = 3});
}

void
freshness_unknown(struct request *req)
{
	if (req->changes != NULL)
		req->changes->unknown = true;
}

/* The cache is left alone once the write counts as lost, which Redis may have begun to count a little later. Replicas catch up or leave
 * the rotation; one that joins it after the longest lag has caught up as well. */
static bool
wait_until_harmless(struct request *req, const struct change *change)
{
	int64_t began = clock_monotonic(), lost = change->lost + setting_redis_timeout_ms * 1000;
	int64_t caught_up = began + setting_replica_lag_max_ms * 1000;
	int64_t last = req->arrived + setting_request_timeout_ms * 1000 - SPARE_US;
	bool in_time = began < change->lost, harmless = false;

	for (int64_t now = began; in_time && !harmless && now < last; now = clock_monotonic()) {
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
		harmless = now > lost && nodes_all_replayed(req->written, now < caught_up);
	}
	log_warning("a write could not be told", LOG_TEXT("id", request_id(req)),
	            LOG_TEXT("outcome", harmless ? "waited" : "given up"),
	            LOG_MILLISECONDS("ms", clock_monotonic() - began));
	return harmless;
}

bool
freshness_tell(struct request *req)
{
	const struct change *change = req->changes;

	req->changes = NULL;
	if (change == NULL)
		return true;
	if (change->scopes.count > 0)
		return tell(req, change) || wait_until_harmless(req, change);
	if (*change->write != '\0' && !change->unknown)
		forget(req, change);
	return true;
}

/* While the primary is away: looks through a part of all keys each time, until it has seen them all. */
static void
save_what_replicas_lack(struct request *req, bool away)
{
	static struct redis_script script = {.name = "save", .text = SAVE};
	static char cursor[24] = "0";
	static bool done;
	struct position least = {UINT32_MAX, UINT64_MAX};
	char position[POSITION_LENGTH + 1];
	const struct redisReply *next;

	if (!away) {
		done = false;
		snprintf(cursor, sizeof cursor, "0");
		return;
	}
	for (size_t i = 0; i < nodes_count(NODES_REPLICAS); i++) {
		struct node_state state = nodes_state(NODES_REPLICAS, i);

		if (state.in_rotation && position_compare(state.position, least) < 0)
			least = state.position;
	}
	if (done || least.timeline == UINT32_MAX)
		return;
	position_format(least, position);

	const struct redis_argument arguments[] = {redis_text(cursor), redis_text(position)};

	next = redis_run(req, &script, 0, arguments, 2);
	if (next == NULL || next->type != REDIS_REPLY_STRING)
		return;
	snprintf(cursor, sizeof cursor, "%s", next->str);
	done = strcmp(cursor, "0") == 0;
}

void
freshness_watch(struct request *req)
{
	static struct redis_script script = {.name = "watch", .text = WATCH};
	static int64_t missed = INT64_MAX; /* since when one of them is known not to be there */

	redis_watch(req);

	const struct primary_state primary = nodes_primary();
	const char *run = arena_printf(req->arena, "%s", redis_run_id(req));
	const char *epoch = random_name(req, TURN_LENGTH / 2);
	char timeline[TIMELINE_DIGITS + 1], position[POSITION_LENGTH + 1];
	const struct redisReply *reply;
	int64_t now = clock_monotonic();

	position_format(primary.position, position);
	snprintf(timeline, sizeof timeline, "%.*s", TIMELINE_DIGITS, position);

	const struct redis_argument arguments[] = {
	    redis_text(run), redis_text(timeline),
	    redis_text(primary.host >= 0 && primary.seen > missed ? position : ""), redis_text(epoch)};

	reply = *run != '\0' ? redis_run(req, &script, 0, arguments, 4) : NULL;
	if (reply == NULL || reply->integer == 1)
		missed = INT64_MAX;
	else if (missed == INT64_MAX)
		missed = now;
	if (reply != NULL)
		save_what_replicas_lack(req, primary.host < 0);
}
