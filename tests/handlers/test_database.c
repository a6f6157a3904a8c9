/* What database_run and database_together promise, with queries of their own. */
#include "handler.h"

#include "clock.h"

enum { ONE, TWO, THREE, WARNED, BROKEN, SLOW, PID, ENDS_ONCE, WRITES };

static const uint32_t bigint[] = {PG_TYPE_BIGINT};

static const struct query own[] = {
    [ONE] = {"one", __FILE__, __LINE__, "SELECT 1 AS number", QUERY_READ, 0, NULL},
    [TWO] = {"two", __FILE__, __LINE__, "SELECT $1 AS number", QUERY_READ, 1, bigint},
    [THREE] = {"three", __FILE__, __LINE__, "SELECT generate_series(3, 5) AS number", QUERY_READ, 0, NULL},
    [WARNED] = {"warned", __FILE__, __LINE__, "SELECT pg_terminate_backend(0)", QUERY_READ, 0, NULL},
    [BROKEN] = {"broken", __FILE__, __LINE__, "SELECT 1 / $1 AS number", QUERY_READ, 1, bigint},
    [SLOW] = {"slow", __FILE__, __LINE__, "SELECT pg_sleep($1)::text AS number", QUERY_READ, 1, bigint},
    [PID] = {"pid", __FILE__, __LINE__, "SELECT pg_backend_pid() AS number", QUERY_READ, 0, NULL},
    [ENDS_ONCE] = {"ends_once", __FILE__, __LINE__,
                   "SELECT pg_terminate_backend(pid), 7 AS number FROM pg_stat_activity WHERE pid = $1", QUERY_READ, 1,
                   bigint},
    [WRITES] = {"writes", __FILE__, __LINE__, "SELECT 1 AS number", QUERY_WRITE, 0, NULL},
};

static int
start(void **state)
{
	(void)state;
	database_close();
	database_init(own, COUNT_OF(own), NULL, 0);
	memory_start(&memory, "GET", "/");
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	memory_end(&memory);
	memory.req.arena = NULL;
	return 0;
}

static struct rows *
run(int query, int64_t argument)
{
	const char *const values[] = {parameter_integer(&memory.req, argument)};

	return database_run(&memory.req, &own[query], values);
}

static int64_t
number_of(const struct rows *rows, size_t row)
{
	return rows_integer(rows, row, "number");
}

static void
run_warned(const void *unused)
{
	(void)unused;
	run(WARNED, 0);
}

TEST(a_warning_of_the_database_is_a_line_of_the_log)
{
	char said[1000];

	database_close();
	assert_int_equal(run_apart(run_warned, NULL, said, sizeof said), 0);
	assert_non_null(strstr(said, "{\"time\":\""));
	assert_ptr_equal(said, strstr(said, "{\"time\":\""));
	assert_non_null(strstr(said, "\"event\":\"database warning\",\"reason\":\"PID 0 is not"));
}

TEST(several_queries_are_one_round_trip)
{
	struct rows *one, *two, *three;

	database_together(&memory.req);
	one = run(ONE, 0);
	two = run(TWO, 2);
	three = run(THREE, 0);
	assert_int_equal(rows_count(one), 0);
	assert_int_equal(memory.req.database_trips, 0);
	database_together_end(&memory.req);

	assert_int_equal(memory.req.database_trips, 1);
	assert_int_equal(number_of(one, 0), 1);
	assert_int_equal(number_of(two, 0), 2);
	assert_int_equal(rows_count(three), 3);
	assert_int_equal(number_of(three, 2), 5);
	assert_int_equal(number_of(run(TWO, 8), 0), 8); /* alone again */
	assert_int_equal(memory.req.database_trips, 2);
}

TEST(none_or_one_may_be_together)
{
	struct rows *one;

	database_together(&memory.req);
	database_together_end(&memory.req);
	assert_int_equal(memory.req.database_trips, 0);
	database_together(&memory.req);
	one = run(ONE, 0);
	database_together_end(&memory.req);
	assert_int_equal(memory.req.database_trips, 1);
	assert_int_equal(number_of(one, 0), 1);
}

/* Runs ONE, `query` and THREE together; gives the answer's status, 200 if nothing failed. */
static int
run_three(int query, int64_t argument)
{
	if (!MEMORY_TRY(&memory))
		return memory.res.status;
	database_together(&memory.req);
	run(ONE, 0);
	run(query, argument);
	run(THREE, 0);
	database_together_end(&memory.req);
	return 200;
}

TEST(one_that_is_refused_fails_all_and_leaves_the_connection_usable)
{
	int64_t connection = number_of(run(PID, 0), 0);

	assert_int_equal(run_three(BROKEN, 0), 500);
	assert_int_equal(run_three(BROKEN, 1), 200);
	assert_int_equal(number_of(run(PID, 0), 0), connection);
}

TEST(one_that_is_too_slow_fails_all)
{
	long usual = setting_database_timeout_ms;
	int64_t begun = clock_monotonic();

	setting_database_timeout_ms = 200;
	database_close();
	assert_int_equal(run_three(SLOW, 5), 503);
	assert_in_range(clock_monotonic() - begun, 0, 2000000);
	assert_int_equal(run_three(SLOW, 0), 200);
	setting_database_timeout_ms = usual;
	database_close();
}

TEST(a_connection_that_ends_is_replaced_once)
{
	int64_t connection = number_of(run(PID, 0), 0);

	assert_int_equal(memory.req.database_trips, 1);
	assert_int_equal(run_three(ENDS_ONCE, connection), 200);
	assert_int_equal(memory.req.database_trips, 3);
	assert_int_not_equal(number_of(run(PID, 0), 0), connection);
}

TEST(what_writes_is_not_run_together)
{
	assert_int_equal(run_three(WRITES, 0), 500);
	assert_int_equal(memory.req.database_trips, 0);
}

/* A handler fails between the two, and the page that says so reads as if nothing had been begun. */
TEST(a_failure_in_between_leaves_nothing_behind)
{
	static const struct input_error why = {.key = "path", .message = "is invalid"};

	database_together(&memory.req);
	run(BROKEN, 0);
	memory.req.failure = &why;
	assert_int_equal(number_of(run(ONE, 0), 0), 1);

	stop(NULL); /* and so does the next request */
	memory_start(&memory, "GET", "/");
	assert_int_equal(number_of(run(ONE, 0), 0), 1);
	database_together_end(&memory.req);
	assert_int_equal(memory.req.database_trips, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_warning_of_the_database_is_a_line_of_the_log, start, stop),
	    cmocka_unit_test_setup_teardown(several_queries_are_one_round_trip, start, stop),
	    cmocka_unit_test_setup_teardown(none_or_one_may_be_together, start, stop),
	    cmocka_unit_test_setup_teardown(one_that_is_refused_fails_all_and_leaves_the_connection_usable, start,
	                                    stop),
	    cmocka_unit_test_setup_teardown(one_that_is_too_slow_fails_all, start, stop),
	    cmocka_unit_test_setup_teardown(a_connection_that_ends_is_replaced_once, start, stop),
	    cmocka_unit_test_setup_teardown(what_writes_is_not_run_together, start, stop),
	    cmocka_unit_test_setup_teardown(a_failure_in_between_leaves_nothing_behind, start, stop),
	};

	return HANDLER_TESTS(tests);
}
