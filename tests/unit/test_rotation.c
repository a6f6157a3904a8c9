#include "unit.h"

#include "rotation.h"

#define SECOND INT64_C(1000000)

static struct rotation rotation;

static void
begin(size_t hosts, size_t replicas)
{
	rotation_init(&rotation, hosts, replicas, 5 * SECOND);
}

static void
decide(void)
{
	rotation_choose_primary(&rotation);
	rotation_judge(&rotation);
}

static void
primary_is_at(size_t host, uint32_t timeline, uint64_t offset, int64_t now)
{
	const struct probe_answer answer = {.offset = offset, .timeline = timeline, .checkpoint_timeline = timeline};

	rotation_answer(&rotation, NODES_PRIMARY, host, &answer, now);
	decide();
}

static void
replica_is_at(size_t replica, uint32_t timeline, uint64_t offset, int64_t now)
{
	const struct probe_answer answer = {.recovering = true,
	                                    .offset = offset,
	                                    .received = offset,
	                                    .receiver_timeline = timeline,
	                                    .checkpoint_timeline = timeline};

	rotation_answer(&rotation, NODES_REPLICAS, replica, &answer, now);
	decide();
}

static const struct node_state *
replica(size_t index)
{
	return &rotation.node[NODES_REPLICAS][index].state;
}

TEST(lag_is_the_time_since_the_primary_had_it)
{
	static struct history history;

	assert_int_equal(history_lag(&history, (struct position){1, 5}, 0), NODE_LAG_UNKNOWN);
	history_add(&history, (struct position){1, 100}, 10 * SECOND, 0);
	history_add(&history, (struct position){1, 100}, 20 * SECOND, 0); /* nobody wrote for ten seconds */
	history_add(&history, (struct position){1, 300}, 22 * SECOND, 0);
	assert_int_equal(history_lag(&history, (struct position){1, 300}, 30 * SECOND), 0);
	assert_int_equal(history_lag(&history, (struct position){1, 301}, 30 * SECOND), 0);
	assert_int_equal(history_lag(&history, (struct position){1, 200}, 30 * SECOND), 9 * SECOND);
	assert_int_equal(history_lag(&history, (struct position){1, 100}, 30 * SECOND), 10 * SECOND);
	assert_int_equal(history_lag(&history, (struct position){1, 99}, 30 * SECOND), NODE_LAG_UNKNOWN);
	assert_int_equal(history_lag(&history, (struct position){0, 300}, 30 * SECOND), NODE_LAG_UNKNOWN);
}

/* Whoever had all of the old timeline lags since the new one began. */
TEST(between_two_timelines_no_time_passes)
{
	static struct history history;

	history_add(&history, (struct position){1, 100}, 10 * SECOND, 0);
	history_add(&history, (struct position){2, 120}, 40 * SECOND, 0);
	assert_int_equal(history_lag(&history, (struct position){1, 100}, 41 * SECOND), SECOND);
	assert_int_equal(history_lag(&history, (struct position){1, 99}, 41 * SECOND), NODE_LAG_UNKNOWN);
	assert_int_equal(history_lag(&history, (struct position){2, 120}, 41 * SECOND), 0);
}

TEST(history_reaches_back_far_enough_however_often_it_is_added_to)
{
	static struct history history;
	int64_t now = 0;

	for (uint64_t i = 0; i < 100000; i++)
		history_add(&history, (struct position){1, i}, now += 1000, SECOND / 20);
	assert_int_equal(history.count, HISTORY_MAX);
	int64_t lag = history_lag(&history, (struct position){1, 100000 - 5001}, now);
	assert_in_range(lag, 4900000, 5100000);
	assert_int_equal(history_lag(&history, (struct position){1, 99999}, now), 0);
	history_add(&history, (struct position){1, 5}, now, 0); /* it does not go back */
	assert_int_equal(history_lag(&history, (struct position){1, 99999}, now), 0);
}

TEST(a_replica_leaves_when_it_lags_and_comes_back)
{
	begin(1, 1);
	primary_is_at(0, 1, 100, SECOND);
	replica_is_at(0, 1, 100, SECOND);
	assert_true(replica(0)->in_rotation);
	for (int i = 2; i <= 6; i++) {
		primary_is_at(0, 1, 100U * (unsigned)i, i * SECOND);
		replica_is_at(0, 1, 100, i * SECOND);
	}
	assert_int_equal(replica(0)->lag, 5 * SECOND);
	assert_true(replica(0)->in_rotation);
	primary_is_at(0, 1, 800, 7 * SECOND);
	replica_is_at(0, 1, 100, 7 * SECOND);
	assert_false(replica(0)->in_rotation);
	replica_is_at(0, 1, 600, 7 * SECOND);
	assert_true(replica(0)->in_rotation);
	rotation_away(&rotation, NODES_REPLICAS, 0);
	decide();
	assert_false(replica(0)->in_rotation);
	assert_int_equal(replica(0)->position.offset, 600);
}

TEST(an_idle_primary_leaves_nobody_behind)
{
	begin(1, 1);
	primary_is_at(0, 1, 100, SECOND);
	primary_is_at(0, 1, 100, 3600 * SECOND);
	replica_is_at(0, 1, 100, 3600 * SECOND);
	assert_int_equal(replica(0)->lag, 0);
	primary_is_at(0, 1, 200, 3601 * SECOND);
	replica_is_at(0, 1, 100, 3601 * SECOND);
	assert_int_equal(replica(0)->lag, SECOND);
}

