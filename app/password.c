#include "password.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "scoreboard.h"
#include "settings.h"

#define NICE       10
#define STACK_SIZE 262144

static unsigned long long
passes(void)
{
	return (unsigned long long)setting_password_passes;
}

static size_t
memory(void)
{
	return (size_t)setting_password_memory_kib * 1024;
}

/* A robust mutex outlives the worker that died with it: the next one takes it over. */
static bool
taken(pthread_mutex_t *slot, int result)
{
	if (result == EOWNERDEAD)
		pthread_mutex_consistent(slot);
	return result == 0 || result == EOWNERDEAD;
}

static size_t
workers_waiting(const struct scoreboard *board)
{
	size_t waiting = 0;

	for (size_t i = 0; i < board->workers; i++)
		waiting += atomic_load_explicit(&board->slot[i].awaits_password_slot, memory_order_relaxed) != 0;
	return waiting;
}

static struct timespec
patience_ends(void)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += setting_password_wait_ms / 1000;
	end.tv_nsec += setting_password_wait_ms % 1000 * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	return end;
}

static size_t
waiting_max(const struct scoreboard *board)
{
	return setting_password_waiting_max > 0 ? (size_t)setting_password_waiting_max : (board->workers + 3) / 4;
}

/* Takes a slot that is free now; NULL if none is. */
static pthread_mutex_t *
free_slot(struct scoreboard *board)
{
	for (size_t i = 0; i < board->password_slots; i++) {
		if (taken(&board->password_slot[i], pthread_mutex_trylock(&board->password_slot[i])))
			return &board->password_slot[i];
	}
	return NULL;
}

/* Takes one of the slots. Only some workers wait for one: the others stay free for reading. */
static pthread_mutex_t *
enter_gate(struct request *req)
{
	struct scoreboard *board = scoreboard_mine();
	struct worker_slot *self = scoreboard_slot();
	pthread_mutex_t *slot = free_slot(board);
	struct timespec end = patience_ends();
	bool entered;

	if (slot != NULL)
		return slot;
	if (workers_waiting(board) >= waiting_max(board))
		fail_unavailable(req);
	slot = &board->password_slot[(size_t)getpid() % board->password_slots];
	atomic_store(&self->awaits_password_slot, 1);
	entered = taken(slot, pthread_mutex_timedlock(slot, &end));
	atomic_store(&self->awaits_password_slot, 0);
	if (!entered)
		fail_unavailable(req);
	return slot;
}

/* A hash to make, or one to compare with. */
struct work {
	const char *password;
	const char *known; /* NULL: to make */
	char *made;
	bool failed;
};

static void
compute(struct work *work)
{
	size_t length = strlen(work->password);

	work->failed = work->known != NULL ? crypto_pwhash_str_verify(work->known, work->password, length) != 0
	                                   : crypto_pwhash_str_alg(work->made, work->password, length, passes(),
	                                                           memory(), crypto_pwhash_ALG_ARGON2ID13) != 0;
}

static void *
compute_politely(void *work)
{
	setpriority(PRIO_PROCESS, 0, NICE); /* on Linux that is the thread */
	compute(work);
	return NULL;
}

/* Whoever reads goes first: the work is done by a thread that has less of the processor, since a process that has given way could not
 * take its place again without privileges. No signal is for that thread. Leaves the slot. */
static void
work_in(pthread_mutex_t *slot, struct work *work)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	bool started;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&thread, &attributes, compute_politely, work) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (started)
		pthread_join(thread, NULL);
	else
		compute(work); /* no thread to be had: in turn then */
	pthread_mutex_unlock(slot);
}

static const char *
hash_in(struct request *req, pthread_mutex_t *slot, const char *password)
{
	struct work work = {.password = password, .made = arena_alloc(req->arena, crypto_pwhash_STRBYTES)};

	work_in(slot, &work);
	if (work.failed)
		fail_server(req, "password hash", "out of memory");
	return work.made;
}

const char *
password_hash(struct request *req, const char *password)
{
	return hash_in(req, enter_gate(req), password);
}

bool
password_verify(struct request *req, const char *hash, const char *password)
{
	struct work work = {.password = password, .known = hash};

	if (hash == NULL) {
		password_hash(req, password);
		return false;
	}
	work_in(enter_gate(req), &work);
	return !work.failed;
}

const char *
password_rehash(struct request *req, const char *hash, const char *password)
{
	bool outdated = crypto_pwhash_str_needs_rehash(hash, passes(), memory()) != 0;
	pthread_mutex_t *slot = outdated ? free_slot(scoreboard_mine()) : NULL;

	return slot != NULL ? hash_in(req, slot, password) : NULL;
}
