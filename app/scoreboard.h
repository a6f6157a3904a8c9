/* What every process of a pool may look at: one shared mapping, made before the workers are forked.
 *
 * A worker writes its own slot and nothing else, so there is no lock on the request path. The master reads the slots to
 * find workers that are stuck and to say what one was serving when it died; /statusz prints them.
 */
#ifndef QUIRE_SCOREBOARD_H
#define QUIRE_SCOREBOARD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "breaker.h"
#include "nodes.h"

enum stage {
	STAGE_NONE, /* no worker in this slot */
	STAGE_IDLE,
	STAGE_READING, /* a request is arriving */
	STAGE_HANDLING,
	STAGE_WRITING,
};

/* What the pool depends on. */
enum dependency { DEPENDENCY_REDIS, DEPENDENCY_REDIS_CACHE, DEPENDENCY_PRIMARY, DEPENDENCIES };

#define SCOREBOARD_ROUTES_MAX 128
#define SCOREBOARD_NO_ROUTE   (SCOREBOARD_ROUTES_MAX - 1) /* requests that matched none */
#define SCOREBOARD_PATH_SIZE  120
#define HISTOGRAM_BUCKETS     24 /* bucket n counts answers below 2^n * 16 microseconds, the last one all slower ones */
#define PASSWORD_SLOTS_MAX    64

struct route_counters {
	_Atomic uint64_t requests;
	_Atomic uint64_t server_errors; /* answers of 500 and above */
	_Atomic uint64_t database_trips;
	_Atomic uint64_t replica_trips; /* of those */
	_Atomic uint64_t redis_trips;
	_Atomic uint64_t cache_hits;
	_Atomic uint64_t cache_misses;
	_Atomic uint64_t microseconds;
	_Atomic uint64_t histogram[HISTOGRAM_BUCKETS];
};

struct worker_slot {
	_Atomic pid_t pid;
	_Atomic int stage;             /* enum stage */
	_Atomic int route;             /* index in the route table, SCOREBOARD_NO_ROUTE before it is known */
	_Atomic int64_t since;         /* clock_monotonic() when the stage began */
	_Atomic int64_t request_since; /* when the request in hand began to arrive; 0 when idle */
	_Atomic int awaits_password_slot;
	_Atomic uint32_t connected[NODE_LISTS]; /* to which nodes, as bits */
	/* of the request in hand, see admission.h */
	_Atomic bool ordinary;   /* counted by scoreboard_take_worker */
	_Atomic bool falls_back; /* it is served the expensive way */
	_Atomic uint64_t served;
	char path[SCOREBOARD_PATH_SIZE]; /* of the request in hand or the last one, for the log of a crash */
	struct route_counters routes[SCOREBOARD_ROUTES_MAX];
};

struct scoreboard {
	size_t workers;
	int64_t started; /* clock_now() */
	/* the gate in front of password hashing: robust, process-shared, held while a hash runs */
	size_t password_slots;
	pthread_mutex_t password_slot[PASSWORD_SLOTS_MAX];
	struct breaker breaker[DEPENDENCIES];
	struct nodes nodes;
	_Atomic int64_t backlog_empty; /* clock_monotonic() when a worker last found nobody waiting to be accepted */
	_Atomic size_t ordinary;       /* workers taken by scoreboard_take_worker */
	_Atomic uint64_t deaths;       /* workers that died by themselves */
	_Atomic bool draining;     /* the pool stops for good: who stops now first serves what waits in the backlog */
	struct worker_slot slot[]; /* of the workers, and behind them the monitor's */
};

/* Makes the mapping for so many workers; memory is only touched as it is used. Ends the process if there is none. */
struct scoreboard *scoreboard_new(size_t workers) __attribute__((returns_nonnull));
void scoreboard_free(struct scoreboard *scoreboard);

/* The slot of the monitor, see monitor.h. */
static inline size_t
scoreboard_monitor_slot(const struct scoreboard *scoreboard)
{
	return scoreboard->workers;
}

/* The mapping of this process, and the slot that is its own. Set once after fork; a process outside any pool
 * (a unit test) gets a private scoreboard of one slot at first use. */
struct scoreboard *scoreboard_mine(void);
struct worker_slot *scoreboard_slot(void);
size_t scoreboard_slot_index(void);
void scoreboard_attach(struct scoreboard *scoreboard, size_t slot);

/* The breaker of a dependency, in the mapping of this process. */
struct breaker *scoreboard_breaker(enum dependency dependency);

/* Empties the slot of a worker that has ended: the master calls it before it starts another one there. Counters stay. */
void scoreboard_vacate(struct scoreboard *scoreboard, size_t slot);

/* Is some other worker idle? */
bool scoreboard_another_idle(void);

/* Counts the own worker among those that serve what is not critical, until its request ends; false when there are `most` already.
 * To take it twice is the same as once. */
bool scoreboard_take_worker(size_t most);

/* Enters a stage in the own slot. STAGE_READING begins a request, STAGE_IDLE ends it. */
void scoreboard_stage(enum stage stage);

/* Notes the path of the request in hand in the own slot, cut to SCOREBOARD_PATH_SIZE. */
void scoreboard_path(const char *path);

/* An answered request, and what it cost. */
struct served {
	int route; /* an index of the route table or SCOREBOARD_NO_ROUTE */
	int status;
	int64_t microseconds;
	unsigned database_trips, replica_trips, redis_trips;
	bool cache_hit, cache_miss; /* neither: the answer is none that is kept */
};

/* Counts it in the own slot. */
void scoreboard_count(const struct served *served);

/* "idle", "reading", …; "unknown" for what is no stage. */
const char *stage_name(int stage);

#endif
