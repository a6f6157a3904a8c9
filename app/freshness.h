/* Nobody reads the past: which replica may answer, and what a write leaves behind for readers.
 *
 * After a write is committed, and before it is answered, its position in PostgreSQL's log is kept in Redis for each scope that it
 * changed (a tombstone) and for the user who wrote. A request finds these with its session, in the one round trip that it makes anyway, and
 * reads from a replica that has replayed the newest of them, else from the primary. See scopes.h for what scopes are. The keys:
 *   at:<scope>      "<position><turn>"; outlives every answer in the cache and every lag allowed to a replica
 *   told            the turns: how often anybody has told of a write
 *   at:everything   "<position> <Redis's run id>": who reads needs at least this. When it is not there or names another run, Redis has
 *                   come back empty or was promoted, and tombstones may be missing: reads go to the primary until the monitor, having
 *                   seen what the primary has since then, sets it
 *   writes          the writes under way, by the time in milliseconds at which they will surely have been committed: one that is still
 *                   there then may be without its tombstones, and at:cache is deleted
 *   at:cache        "<position><epoch>": answers in the cache count only if they are of this epoch, and are made from at least this
 *                   position. While it is not there the cache is not used; the monitor sets it as it sets at:everything
 *
 * An answer that is made for the cache is marked with the epoch and the turn at which its request came: it shows whatever was told by
 * then. It counts as long as the epoch is the same and no scope of its route has a later turn.
 *
 * While the primary is away replicas do not catch up, however long that takes: what they lack is kept for a day then.
 *
 * After GitLab's load balancing (sticking to the primary by WAL position) and "Scaling Memcache at Facebook" (NSDI 2013: leases, remote
 * markers). The writes under way make up for tombstones that cannot be written.
 */
#ifndef QUIRE_FRESHNESS_H
#define QUIRE_FRESHNESS_H

#include "database.h"
#include "redis.h"
#include "request.h"
#include "scopes.h"

/* Lua for entrance.c:
 *   newest(run, session, first, last)  the position that a reader needs of the scopes whose keys are KEYS[first] to KEYS[last], false
 *                                      when nobody knows; and the latest of their turns
 *   open_cache()                       what at:cache says: position and epoch; false: the cache is not to be used
 *   begin_write(name, milliseconds)    adds to the writes under way */
extern const char freshness_lua[];

#define TURN_LENGTH 16 /* of its text; an epoch's is as long */

/* The keys of the scopes that the request reads, in its arena. */
size_t freshness_keys(struct request *req, const struct scope_read *read, struct redis_argument **keys);

/* Takes what newest() said: a replica may be read from. */
void freshness_entered(struct request *req, const struct redisReply *newest);

/* The name of this write, for begin_write; and how long it may be under way. */
const char *freshness_write(struct request *req);
long long freshness_write_ms(void);

/* Called by database.c when a write query has been committed, with what it was given and returned: notes the scopes that it changed. */
void freshness_changed(struct request *req, const struct query *query, const char *const values[],
                       const struct rows *rows);

/* What became of a write that was sent is not known: it may show up later, without having been told. */
void freshness_unknown(struct request *req);

/* Tells everybody what the request has changed, before it is answered. When Redis cannot be told, waits until no replica
 * in rotation shows anything older, and the cache will not either. Does not fail; false: it took too long, nobody may be told of success. */
bool freshness_tell(struct request *req);

/* A look at Redis by the monitor, a few times a second: sees to it that at:everything and at:cache are there. Does not fail. */
void freshness_watch(struct request *req);

#endif
