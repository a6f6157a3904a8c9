/* The PostgreSQL servers as all processes of a pool see them: which one is the primary, and which replicas may be read from.
 *
 * The monitor (monitor.h) asks every server a few times a second and writes here; workers only look, so choosing a server is no trip.
 * There are two lists: the hosts of QUIRE_DATABASE_PRIMARY, one of which is the primary, and the replicas of QUIRE_DATABASE_REPLICAS.
 * Nothing here takes a lock, and a monitor that dies while it writes harms nobody.
 *
 * A replica is in rotation while it answers, is in recovery and does not lag more than QUIRE_REPLICA_LAG_MAX_MS (see rotation.h). It may be
 * read from while it is in rotation and no worker has met a failure on it since the monitor's last success.
 */
#ifndef QUIRE_NODES_H
#define QUIRE_NODES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "position.h"

#define NODES_MAX 16 /* of each list */

enum node_list { NODES_PRIMARY, NODES_REPLICAS, NODE_LISTS };

/* What the monitor found a server to be. */
enum node_role {
	NODE_UNKNOWN, /* not asked yet */
	NODE_AWAY,    /* cannot be reached, or does not answer in time */
	NODE_STANDBY, /* in recovery */
	NODE_WRITABLE,
};

#define NODE_LAG_UNKNOWN INT64_MAX

struct node_state {
	enum node_role role;
	bool in_rotation; /* of a replica */
	struct position
	    position; /* replayed by a standby; what a writable server has, see sql/database.sql. Stays when it is away */
	int64_t lag;  /* microseconds behind the primary, or NODE_LAG_UNKNOWN */
	int64_t seen; /* clock_monotonic() when it answered last */
};

/* Of all of them: what is known of the primary. */
struct primary_state {
	int host; /* its index in NODES_PRIMARY, -1 while there is none */
	/* the last one that was seen of any primary; nowhere if none was */
	struct position position;
	int64_t seen; /* when it was seen: clock_monotonic() */
};

/* Two copies and a counter: the one writer fills the copy that nobody reads and then counts on; who reads looks at the counter before and
 * after, and reads again if it was overtaken. So nothing is torn, nobody waits, and a writer that dies midway leaves the old copy. */
#define NODE_WORDS 6

struct node_cell {
	_Atomic uint64_t version;
	_Atomic uint64_t copy[2][NODE_WORDS];
};

struct node_record {
	struct node_cell state;
	_Atomic int64_t suspected; /* when a worker met a failure; 0: it is not suspected */
	_Atomic int64_t missed;    /* when it had not replayed what a worker hoped it had */
};

struct nodes {
	_Atomic int64_t watched; /* clock_monotonic() of the monitor's last round; 0 before its first */
	_Atomic uint32_t count[NODE_LISTS];
	struct node_cell primary;
	struct node_record node[NODE_LISTS][NODES_MAX];
};

/* Is there a monitor that is alive? Without one nothing else here says anything: reads and writes go to whichever host of
 * QUIRE_DATABASE_PRIMARY accepts them. */
bool nodes_watched(void);

struct node_state nodes_state(enum node_list list, size_t index);
struct primary_state nodes_primary(void);
size_t nodes_count(enum node_list list);

/* The newest position that was seen of the primary, and its age in microseconds: all that was committed (synchronously, which is
 * PostgreSQL's default) before that moment is not newer. False if none was seen. */
bool nodes_primary_position(struct position *position, int64_t *age);

/* Has every replica that is in rotation replayed `position`; with `any`, every replica there is? */
bool nodes_all_replayed(struct position position, bool any);

struct replica_choice {
	int index;                /* -1: none */
	bool certain;             /* it has replayed what is needed; else it is worth asking whether it has */
	struct position position; /* what it was seen to have replayed */
};

/* The replica that the worker of `slot` reads from, if it is to have replayed `needed`; none whose bit is set in `tried`. Workers are
 * spread evenly. One keeps its replica while that may be read from; else those that lost theirs spread over the others, and come back
 * with it. With `stay`, which says that there is a primary to ask, a replica is given on mere hope only if none was tried. */
struct replica_choice nodes_choose(size_t slot, struct position needed, uint32_t tried, bool stay);

/* May this replica, or any, be read from? */
bool nodes_may_be_read(size_t replica);
bool nodes_any_replica(void);

/* A worker met a failure on a replica: nobody reads from it until the monitor has seen it answer again. True for the first who says so. */
bool nodes_suspect(size_t index);

/* The replica had not replayed what it was hoped to have: it is not asked again on mere hope for a moment. */
void nodes_missed(size_t index);

/* Does the monitor say that the server cannot be reached? Who waits for its answer may give up. `index` -1 is the primary, whichever
 * it is. */
bool nodes_is_away(enum node_list list, int index);

/* For the master: so many there are of each list. */
void nodes_open(struct nodes *nodes, const size_t count[NODE_LISTS]);

/* For the monitor. nodes_answered() ends suspicion that is older than the question, nodes_round() is a sign of life. */
void nodes_publish(enum node_list list, size_t index, const struct node_state *state);
void nodes_publish_primary(const struct primary_state *state);
void nodes_answered(size_t replica, int64_t asked);
void nodes_round(int64_t now);

/* "away", "standby", "primary" or "unknown". */
const char *node_role_name(enum node_role role);

#endif
