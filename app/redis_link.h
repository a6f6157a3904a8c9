/* One connection to a Redis server or a sentinel: commands are sent and replies awaited until a deadline and never longer.
 *
 * hiredis connects and parses. Its own reading is not used: its time-out starts anew with each part of a reply.
 * After a failure the connection is closed, so that no reply is ever taken for that of another command.
 */
#ifndef QUIRE_REDIS_LINK_H
#define QUIRE_REDIS_LINK_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "redis_address.h"

#define REDIS_ERROR_SIZE 128

struct redis_argument {
	const char *data;
	size_t length;
};

/* An argument of a string literal, of a text. */
#define REDIS_WORD(literal) ((struct redis_argument){literal, sizeof literal - 1})
struct redis_argument redis_text(const char *text);

/* How long to wait for everything that is asked at once. */
struct redis_patience {
	int64_t deadline; /* clock_monotonic() */
	bool whole; /* all of QUIRE_REDIS_TIMEOUT_MS is left: the first read may wait so long, which saves a poll() */
};

struct redis_link {
	redisContext *context;        /* NULL: not connected */
	bool ended;                   /* it was closed because the server had closed it */
	char error[REDIS_ERROR_SIZE]; /* why it was closed, or could not be opened */
};

/* Adds a command to what is to be sent: so many words, each of them, or all at once. */
void redis_format_start(struct buffer *out, size_t count);
void redis_format_word(struct buffer *out, struct redis_argument word);
void redis_format(struct buffer *out, const struct redis_argument *words, size_t count);

/* Connects, sends all of the bytes: false, and the connection is closed with an error, when that fails or takes too long. */
bool redis_link_open(struct redis_link *link, const struct redis_host *host, int64_t deadline);
bool redis_link_send(struct redis_link *link, const char *bytes, size_t length, struct redis_patience *patience);

/* The next reply, which is the caller's to free; NULL when none came in time. */
redisReply *redis_link_receive(struct redis_link *link, struct redis_patience *patience);

void redis_link_close(struct redis_link *link, const char *error);

#endif
