/* For tests that need nothing but memory: an arena that start() makes and stop() ends. */
#ifndef QUIRE_TESTS_UNIT_ARENA_FIXTURE_H
#define QUIRE_TESTS_UNIT_ARENA_FIXTURE_H

#include "arena.h"
#include "unit.h"

static struct arena *arena;

static inline int
start(void **state __attribute__((unused)))
{
	arena = arena_new();
	return 0;
}

static inline int
stop(void **state __attribute__((unused)))
{
	arena_free(arena);
	return 0;
}

#endif
