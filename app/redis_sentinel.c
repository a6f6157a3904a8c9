#include "redis_sentinel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "settings.h"

bool
redis_is_master(const redisReply *role)
{
	return role->type == REDIS_REPLY_ARRAY && role->elements > 0 && role->element[0]->type == REDIS_REPLY_STRING &&
	       strcmp(role->element[0]->str, "master") == 0;
}

/* Reads the reply to get-master-addr-by-name: host and port, or nil for a name that it does not know. */
static bool
read_address(const redisReply *reply, struct redis_host *host)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || reply->element[0]->type != REDIS_REPLY_STRING ||
	    reply->element[1]->type != REDIS_REPLY_STRING || reply->element[0]->len >= sizeof host->name)
		return false;
	memcpy(host->name, reply->element[0]->str, reply->element[0]->len + 1);
	host->port = atoi(reply->element[1]->str);
	return host->port > 0 && host->port < 65536;
}

/* Sentinels are given the password of Redis; those that have none refuse it and answer all the same. */
static size_t
format_question(struct buffer *out, const char *name)
{
	const struct redis_argument authentication[] = {REDIS_WORD("AUTH"), redis_text(setting_redis_password)};
	const struct redis_argument question[] = {REDIS_WORD("SENTINEL"), REDIS_WORD("get-master-addr-by-name"),
	                                          redis_text(name)};
	bool authenticates = setting_redis_password[0] != '\0';

	if (authenticates)
		redis_format(out, authentication, 2);
	redis_format(out, question, 3);
	return authenticates ? 2 : 1;
}

static bool
ask_one(const struct redis_host *sentinel, const struct buffer *question, size_t replies,
        struct redis_patience patience, struct redis_host *master, char error[REDIS_ERROR_SIZE])
{
	struct redis_link link = {0};
	bool found = false;

	if (redis_link_open(&link, sentinel, patience.deadline) &&
	    redis_link_send(&link, question->data, question->length, &patience)) {
		for (size_t i = 1; i <= replies; i++) {
			redisReply *reply = redis_link_receive(&link, &patience);

			found = reply != NULL && i == replies && read_address(reply, master);
			freeReplyObject(reply);
		}
	}
	if (link.context != NULL)
		redis_link_close(&link, "it knows no such master");
	if (!found)
		snprintf(error, REDIS_ERROR_SIZE, "sentinel: %.110s", link.error);
	return found;
}

bool
redis_sentinel_ask(const struct redis_address *address, size_t *first, int64_t deadline, struct arena *arena,
                   struct redis_host *master, char error[REDIS_ERROR_SIZE])
{
	struct buffer question = buffer_in(arena);
	size_t replies = format_question(&question, address->master);

	for (size_t i = 0; i < address->count; i++) {
		size_t index = (*first + i) % address->count;
		int64_t now = clock_monotonic(), share = (deadline - now) / (int64_t)(address->count - i + 1);

		if (ask_one(&address->hosts[index], &question, replies,
		            (struct redis_patience){.deadline = now + share}, master, error)) {
			*first = index;
			return true;
		}
	}
	return false;
}
