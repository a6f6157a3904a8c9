#include "admission.h"

#include "scoreboard.h"
#include "settings.h"

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
