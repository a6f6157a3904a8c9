#include "unit.h"

#include <errno.h>
#include <sched.h>

#include "clock.h"
#include "scoreboard.h"
#include "settings.h"

static void
count(struct served served)
{
	scoreboard_count(&served);
}

TEST(a_process_outside_of_any_pool_has_one_of_its_own)
{
	struct scoreboard *own = scoreboard_mine();

	assert_int_equal(own->workers, 1);
	assert_ptr_equal(scoreboard_slot(), &own->slot[0]);
	assert_ptr_equal(scoreboard_mine(), own);
	assert_int_equal(scoreboard_slot()->pid, getpid());
	scoreboard_free(own);
}

TEST(a_new_one_is_empty)
{
	int64_t now = clock_now();
	struct scoreboard *scoreboard = scoreboard_new(512);

	assert_int_equal(scoreboard->workers, 512);
	assert_in_range(scoreboard->started, now, now + 1000000);
	for (size_t i = 0; i < 512; i += 511) {
		assert_int_equal(scoreboard->slot[i].stage, STAGE_NONE);
		assert_int_equal(scoreboard->slot[i].route, SCOREBOARD_NO_ROUTE);
		assert_int_equal(scoreboard->slot[i].pid, 0);
	}
	scoreboard_free(scoreboard);
}

TEST(stages_have_their_times)
{
	struct scoreboard *scoreboard = scoreboard_new(2);
	scoreboard_attach(scoreboard, 1);
	struct worker_slot *slot = scoreboard_slot();
	assert_ptr_equal(slot, &scoreboard->slot[1]);

	int64_t before = clock_monotonic();
	scoreboard_stage(STAGE_READING);
	scoreboard_path("/somewhere");
	slot->route = 3;
	int64_t began = slot->request_since;
	assert_in_range(began, before, clock_monotonic());
	assert_int_equal(slot->since, began);

	usleep(1000);
	scoreboard_stage(STAGE_HANDLING);
	assert_int_equal(slot->request_since, began);
	assert_true(slot->since > began);

	scoreboard_stage(STAGE_IDLE);
	assert_int_equal(slot->request_since, 0);
	assert_string_equal(slot->path, "/somewhere");

	scoreboard_stage(STAGE_READING);
	assert_string_equal(slot->path, "");
	assert_int_equal(slot->route, SCOREBOARD_NO_ROUTE);
	assert_int_equal(scoreboard->slot[0].stage, STAGE_NONE);
	scoreboard_free(scoreboard);
}

TEST(a_long_path_is_cut)
{
	char path[2 * SCOREBOARD_PATH_SIZE] = "";

	memset(path, 'x', sizeof path - 1);
	scoreboard_path(path);
	assert_int_equal(strlen(scoreboard_slot()->path), SCOREBOARD_PATH_SIZE - 1);
	scoreboard_free(scoreboard_mine());
}

TEST(answers_are_counted)
{
	const struct route_counters *counters = &scoreboard_slot()->routes[5];

	count((struct served){.route = 5, .status = 200, .microseconds = 100, .database_trips = 1, .redis_trips = 2});
	count((struct served){.route = 5, .status = 499, .microseconds = 200, .redis_trips = 1});
	count((struct served){.route = 5, .status = 500, .microseconds = 300, .database_trips = 1});
	count((struct served){.route = SCOREBOARD_NO_ROUTE, .status = 404, .microseconds = 1});
	assert_int_equal(counters->requests, 3);
	assert_int_equal(counters->server_errors, 1);
	assert_int_equal(counters->database_trips, 2);
	assert_int_equal(counters->redis_trips, 3);
	assert_int_equal(counters->microseconds, 600);
	assert_int_equal(scoreboard_slot()->served, 4);
	scoreboard_free(scoreboard_mine());
}

TEST(the_histogram_has_powers_of_two)
{
	static const struct {
		int64_t microseconds;
		size_t bucket;
	} rows[] = {{0, 0},         {15, 0},         {16, 1},        {31, 1},
	            {32, 2},        {1023, 6},       {1024, 7},      {INT64_C(67108863), 22},
	            {67108864, 23}, {134217728, 23}, {INT64_MAX, 23}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		count((struct served){.route = 0, .status = 200, .microseconds = rows[i].microseconds});
		assert_int_equal(scoreboard_slot()->routes[0].histogram[rows[i].bucket], 1);
		scoreboard_free(scoreboard_mine());
	}
}