TEST(one_that_is_promoted_is_no_replica)
{
	const struct probe_answer promoted = {.offset = 100, .timeline = 2};

	begin(1, 1);
	primary_is_at(0, 1, 100, SECOND);
	replica_is_at(0, 1, 100, SECOND);
	rotation_answer(&rotation, NODES_REPLICAS, 0, &promoted, 2 * SECOND);
	decide();
	assert_int_equal(replica(0)->role, NODE_WRITABLE);
	assert_false(replica(0)->in_rotation);
}

TEST(while_the_primary_is_away_no_time_passes)
{
	begin(1, 2);
	primary_is_at(0, 1, 100, SECOND);
	primary_is_at(0, 1, 900, 9 * SECOND);
	rotation_away(&rotation, NODES_PRIMARY, 0);
	replica_is_at(0, 1, 500, 100 * SECOND); /* it had lagged four seconds */
	replica_is_at(1, 1, 200, 100 * SECOND); /* and this one seven */
	assert_int_equal(rotation.primary.host, -1);
	assert_int_equal(rotation.primary.position.offset, 900);
	assert_true(replica(0)->in_rotation);
	assert_false(replica(1)->in_rotation);
	replica_is_at(1, 1, 900, 200 * SECOND);
	assert_true(replica(1)->in_rotation);
}

TEST(without_any_primary_the_furthest_may_be_read_from)
{
	const struct probe_answer behind = {
	    .recovering = true, .offset = 80, .received = 150, .receiver_timeline = 1, .checkpoint_timeline = 1};

	begin(1, 2);
	rotation_away(&rotation, NODES_PRIMARY, 0);
	replica_is_at(0, 1, 100, SECOND);
	assert_true(replica(0)->in_rotation);
	rotation_answer(&rotation, NODES_REPLICAS, 1, &behind, SECOND);
	decide();
	assert_false(replica(0)->in_rotation); /* the other has received more than anybody has replayed */
	assert_false(replica(1)->in_rotation);
	replica_is_at(1, 1, 150, 2 * SECOND);
	assert_true(replica(1)->in_rotation);
	assert_false(replica(0)->in_rotation);
}

TEST(the_primary_is_the_writable_host_of_the_highest_timeline)
{
	const struct probe_answer standby = {.recovering = true, .offset = 10, .checkpoint_timeline = 1};

	begin(3, 0);
	rotation_answer(&rotation, NODES_PRIMARY, 0, &standby, SECOND);
	decide();
	assert_int_equal(rotation.primary.host, -1);
	primary_is_at(1, 1, 100, SECOND);
	assert_int_equal(rotation.primary.host, 1);
	primary_is_at(2, 2, 90, 2 * SECOND);
	assert_int_equal(rotation.primary.host, 2);
	assert_int_equal(rotation.primary.position.timeline, 2);
	rotation_away(&rotation, NODES_PRIMARY, 2);
	decide();
	assert_int_equal(rotation.primary.host, -1); /* the old one is not the primary again */
	primary_is_at(2, 3, 200, 3 * SECOND);
	assert_int_equal(rotation.primary.host, 2);
}

/* What the receiver says is ahead of the replay: a timeline counts once it is sure that a part of it was replayed. */
TEST(the_timeline_of_a_replica_is_never_too_new)
{
	struct probe_answer answer = {
	    .recovering = true, .offset = 100, .receiver_timeline = 1, .checkpoint_timeline = 1, .started = 7};

	begin(1, 1);
	primary_is_at(0, 2, 120, SECOND);
	rotation_answer(&rotation, NODES_REPLICAS, 0, &answer, SECOND);
	assert_int_equal(replica(0)->position.timeline, 1);
	answer.receiver_timeline = 2; /* it follows, and has not replayed the switch yet */
	rotation_answer(&rotation, NODES_REPLICAS, 0, &answer, SECOND);
	assert_int_equal(replica(0)->position.timeline, 1);
	answer.offset = 120;
	rotation_answer(&rotation, NODES_REPLICAS, 0, &answer, SECOND);
	assert_int_equal(replica(0)->position.timeline, 2);
	answer.receiver_timeline = 0; /* its primary is gone */
	rotation_answer(&rotation, NODES_REPLICAS, 0, &answer, SECOND);
	assert_int_equal(replica(0)->position.timeline, 2);
	answer.started = 8; /* it was started anew, perhaps from an older backup */
	rotation_answer(&rotation, NODES_REPLICAS, 0, &answer, SECOND);
	assert_int_equal(replica(0)->position.timeline, 1);
	answer.checkpoint_timeline = 2;
	rotation_answer(&rotation, NODES_REPLICAS, 0, &answer, SECOND);
	assert_int_equal(replica(0)->position.timeline, 2);
}

TEST(all_must_be_asked_once)
{
	begin(1, 1);
	assert_false(rotation_complete(&rotation));
	primary_is_at(0, 1, 100, SECOND);
	assert_false(rotation_complete(&rotation));
	rotation_away(&rotation, NODES_REPLICAS, 0);
	assert_true(rotation_complete(&rotation));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lag_is_the_time_since_the_primary_had_it),
	    cmocka_unit_test(between_two_timelines_no_time_passes),
	    cmocka_unit_test(history_reaches_back_far_enough_however_often_it_is_added_to),
	    cmocka_unit_test(a_replica_leaves_when_it_lags_and_comes_back),
	    cmocka_unit_test(an_idle_primary_leaves_nobody_behind),
	    cmocka_unit_test(one_that_is_promoted_is_no_replica),
	    cmocka_unit_test(while_the_primary_is_away_no_time_passes),
	    cmocka_unit_test(without_any_primary_the_furthest_may_be_read_from),
	    cmocka_unit_test(the_primary_is_the_writable_host_of_the_highest_timeline),
	    cmocka_unit_test(the_timeline_of_a_replica_is_never_too_new),
	    cmocka_unit_test(all_must_be_asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
