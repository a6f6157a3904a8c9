/* Redis: one connection per worker, scripts by their hash, a bounded wait, and no retry storm when it is away. */
#ifndef QUIRE_REDIS_H
#define QUIRE_REDIS_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>

#include "request.h"

/* A Lua script. Loaded on first use and again when Redis has forgotten it. */
struct redis_script {
	const char *name;
	const char *text;
	char hash[41]; /* SHA-1 in hex, filled on first use; "" before */
};

struct redis_argument {
	const char *data;
	size_t length;
};

/* Runs one command of `count` arguments in one round trip. The reply lives as long as the request. NULL when Redis could not be
 * asked (not reachable, too slow, or it failed a moment ago); an error reply is logged and NULL too. */
struct redisReply *redis_command(struct request *req, const struct redis_argument *arguments, size_t count);

/* Runs a script: the first `keys` of the arguments are its KEYS, the others its ARGV. As redis_command. */
struct redisReply *redis_run(struct request *req, struct redis_script *script, size_t keys,
                             const struct redis_argument *arguments, size_t count);

/* Formats a script's text, which lives as long as the process: from a library of functions, constants, and what uses them. */
const char *redis_script_text(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* An argument from a text, from a number. */
struct redis_argument redis_text(const char *text);
struct redis_argument redis_number(struct request *req, long long value);

bool redis_ready(struct request *req);
void redis_close(void);

#endif
