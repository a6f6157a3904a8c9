#include "handler.h"
#include "scoreboard.h"

TEST(tells_that_it_lives_and_is_ready)
{
	assert_int_equal(ask(NULL, "GET", "/healthz", NULL), 200);
	assert_string_equal(text("status"), "ok");
	assert_int_equal(ask(NULL, "GET", "/readyz", NULL), 200);
	assert_string_equal(text("database"), "ok");
	assert_string_equal(text("redis"), "ok");
}

TEST(is_not_ready_without_redis)
{
	const char *before = setting_redis;

	redis_close();
	setting_redis = "unix:/nonexistent";
	assert_int_equal(ask(NULL, "GET", "/readyz", NULL), 503);
	assert_string_equal(text("redis"), "unavailable");
	assert_string_equal(text("database"), "ok");
	setting_redis = before;
}

TEST(prints_the_scoreboard)
{
	int unrouted;

	assert_int_equal(ask(NULL, "GET", "/statusz", NULL), 200);
	unrouted = number("unrouted.requests");
	assert_int_equal(ask(NULL, "GET", "/no-such-path", NULL), 404);
	dispatch_account(&memory.req, &memory.res);
	assert_int_equal(ask(NULL, "GET", "/statusz", NULL), 200);
	assert_int_equal(json_object_array_length(member("workers")), 1);
	assert_int_equal(json_object_array_length(member("routes")), routes_count);
	assert_int_equal(json_object_array_length(member("breakers")), DEPENDENCIES);
	assert_string_equal(text("breakers.0.dependency"), "redis");
	assert_string_equal(text("breakers.0.state"), "closed");
	assert_string_equal(text("routes.0.route"), routes[0].pattern);
	assert_int_equal(number("routes.0.replicaTrips"), 0);
	assert_false(boolean("monitor")); /* tests have none */
	assert_int_equal(json_object_array_length(member("nodes")), 0);
	assert_int_equal(number("unrouted.requests"), unrouted + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_that_it_lives_and_is_ready), cmocka_unit_test(prints_the_scoreboard),
	    cmocka_unit_test(is_not_ready_without_redis), /* last: the next question would be answered too soon */
	};

	return HANDLER_TESTS(tests);
}
