/* The client against Redis servers of its own, which are frozen, killed and started again. */
#include "redis_client.h"

#include <sys/time.h>

#define LARGE (1024 * 1024)

static struct {
	pid_t pid;
	char setting[60]; /* unix:/PATH */
} servers[REDIS_SERVERS];

static const char *
socket_of(enum redis_server server)
{
	return servers[server].setting + strlen("unix:");
}

/* Starts a server; `option` and `value` are one more of its settings. */
static void
start_server(enum redis_server server, const char *option, const char *value)
{
	/* the text of its path is made below */
	const char *const words[] = {"redis-server",
	                             "--port",
	                             "0",
	                             "--unixsocket",
	                             socket_of(server),
	                             "--save",
	                             "",
	                             "--dir",
	                             folder,
	                             "--logfile",
	                             "/dev/null",
	                             option,
	                             value,
	                             NULL};
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(servers[server].setting, sizeof servers[server].setting, "unix:%s/%d.sock", folder, server);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_of(server));
	unlink(address.sun_path);
	servers[server].pid = run_server(words);
	reach((struct sockaddr *)&address, sizeof address);
}

static int
start_servers(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	for (size_t i = 0; i < REDIS_SERVERS; i++)
		start_server((enum redis_server)i, "--loglevel", "warning");
	return 0;
}

static int
stop_servers(void **state)
{
	(void)state;
	for (size_t i = 0; i < REDIS_SERVERS; i++)
		kill_server(servers[i].pid);
	return remove_folder();
}

static int
begin(void **state)
{
	(void)state;
	setting_redis = servers[REDIS_MAIN].setting;
	setting_redis_cache = servers[REDIS_CACHE].setting;
	setting_redis_password = "";
	setting_redis_timeout_ms = TIMEOUT_MS;
	memory_start(&memory, "GET", "/");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	for (size_t i = 0; i < REDIS_SERVERS; i++)
		kill(servers[i].pid, SIGCONT);
	memory_end(&memory);
	redis_close();
	scoreboard_free(scoreboard_mine());
	return 0;
}

static struct redis_ask
script(enum redis_server server, struct redis_script *script, const char *argument)
{
	struct redis_ask ask = command(server, argument, NULL, NULL);

	ask.script = script;
	return ask;
}

static void
tell(enum redis_server server, const char *first, const char *second, const char *third)
{
	struct redis_ask ask = command(server, first, second, third);

	redis_tell(&memory.req, &ask);
}

TEST(two_servers_are_one_wait)
{
	says(REDIS_MAIN, "SET", "where", "main");
	says(REDIS_CACHE, "SET", "where", "cache");
	memory.req.redis_trips = 0;

	struct redis_ask asks[] = {
	    command(REDIS_CACHE, "GET", "where", NULL),
	    command(REDIS_MAIN, "GET", "where", NULL),
	    command(REDIS_CACHE, "ECHO", "last", NULL),
	};

	redis_ask(&memory.req, asks, COUNT_OF(asks));
	assert_reply(asks[0].reply, "cache");
	assert_reply(asks[1].reply, "main");
	assert_reply(asks[2].reply, "last");
	assert_int_equal(memory.req.redis_trips, 1);
}

TEST(without_a_cache_of_its_own_all_is_in_one)
{
	setting_redis_cache = "";
	says(REDIS_CACHE, "SET", "where", "one");
	assert_reply(says(REDIS_MAIN, "GET", "where", NULL), "one");
}

