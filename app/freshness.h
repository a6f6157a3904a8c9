/* Nobody reads the past: which replica may answer, and what a write makes stale.
 *
 * What is read and written falls into scopes, such as "article:a-slug" or "tag:c". After a write is committed, and before it is answered,
 * its position in PostgreSQL's log is kept in Redis for each scope that it changed (a tombstone) and for the user who wrote. A request
 * finds these with its session, in the one round trip that it makes anyway, and reads from a replica that has replayed the newest of
 * them, else from the primary. handlers/scopes.def says which route reads and which query changes which scopes.
 *
 * The idea is GitLab's (database load balancing: sticking by WAL position) and that of "Scaling Memcache at Facebook" (NSDI 2013:
 * remote markers).
 */
#ifndef QUIRE_FRESHNESS_H
#define QUIRE_FRESHNESS_H

#include "database.h"
#include "request.h"

/* Called by database.c when a write query has been committed, with what it was given and returned: notes the scopes that it changed. */
void freshness_changed(struct request *req, const struct query *query, const char *const values[],
                       const struct rows *rows);

/* One look at Redis by the monitor, a few times a second: sees to it that the scope of everything is there. */
void freshness_watch(struct request *req);

#endif
