#include "redis.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "settings.h"

/* After a failure nobody asks Redis for so long: a request must not wait for a timeout that the one before it has already met. */
#define RECONNECT_AFTER_US 500000

static struct {
	redisContext *context;
	int64_t not_before;
} redis;

void
redis_close(void)
{
	if (redis.context != NULL)
		redisFree(redis.context);
	redis.context = NULL;
}

static struct timeval
timeout(void)
{
	return (struct timeval){.tv_sec = setting_redis_timeout_ms / 1000,
	                        .tv_usec = setting_redis_timeout_ms % 1000 * 1000};
}

/* Opens what QUIRE_REDIS names: unix:/path or host:port. */
static redisContext *
open_context(void)
{
	const char *colon = strrchr(setting_redis, ':');
	char host[200];

	if (strncmp(setting_redis, "unix:", 5) == 0)
		return redisConnectUnixWithTimeout(setting_redis + 5, timeout());
	snprintf(host, sizeof host, "%.*s", (int)(colon ? colon - setting_redis : (long)strlen(setting_redis)),
	         setting_redis);
	return redisConnectWithTimeout(host, colon ? atoi(colon + 1) : 6379, timeout());
}

static bool
authenticate(redisContext *context)
{
	redisReply *reply;
	bool accepted;

	if (setting_redis_password[0] == '\0')
		return true;
	reply = redisCommand(context, "AUTH %s", setting_redis_password);
	accepted = reply != NULL && reply->type != REDIS_REPLY_ERROR;
	freeReplyObject(reply);
	return accepted;
}

static void
unavailable(const char *reason)
{
	log_error("redis unavailable", LOG_TEXT("reason", reason));
	redis_close();
	redis.not_before = clock_monotonic() + RECONNECT_AFTER_US;
}

static bool
connected(void)
{
	sigset_t alarm, before;

	if (redis.context != NULL)
		return true;
	if (clock_monotonic() < redis.not_before)
		return false;
	/* hiredis takes a connect that a signal interrupts for one that failed */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm, &before);
	redis.context = open_context();
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (redis.context == NULL || redis.context->err != 0 || redisSetTimeout(redis.context, timeout()) != REDIS_OK ||
	    !authenticate(redis.context)) {
		unavailable(redis.context ? redis.context->errstr : "out of memory");
		return false;
	}
	return true;
}

static void
free_reply(void *reply)
{
	freeReplyObject(reply);
}

/* Sends a command and waits for its reply, error replies included. A connection that Redis closed while it was idle is opened anew once. */
static redisReply *
ask(struct request *req, const char **words, const size_t *lengths, size_t count)
{
	for (int attempt = 1; connected(); attempt++) {
		redisReply *reply;

		req->redis_trips++;
		errno = 0;
		reply = redisCommandArgv(redis.context, (int)count, words, lengths);
		if (reply != NULL) {
			arena_on_reset(req->arena, free_reply, reply);
			return reply;
		}
		if (attempt == 1 && (redis.context->err == REDIS_ERR_EOF || errno == EPIPE || errno == ECONNRESET)) {
			redis_close();
			continue;
		}
		unavailable(redis.context->errstr);
		return NULL;
	}
	return NULL;
}

/* An error reply means that Redis cannot do it now (it is loading, out of memory, a read-only replica) or that a script is wrong. */
static redisReply *
unless_error(redisReply *reply)
{
	if (reply == NULL || reply->type != REDIS_REPLY_ERROR)
		return reply;
	log_error("redis refused", LOG_TEXT("reason", reply->str));
	return NULL;
}

static void
split(const struct redis_argument *arguments, size_t count, const char **words, size_t *lengths)
{
	for (size_t i = 0; i < count; i++) {
		words[i] = arguments[i].data;
		lengths[i] = arguments[i].length;
	}
}

redisReply *
redis_command(struct request *req, const struct redis_argument *arguments, size_t count)
{
	const char **words = arena_alloc(req->arena, count * sizeof *words);
	size_t *lengths = arena_alloc(req->arena, count * sizeof *lengths);

	split(arguments, count, words, lengths);
	return unless_error(ask(req, words, lengths, count));
}

/* SHA-1 is what EVALSHA knows scripts by; Redis itself tells it. */
static bool
load(struct request *req, struct redis_script *script)
{
	const char *words[] = {"SCRIPT", "LOAD", script->text};
	const size_t lengths[] = {6, 4, strlen(script->text)};
	redisReply *reply = unless_error(ask(req, words, lengths, 3));

	if (reply == NULL || reply->type != REDIS_REPLY_STRING || reply->len != sizeof script->hash - 1)
		return false;
	memcpy(script->hash, reply->str, sizeof script->hash);
	return true;
}

redisReply *
redis_run(struct request *req, struct redis_script *script, size_t keys, const struct redis_argument *arguments,
          size_t count)
{
	const char **words = arena_alloc(req->arena, (count + 3) * sizeof *words);
	size_t *lengths = arena_alloc(req->arena, (count + 3) * sizeof *lengths);
	redisReply *reply = NULL;

	words[0] = "EVALSHA";
	lengths[0] = 7;
	words[2] = arena_printf(req->arena, "%zu", keys);
	lengths[2] = strlen(words[2]);
	split(arguments, count, words + 3, lengths + 3);

	for (int attempt = 1; attempt <= 2; attempt++) {
		if (script->hash[0] == '\0' && !load(req, script))
			return NULL;
		words[1] = script->hash;
		lengths[1] = sizeof script->hash - 1;
		reply = ask(req, words, lengths, count + 3);
		if (reply == NULL || reply->type != REDIS_REPLY_ERROR || strncmp(reply->str, "NOSCRIPT", 8) != 0)
			break;
		script->hash[0] = '\0'; /* a Redis that was restarted has forgotten it */
	}
	return unless_error(reply);
}

const char *
redis_script_text(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		log_fatal("out of memory", LOG_TEXT("format", format));
	va_end(arguments);
	return text;
}

struct redis_argument
redis_text(const char *text)
{
	return (struct redis_argument){text, strlen(text)};
}

struct redis_argument
redis_number(struct request *req, long long value)
{
	return redis_text(arena_printf(req->arena, "%lld", value));
}

bool
redis_ready(struct request *req)
{
	const struct redis_argument ping[] = {redis_text("PING")};

	return redis_command(req, ping, 1) != NULL;
}
