#include "redis_connection.h"

#include <string.h>

#include "redis_sentinel.h"
#include "settings.h"

#define RUN_ID "run_id:"

static bool
fail_to_connect(struct redis_connection *connection, const char *error)
{
	redis_link_close(&connection->link, error);
	return false;
}

/* The reply to one of the first commands: NULL, and the connection is closed, when there is none or an error. */
static redisReply *
greeting(struct redis_connection *connection, struct redis_patience *patience)
{
	redisReply *reply = redis_link_receive(&connection->link, patience);

	if (reply == NULL || reply->type != REDIS_REPLY_ERROR)
		return reply;
	redis_link_close(&connection->link, reply->str);
	freeReplyObject(reply);
	return NULL;
}

static bool
accepted(struct redis_connection *connection, struct redis_patience *patience)
{
	redisReply *reply = greeting(connection, patience);

	freeReplyObject(reply);
	return reply != NULL;
}

static bool
is_master(struct redis_connection *connection, struct redis_patience *patience)
{
	redisReply *reply = greeting(connection, patience);
	bool master = reply != NULL && redis_is_master(reply);

	freeReplyObject(reply);
	return master || (reply != NULL && fail_to_connect(connection, "what the sentinel named is no master"));
}

static bool
read_run_id(struct redis_connection *connection, struct redis_patience *patience)
{
	redisReply *reply = greeting(connection, patience);
	const char *found = reply != NULL && reply->type == REDIS_REPLY_STRING ? strstr(reply->str, RUN_ID) : NULL;
	bool complete = found != NULL && strnlen(found + strlen(RUN_ID), REDIS_RUN_ID_LENGTH) == REDIS_RUN_ID_LENGTH;

	if (complete)
		memcpy(connection->run_id, found + strlen(RUN_ID), REDIS_RUN_ID_LENGTH);
	freeReplyObject(reply);
	return complete || (reply != NULL && fail_to_connect(connection, "the server tells no run id"));
}

/* All that has to be said before the first question, in one round trip. */
static bool
introduce(struct redis_connection *connection, struct arena *arena, int64_t deadline)
{
	const struct redis_argument authentication[] = {REDIS_WORD("AUTH"), redis_text(setting_redis_password)};
	const struct redis_argument role[] = {REDIS_WORD("ROLE")};
	const struct redis_argument information[] = {REDIS_WORD("INFO"), REDIS_WORD("server")};
	struct redis_patience patience = {.deadline = deadline};
	struct buffer out = buffer_in(arena);
	bool authenticates = setting_redis_password[0] != '\0';

	if (authenticates)
		redis_format(&out, authentication, 2);
	if (connection->by_sentinel)
		redis_format(&out, role, 1);
	redis_format(&out, information, 2);
	return redis_link_send(&connection->link, out.data, out.length, &patience) &&
	       (!authenticates || accepted(connection, &patience)) &&
	       (!connection->by_sentinel || is_master(connection, &patience)) && read_run_id(connection, &patience);
}

bool
redis_connect(struct redis_connection *connection, const char *setting, struct arena *arena, int64_t deadline)
{
	struct redis_address address;
	struct redis_host master, *host = &address.hosts[0];

	if (!redis_address_parse(setting, &address))
		return fail_to_connect(connection, "the address is malformed");
	connection->by_sentinel = address.master[0] != '\0';
	if (connection->by_sentinel) {
		host = &master;
		if (!redis_sentinel_ask(&address, &connection->sentinel, deadline, arena, host, connection->link.error))
			return false;
	}
	if (redis_link_open(&connection->link, host, deadline) && introduce(connection, arena, deadline))
		return true;
	connection->sentinel++; /* this one may not know yet */
	return false;
}
