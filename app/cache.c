#include "cache.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buffer.h"
#include "clock.h"
#include "freshness.h"
#include "input.h"
#include "settings.h"
#include "urlencoded.h"

/* A value that a client chose stands in the key up to this length, and as its hash beyond. */
#define VALUE_MAX_BYTES 100

#define MARK_LENGTH ((size_t)2 * TURN_LENGTH) /* of epoch and turn */

#define PAUSE_FIRST_MS 2
#define PAUSE_LAST_MS  20

struct cached {
	const char *key;
	const char *name;   /* of this request, for its lock */
	const char *oldest; /* the mark that an entry must have at least */
	const char *mark;   /* of the entry that this request makes */
	const char *entry;  /* NULL: there is none that counts */
	size_t entry_length;
	bool open; /* the cache may be used */
	bool make; /* this request makes the answer */
	int64_t began;
};

const char cache_lua[] =
    "local function lookup(key, oldest, now, luck, milliseconds, name)\n"
    "  local entry = call('GET', key)\n"
    "  if entry and (entry:sub(1, 16) ~= oldest:sub(1, 16) or entry:sub(17, 32) < oldest:sub(17)) "
    "then entry = false end\n"
    "  if entry then\n"
    "    local took, old = entry:match('^%x+ (%d+) (%d+)')\n"
    "    if now + took * luck < tonumber(old) then return entry, 0 end\n"
    "  end\n"
    "  if call('SET', 'lock:' .. key, name, 'NX', 'PX', milliseconds) then return false, 1 end\n"
    "  if not entry and call('GET', 'lock:' .. key) == name then return false, 1 end\n" /* it asks once more */
    "  return entry, 0\n"
    "end\n";

/* KEYS: key; ARGV: the oldest mark, now, luck, milliseconds of the lock, the name of who asks */
#define LOOKUP                                                                                                         \
	"local call = redis.call\n%s"                                                                                  \
	"return {lookup(KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5])}\n"

/* KEYS: lock, and key if there is an entry to keep; ARGV: the name of who made it, the entry, milliseconds to keep it. An entry with a later
 * mark stays, and so does the lock of somebody else. */
#define KEEP                                                                                                           \
	"if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end\n"                               \
	"if not KEYS[2] then return 0 end\n"                                                                           \
	"local old, new = redis.call('GETRANGE', KEYS[2], 0, 31), ARGV[2]:sub(1, 32)\n"                                \
	"if old:sub(1, 16) == new:sub(1, 16) and old > new then return 0 end\n"                                        \
	"redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])\n"                                                         \
	"return 1\n"

bool
cache_apart(void)
{
	return setting_redis_cache[0] != '\0';
}

static void
add_value(struct buffer *key, struct request *req, const char *value)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char text[2 * sizeof hash + 1];

	if (value == NULL) {
		buffer_add_text(key, ":");
	} else if (strlen(value) <= VALUE_MAX_BYTES) {
		buffer_printf(key, ":=%s", percent_encode(req->arena, value));
	} else {
		crypto_generichash(hash, sizeof hash, (const unsigned char *)value, strlen(value), NULL, 0);
		sodium_bin2hex(text, sizeof text, hash, sizeof hash);
		buffer_printf(key, ":#%s", text);
	}
}

/* As it came: an empty one is not one that is absent. */
static const char *
value_of(struct request *req, const char *name)
{
	const char *value = request_path_value(req, name);

	return value != NULL ? value : query_value(req, name);
}

static const char *
key_of(struct request *req, const struct scope_read *read)
{
	struct buffer key = buffer_in(req->arena);

	buffer_printf(&key, "cache:%s:%s", QUIRE_VERSION, req->route->handler_name);
	for (const char *name = read->parameters; *name != '\0';) {
		size_t length = strcspn(name, " ");

		add_value(&key, req, value_of(req, arena_copy(req->arena, name, length)));
		name += length + strspn(name + length, " ");
	}
	buffer_add_byte(&key, '\0');
	return key.data;
}

struct cached *
cache_begin(struct request *req, const struct scope_read *read)
{
	if (read->kept_for == NOBODY || setting_cache_seconds == 0)
		return NULL;
	req->cached = arena_alloc(req->arena, sizeof *req->cached);
	*req->cached = (struct cached){
	    .key = key_of(req, read),
	    .name = arena_printf(req->arena, "%08x%08x", randombytes_random(), randombytes_random()),
	};
	return req->cached;
}

const char *
cache_key(const struct cached *cached)
{
	return cached->key;
}

const char *
cache_name(const struct cached *cached)
{
	return cached->name;
}

const char *
cache_luck(struct request *req)
{
	double chance = ((double)randombytes_random() + 1) / ((double)UINT32_MAX + 1);

	return arena_printf(req->arena, "%.3f", -log(chance));
}

static void
take(struct request *req, const redisReply *entry, const redisReply *make)
{
	struct cached *cached = req->cached;

	cached->entry = entry->type == REDIS_REPLY_STRING ? entry->str : NULL;
	cached->entry_length = entry->len;
	cached->make = make->integer == 1;
	if (cached->make)
		cached->began = clock_monotonic();
}

/* Asks for the entry, or for the right to make it. */
static void
look(struct request *req)
{
	static struct redis_script script = {.name = "lookup"};
	struct cached *cached = req->cached;
	struct redis_argument arguments[] = {
	    redis_text(cached->key),
	    redis_text(cached->oldest),
	    redis_number(req, clock_now() / 1000),
	    redis_text(cache_luck(req)),
	    redis_number(req, setting_cache_wait_ms),
	    redis_text(cached->name),
	};
	struct redis_ask ask = {
	    .server = REDIS_CACHE, .script = &script, .keys = 1, .arguments = arguments, .count = 6};

	if (script.text == NULL)
		script.text = redis_script_text(LOOKUP, cache_lua);
	redis_ask(req, &ask, 1);
	if (ask.reply == NULL)
		cached->open = false;
	else
		take(req, ask.reply->element[0], ask.reply->element[1]);
}

