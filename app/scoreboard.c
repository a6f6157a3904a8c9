#include "scoreboard.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "settings.h"

/* The first bucket ends at 2^4 microseconds. */
#define HISTOGRAM_FIRST_BITS 4

static struct scoreboard *mine;
static size_t my_slot;

static size_t
size_for(size_t workers)
{
	return sizeof(struct scoreboard) + (workers + 1) * sizeof(struct worker_slot);
}

/* The cores that this process may run on. */
static size_t
cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

static void
init_password_slots(struct scoreboard *scoreboard)
{
	size_t wanted = setting_password_hashes_at_once > 0 ? (size_t)setting_password_hashes_at_once : cores();
	pthread_mutexattr_t attributes;

	scoreboard->password_slots = wanted < PASSWORD_SLOTS_MAX ? wanted : PASSWORD_SLOTS_MAX;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	for (size_t i = 0; i < scoreboard->password_slots; i++)
		pthread_mutex_init(&scoreboard->password_slot[i], &attributes);
	pthread_mutexattr_destroy(&attributes);
}

static void
name_breakers(struct scoreboard *scoreboard)
{
	static const char *const names[DEPENDENCIES] = {"redis", "redis cache", "primary"};

	for (size_t i = 0; i < DEPENDENCIES; i++)
		scoreboard->breaker[i].name = names[i];
}

struct scoreboard *
scoreboard_new(size_t workers)
{
	struct scoreboard *scoreboard =
	    mmap(NULL, size_for(workers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (scoreboard == MAP_FAILED)
		log_fatal("no memory for the scoreboard", LOG_TEXT("reason", strerror(errno)));
	scoreboard->workers = workers;
	scoreboard->started = clock_now();
	scoreboard->backlog_empty = clock_monotonic();
	init_password_slots(scoreboard);
	name_breakers(scoreboard);
	for (size_t i = 0; i <= workers; i++)
		scoreboard->slot[i].route = SCOREBOARD_NO_ROUTE;
	return scoreboard;
}

void
scoreboard_free(struct scoreboard *scoreboard)
{
	if (mine == scoreboard)
		mine = NULL;
	munmap(scoreboard, size_for(scoreboard->workers));
}

struct scoreboard *
scoreboard_mine(void)
{
	if (mine == NULL)
		scoreboard_attach(scoreboard_new(1), 0);
	return mine;
}

size_t
scoreboard_slot_index(void)
{
	return my_slot;
}

struct worker_slot *
scoreboard_slot(void)
{
	return &scoreboard_mine()->slot[my_slot];
}

struct breaker *
scoreboard_breaker(enum dependency dependency)
{
	return &scoreboard_mine()->breaker[dependency];
}

void
scoreboard_attach(struct scoreboard *scoreboard, size_t slot)
{
	mine = scoreboard;
	my_slot = slot;
	scoreboard->slot[slot].pid = getpid();
	scoreboard->slot[slot].since = clock_monotonic();
}

bool
scoreboard_take_worker(size_t most)
{
	struct scoreboard *board = scoreboard_mine();
	struct worker_slot *self = scoreboard_slot();
	size_t count = atomic_load_explicit(&board->ordinary, memory_order_relaxed);

	if (self->ordinary)
		return true;
	do {
		if (count >= most)
			return false;
	} while (!atomic_compare_exchange_weak(&board->ordinary, &count, count + 1));
	self->ordinary = true;
	return true;
}

static void
give_back_worker(struct scoreboard *board, struct worker_slot *slot)
{
	if (!slot->ordinary)
		return;
	slot->ordinary = false;
	atomic_fetch_sub(&board->ordinary, 1);
}

void
scoreboard_vacate(struct scoreboard *scoreboard, size_t slot)
{
	struct worker_slot *vacated = &scoreboard->slot[slot];

	vacated->stage = STAGE_NONE;
	vacated->pid = 0;
	vacated->route = SCOREBOARD_NO_ROUTE;
	vacated->path[0] = '\0';
	vacated->request_since = 0;
	vacated->awaits_password_slot = 0;
	for (size_t i = 0; i < NODE_LISTS; i++)
		vacated->connected[i] = 0;
	give_back_worker(scoreboard, vacated);
	vacated->falls_back = false;
}

void
scoreboard_stage(enum stage stage)
{
	struct worker_slot *slot = scoreboard_slot();
	int64_t now = clock_monotonic();

	if (stage == STAGE_READING) {
		atomic_store_explicit(&slot->route, SCOREBOARD_NO_ROUTE, memory_order_relaxed);
		atomic_store_explicit(&slot->request_since, now, memory_order_relaxed);
		slot->path[0] = '\0';
	} else if (stage == STAGE_IDLE) {
		atomic_store_explicit(&slot->request_since, 0, memory_order_relaxed);
		give_back_worker(scoreboard_mine(), slot);
		atomic_store_explicit(&slot->falls_back, false, memory_order_relaxed);
	}
	/* Before the stage: who sees the new stage must not take its age from the old one. */
	atomic_store_explicit(&slot->since, now, memory_order_release);
	atomic_store_explicit(&slot->stage, stage, memory_order_release);
}

bool
scoreboard_another_idle(void)
{
	const struct scoreboard *board = scoreboard_mine();

	for (size_t i = 0; i < board->workers; i++) {
		if (i != my_slot && atomic_load_explicit(&board->slot[i].stage, memory_order_relaxed) == STAGE_IDLE)
			return true;
	}
	return false;
}

void
scoreboard_path(const char *path)
{
	char *to = scoreboard_slot()->path;
	size_t length = strnlen(path, SCOREBOARD_PATH_SIZE - 1);

	memcpy(to, path, length);
	to[length] = '\0';
}

static size_t
bucket_of(int64_t microseconds)
{
	size_t bucket = 0;

	while (bucket < HISTOGRAM_BUCKETS - 1 && microseconds >> (bucket + HISTOGRAM_FIRST_BITS) > 0)
		bucket++;
	return bucket;
}

/* Only the worker itself writes these, so a plain addition is enough. */
static void
add(_Atomic uint64_t *counter, uint64_t amount)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + amount,
	                      memory_order_relaxed);
}

void
scoreboard_count(const struct served *served)
{
	struct worker_slot *slot = scoreboard_slot();
	struct route_counters *counters = &slot->routes[served->route];

	add(&slot->served, 1);
	add(&counters->requests, 1);
	add(&counters->server_errors, served->status >= 500);
	add(&counters->database_trips, served->database_trips);
	add(&counters->replica_trips, served->replica_trips);
	add(&counters->redis_trips, served->redis_trips);
	add(&counters->cache_hits, served->cache_hit);
	add(&counters->cache_misses, served->cache_miss);
	add(&counters->microseconds, (uint64_t)served->microseconds);
	add(&counters->histogram[bucket_of(served->microseconds)], 1);
}

const char *
stage_name(int stage)
{
	static const char *const names[] = {"none", "idle", "reading", "handling", "writing"};

	return stage >= 0 && stage < (int)(sizeof names / sizeof names[0]) ? names[stage] : "unknown";
}
