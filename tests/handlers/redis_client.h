/* What the tests of the Redis client start with: servers of their own, and ways to ask them. */
#ifndef QUIRE_TESTS_REDIS_CLIENT_H
#define QUIRE_TESTS_REDIS_CLIENT_H

#include "../memory.h"
#include "../unit/unit.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "redis.h"
#include "scoreboard.h"
#include "settings.h"

#define TIMEOUT_MS 500
#define SLACK_MS   400 /* of a machine that does other things as well; two time-outs are longer */

static struct memory memory;
static char folder[] = "/tmp/test_redis.XXXXXX";

/* Starts a program that ends with the test. */
static inline pid_t
run_server(const char *const *words)
{
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(words[0], (char *const *)words);
		_exit(1);
	}
	return child;
}

static inline void
kill_server(pid_t server)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

static inline int
remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind, (void)place;
	return remove(path);
}

static inline int
remove_folder(void)
{
	return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Waits until something listens there. */
static inline void
reach(const struct sockaddr *address, socklen_t length)
{
	int probe = -1, tries = 500;

	do {
		close(probe);
		probe = socket(address->sa_family, SOCK_STREAM, 0);
		assert_true(tries-- > 0);
		usleep(10000);
	} while (connect(probe, address, length) < 0);
	close(probe);
}

/* A plain command of up to three words; NULL ends them earlier. */
static inline struct redis_ask
command(enum redis_server server, const char *first, const char *second, const char *third)
{
	struct redis_argument *words = arena_alloc(memory.req.arena, 3 * sizeof *words);
	struct redis_ask ask = {.server = server, .arguments = words};

	for (const char *const *word = (const char *const[]){first, second, third, NULL}; *word != NULL; word++)
		words[ask.count++] = redis_text(*word);
	return ask;
}

static inline redisReply *
says(enum redis_server server, const char *first, const char *second, const char *third)
{
	struct redis_ask ask = command(server, first, second, third);

	redis_ask(&memory.req, &ask, 1);
	return ask.reply;
}

/* The milliseconds that it takes to ask. */
static inline int64_t
milliseconds_of(struct redis_ask *asks, size_t count)
{
	int64_t start = clock_monotonic();

	redis_ask(&memory.req, asks, count);
	return (clock_monotonic() - start) / 1000;
}

#define assert_reply(reply, text)                                                                                      \
	do {                                                                                                           \
		const redisReply *found = (reply);                                                                     \
		assert_non_null(found);                                                                                \
		assert_non_null(found->str);                                                                           \
		assert_string_equal(found->str, text);                                                                 \
	} while (0)

#endif
