/* What database_run and database_together promise, with queries of their own. */
#include "handler.h"

#include "clock.h"
#include "nodes.h"
#include "scoreboard.h"

enum { ONE, TWO, THREE, WARNED, BROKEN, SLOW, PID, ENDS_ONCE, WRITES, STANDBY, TIME };

static const uint32_t bigint[] = {PG_TYPE_BIGINT};

static const uint32_t time_type[] = {PG_TYPE_TIMESTAMPTZ};

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
    [STANDBY] = {"standby", __FILE__, __LINE__, "SELECT pg_is_in_recovery() AS standby", QUERY_READ, 0, NULL},
    [WRITES] = {"writes", __FILE__, __LINE__, "SELECT 1 AS number", QUERY_WRITE, 0, NULL},
    [TIME] = {"time", __FILE__, __LINE__, "SELECT $1 AS time", QUERY_READ, 1, time_type},
};

static int
start(void **state)
{
	(void)state;
	database_close();
	database_init(own, COUNT_OF(own), NULL, 0, &database_statements);
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

/* What the monitor would see: one replica that has replayed `replayed`, of a primary. */
static void
monitor_sees(struct position replayed, bool in_rotation)
{
	const size_t count[NODE_LISTS] = {1, 1};
	const struct node_state replica = {NODE_STANDBY, in_rotation, replayed, 0, clock_monotonic()};
	const struct node_state host = {.role = NODE_WRITABLE, .seen = clock_monotonic()};
	const struct primary_state primary = {.host = 0, .position = {1, 1}, .seen = clock_monotonic()};

	nodes_open(&scoreboard_mine()->nodes, count);
	nodes_publish(NODES_REPLICAS, 0, &replica);
	nodes_publish(NODES_PRIMARY, 0, &host);
	nodes_publish_primary(&primary);
	nodes_answered(0, INT64_MAX);
	nodes_round(clock_monotonic());
	memory.req.primary_only = false;
}

static int
stop_watching(void **state)
{
	scoreboard_mine()->nodes.watched = 0;
	database_close();
	return stop(state);
}

/* Is it a standby that answers? */
static bool
reads_from_standby(void)
{
	return rows_boolean(run(STANDBY, 0), 0, "standby");
}

/* Writes, and gives the position behind it. */
static struct position
write_something(void)
{
	run(WRITES, 0);
	assert_int_not_equal(memory.req.written.timeline, 0);
	return memory.req.written;
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

TEST(times_come_back_as_they_were_sent)
{
	static const int64_t times[] = {
	    0, 1, -1, 1763769600123456, INT64_C(-62135596800000000), INT64_C(253402300799999999), INT64_MAX};

	for (size_t i = 0; i < COUNT_OF(times); i++) {
		const char *const values[] = {parameter_time(&memory.req, times[i])};

		assert_true(rows_time(database_run(&memory.req, &own[TIME], values), 0, "time") == times[i]);
	}
}

TEST(a_write_tells_where_it_is_in_the_log)
{
	struct position first = write_something(), second = write_something();

	assert_int_equal(memory.req.database_trips, 2); /* no trip of its own */
	assert_true(position_compare(first, second) <= 0);
}

TEST(reads_go_to_a_replica_unless_they_must_not)
{
	monitor_sees((struct position){1, 1000}, true);
	assert_true(reads_from_standby());
	assert_int_equal(memory.req.replica_trips, 1);
	assert_int_equal(memory.req.database_trips, 1);
	memory.req.primary_only = true;
	assert_false(reads_from_standby());
	assert_int_equal(memory.req.replica_trips, 1);
	monitor_sees((struct position){1, 1000}, false);
	assert_false(reads_from_standby());
	assert_int_equal(memory.req.database_trips, 3);
}

/* It is tried: it has replayed much more than the monitor saw. */
TEST(a_replica_that_keeps_up_is_asked)
{
	monitor_sees((struct position){1, 1000}, true);
	memory.req.needed = (struct position){1, 2000};
	database_together(&memory.req);
	struct rows *standby = run(STANDBY, 0), *two = run(TWO, 2);
	database_together_end(&memory.req);
	assert_true(rows_boolean(standby, 0, "standby"));
	assert_int_equal(number_of(two, 0), 2);
	assert_int_equal(memory.req.database_trips, 1);
}

TEST(what_no_replica_has_comes_from_the_primary)
{
	monitor_sees((struct position){1, 1000}, true);
	memory.req.needed = (struct position){1, INT64_MAX};
	assert_false(reads_from_standby());
	assert_int_equal(memory.req.database_trips, 2); /* it was hoped for */
	assert_int_equal(memory.req.replica_trips, 1);
	assert_false(reads_from_standby());
	assert_in_range(memory.req.database_trips, 3, 4); /* and is not again for a moment, which this may have taken */
	memory.req.database_trips = 0;
	memory.req.needed = (struct position){2, 1};
	assert_false(reads_from_standby());
	assert_int_equal(memory.req.database_trips, 1);
}

TEST(a_replica_that_fails_is_replaced_and_suspected)
{
	const char *replicas = setting_database_replicas;

	database_close();
	setting_database_replicas = "host=/nonexistent dbname=quire";
	monitor_sees((struct position){1, 1000}, true);
	assert_false(reads_from_standby());
	assert_false(nodes_may_be_read(0));
	setting_database_replicas = replicas;
}

TEST(a_replica_that_dies_in_between_is_replaced)
{
	int64_t connection;

	monitor_sees((struct position){1, 1000}, true);
	connection = number_of(run(PID, 0), 0);
	assert_int_equal(memory.req.replica_trips, 1);
	assert_int_equal(rows_count(run(ENDS_ONCE, connection)), 0); /* the primary knows no such process */
	assert_int_equal(memory.req.replica_trips, 1);
	assert_int_equal(memory.req.database_trips, 3);
	assert_false(nodes_may_be_read(0));
}

/* Who waits for a server that the monitor gives up does not wait any longer. */
TEST(a_frozen_primary_is_given_up_at_once)
{
	const struct primary_state nobody = {.host = -1};
	int64_t begun = clock_monotonic();

	monitor_sees((struct position){1, 1000}, true);
	memory.req.primary_only = true;
	nodes_publish_primary(&nobody);
	if (MEMORY_TRY(&memory))
		run(ONE, 0);
	assert_int_equal(memory.res.status, 503);
	assert_in_range(clock_monotonic() - begun, 0, 100000);
	assert_int_equal(memory.req.database_trips, 0);
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
	    cmocka_unit_test_setup_teardown(times_come_back_as_they_were_sent, start, stop),
	    cmocka_unit_test_setup_teardown(a_failure_in_between_leaves_nothing_behind, start, stop),
	    cmocka_unit_test_setup_teardown(a_write_tells_where_it_is_in_the_log, start, stop_watching),
	    cmocka_unit_test_setup_teardown(reads_go_to_a_replica_unless_they_must_not, start, stop_watching),
	    cmocka_unit_test_setup_teardown(a_replica_that_keeps_up_is_asked, start, stop_watching),
	    cmocka_unit_test_setup_teardown(what_no_replica_has_comes_from_the_primary, start, stop_watching),
	    cmocka_unit_test_setup_teardown(a_replica_that_fails_is_replaced_and_suspected, start, stop_watching),
	    cmocka_unit_test_setup_teardown(a_replica_that_dies_in_between_is_replaced, start, stop_watching),
	    cmocka_unit_test_setup_teardown(a_frozen_primary_is_given_up_at_once, start, stop_watching),
	};

	return HANDLER_TESTS(tests);
}