static void
check_one_frozen(enum redis_server frozen)
{
	enum redis_server other = frozen == REDIS_MAIN ? REDIS_CACHE : REDIS_MAIN;
	struct redis_ask asks[] = {command(REDIS_MAIN, "ECHO", "main", NULL),
	                           command(REDIS_CACHE, "ECHO", "cache", NULL)};

	redis_ask(&memory.req, asks, 2);
	kill(servers[frozen].pid, SIGSTOP);
	assert_in_range(milliseconds_of(asks, 2), TIMEOUT_MS - 1, TIMEOUT_MS + SLACK_MS);
	assert_null(asks[frozen].reply);
	assert_reply(asks[other].reply, other == REDIS_MAIN ? "main" : "cache");

	/* nor is there a connection to it that could be made */
	assert_in_range(milliseconds_of(asks, 2), 0, TIMEOUT_MS + SLACK_MS);
	assert_null(asks[frozen].reply);
	assert_non_null(asks[other].reply);
	assert_int_equal(scoreboard_breaker(DEPENDENCY_REDIS)->in_a_row, frozen == REDIS_MAIN ? 2 : 0);
	assert_int_equal(scoreboard_breaker(DEPENDENCY_REDIS_CACHE)->in_a_row, frozen == REDIS_CACHE ? 2 : 0);

	kill(servers[frozen].pid, SIGCONT);
	redis_ask(&memory.req, asks, 2);
	assert_reply(asks[0].reply, "main");
	assert_reply(asks[1].reply, "cache");
}

TEST(a_frozen_main_server_does_not_keep_the_cache_away)
{
	check_one_frozen(REDIS_MAIN);
}

TEST(a_frozen_cache_does_not_keep_the_main_server_away)
{
	check_one_frozen(REDIS_CACHE);
}

TEST(both_frozen_are_waited_for_once)
{
	struct redis_ask asks[] = {command(REDIS_MAIN, "PING", NULL, NULL), command(REDIS_CACHE, "PING", NULL, NULL),
	                           command(REDIS_MAIN, "PING", NULL, NULL), command(REDIS_CACHE, "PING", NULL, NULL)};

	redis_ask(&memory.req, asks, 4);
	for (size_t i = 0; i < REDIS_SERVERS; i++)
		kill(servers[i].pid, SIGSTOP);
	assert_in_range(milliseconds_of(asks, 4), TIMEOUT_MS - 1, TIMEOUT_MS + SLACK_MS);
	assert_in_range(milliseconds_of(asks, 4), 0, TIMEOUT_MS + SLACK_MS); /* connecting as well */
}

TEST(after_a_few_failures_nobody_waits_until_it_answers_again)
{
	struct redis_ask asks[] = {command(REDIS_MAIN, "PING", NULL, NULL)};

	redis_ask(&memory.req, asks, 1);
	kill(servers[REDIS_MAIN].pid, SIGSTOP);
	for (int i = 0; i < BREAKER_IN_A_ROW; i++)
		assert_in_range(milliseconds_of(asks, 1), TIMEOUT_MS - 1, TIMEOUT_MS + SLACK_MS);
	assert_in_range(milliseconds_of(asks, 1), 0, TIMEOUT_MS / 2);
	assert_null(asks[0].reply);
	assert_string_equal(redis_run_id(&memory.req), "");
	assert_false(redis_ready(&memory.req, REDIS_MAIN));
	assert_int_equal(breaker_state(scoreboard_breaker(DEPENDENCY_REDIS)), BREAKER_OPEN);

	kill(servers[REDIS_MAIN].pid, SIGCONT);
	assert_true(redis_ready(&memory.req, REDIS_MAIN));
	assert_int_equal(breaker_state(scoreboard_breaker(DEPENDENCY_REDIS)), BREAKER_CLOSED);
	assert_reply(says(REDIS_MAIN, "ECHO", "again", NULL), "again");
}

TEST(who_watches_notices_at_once_that_it_answers_again)
{
	kill_server(servers[REDIS_CACHE].pid);
	for (int i = 0; i < BREAKER_IN_A_ROW; i++)
		says(REDIS_CACHE, "PING", NULL, NULL);
	redis_watch(&memory.req);
	assert_int_equal(breaker_state(scoreboard_breaker(DEPENDENCY_REDIS_CACHE)), BREAKER_OPEN);
	start_server(REDIS_CACHE, "--loglevel", "warning");
	redis_watch(&memory.req);
	assert_int_equal(breaker_state(scoreboard_breaker(DEPENDENCY_REDIS_CACHE)), BREAKER_CLOSED);
	assert_reply(says(REDIS_CACHE, "PING", NULL, NULL), "PONG");
}