void
cache_open(struct request *req, const redisReply *oldest, const redisReply *mark)
{
	req->cached->open = true;
	req->cached->oldest = oldest->str;
	req->cached->mark = mark->str;
}

void
cache_found(struct request *req, const redisReply *entry, const redisReply *make)
{
	take(req, entry, make);
}

/* Does it count, and is it not old for this request? What lookup() says in Lua. */
static bool
counts(const redisReply *entry, const char *oldest, const char *luck)
{
	char *rest;
	long took;
	long long old;

	if (entry == NULL || entry->type != REDIS_REPLY_STRING || entry->len < MARK_LENGTH ||
	    memcmp(entry->str, oldest, TURN_LENGTH) != 0 ||
	    memcmp(entry->str + TURN_LENGTH, oldest + TURN_LENGTH, TURN_LENGTH) < 0)
		return false;
	took = strtol(entry->str + MARK_LENGTH, &rest, 10);
	old = strtoll(rest, NULL, 10);
	return (double)clock_now() / 1000 + (double)took * strtod(luck, NULL) < (double)old;
}

void
cache_found_apart(struct request *req, const redisReply *entry)
{
	if (counts(entry, req->cached->oldest, cache_luck(req)))
		take(req, entry, &(redisReply){0});
	else
		look(req);
}

void
cache_wait(struct request *req)
{
	const struct cached *cached = req->cached;
	int64_t deadline = clock_monotonic() + setting_cache_wait_ms * 1000;
	long pause = PAUSE_FIRST_MS;

	while (cached != NULL && cached->open && cached->entry == NULL && !cached->make &&
	       clock_monotonic() < deadline) {
		nanosleep(&(struct timespec){.tv_nsec = pause * 1000000}, NULL);
		pause = pause * 2 < PAUSE_LAST_MS ? pause * 2 : PAUSE_LAST_MS;
		look(req);
	}
}

/* Reads the headers of an entry into the answer; gives what follows them. */
static const char *
read_headers(struct request *req, struct response *res, const char *at)
{
	while (*at != '\n' && *at != '\0') {
		size_t line = strcspn(at, "\n"), name = strcspn(at, ":");

		response_header(res, arena_copy(req->arena, at, name),
		                arena_copy(req->arena, at + name + 2, line - name - 2));
		at += line + 1;
	}
	return at + 1;
}

bool
cache_answer(struct request *req, struct response *res)
{
	const struct cached *cached = req->cached;
	const char *body;
	char *at;

	if (cached == NULL || !cached->open || cached->entry == NULL)
		return false;
	strtoll(cached->entry + MARK_LENGTH, &at, 10);
	strtoll(at, &at, 10);
	res->status = (enum http_status)strtol(at, &at, 10);
	body = read_headers(req, res, at + 1);
	res->content_type = response_header_value(res, "Content-Type");
	buffer_add(&res->body, body, (size_t)(cached->entry + cached->entry_length - body));
	req->cache_hit = true;
	return true;
}

/* May what was answered be kept, and for how many seconds? */
static long
seconds_to_keep(const struct response *res)
{
	if (res->body.length > (size_t)setting_cache_answer_max)
		return 0;
	if (res->status == HTTP_NOT_FOUND)
		return setting_cache_missing_seconds;
	return res->status == HTTP_OK ? setting_cache_seconds : 0;
}

/* Lives are up to a tenth longer or shorter, so that what was made at once is not old at once. */
static long long
jitter(long seconds)
{
	return seconds * 900LL + randombytes_uniform((uint32_t)seconds * 200 + 1);
}

static void
write_entry(const struct request *req, const struct response *res, long long life, struct buffer *entry)
{
	long long took = (clock_monotonic() - req->cached->began) / 1000;

	buffer_printf(entry, "%s %lld %lld %d\n", req->cached->mark, took > 0 ? took : 1, clock_now() / 1000 + life,
	              res->status);
	for (size_t i = 0; i < res->headers_count; i++)
		buffer_printf(entry, "%s: %s\n", res->headers[i].name, res->headers[i].value);
	buffer_add_byte(entry, '\n');
	buffer_add(entry, res->body.data, res->body.length);
}

void
cache_keep(struct request *req, struct response *res)
{
	static struct redis_script script = {.name = "keep", .text = KEEP};
	const struct cached *cached = req->cached;
	struct buffer entry = buffer_in(req->arena);
	struct redis_argument arguments[5];
	size_t count = 0;
	long seconds;

	if (cached == NULL || !cached->make)
		return;
	seconds = seconds_to_keep(res);
	arguments[count++] = redis_text(arena_printf(req->arena, "lock:%s", cached->key));
	if (seconds == 0) {
		arguments[count++] = redis_text(cached->name);
	} else {
		long long life = jitter(seconds);

		response_header(res, "Content-Type", res->content_type);
		if (res->status == HTTP_OK)
			response_tag(res);
		write_entry(req, res, life, &entry);
		arguments[count++] = redis_text(cached->key);
		arguments[count++] = redis_text(cached->name);
		arguments[count++] = (struct redis_argument){entry.data, entry.length};
		arguments[count++] = redis_number(req, life + CACHE_GRACE_MS);
	}
	redis_tell(req, &(struct redis_ask){.server = REDIS_CACHE,
	                                    .script = &script,
	                                    .keys = seconds == 0 ? 1 : 2,
	                                    .arguments = arguments,
	                                    .count = count});
}
