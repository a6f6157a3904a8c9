#include "unit.h"

#include "breaker.h"
#include "scoreboard.h"

#define SECOND INT64_C(1000000)
#define START  (INT64_C(1000) * SECOND)

static struct breaker breaker;

static int
close_it(void **state)
{
	(void)state;
	memset(&breaker, 0, sizeof breaker);
	breaker.name = "test";
	return 0;
}

static void
fail_times(int times, int64_t now)
{
	for (int i = 0; i < times; i++)
		breaker_failed(&breaker, now);
}

#define assert_state(state) assert_string_equal(breaker_state_name(breaker_state(&breaker)), state)

TEST(a_closed_one_lets_through)
{
	for (int i = 0; i < 100; i++) {
		assert_true(breaker_allows(&breaker, START));
		breaker_succeeded(&breaker, START);
	}
	assert_state("closed");
	assert_int_equal(breaker.opened, 0);
}

TEST(failures_in_a_row_open_it_at_once)
{
	fail_times(BREAKER_IN_A_ROW - 1, START);
	assert_true(breaker_allows(&breaker, START));
	breaker_succeeded(&breaker, START);
	fail_times(BREAKER_IN_A_ROW - 1, START);
	assert_state("closed");
	fail_times(1, START);
	assert_state("open");
	assert_false(breaker_allows(&breaker, START));
	assert_int_equal(breaker.opened, 1);
	assert_int_equal(breaker.refused, 1);
}

TEST(half_of_enough_calls_open_it)
{
	for (int i = 0; i < BREAKER_CALLS_MIN / 2 - 1; i++) {
		breaker_failed(&breaker, START + i * SECOND / 2);
		breaker_succeeded(&breaker, START + i * SECOND / 2);
	}
	breaker_succeeded(&breaker, START + 5 * SECOND);
	assert_state("closed");
	breaker_failed(&breaker, START + 5 * SECOND);
	assert_state("open");
}

TEST(less_than_half_do_not)
{
	for (int i = 0; i < 100; i++) {
		breaker_succeeded(&breaker, START);
		breaker_succeeded(&breaker, START);
		breaker_failed(&breaker, START);
	}
	assert_state("closed");
}

TEST(what_is_older_than_the_window_is_forgotten)
{
	for (int i = 0; i < BREAKER_CALLS_MIN / 2 - 1; i++) {
		breaker_succeeded(&breaker, START);
		breaker_failed(&breaker, START);
	}
	for (int i = 0; i < 2; i++) {
		breaker_failed(&breaker, START + BREAKER_WINDOW_SECONDS * SECOND);
		breaker_succeeded(&breaker, START + BREAKER_WINDOW_SECONDS * SECOND);
	}
	assert_state("closed");
}

TEST(more_calls_than_can_be_counted_do_no_harm)
{
	for (int i = 0; i < 70000; i++)
		breaker_succeeded(&breaker, START);
	fail_times(1, START);
	assert_state("closed");
}

TEST(after_a_pause_there_is_one_trial)
{
	fail_times(BREAKER_IN_A_ROW, START);
	assert_false(breaker_allows(&breaker, START + BREAKER_PAUSE_US - 1));
	assert_true(breaker_allows(&breaker, START + BREAKER_PAUSE_US));
	assert_state("half open");
	assert_false(breaker_allows(&breaker, START + BREAKER_PAUSE_US));
	breaker_succeeded(&breaker, START + BREAKER_PAUSE_US);
	assert_state("closed");
	fail_times(BREAKER_IN_A_ROW - 1, START + BREAKER_PAUSE_US);
	assert_state("closed");
}