/* A server that accepts and then sends a reply so slowly that it never ends. */
static void
trickle(int listener)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	for (int client; (client = accept(listener, NULL, NULL)) >= 0; close(client))
		for (ssize_t sent = write(client, "$1000\r\n", 7); sent > 0; sent = write(client, "x", 1))
			usleep(10000);
}

TEST(a_reply_that_trickles_is_not_waited_for_any_longer)
{
	struct redis_ask asks[] = {command(REDIS_MAIN, "PING", NULL, NULL)};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	char setting[120];
	pid_t child;

	snprintf(address.sun_path, sizeof address.sun_path, "%s/slow.sock", folder);
	snprintf(setting, sizeof setting, "unix:%s", address.sun_path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	listen(listener, 10);
	child = fork();
	if (child == 0)
		trickle(listener);
	setting_redis = setting;
	assert_in_range(milliseconds_of(asks, 1), TIMEOUT_MS - 1, TIMEOUT_MS + SLACK_MS);
	assert_null(asks[0].reply);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(listener);
	unlink(address.sun_path);
}

static void
on_alarm(int signal __attribute__((unused)))
{
}

TEST(signals_do_not_cut_a_wait_short)
{
	const struct itimerval often = {{0, 3000}, {0, 3000}}, never = {0};
	struct redis_ask asks[] = {command(REDIS_MAIN, "BLPOP", "nothing", "0.1"),
	                           command(REDIS_CACHE, "PING", NULL, NULL)};

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_in_range(milliseconds_of(asks, 2), 80, TIMEOUT_MS + SLACK_MS);
	assert_non_null(asks[0].reply);
	assert_reply(asks[1].reply, "PONG");
	kill(servers[REDIS_MAIN].pid, SIGSTOP);
	assert_in_range(milliseconds_of(asks, 2), TIMEOUT_MS - 1, TIMEOUT_MS + SLACK_MS);
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
}

TEST(forgotten_scripts_are_loaded_again)
{
	static struct redis_script one = {.text = "return 'one' .. ARGV[1]"}, two = {.text = "return 'two' .. ARGV[1]"};
	struct redis_ask asks[] = {script(REDIS_MAIN, &one, "a"), command(REDIS_MAIN, "INCR", "forgotten", NULL),
	                           script(REDIS_MAIN, &two, "b"), script(REDIS_CACHE, &two, "c")};

	for (int i = 1; i <= 3; i++) {
		memory.req.redis_trips = 0;
		redis_ask(&memory.req, asks, COUNT_OF(asks));
		assert_reply(asks[0].reply, "onea");
		assert_int_equal(asks[1].reply->integer, i); /* it is not asked twice */
		assert_reply(asks[2].reply, "twob");
		assert_reply(asks[3].reply, "twoc");
		assert_int_equal(memory.req.redis_trips, i == 2 ? 2 : 1);
		if (i == 1)
			says(REDIS_MAIN, "SCRIPT", "FLUSH", NULL);
	}
}

TEST(error_replies_are_no_replies)
{
	static struct redis_script bad = {.text = "this is no Lua"};
	struct redis_ask asks[] = {command(REDIS_MAIN, "NOSUCHCOMMAND", NULL, NULL),
	                           command(REDIS_MAIN, "PING", NULL, NULL), script(REDIS_MAIN, &bad, "")};

	redis_ask(&memory.req, asks, COUNT_OF(asks));
	assert_null(asks[0].reply);
	assert_reply(asks[1].reply, "PONG");
	assert_null(asks[2].reply);
	assert_int_equal(scoreboard_breaker(DEPENDENCY_REDIS)->in_a_row, 0);
}

TEST(what_was_told_is_done_before_what_is_asked_next)
{
	static struct redis_script append = {.text = "return redis.call('APPEND', 'told', ARGV[1])"};
	struct redis_ask a = script(REDIS_CACHE, &append, "a"), b = script(REDIS_CACHE, &append, "b");

	tell(REDIS_CACHE, "SET", "told", "unconnected"); /* nobody hears that */
	assert_int_equal(says(REDIS_CACHE, "EXISTS", "told", NULL)->integer, 0);
	memory.req.redis_trips = 0;
	redis_tell(&memory.req, &a);
	tell(REDIS_CACHE, "NOSUCHCOMMAND", NULL, NULL);
	redis_tell(&memory.req, &a);
	assert_int_equal(memory.req.redis_trips, 0);
	assert_reply(says(REDIS_CACHE, "GET", "told", NULL), "aa");
	assert_int_equal(strlen(append.hash), 40);
	assert_int_equal(memory.req.redis_trips, 1);

	says(REDIS_CACHE, "SCRIPT", "FLUSH", NULL);
	redis_tell(&memory.req, &b); /* gets lost, but not for good */
	assert_reply(says(REDIS_CACHE, "GET", "told", NULL), "aa");
	redis_tell(&memory.req, &b);
	assert_reply(says(REDIS_CACHE, "GET", "told", NULL), "aab");
	for (int i = 0; i < 1000; i++)
		tell(REDIS_CACHE, "INCR", "counted", NULL);
	assert_in_range(atoi(says(REDIS_CACHE, "GET", "counted", NULL)->str), 10, 1000);
	assert_reply(says(REDIS_CACHE, "ECHO", "in order", NULL), "in order");
}

static char *
large_text(void)
{
	char *large = arena_alloc(memory.req.arena, LARGE + 1);

	memset(large, 'x', LARGE);
	return large;
}

TEST(values_may_be_large)
{
	const char *large = large_text();
	struct redis_ask asks[] = {command(REDIS_MAIN, "SET", "large", large),
	                           command(REDIS_MAIN, "GET", "large", NULL),
	                           command(REDIS_CACHE, "GET", "large", NULL)};

	assert_reply(says(REDIS_CACHE, "PING", NULL, NULL), "PONG");
	for (int tries = 1; tries == 1 || asks[2].reply == NULL || asks[2].reply->str == NULL; tries++) {
		assert_true(tries < 20); /* it may get lost while the server has no time for it */
		tell(REDIS_CACHE, "SET", "large", large);
		redis_ask(&memory.req, asks, COUNT_OF(asks));
	}
	assert_reply(asks[0].reply, "OK");
	assert_reply(asks[1].reply, large);
	assert_reply(asks[2].reply, large);
}

TEST(telling_a_frozen_server_takes_no_time)
{
	const char *large = large_text();
	int64_t start;

	says(REDIS_CACHE, "PING", NULL, NULL);
	kill(servers[REDIS_CACHE].pid, SIGSTOP);
	start = clock_monotonic();
	for (int i = 0; i < 10; i++)
		tell(REDIS_CACHE, "SET", "frozen", large);
	assert_in_range((clock_monotonic() - start) / 1000, 0, SLACK_MS);
	kill(servers[REDIS_CACHE].pid, SIGCONT);
	assert_reply(says(REDIS_CACHE, "ECHO", "in order", NULL), "in order");
	assert_int_equal(says(REDIS_CACHE, "EXISTS", "frozen", NULL)->integer, 0);
}

TEST(an_idle_connection_may_be_closed)
{
	struct redis_ask kill_all[] = {command(REDIS_MAIN, "CLIENT", "KILL", "TYPE")};
	const struct redis_argument words[] = {redis_text("CLIENT"), redis_text("KILL"),   redis_text("TYPE"),
	                                       redis_text("normal"), redis_text("SKIPME"), redis_text("no")};

	kill_all[0].arguments = words;
	kill_all[0].count = COUNT_OF(words);
	redis_ask(&memory.req, kill_all, 1);
	assert_reply(says(REDIS_MAIN, "ECHO", "anew", NULL), "anew");
	redis_ask(&memory.req, kill_all, 1);
	tell(REDIS_MAIN, "SET", "a", "b");
	assert_reply(says(REDIS_MAIN, "ECHO", "anew", NULL), "anew");
	assert_int_equal(scoreboard_breaker(DEPENDENCY_REDIS)->in_a_row, 0);
}

TEST(a_server_that_was_started_again_has_another_run_id)
{
	char before[100];

	snprintf(before, sizeof before, "%s", redis_run_id(&memory.req));
	assert_int_equal(strlen(before), 40);
	assert_string_equal(redis_run_id(&memory.req), before);
	kill_server(servers[REDIS_MAIN].pid);
	assert_null(says(REDIS_MAIN, "PING", NULL, NULL));
	assert_string_equal(redis_run_id(&memory.req), "");
	start_server(REDIS_MAIN, "--loglevel", "warning");
	assert_int_equal(strlen(redis_run_id(&memory.req)), 40);
	assert_string_not_equal(redis_run_id(&memory.req), before);
}

TEST(a_server_may_want_a_password)
{
	kill_server(servers[REDIS_MAIN].pid);
	start_server(REDIS_MAIN, "--requirepass", "open sesame");
	assert_null(says(REDIS_MAIN, "PING", NULL, NULL));
	setting_redis_password = "wrong";
	assert_null(says(REDIS_MAIN, "PING", NULL, NULL));
	setting_redis_password = "open sesame";
	assert_reply(says(REDIS_MAIN, "PING", NULL, NULL), "PONG");
	kill_server(servers[REDIS_MAIN].pid);
	start_server(REDIS_MAIN, "--loglevel", "warning");
}

TEST(an_address_that_leads_nowhere_is_no_server)
{
	static const char *const addresses[] = {"unix:/nonexistent", "127.0.0.1:1",
	                                        "sentinel:m@127.0.0.1:1,127.0.0.1:2", "nonsense:"};

	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		struct redis_ask asks[] = {command(REDIS_MAIN, "PING", NULL, NULL)};

		redis_close();
		breaker_close(scoreboard_breaker(DEPENDENCY_REDIS));
		setting_redis = addresses[i];
		assert_in_range(milliseconds_of(asks, 1), 0, TIMEOUT_MS + SLACK_MS);
		assert_null(asks[0].reply);
	}
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(two_servers_are_one_wait),
	    EACH(without_a_cache_of_its_own_all_is_in_one),
	    EACH(a_frozen_main_server_does_not_keep_the_cache_away),
	    EACH(a_frozen_cache_does_not_keep_the_main_server_away),
	    EACH(both_frozen_are_waited_for_once),
	    EACH(after_a_few_failures_nobody_waits_until_it_answers_again),
	    EACH(who_watches_notices_at_once_that_it_answers_again),
	    EACH(a_reply_that_trickles_is_not_waited_for_any_longer),
	    EACH(signals_do_not_cut_a_wait_short),
	    EACH(forgotten_scripts_are_loaded_again),
	    EACH(error_replies_are_no_replies),
	    EACH(what_was_told_is_done_before_what_is_asked_next),
	    EACH(values_may_be_large),
	    EACH(telling_a_frozen_server_takes_no_time),
	    EACH(an_idle_connection_may_be_closed),
	    EACH(a_server_that_was_started_again_has_another_run_id),
	    EACH(a_server_may_want_a_password),
	    EACH(an_address_that_leads_nowhere_is_no_server),
	};
	return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
