/* The client against a Redis, its replica and a sentinel that watches over them, all with a password. */
#include "redis_client.h"

#define PASSWORD         "open sesame"
#define FAILOVER_SECONDS 15

static struct {
	pid_t pid;
	char port[8];
} one, two, sentinel;

static char setting[200];

static void
choose_port(char port[8])
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int probe = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(probe, (struct sockaddr *)&address, length), 0);
	getsockname(probe, (struct sockaddr *)&address, &length);
	snprintf(port, 8, "%d", ntohs(address.sin_port));
	close(probe);
}

static void
reach_port(const char *port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)atoi(port))};

	reach((struct sockaddr *)&address, sizeof address);
}

/* Starts a server, as a replica unless `master` is NULL. */
static pid_t
start_server(const char *port, const char *master)
{
	char replicated[30];
	const char *const words[] = {"redis-server",
	                             "--port",
	                             port,
	                             "--bind",
	                             "127.0.0.1",
	                             "--save",
	                             "",
	                             "--dir",
	                             folder,
	                             "--logfile",
	                             "/dev/null",
	                             "--requirepass",
	                             PASSWORD,
	                             "--masterauth",
	                             PASSWORD,
	                             master != NULL ? "--replicaof" : NULL,
	                             replicated,
	                             NULL};
	pid_t pid;

	snprintf(replicated, sizeof replicated, "127.0.0.1 %s", master != NULL ? master : "");
	pid = run_server(words);
	reach_port(port);
	return pid;
}

static void
start_sentinel(void)
{
	char path[100];
	const char *const words[] = {"redis-sentinel", path, NULL};
	FILE *file;

	snprintf(path, sizeof path, "%s/sentinel.conf", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file,
	        "port %s\nbind 127.0.0.1\nlogfile /dev/null\nsentinel monitor m 127.0.0.1 %s 1\n"
	        "sentinel auth-pass m \"" PASSWORD "\"\n"
	        "sentinel down-after-milliseconds m 500\nsentinel failover-timeout m 3000\n",
	        sentinel.port, one.port);
	fclose(file);
	sentinel.pid = run_server(words);
	reach_port(sentinel.port);
}

/* Asks once, whatever there was before, until it is as wanted; fails after some seconds. */
static void
await(const char *first, const char *second, const char *third, const char *wanted)
{
	int64_t end = clock_monotonic() + FAILOVER_SECONDS * INT64_C(1000000);
	const redisReply *reply;

	while ((reply = says(REDIS_MAIN, first, second, third)) == NULL || reply->str == NULL ||
	       strstr(reply->str, wanted) == NULL) {
		assert_true(clock_monotonic() < end);
		usleep(50000);
	}
}

static int
begin(void **state)
{
	(void)state;
	setting_redis_timeout_ms = TIMEOUT_MS;
	setting_redis_password = PASSWORD;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	choose_port(one.port);
	choose_port(two.port);
	choose_port(sentinel.port);
	one.pid = start_server(one.port, NULL);
	two.pid = start_server(two.port, one.port);
	start_sentinel();
	snprintf(setting, sizeof setting, "sentinel:m@127.0.0.1:%s", sentinel.port);
	setting_redis = setting;
	memory_start(&memory, "GET", "/");
	await("ECHO", "ready", NULL, "ready");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	kill_server(one.pid);
	kill_server(two.pid);
	kill_server(sentinel.pid);
	memory_end(&memory);
	redis_close();
	scoreboard_free(scoreboard_mine());
	return remove_folder();
}

TEST(the_master_is_found)
{
	assert_reply(says(REDIS_MAIN, "SET", "a", "b"), "OK");
	await("INFO", "replication", NULL, "role:master");
}

/* One that refuses, one that never answers and one that does not know the master. */
TEST(sentinels_are_asked_in_turn)
{
	struct redis_ask asks[] = {command(REDIS_MAIN, "SET", "a", "b")};
	struct sockaddr_in silent = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof silent;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(listener, (struct sockaddr *)&silent, length), 0);
	listen(listener, 10);
	getsockname(listener, (struct sockaddr *)&silent, &length);
	snprintf(setting, sizeof setting, "sentinel:m@127.0.0.1:1,127.0.0.1:%d,127.0.0.1:%s,127.0.0.1:%s",
	         ntohs(silent.sin_port), two.port, sentinel.port);
	redis_close();
	assert_in_range(milliseconds_of(asks, 1), TIMEOUT_MS / 5, TIMEOUT_MS);
	assert_reply(asks[0].reply, "OK");
	for (int tries = 1;; tries++) { /* the one that answered is asked first */
		redis_close();
		if (milliseconds_of(asks, 1) < TIMEOUT_MS / 10)
			break;
		assert_true(tries < 10);
	}
	assert_reply(asks[0].reply, "OK");
	close(listener);
}

TEST(nobody_else_is_taken_for_the_master)
{
	redis_close();
	snprintf(setting, sizeof setting, "sentinel:other@127.0.0.1:%s", sentinel.port);
	assert_null(says(REDIS_MAIN, "PING", NULL, NULL));
	snprintf(setting, sizeof setting, "sentinel:m@127.0.0.1:%s", one.port);
	assert_null(says(REDIS_MAIN, "PING", NULL, NULL));
}

TEST(when_it_dies_another_takes_its_place)
{
	char before[50];

	await("INFO", "replication", NULL, "state=online");
	assert_reply(says(REDIS_MAIN, "SET", "kept", "value"), "OK");
	snprintf(before, sizeof before, "%s", redis_run_id(&memory.req));
	sleep(1); /* the replica has it, and the sentinel knows the replica */

	kill_server(one.pid);
	await("GET", "kept", NULL, "value");
	assert_reply(says(REDIS_MAIN, "SET", "a", "b"), "OK");
	assert_string_not_equal(redis_run_id(&memory.req), before);
	assert_int_equal(breaker_state(scoreboard_breaker(DEPENDENCY_REDIS)), BREAKER_CLOSED);
	one.pid = start_server(one.port, NULL);
}

TEST(a_demoted_master_is_left)
{
	const struct redis_argument demote[] = {redis_text("REPLICAOF"), redis_text("127.0.0.1"), redis_text("1")};
	const struct redis_argument promote[] = {redis_text("REPLICAOF"), redis_text("NO"), redis_text("ONE")};
	char address[30];
	struct redis_ask asks[] = {command(REDIS_MAIN, "GET", "a", NULL), command(REDIS_MAIN, "SET", "a", "c")};

	assert_reply(says(REDIS_MAIN, "SET", "a", "b"), "OK");
	assert_reply(redis_command(&memory.req, demote, 3), "OK");
	redis_ask(&memory.req, asks, 2); /* the sentinel still calls it the master */
	assert_null(asks[0].reply);
	assert_null(asks[1].reply);
	assert_int_equal(scoreboard_breaker(DEPENDENCY_REDIS)->in_a_row, 1);

	redis_close();
	snprintf(address, sizeof address, "127.0.0.1:%s", one.port);
	setting_redis = address;
	assert_reply(redis_command(&memory.req, promote, 3), "OK");
	redis_close();
	setting_redis = setting;
	redis_ask(&memory.req, asks, 2);
	assert_reply(asks[0].reply, "b");
	assert_reply(asks[1].reply, "OK");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(the_master_is_found),
	    EACH(sentinels_are_asked_in_turn),
	    EACH(nobody_else_is_taken_for_the_master),
	    EACH(when_it_dies_another_takes_its_place),
	    EACH(a_demoted_master_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
