#include "unit.h"

#include <pthread.h>

#include "clock.h"
#include "nodes.h"
#include "scoreboard.h"

#define SLOTS 60

static const struct position nowhere;

/* So many replicas, all in rotation at (1, 100), and a monitor that has just looked. */
static int
start(size_t replicas)
{
	const size_t count[NODE_LISTS] = {1, replicas};
	const struct primary_state primary = {.host = 0, .position = {1, 100}, .seen = clock_monotonic()};

	nodes_open(&scoreboard_mine()->nodes, count);
	for (size_t i = 0; i < replicas; i++)
		nodes_publish(
		    NODES_REPLICAS, i,
		    &(struct node_state){
			.role = NODE_STANDBY, .in_rotation = true, .position = {1, 100}, .seen = clock_monotonic()});
	nodes_publish_primary(&primary);
	nodes_round(clock_monotonic());
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	scoreboard_free(scoreboard_mine());
	return 0;
}

static void
publish(size_t replica, bool in_rotation, struct position position, int64_t lag)
{
	nodes_publish(NODES_REPLICAS, replica,
	              &(struct node_state){NODE_STANDBY, in_rotation, position, lag, clock_monotonic()});
}

static int
choose(size_t slot, struct position needed)
{
	return nodes_choose(slot, needed, 0, true).index;
}

/* Counts who reads from which; `chosen` gets each slot's choice. */
static void
spread(int chosen[SLOTS], size_t counts[NODES_MAX])
{
	memset(counts, 0, NODES_MAX * sizeof *counts);
	for (size_t slot = 0; slot < SLOTS; slot++) {
		chosen[slot] = choose(slot, nowhere);
		assert_in_range(chosen[slot], 0, NODES_MAX - 1);
		counts[chosen[slot]]++;
	}
}

TEST(without_a_monitor_there_is_nothing_to_choose)
{
	struct position position;
	int64_t age;

	assert_false(nodes_watched());
	assert_int_equal(choose(0, nowhere), -1);
	assert_false(nodes_any_replica());
	assert_false(nodes_primary_position(&position, &age));
	assert_false(nodes_is_away(NODES_PRIMARY, -1));
	start(1);
	assert_true(nodes_watched());
	nodes_round(clock_monotonic() - 60000000);
	assert_false(nodes_watched());
	assert_int_equal(choose(0, nowhere), -1);
	assert_false(nodes_all_replayed(nowhere, false));
}

TEST(workers_spread_evenly)
{
	int chosen[SLOTS];
	size_t counts[NODES_MAX];

	for (size_t replicas = 1; replicas <= 6; replicas++) {
		start(replicas);
		spread(chosen, counts);
		for (size_t i = 0; i < replicas; i++)
			assert_int_equal(counts[i], SLOTS / replicas);
	}
}

TEST(only_those_who_lost_theirs_move_and_they_come_back)
{
	int before[SLOTS], without[SLOTS], after[SLOTS];
	size_t counts[NODES_MAX];

	start(4);
	spread(before, counts);
	publish(2, false, (struct position){1, 100}, 0);
	spread(without, counts);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(counts[i], i == 2 ? 0 : SLOTS / 3);
	for (size_t slot = 0; slot < SLOTS; slot++)
		assert_true(before[slot] == 2 || without[slot] == before[slot]);
	publish(2, true, (struct position){1, 100}, 0);
	spread(after, counts);
	assert_memory_equal(after, before, sizeof before);
}

TEST(what_is_needed_decides)
{
	start(2);
	publish(0, true, (struct position){1, 100}, 10000000);
	publish(1, true, (struct position){1, 200}, 0);
	assert_true(nodes_choose(0, (struct position){1, 100}, 0, true).certain);
	assert_int_equal(choose(0, (struct position){1, 101}), -1); /* it lags: no hope; and the primary is there */
	assert_int_equal(nodes_choose(0, (struct position){1, 101}, 0, false).index, 1);
	assert_int_equal(choose(0, (struct position){2, 50}), -1);
	assert_int_equal(choose(1, (struct position){0, 0}), 1);
}

