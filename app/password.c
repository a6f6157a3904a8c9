#include "password.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scoreboard.h"
#include "settings.h"

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

/* Hashes in a slot and leaves it. */
static const char *
hash_in(struct request *req, pthread_mutex_t *slot, const char *password)
{
	char *hash = arena_alloc(req->arena, crypto_pwhash_STRBYTES);
	int failed =
	    crypto_pwhash_str_alg(hash, password, strlen(password), passes(), memory(), crypto_pwhash_ALG_ARGON2ID13);

	pthread_mutex_unlock(slot);
	if (failed)
		fail_server(req, "password hash", "out of memory");
	return hash;
}

const char *
password_hash(struct request *req, const char *password)
{
	return hash_in(req, enter_gate(req), password);
}

bool
password_verify(struct request *req, const char *hash, const char *password)
{
	pthread_mutex_t *slot;
	bool same;

	if (hash == NULL) {
		password_hash(req, password);
		return false;
	}
	slot = enter_gate(req);
	same = crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
	pthread_mutex_unlock(slot);
	return same;
}

const char *
password_rehash(struct request *req, const char *hash, const char *password)
{
	bool outdated = crypto_pwhash_str_needs_rehash(hash, passes(), memory()) != 0;
	pthread_mutex_t *slot = outdated ? free_slot(scoreboard_mine()) : NULL;

	return slot != NULL ? hash_in(req, slot, password) : NULL;
}
