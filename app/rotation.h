/* What the monitor makes of the servers' answers: which one is the primary, and which replicas are in rotation.
 *
 * Lag is a time. The primary's positions of the last while are remembered with the moments at which it had them; a replica lags by the time
 * since the primary had what the replica has replayed. So a primary that nobody writes to leaves no replica behind. While the primary is
 * away no time passes: a replica stays if it was near enough then. Nothing here asks or logs; monitor.c does.
 */
#ifndef QUIRE_ROTATION_H
#define QUIRE_ROTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nodes.h"

#define HISTORY_MAX 256

/* The primary's positions, oldest first, each with the time when it was last seen there: a ring. */
struct history {
	struct {
		struct position position;
		int64_t from, until; /* clock_monotonic() */
	} entry[HISTORY_MAX];
	size_t first, count;
};

/* Notes where the primary is. What is closer together than `spacing` microseconds is one entry. */
void history_add(struct history *history, struct position position, int64_t now, int64_t spacing);

/* How long ago the primary had what a replica has replayed: 0 if it has all, NODE_LAG_UNKNOWN if that is longer ago than is remembered. */
int64_t history_lag(const struct history *history, struct position replayed, int64_t now);

/* A server's answer to the probe of sql/database.sql. */
struct probe_answer {
	bool recovering;
	uint64_t offset;   /* replayed by a standby, reached by a writable server */
	uint64_t received; /* by a standby */
	uint32_t timeline; /* of a writable server */
	uint32_t receiver_timeline, checkpoint_timeline;
	int64_t started; /* the server, in its own time */
};

/* One server as the monitor knows it. */
struct watched {
	bool asked; /* it has answered, or failed to */
	struct node_state state;
	uint64_t received;
	int64_t started;
	uint32_t certain_timeline; /* it has replayed a part of that one; of the same start of the server */
};

struct rotation {
	size_t count[NODE_LISTS];
	struct watched node[NODE_LISTS][NODES_MAX];
	struct primary_state primary;
	struct position
	    first; /* where the primary of now was when it was found: all of its timeline that matters comes after */
	struct history history;
	int64_t lag_max; /* microseconds */
};

/* Begins with nothing known. The lag is in microseconds. */
void rotation_init(struct rotation *rotation, size_t hosts, size_t replicas, int64_t lag_max);

/* A server answered, or failed to. */
void rotation_answer(struct rotation *rotation, enum node_list list, size_t index, const struct probe_answer *answer,
                     int64_t now);
void rotation_away(struct rotation *rotation, enum node_list list, size_t index);

/* Chooses the primary among the hosts: the one that is not in recovery, of the highest timeline. */
void rotation_choose_primary(struct rotation *rotation);

/* Decides of each replica whether it is in rotation. */
void rotation_judge(struct rotation *rotation);

/* Is something known of every server? */
bool rotation_complete(const struct rotation *rotation);

#endif
