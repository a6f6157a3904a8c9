#include "redis.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "redis_connection.h"
#include "scoreboard.h"
#include "settings.h"

#define ATTEMPTS         2
#define TELLS_MAX        64                                     /* whose replies may be outstanding */
#define EXPECTED_MAX     (TELLS_MAX + 2 * (REDIS_ASKS_MAX + 1)) /* a script may have to be loaded first */
#define TELL_PATIENCE_US 20000 /* for a server to take what does not fit into the socket's buffer */

/* A reply to come. */
struct expected {
	struct redis_ask *ask;      /* NULL: of something told, nobody waits for it */
	struct redis_script *runs;  /* NULL: no script */
	struct redis_script *loads; /* the one whose hash it tells */
};

enum progress { UNASKED, ASKED, REFUSED, FAILED };

static struct server {
	struct redis_connection connection;
	struct expected expected[EXPECTED_MAX];
	size_t expected_count;
	enum progress progress; /* of what is being asked */
	bool demoted;           /* it answered that it is a master no more */
} servers[REDIS_SERVERS];

static struct server *
server_of(enum redis_server server)
{
	return &servers[setting_redis_cache[0] == '\0' ? REDIS_MAIN : server];
}

static bool
is_connected(const struct server *server)
{
	return server->connection.link.context != NULL;
}

static struct breaker *
breaker_of(const struct server *server)
{
	return scoreboard_breaker(server == &servers[REDIS_CACHE] ? DEPENDENCY_REDIS_CACHE : DEPENDENCY_REDIS);
}

void
redis_close(void)
{
	for (size_t i = 0; i < REDIS_SERVERS; i++)
		redis_link_close(&servers[i].connection.link, "");
}

static void
give_up(struct server *server)
{
	server->progress = FAILED;
	log_error("redis unavailable", LOG_TEXT("server", breaker_of(server)->name),
	          LOG_TEXT("reason", server->connection.link.error));
}

static bool
connect_server(struct request *req, struct server *server, int64_t deadline)
{
	const char *setting = server == &servers[REDIS_CACHE] ? setting_redis_cache : setting_redis;

	server->expected_count = 0;
	return redis_connect(&server->connection, setting, req->arena, deadline);
}

static void
expect(struct server *server, struct expected reply)
{
	server->expected[server->expected_count++] = reply;
}

/* Adds one thing to ask or tell to what is to be sent. A script whose hash is not known is loaded and run by its text. */
static void
add_question(struct server *server, struct buffer *out, const struct redis_ask *what, struct redis_ask *asker)
{
	struct redis_script *script = what->script;
	bool known = script != NULL && script->hash[0] != '\0';
	char keys[INTEGER_TEXT_SIZE];

	if (script == NULL) {
		redis_format_start(out, what->count);
	} else {
		if (!known) {
			const struct redis_argument load[] = {REDIS_WORD("SCRIPT"), REDIS_WORD("LOAD"),
			                                      redis_text(script->text)};

			redis_format(out, load, 3);
			expect(server, (struct expected){.loads = script});
		}
		redis_format_start(out, what->count + 3);
		redis_format_word(out, known ? REDIS_WORD("EVALSHA") : REDIS_WORD("EVAL"));
		redis_format_word(out, redis_text(known ? script->hash : script->text));
		redis_format_word(out, (struct redis_argument){keys, integer_format((int64_t)what->keys, keys)});
	}
	for (size_t i = 0; i < what->count; i++)
		redis_format_word(out, what->arguments[i]);
	expect(server, (struct expected){.ask = asker, .runs = script});
}

/* All that is being asked in one call. */
struct questions {
	struct request *req;
	struct redis_ask *asks;
	size_t count;
	struct redis_patience patience;
};

/* Does something that is asked of the server lack its reply? */
static bool
waits_for(const struct questions *questions, const struct server *server)
{
	if (server->progress != ASKED)
		return false;
	for (size_t i = 0; i < questions->count; i++)
		if (server_of(questions->asks[i].server) == server && questions->asks[i].reply == NULL)
			return true;
	return false;
}

