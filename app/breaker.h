/* Circuit breakers: a server that fails is left alone for a while, so that not every request waits for it in vain.
 *
 * There is one for each dependency, in the scoreboard, and it is shared by the pool without a lock. It opens when half of the calls of
 * the last seconds failed, and at once after a few failures of anybody without a success between them. While it is open calls are
 * refused. After a pause one call is let through as a trial: its success closes the breaker, its failure doubles the pause.
 * (Hystrix, "How it Works"; Resilience4j, CircuitBreaker. Both let several trials through; one does for a server that either answers
 * or not.)
 *
 * A caller whom breaker_allows() let through says afterwards how it went. `now` is clock_monotonic().
 */
#ifndef QUIRE_BREAKER_H
#define QUIRE_BREAKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BREAKER_WINDOW_SECONDS 10
#define BREAKER_CALLS_MIN      20 /* of fewer calls within the window the share of failures says nothing */
#define BREAKER_FAILED_PERCENT 50
#define BREAKER_IN_A_ROW       3
#define BREAKER_PAUSE_US       500000 /* the first pause */
#define BREAKER_PAUSE_MAX_US   5000000

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

/* All zero is a closed one; who makes it names it. */
struct breaker {
	const char *name;          /* of the dependency, for the log */
	_Atomic uint64_t opened;   /* so many times */
	_Atomic uint64_t refused;  /* so many calls */
	_Atomic int64_t retry_at;  /* when the next trial may begin; 0: closed */
	_Atomic int64_t pause;     /* microseconds */
	_Atomic pid_t trial;       /* whose trial is under way; 0: nobody's */
	_Atomic unsigned in_a_row; /* failures since the last success */
	/* calls of each second: its number (32 bits), failures (16), calls (16) */
	_Atomic uint64_t seconds[BREAKER_WINDOW_SECONDS];
};

/* May the dependency be called now? */
bool breaker_allows(struct breaker *breaker, int64_t now) __attribute__((warn_unused_result));

/* The call that was allowed succeeded; it failed, which is: no connection, or no answer in time. An answer that is an error is a
 * success here. */
void breaker_succeeded(struct breaker *breaker, int64_t now);
void breaker_failed(struct breaker *breaker, int64_t now);

/* Closes it at once: for who knows otherwise that the server answers again. */
void breaker_close(struct breaker *breaker);

enum breaker_state breaker_state(const struct breaker *breaker);

/* "closed", "open" or "half open". */
const char *breaker_state_name(enum breaker_state state);

#endif
