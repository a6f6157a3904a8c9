#include "unit.h"

#include "../memory.h"
#include "admission.h"
#include "clock.h"
#include "router.h"
#include "scoreboard.h"
#include "settings.h"

static struct memory memory;
static struct scoreboard *board;

static const struct route reading = {.method = HTTP_GET, .pattern = "/api/articles"};
static const struct route writing = {.method = HTTP_POST, .pattern = "/api/articles"};
static const struct route publishing = {.method = HTTP_POST, .pattern = "/api/articles", .flags = CRITICAL};
static const struct route probe = {.method = HTTP_GET, .pattern = "/healthz", .flags = LIMIT_NONE};
static struct viewer user = {.id = 7};

/* Who is refused before whom. */
static const struct {
	const struct route *route;
	struct viewer *user;
	int waits;         /* times QUIRE_QUEUE_MS */
	size_t most_of_10; /* workers that may serve such a one when the others serve nothing better */
} classes[] = {
    {&reading, NULL, 1, 6},      {&reading, &user, 4, 7},      {&writing, NULL, 10, 8}, {&writing, &user, 10, 8},
    {&publishing, NULL, 20, 10}, {&publishing, &user, 20, 10}, {&probe, NULL, 20, 10},
};

/* A pool of so many workers, this process in the first one's place, with a request in hand. */
static void
pool_of(size_t workers)
{
	board = scoreboard_new(workers);
	scoreboard_attach(board, 0);
	scoreboard_stage(STAGE_READING);
	scoreboard_stage(STAGE_HANDLING);
	memory_start(&memory, "GET", "/api/articles");
	memory.req.route = &reading;
}

/* The request in hand is one of those. */
static void
be(size_t class)
{
	memory.req.route = classes[class].route;
	memory.req.method = classes[class].route->method;
	memory.req.user = classes[class].user;
}

static int
stop(void **state __attribute__((unused)))
{
	memory_end(&memory);
	scoreboard_free(board);
	setting_fallback_percent = 50;
	setting_reserve_percent = 20;
	setting_queue_ms = 100;
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

/* nginx handed the request over so many milliseconds before it arrived; the queue has stood for so many. */
static void
queue(int64_t waited_ms, int64_t stood_ms)
{
	int64_t started = clock_now() / 1000 - waited_ms;

	board->backlog_empty = clock_monotonic() - stood_ms * 1000;
	memory.parameters_count = 0;
	memset(memory.parameters, 0, sizeof memory.parameters);
	memory_parameter(&memory, "REQUEST_STARTED",
	                 arena_printf(memory.req.arena, "%lld.%03d", (long long)started / 1000, (int)(started % 1000)));
	memory.req.arrived = clock_monotonic();
}

TEST(who_has_waited_too_long_in_a_queue_is_refused)
{
	static const long settings[] = {100, 250, 30};

	pool_of(8);
	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		setting_queue_ms = settings[i];
		for (size_t class = 0; class < COUNT_OF(classes); class ++) {
			int64_t most = settings[i] * classes[class].waits;

			be(class);
			queue(most + 20, 150);
			assert_false(passes(admission_check));
			queue(most - 20, 150);
			assert_true(passes(admission_check));
			scoreboard_stage(STAGE_IDLE);
		}
	}
}

TEST(a_burst_may_wait)
{
	pool_of(8);
	queue(5000, 50);
	assert_true(passes(admission_check));
	queue(5000, 101);
	assert_false(passes(admission_check));
}

TEST(time_in_the_worker_is_no_waiting)
{
	pool_of(8);
	queue(50, 150);
	usleep(100000);
	assert_true(passes(admission_check));
}