static bool
send_to(struct questions *questions, struct server *server)
{
	struct buffer out = buffer_in(questions->req->arena);

	for (size_t i = 0; i < questions->count; i++) {
		struct redis_ask *ask = &questions->asks[i];

		if (server_of(ask->server) == server && ask->reply == NULL)
			add_question(server, &out, ask, ask);
	}
	return redis_link_send(&server->connection.link, out.data, out.length, &questions->patience);
}

/* Sends what has no reply yet, first over the connections that are there. False if there was nothing or nobody to send to. */
static bool
send_all(struct questions *questions)
{
	size_t absent = 0;
	bool sent = false;

	for (struct server *server = servers; server < servers + REDIS_SERVERS; server++) {
		if (!waits_for(questions, server))
			continue;
		if (is_connected(server) && send_to(questions, server))
			sent = true;
		else
			absent++;
	}
	for (struct server *server = servers; absent > 0 && server < servers + REDIS_SERVERS; server++) {
		if (!waits_for(questions, server) || is_connected(server))
			continue;

		int64_t now = clock_monotonic(), share = (questions->patience.deadline - now) / (int64_t)absent--;

		questions->patience.whole = false;
		if (connect_server(questions->req, server, now + share) && send_to(questions, server))
			sent = true;
		else
			give_up(server);
	}
	questions->req->redis_trips += sent;
	return sent;
}

static bool
is_error(const redisReply *reply, const char *code)
{
	return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, code, strlen(code)) == 0;
}

static void
free_reply(void *reply)
{
	freeReplyObject(reply);
}

/* Gives a reply to who waits for it. One that is to be asked again stays without. */
static void
settle(struct request *req, struct server *server, const struct expected *expected, redisReply *reply)
{
	struct redis_script *runs = expected->runs, *loads = expected->loads;
	bool forgotten = runs != NULL && is_error(reply, "NOSCRIPT");

	arena_on_reset(req->arena, free_reply, reply);
	if (forgotten)
		runs->hash[0] = '\0';
	if (loads != NULL && reply->type == REDIS_REPLY_STRING && reply->len == sizeof loads->hash - 1)
		memcpy(loads->hash, reply->str, sizeof loads->hash);
	if (server->connection.by_sentinel && (is_error(reply, "READONLY") || is_error(reply, "NOREPLICAS")))
		server->demoted = true;
	if (expected->ask != NULL && !forgotten)
		expected->ask->reply = reply;
}

/* Receives all that the server is expected to reply; false if the connection was lost before. */
static bool
receive_from(struct questions *questions, struct server *server)
{
	for (size_t i = 0; i < server->expected_count; i++) {
		redisReply *reply = redis_link_receive(&server->connection.link, &questions->patience);

		if (reply == NULL)
			return false;
		settle(questions->req, server, &server->expected[i], reply);
	}
	server->expected_count = 0;
	return true;
}

/* Who was a master when the connection was made may have answered from the past. */
static void
leave_demoted(struct questions *questions, struct server *server)
{
	for (size_t i = 0; i < questions->count; i++)
		if (server_of(questions->asks[i].server) == server)
			questions->asks[i].reply = NULL;
	redis_link_close(&server->connection.link, "the master was demoted");
}

static void
receive_all(struct questions *questions, bool last)
{
	for (struct server *server = servers; server < servers + REDIS_SERVERS; server++) {
		if (server->progress != ASKED || !is_connected(server))
			continue;
		server->demoted = false;
		if (!receive_from(questions, server) && (last || !server->connection.link.ended))
			give_up(server);
		if (!server->demoted)
			continue;
		leave_demoted(questions, server);
		if (last)
			give_up(server);
	}
}

/* Asks breakers for leave; `anyway`: without it too. */
static void
begin(struct questions *questions, int64_t now, bool anyway)
{
	for (size_t i = 0; i < questions->count; i++) {
		struct server *server = server_of(questions->asks[i].server);

		questions->asks[i].reply = NULL;
		if (server->progress == UNASKED)
			server->progress = breaker_allows(breaker_of(server), now) || anyway ? ASKED : REFUSED;
	}
}