TEST(a_slot_that_is_vacated_keeps_its_counters)
{
	struct scoreboard *scoreboard = scoreboard_mine();
	struct worker_slot *slot = scoreboard_slot();

	scoreboard_stage(STAGE_HANDLING);
	scoreboard_path("/somewhere");
	slot->route = 3;
	count((struct served){.route = 0, .status = 200, .microseconds = 1});
	slot->awaits_password_slot = 1;
	assert_true(scoreboard_take_worker(1));
	slot->falls_back = true;
	scoreboard_vacate(scoreboard, 0);
	assert_int_equal(slot->pid, 0);
	assert_int_equal(slot->stage, STAGE_NONE);
	assert_int_equal(slot->awaits_password_slot, 0);
	assert_false(slot->ordinary);
	assert_int_equal(scoreboard->ordinary, 0);
	assert_false(slot->falls_back);
	assert_int_equal(slot->route, SCOREBOARD_NO_ROUTE);
	assert_string_equal(slot->path, "");
	assert_int_equal(slot->served, 1);
	scoreboard_free(scoreboard);
}

static void
die_with_the_lock(const void *scoreboard)
{
	pthread_mutex_lock(&((struct scoreboard *)scoreboard)->password_slot[0]);
	scoreboard_stage(STAGE_READING);
	_exit(0);
}

TEST(it_is_shared_and_its_locks_outlive_their_holder)
{
	struct scoreboard *scoreboard = scoreboard_mine();
	char said[100];

	assert_int_equal(run_apart(die_with_the_lock, scoreboard, said, sizeof said), 0);
	assert_int_equal(scoreboard->slot[0].stage, STAGE_READING);
	assert_int_equal(pthread_mutex_trylock(&scoreboard->password_slot[0]), EOWNERDEAD);
	assert_int_equal(pthread_mutex_consistent(&scoreboard->password_slot[0]), 0);
	pthread_mutex_unlock(&scoreboard->password_slot[0]);
	scoreboard_free(scoreboard);
}

TEST(as_many_hashes_at_once_as_cores_or_as_set)
{
	cpu_set_t cores;
	struct scoreboard *scoreboard = scoreboard_new(1);
	assert_int_equal(sched_getaffinity(0, sizeof cores, &cores), 0);
	assert_int_equal(scoreboard->password_slots, CPU_COUNT(&cores) < PASSWORD_SLOTS_MAX ? CPU_COUNT(&cores) : 64);
	scoreboard_free(scoreboard);

	setting_password_hashes_at_once = 7;
	scoreboard = scoreboard_new(1);
	assert_int_equal(scoreboard->password_slots, 7);
	scoreboard_free(scoreboard);
	setting_password_hashes_at_once = 0;
}

TEST(so_many_workers_may_be_taken)
{
	struct scoreboard *scoreboard = scoreboard_new(3);

	for (size_t i = 0; i < 3; i++) {
		scoreboard_attach(scoreboard, i);
		assert_int_equal(scoreboard_take_worker(2), i < 2);
		assert_int_equal(scoreboard_take_worker(2), i < 2);
	}
	assert_int_equal(scoreboard->ordinary, 2);
	scoreboard_attach(scoreboard, 0);
	scoreboard_stage(STAGE_IDLE);
	assert_int_equal(scoreboard->ordinary, 1);
	scoreboard_stage(STAGE_IDLE);
	scoreboard_vacate(scoreboard, 1);
	scoreboard_vacate(scoreboard, 1);
	assert_int_equal(scoreboard->ordinary, 0);
	scoreboard_free(scoreboard);
}

TEST(stages_have_names)
{
	assert_string_equal(stage_name(STAGE_NONE), "none");
	assert_string_equal(stage_name(STAGE_WRITING), "writing");
	assert_string_equal(stage_name(STAGE_WRITING + 1), "unknown");
	assert_string_equal(stage_name(-1), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_process_outside_of_any_pool_has_one_of_its_own),
	    cmocka_unit_test(a_new_one_is_empty),
	    cmocka_unit_test(stages_have_their_times),
	    cmocka_unit_test(a_long_path_is_cut),
	    cmocka_unit_test(answers_are_counted),
	    cmocka_unit_test(the_histogram_has_powers_of_two),
	    cmocka_unit_test(a_slot_that_is_vacated_keeps_its_counters),
	    cmocka_unit_test(it_is_shared_and_its_locks_outlive_their_holder),
	    cmocka_unit_test(as_many_hashes_at_once_as_cores_or_as_set),
	    cmocka_unit_test(so_many_workers_may_be_taken),
	    cmocka_unit_test(stages_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
