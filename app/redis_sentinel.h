/* Redis Sentinel: who the master is (Redis' "Guidelines for Redis clients with support for Redis Sentinel"). */
#ifndef QUIRE_REDIS_SENTINEL_H
#define QUIRE_REDIS_SENTINEL_H

#include "redis_link.h"

/* Asks the sentinels of an address in turn, beginning with that of index *first, which becomes the one that answered. Each has an equal
 * share of the time. False, with `error` why, when none tells of a master. */
bool redis_sentinel_ask(const struct redis_address *address, size_t *first, int64_t deadline, struct arena *arena,
                        struct redis_host *master, char error[REDIS_ERROR_SIZE]);

/* Is the reply to ROLE that of a master? */
bool redis_is_master(const redisReply *role);

#endif
