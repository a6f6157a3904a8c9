#include "breaker.h"

#include <unistd.h>

#include "log.h"

#define SECOND_US      INT64_C(1000000)
#define SECOND_SHIFT   32
#define FAILURES_SHIFT 16
#define COUNT_MAX      0xFFFF

/* Counts a call within its second, in place of what was counted there a window ago. */
static void
count(struct breaker *breaker, int64_t now, bool failed)
{
	uint64_t second = (uint32_t)(now / SECOND_US), counted;
	_Atomic uint64_t *slot = &breaker->seconds[second % BREAKER_WINDOW_SECONDS];
	uint64_t before = atomic_load_explicit(slot, memory_order_relaxed);

	do {
		counted = before >> SECOND_SHIFT == second ? before : second << SECOND_SHIFT;
		if ((counted & COUNT_MAX) == COUNT_MAX)
			return;
		counted += 1 + ((uint64_t)failed << FAILURES_SHIFT);
	} while (!atomic_compare_exchange_weak(slot, &before, counted));
}

static bool
fails_too_often(const struct breaker *breaker, int64_t now)
{
	uint32_t second = (uint32_t)(now / SECOND_US);
	uint64_t calls = 0, failures = 0;

	for (size_t i = 0; i < BREAKER_WINDOW_SECONDS; i++) {
		uint64_t counted = breaker->seconds[i];

		if (second - (uint32_t)(counted >> SECOND_SHIFT) >= BREAKER_WINDOW_SECONDS)
			continue;
		calls += counted & COUNT_MAX;
		failures += counted >> FAILURES_SHIFT & COUNT_MAX;
	}
	return calls >= BREAKER_CALLS_MIN && failures * 100 >= calls * BREAKER_FAILED_PERCENT;
}

static void
open_breaker(struct breaker *breaker, int64_t now)
{
	int64_t closed = 0;

	if (!atomic_compare_exchange_strong(&breaker->retry_at, &closed, now + BREAKER_PAUSE_US))
		return; /* somebody else did at the same moment */
	breaker->pause = BREAKER_PAUSE_US;
	breaker->trial = 0;
	breaker->opened++;
	log_error("breaker opened", LOG_TEXT("dependency", breaker->name),
	          LOG_NUMBER("failures_in_a_row", breaker->in_a_row));
}

void
breaker_close(struct breaker *breaker)
{
	if (atomic_load_explicit(&breaker->retry_at, memory_order_relaxed) == 0)
		return;
	/* forgotten first: what was counted must not open it again */
	breaker->in_a_row = 0;
	for (size_t i = 0; i < BREAKER_WINDOW_SECONDS; i++)
		breaker->seconds[i] = 0;
	breaker->trial = 0;
	if (atomic_exchange(&breaker->retry_at, 0) != 0)
		log_info("breaker closed", LOG_TEXT("dependency", breaker->name));
}

bool
breaker_allows(struct breaker *breaker, int64_t now)
{
	int64_t retry_at = atomic_load_explicit(&breaker->retry_at, memory_order_relaxed);

	if (retry_at == 0)
		return true;
	/* Who makes the trial keeps the others off until it has a result, or for the longest pause, should it die meanwhile. */
	if (now >= retry_at &&
	    atomic_compare_exchange_strong(&breaker->retry_at, &retry_at, now + BREAKER_PAUSE_MAX_US)) {
		breaker->trial = getpid();
		return true;
	}
	atomic_fetch_add_explicit(&breaker->refused, 1, memory_order_relaxed);
	return false;
}

/* Was the call a trial? Others may still come back that began before the breaker opened. */
static bool
own_trial(const struct breaker *breaker)
{
	return breaker->retry_at != 0 && breaker->trial == getpid();
}

void
breaker_succeeded(struct breaker *breaker, int64_t now)
{
	count(breaker, now, false);
	if (atomic_load_explicit(&breaker->in_a_row, memory_order_relaxed) != 0)
		breaker->in_a_row = 0;
	if (own_trial(breaker))
		breaker_close(breaker);
}

void
breaker_failed(struct breaker *breaker, int64_t now)
{
	unsigned in_a_row = ++breaker->in_a_row;
	int64_t retry_at = breaker->retry_at;

	count(breaker, now, true);
	if (retry_at == 0) {
		if (in_a_row >= BREAKER_IN_A_ROW || fails_too_often(breaker, now))
			open_breaker(breaker, now);
	} else if (own_trial(breaker)) {
		int64_t pause = breaker->pause * 2 < BREAKER_PAUSE_MAX_US ? breaker->pause * 2 : BREAKER_PAUSE_MAX_US;

		breaker->pause = pause;
		breaker->trial = 0;
		atomic_compare_exchange_strong(&breaker->retry_at, &retry_at, now + pause);
	}
}

enum breaker_state
breaker_state(const struct breaker *breaker)
{
	if (breaker->retry_at == 0)
		return BREAKER_CLOSED;
	return breaker->trial == 0 ? BREAKER_OPEN : BREAKER_HALF_OPEN;
}

const char *
breaker_state_name(enum breaker_state state)
{
	static const char *const names[] = {"closed", "open", "half open"};

	return names[state];
}
