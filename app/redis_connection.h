/* The way to a Redis server: found, connected and introduced. redis.c asks over it. */
#ifndef QUIRE_REDIS_CONNECTION_H
#define QUIRE_REDIS_CONNECTION_H

#include "redis_link.h"

#define REDIS_RUN_ID_LENGTH 40

struct redis_connection {
	struct redis_link link;
	bool by_sentinel;                     /* sentinels said where the master is */
	size_t sentinel;                      /* which of them is asked first */
	char run_id[REDIS_RUN_ID_LENGTH + 1]; /* of the server that the link leads to */
};

/* Connects to what `setting` names (see redis_address.h) until the deadline; link.error says why not. */
bool redis_connect(struct redis_connection *connection, const char *setting, struct arena *arena, int64_t deadline);

#endif