TEST(what_cannot_be_the_time_it_has_waited_counts_for_nothing)
{
	static const char *const texts[] = {"",
	                                    "x",
	                                    "1.5x",
	                                    "-5",
	                                    "nan",
	                                    "inf",
	                                    "1e300",
	                                    "0",
	                                    "1.0",
	                                    "99999999999.000",
	                                    "123456789012345678901234567890"};

	pool_of(8);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		queue(0, 150);
		memory.parameters_count = 0;
		memory_parameter(&memory, "REQUEST_STARTED", texts[i]);
		assert_true(passes(admission_check));
	}
	queue(61000, 150);
	assert_true(passes(admission_check));
	queue(-1000, 150);
	assert_true(passes(admission_check));
	memory.parameters_count = 0;
	memory.parameters[0] = NULL;
	assert_true(passes(admission_check));
}

/* Has so many other workers serve what is not critical. */
static void
others_serve(size_t count)
{
	board->ordinary = count;
}

TEST(workers_are_left_to_the_better_classes)
{
	setting_queue_ms = 5;
	pool_of(10);
	for (size_t class = 0; class < COUNT_OF(classes); class ++) {
		size_t most = classes[class].most_of_10;

		be(class);
		others_serve(most - 1);
		assert_true(passes(admission_check));
		assert_int_equal(scoreboard_slot()->ordinary, most < 10);
		scoreboard_stage(STAGE_IDLE);
		assert_false(scoreboard_slot()->ordinary);
		if (most < 10) {
			others_serve(most);
			assert_false(passes(admission_check));
			assert_false(scoreboard_slot()->ordinary);
		}
	}
}

TEST(the_reserve_is_a_share_of_the_workers)
{
	static const struct {
		size_t workers;
		long percent;
		size_t writes; /* that may be served at once */
	} rows[] = {{8, 20, 6},     {1, 20, 1}, {2, 20, 2}, {3, 20, 2}, {5, 20, 4}, {24, 20, 19},
	            {512, 20, 410}, {8, 0, 8},  {8, 50, 4}, {2, 50, 1}, {1, 50, 1}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		setting_reserve_percent = rows[i].percent;
		setting_queue_ms = 1;
		pool_of(rows[i].workers);
		be(2);
		others_serve(rows[i].writes - 1);
		assert_true(passes(admission_check));
		if (rows[i].writes < rows[i].workers) {
			scoreboard_stage(STAGE_IDLE);
			others_serve(rows[i].writes);
			assert_false(passes(admission_check));
		}
		if (i < COUNT_OF(rows) - 1)
			stop(NULL);
	}
}

TEST(one_reader_is_always_served)
{
	setting_reserve_percent = 50; /* all of them are left to others */
	pool_of(4);
	assert_true(passes(admission_check));
	scoreboard_stage(STAGE_IDLE);
	others_serve(1);
	assert_false(passes(admission_check));
}

static void *
finish_soon(void *unused)
{
	usleep(5000);
	board->ordinary--;
	return unused;
}

TEST(a_worker_is_waited_for)
{
	pthread_t other;

	pool_of(10);
	others_serve(6);
	assert_int_equal(pthread_create(&other, NULL, finish_soon, NULL), 0);
	assert_true(passes(admission_check));
	pthread_join(other, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(who_has_waited_too_long_in_a_queue_is_refused, stop),
	    cmocka_unit_test_teardown(a_burst_may_wait, stop),
	    cmocka_unit_test_teardown(time_in_the_worker_is_no_waiting, stop),
	    cmocka_unit_test_teardown(what_cannot_be_the_time_it_has_waited_counts_for_nothing, stop),
	    cmocka_unit_test_teardown(workers_are_left_to_the_better_classes, stop),
	    cmocka_unit_test_teardown(the_reserve_is_a_share_of_the_workers, stop),
	    cmocka_unit_test_teardown(one_reader_is_always_served, stop),
	    cmocka_unit_test_teardown(a_worker_is_waited_for, stop),
	    cmocka_unit_test_teardown(some_workers_may_fall_back_at_once, stop),
	    cmocka_unit_test_teardown(saying_so_twice_is_the_same_as_once, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
