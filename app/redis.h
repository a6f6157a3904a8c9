/* Redis: one connection per worker and server, scripts by their hash, bounded waits, and recovery without a restart.
 *
 * Where the sentinels of a master are given instead of an address, they are asked whenever a connection is made: one that was lost, or
 * that led to a master which is one no more. A server that fails is left alone for a while, see breaker.h.
 */
#ifndef QUIRE_REDIS_H
#define QUIRE_REDIS_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>

#include "redis_link.h"
#include "request.h"

enum redis_server {
	REDIS_MAIN,  /* QUIRE_REDIS: where nothing is evicted */
	REDIS_CACHE, /* QUIRE_REDIS_CACHE; the same as REDIS_MAIN, over the same connection, when that is empty */
	REDIS_SERVERS,
};

/* A Lua script. Loaded on first use and again when Redis has forgotten it. */
struct redis_script {
	const char *name;
	const char *text;
	char hash[41]; /* SHA-1 in hex, filled on first use; "" before */
};

/* One thing to ask. */
struct redis_ask {
	enum redis_server server;
	struct redis_script *script; /* NULL: the arguments are a plain command */
	size_t keys;                 /* the first `keys` of the arguments are the script's KEYS, the others its ARGV */
	const struct redis_argument *arguments;
	size_t count;
	redisReply *reply; /* out: NULL when it could not be asked, or for an error reply, which is logged */
};

#define REDIS_ASKS_MAX 16 /* at once */

/* Asks several things at once, in their order on each server: all are sent before a reply is awaited, which is one round trip, and all
 * are awaited no longer than QUIRE_REDIS_TIMEOUT_MS together. The replies live as long as the request. What a server has not answered
 * because it closed an idle connection, forgot a script, or is a master no more, is asked once again. */
void redis_ask(struct request *req, struct redis_ask *asks, size_t count);

/* Sends without waiting for a reply, which is dropped when the connection is next used: for what may get lost. Nothing is sent when
 * there is no connection; one that does not take it within a moment is given up. */
void redis_tell(struct request *req, const struct redis_ask *ask);

/* One plain command, one script on the main server; as redis_ask. */
redisReply *redis_command(struct request *req, const struct redis_argument *arguments, size_t count);
redisReply *redis_run(struct request *req, struct redis_script *script, size_t keys,
                      const struct redis_argument *arguments, size_t count);

/* The run id (40 digits) of the main server that the connection leads to, which is made if need be: a server that was started again has
 * another. It holds until the next call of this header. "" when there is none to reach. */
const char *redis_run_id(struct request *req);

/* Asks a server whether it answers, whatever its breaker says; closes that if so. */
bool redis_ready(struct request *req, enum redis_server server);

/* Asks the servers that are being left alone, a few times a second: they are used again as soon as they answer. For the monitor. */
void redis_watch(struct request *req);

/* Formats a script's text, which lives as long as the process: from a library of functions, constants, and what uses them. */
const char *redis_script_text(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* An argument from a number; redis_text() makes one from a text. */
struct redis_argument redis_number(struct request *req, long long value);

/* Closes the connections. */
void redis_close(void);

#endif