TEST(the_pause_doubles_up_to_its_maximum)
{
	int64_t now = START;

	fail_times(BREAKER_IN_A_ROW, now);
	for (int64_t pause = BREAKER_PAUSE_US; now < START + 60 * SECOND; pause *= 2) {
		if (pause > BREAKER_PAUSE_MAX_US)
			pause = BREAKER_PAUSE_MAX_US;
		assert_false(breaker_allows(&breaker, now + pause - 1));
		now += pause;
		assert_true(breaker_allows(&breaker, now));
		breaker_failed(&breaker, now);
		assert_state("open");
	}
	assert_int_equal(breaker.opened, 1);
	assert_true(breaker_allows(&breaker, now + BREAKER_PAUSE_MAX_US));
	breaker_succeeded(&breaker, now + BREAKER_PAUSE_MAX_US);
	fail_times(BREAKER_IN_A_ROW, now + BREAKER_PAUSE_MAX_US);
	assert_true(breaker_allows(&breaker, now + BREAKER_PAUSE_MAX_US + BREAKER_PAUSE_US)); /* as short as at first */
}

TEST(a_trial_that_never_comes_back_is_followed_by_another)
{
	fail_times(BREAKER_IN_A_ROW, START);
	assert_true(breaker_allows(&breaker, START + SECOND));
	assert_false(breaker_allows(&breaker, START + SECOND + BREAKER_PAUSE_MAX_US - 1));
	assert_true(breaker_allows(&breaker, START + SECOND + BREAKER_PAUSE_MAX_US));
}

TEST(a_call_from_before_it_opened_changes_nothing)
{
	fail_times(BREAKER_IN_A_ROW, START);
	breaker_succeeded(&breaker, START);
	fail_times(10, START);
	assert_state("open");
	assert_true(breaker_allows(&breaker, START + BREAKER_PAUSE_US));
}

TEST(who_knows_better_closes_it)
{
	fail_times(BREAKER_CALLS_MIN, START);
	assert_state("open");
	breaker_close(&breaker);
	breaker_close(&breaker);
	assert_state("closed");
	assert_true(breaker_allows(&breaker, START));
	breaker_failed(&breaker, START);
	assert_state("closed");
}

static void
fail_apart(const void *shared)
{
	breaker_failed((struct breaker *)shared, START);
}

static void
try_apart(const void *shared)
{
	if (!breaker_allows((struct breaker *)shared, START + BREAKER_PAUSE_US))
		_exit(1);
}

TEST(it_is_shared_by_the_pool)
{
	struct breaker *shared = scoreboard_breaker(DEPENDENCY_REDIS);
	char said[1000];

	for (int i = 0; i < BREAKER_IN_A_ROW; i++) {
		assert_int_equal(breaker_state(shared), BREAKER_CLOSED);
		assert_int_equal(run_apart(fail_apart, shared, said, sizeof said), 0);
	}
	assert_non_null(strstr(said, "\"event\":\"breaker opened\",\"dependency\":\"redis\""));
	assert_int_equal(breaker_state(shared), BREAKER_OPEN);
	assert_int_equal(run_apart(try_apart, shared, said, sizeof said), 0);
	assert_int_equal(breaker_state(shared), BREAKER_HALF_OPEN);
	breaker_succeeded(shared, START); /* it was not our trial */
	assert_int_equal(breaker_state(shared), BREAKER_HALF_OPEN);
	assert_int_equal(run_apart(try_apart, shared, said, sizeof said), 1);
	scoreboard_free(scoreboard_mine());
}

#define EACH(test) cmocka_unit_test_setup(test, close_it)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(a_closed_one_lets_through),
	    EACH(failures_in_a_row_open_it_at_once),
	    EACH(half_of_enough_calls_open_it),
	    EACH(less_than_half_do_not),
	    EACH(what_is_older_than_the_window_is_forgotten),
	    EACH(more_calls_than_can_be_counted_do_no_harm),
	    EACH(after_a_pause_there_is_one_trial),
	    EACH(the_pause_doubles_up_to_its_maximum),
	    EACH(a_trial_that_never_comes_back_is_followed_by_another),
	    EACH(a_call_from_before_it_opened_changes_nothing),
	    EACH(who_knows_better_closes_it),
	    EACH(it_is_shared_by_the_pool),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
