#include "unit.h"

#include "../memory.h"
#include "admission.h"
#include "scoreboard.h"
#include "settings.h"

static struct memory memory;
static struct scoreboard *board;

/* A pool of so many workers, this process in the first one's place, with a request in hand. */
static void
pool_of(size_t workers)
{
	board = scoreboard_new(workers);
	scoreboard_attach(board, 0);
	scoreboard_stage(STAGE_READING);
	scoreboard_stage(STAGE_HANDLING);
	memory_start(&memory, "GET", "/api/articles");
}

static int
stop(void **state __attribute__((unused)))
{
	memory_end(&memory);
	scoreboard_free(board);
	setting_fallback_percent = 50;
	return 0;
}

/* Is the request let pass? It is refused with all that a client may expect. */
static bool
passes(void (*check)(struct request *req))
{
	response_init(&memory.res, memory.req.arena);
	if (MEMORY_TRY(&memory)) {
		check(&memory.req);
		return true;
	}
	assert_int_equal(memory.res.status, HTTP_UNAVAILABLE);
	assert_string_equal(memory_error(&memory, "service"), "is unavailable, try again soon");
	assert_string_equal(response_header_value(&memory.res, "Retry-After"), "2");
	return false;
}

/* Has the last `count` workers of the pool fall back. */
static void
others_fall_back(size_t count)
{
	for (size_t i = 1; i < board->workers; i++)
		board->slot[i].falls_back = i >= board->workers - count;
}

TEST(some_workers_may_fall_back_at_once)
{
	static const struct {
		size_t workers;
		long percent;
		size_t most;
	} rows[] = {{8, 50, 4}, {8, 49, 3}, {8, 100, 8},    {3, 50, 1},
	            {1, 50, 1}, {8, 1, 1},  {512, 50, 256}, {100, 1, 1}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		setting_fallback_percent = rows[i].percent;
		pool_of(rows[i].workers);
		others_fall_back(rows[i].most - 1);
		assert_true(passes(admission_fallback));
		assert_true(scoreboard_slot()->falls_back);
		scoreboard_stage(STAGE_IDLE);
		assert_false(scoreboard_slot()->falls_back);

		if (rows[i].most < rows[i].workers) {
			others_fall_back(rows[i].most);
			assert_false(passes(admission_fallback));
			assert_false(scoreboard_slot()->falls_back);
		}
		if (i < COUNT_OF(rows) - 1)
			stop(NULL);
	}
}

TEST(saying_so_twice_is_the_same_as_once)
{
	pool_of(4);
	assert_true(passes(admission_fallback));
	others_fall_back(3);
	assert_true(passes(admission_fallback));
	assert_true(scoreboard_slot()->falls_back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(some_workers_may_fall_back_at_once, stop),
	    cmocka_unit_test_teardown(saying_so_twice_is_the_same_as_once, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
