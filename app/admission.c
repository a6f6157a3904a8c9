#include "admission.h"

#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "router.h"
#include "scoreboard.h"
#include "settings.h"

#define STANDING_US  100000 /* a queue that was not empty for so long does not go away by itself */
#define LOOK_US      10000
#define NAP_NS       1000000
#define PLAUSIBLE_US INT64_C(60000000) /* nobody waits longer; the clock of nginx's host may be another */

/* Who is refused before whom. */
static const struct class
{
	int waits;  /* times QUIRE_QUEUE_MS */
	int leaves; /* tenths of QUIRE_RESERVE_PERCENT, of the workers */
} anonymous = {1, 20}, with_session = {4, 15}, writing = {10, 10}, critical = {20, 0};

static const struct class *
class_of(const struct request *req)
{
	if (req->route->flags & (CRITICAL | LIMIT_NONE))
		return &critical;
	if ((req->method & (HTTP_GET | HTTP_HEAD)) == 0)
		return &writing;
	return req->user != NULL ? &with_session : &anonymous;
}

/* Microseconds from nginx's handing it over, by the clock of all processes of the machine, to its arrival; 0 when not known. */
static int64_t
waited(const struct request *req)
{
	const char *started = request_parameter(req, "REQUEST_STARTED");
	char *end;
	double seconds;
	int64_t microseconds;

	if (started == NULL)
		return 0;
	seconds = strtod(started, &end);
	if (*end != '\0' || !(seconds > 0 && seconds < 1e11))
		return 0;
	microseconds = clock_now() - (clock_monotonic() - req->arrived) - (int64_t)(seconds * 1e6);
	return microseconds > 0 && microseconds < PLAUSIBLE_US ? microseconds : 0;
}

static bool
queue_stands(const struct scoreboard *board)
{
	return clock_monotonic() - atomic_load_explicit(&board->backlog_empty, memory_order_relaxed) > STANDING_US;
}

void
admission_look(const struct listeners *listeners)
{
	struct scoreboard *board = scoreboard_mine();
	int64_t now = atomic_load_explicit(&scoreboard_slot()->since, memory_order_relaxed);

	if (now - atomic_load_explicit(&board->backlog_empty, memory_order_relaxed) > LOOK_US &&
	    !listen_waiting(listeners))
		atomic_store_explicit(&board->backlog_empty, now, memory_order_relaxed);
}

/* How many workers may serve what is not critical when this is one of them; one always may. */
static size_t
most_workers(const struct scoreboard *board, const struct class *class)
{
	size_t left = (board->workers * (size_t)setting_reserve_percent * (size_t) class->leaves + 500) / 1000;

	return left < board->workers ? board->workers - left : 1;
}

/* Waits for a worker to take, until the request has waited for `end`. As long as the others are busy for moments only, one of them is
 * done before. */
static void
take_worker(struct request *req, size_t most, int64_t end)
{
	while (!scoreboard_take_worker(most)) {
		if (clock_monotonic() > end)
			fail_unavailable(req);
		nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
	}
}

void
admission_check(struct request *req)
{
	const struct scoreboard *board = scoreboard_mine();
	const struct class *class = class_of(req);
	int64_t may_wait = setting_queue_ms * 1000 * class->waits;
	size_t most = most_workers(board, class);
	bool taken = class == &critical || scoreboard_take_worker(most);

	if (taken && !queue_stands(board))
		return;
	may_wait -= waited(req);
	if (queue_stands(board) && may_wait < 0)
		fail_unavailable(req);
	if (!taken)
		take_worker(req, most, req->arrived + may_wait);
}

static size_t
workers_that_fall_back(const struct scoreboard *board)
{
	size_t count = 0;

	for (size_t i = 0; i < board->workers; i++)
		count += atomic_load(&board->slot[i].falls_back);
	return count;
}

/* So many of the pool's workers, one at least. */
static size_t
share(const struct scoreboard *board, long percent)
{
	size_t workers = board->workers * (size_t)percent / 100;

	return workers > 0 ? workers : 1;
}

/* Says so before it counts: of two workers at the same time at least one sees the other. */
void
admission_fallback(struct request *req)
{
	struct scoreboard *board = scoreboard_mine();
	struct worker_slot *self = scoreboard_slot();

	if (atomic_load_explicit(&self->falls_back, memory_order_relaxed))
		return;
	atomic_store(&self->falls_back, true);
	if (workers_that_fall_back(board) > share(board, setting_fallback_percent)) {
		atomic_store(&self->falls_back, false);
		fail_unavailable(req);
	}
}