TEST(one_that_keeps_up_is_worth_asking_until_it_disappoints)
{
	struct replica_choice choice;

	start(1);
	choice = nodes_choose(0, (struct position){1, 900}, 0, true);
	assert_int_equal(choice.index, 0);
	assert_false(choice.certain);
	assert_int_equal(choice.position.offset, 100);
	assert_int_equal(choose(0, (struct position){2, 1}), -1); /* never across timelines */
	usleep(10);
	nodes_missed(0);
	assert_int_equal(choose(0, (struct position){1, 900}), -1);
	assert_int_equal(choose(0, (struct position){1, 100}), 0);
	usleep(2500);
	assert_int_equal(choose(0, (struct position){1, 900}), 0);
}

TEST(who_is_suspected_is_left_alone_until_it_answers)
{
	int64_t asked = clock_monotonic();

	start(2);
	usleep(10);
	assert_true(nodes_suspect(0));
	assert_false(nodes_suspect(0)); /* somebody said so */
	assert_int_equal(choose(0, nowhere), 1);
	nodes_answered(0, asked); /* asked before */
	assert_int_equal(choose(0, nowhere), 1);
	usleep(10);
	nodes_answered(0, clock_monotonic());
	assert_int_equal(choose(0, nowhere), 0);
}

TEST(who_was_tried_is_not_tried_again)
{
	start(2);
	assert_int_equal(nodes_choose(0, nowhere, 1, true).index, 1);
	assert_int_equal(nodes_choose(0, nowhere, 3, true).index, -1);
}

TEST(all_have_replayed_when_all_in_rotation_have)
{
	start(2);
	assert_true(nodes_all_replayed((struct position){1, 100}, false));
	assert_false(nodes_all_replayed((struct position){1, 101}, false));
	publish(1, true, (struct position){1, 101}, 0);
	assert_false(nodes_all_replayed((struct position){1, 101}, false));
	publish(0, false, (struct position){1, 100}, 0);
	assert_true(nodes_all_replayed((struct position){1, 101}, false));
	assert_false(nodes_all_replayed((struct position){2, 1}, false));
}

TEST(the_primary_is_told_with_its_position_and_its_age)
{
	struct position position;
	int64_t age;

	start(0);
	assert_true(nodes_primary_position(&position, &age));
	assert_int_equal(position.timeline, 1);
	assert_int_equal(position.offset, 100);
	assert_in_range(age, 0, 1000000);
	assert_false(nodes_is_away(NODES_PRIMARY, -1));
	nodes_publish_primary(&(struct primary_state){.host = -1, .position = {1, 100}});
	assert_true(nodes_is_away(NODES_PRIMARY, -1));
	nodes_publish(NODES_PRIMARY, 0, &(struct node_state){.role = NODE_AWAY});
	assert_true(nodes_is_away(NODES_PRIMARY, 0));
}

#define WRITES 200000

static void *
write_many(void *unused)
{
	for (uint32_t i = 1; i <= WRITES; i++)
		publish(0, true, (struct position){i, UINT64_C(0x100000001) * i}, i);
	return unused;
}

/* Reads beside the one who writes: timeline, offset and lag always belong together. */
TEST(a_state_is_never_torn)
{
	pthread_t writer;
	struct node_state seen;

	start(1);
	publish(0, true, (struct position){1, UINT64_C(0x100000001)}, 1);
	scoreboard_mine();
	assert_int_equal(pthread_create(&writer, NULL, write_many, NULL), 0);
	do {
		seen = nodes_state(NODES_REPLICAS, 0);
		assert_int_equal(seen.position.offset, UINT64_C(0x100000001) * seen.position.timeline);
		assert_int_equal(seen.lag, seen.position.timeline);
	} while (seen.position.timeline < WRITES);
	pthread_join(writer, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(without_a_monitor_there_is_nothing_to_choose, stop),
	    cmocka_unit_test_teardown(workers_spread_evenly, stop),
	    cmocka_unit_test_teardown(only_those_who_lost_theirs_move_and_they_come_back, stop),
	    cmocka_unit_test_teardown(what_is_needed_decides, stop),
	    cmocka_unit_test_teardown(one_that_keeps_up_is_worth_asking_until_it_disappoints, stop),
	    cmocka_unit_test_teardown(who_is_suspected_is_left_alone_until_it_answers, stop),
	    cmocka_unit_test_teardown(who_was_tried_is_not_tried_again, stop),
	    cmocka_unit_test_teardown(all_have_replayed_when_all_in_rotation_have, stop),
	    cmocka_unit_test_teardown(the_primary_is_told_with_its_position_and_its_age, stop),
	    cmocka_unit_test_teardown(a_state_is_never_torn, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