/* Tells breakers how it went. An error reply means that Redis cannot do it now (it is loading, out of memory, a read-only replica) or
 * that a script is wrong. */
static void
end(struct questions *questions)
{
	int64_t now = clock_monotonic();

	for (struct server *server = servers; server < servers + REDIS_SERVERS; server++) {
		if (server->progress == ASKED)
			breaker_succeeded(breaker_of(server), now);
		else if (server->progress == FAILED)
			breaker_failed(breaker_of(server), now);
		server->progress = UNASKED;
	}
	for (size_t i = 0; i < questions->count; i++) {
		redisReply **reply = &questions->asks[i].reply;

		if (*reply == NULL || (*reply)->type != REDIS_REPLY_ERROR)
			continue;
		log_error("redis refused", LOG_TEXT("reason", (*reply)->str));
		*reply = NULL;
	}
}

static void
ask_all(struct request *req, struct redis_ask *asks, size_t count, bool anyway)
{
	int64_t now = clock_monotonic();
	struct questions questions = {
	    .req = req,
	    .asks = asks,
	    .count = count,
	    .patience = {.deadline = now + setting_redis_timeout_ms * 1000, .whole = true},
	};

	if (count > REDIS_ASKS_MAX)
		log_fatal("too much is asked of redis at once", LOG_NUMBER("asks", count));
	begin(&questions, now, anyway);
	for (int attempt = 1; attempt <= ATTEMPTS && send_all(&questions); attempt++)
		receive_all(&questions, attempt == ATTEMPTS);
	end(&questions);
}

void
redis_ask(struct request *req, struct redis_ask *asks, size_t count)
{
	ask_all(req, asks, count, false);
}

void
redis_tell(struct request *req, const struct redis_ask *ask)
{
	struct server *server = server_of(ask->server);
	struct redis_patience patience = {.deadline = clock_monotonic() + TELL_PATIENCE_US};
	struct buffer out = buffer_in(req->arena);

	if (!is_connected(server) || server->expected_count >= TELLS_MAX)
		return;
	add_question(server, &out, ask, NULL);
	redis_link_send(&server->connection.link, out.data, out.length, &patience);
}

redisReply *
redis_command(struct request *req, const struct redis_argument *arguments, size_t count)
{
	struct redis_ask ask = {.arguments = arguments, .count = count};

	redis_ask(req, &ask, 1);
	return ask.reply;
}

redisReply *
redis_run(struct request *req, struct redis_script *script, size_t keys, const struct redis_argument *arguments,
          size_t count)
{
	struct redis_ask ask = {.script = script, .keys = keys, .arguments = arguments, .count = count};

	redis_ask(req, &ask, 1);
	return ask.reply;
}

const char *
redis_run_id(struct request *req)
{
	const struct redis_argument ping = REDIS_WORD("PING");
	struct server *server = server_of(REDIS_MAIN);

	if (!is_connected(server))
		redis_command(req, &ping, 1);
	return is_connected(server) ? server->connection.run_id : "";
}

bool
redis_ready(struct request *req, enum redis_server server)
{
	const struct redis_argument ping = REDIS_WORD("PING");
	struct redis_ask ask = {.server = server, .arguments = &ping, .count = 1};

	ask_all(req, &ask, 1, true);
	if (ask.reply != NULL)
		breaker_close(breaker_of(server_of(server)));
	return ask.reply != NULL;
}

void
redis_watch(struct request *req)
{
	for (size_t i = 0; i < REDIS_SERVERS; i++)
		if (breaker_state(breaker_of(&servers[i])) != BREAKER_CLOSED)
			redis_ready(req, (enum redis_server)i);
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
redis_number(struct request *req, long long value)
{
	char text[INTEGER_TEXT_SIZE];
	size_t length = integer_format(value, text);

	return (struct redis_argument){arena_copy(req->arena, text, length), length};
}
