/* Where Redis is, as the settings say it:
 *
 *     unix:/PATH
 *     HOST:PORT                               the port is 6379 when it is left out; an IPv6 address stands in brackets
 *     sentinel:NAME@HOST:PORT,HOST:PORT,...   the sentinels (26379) that know where the master of that name is
 */
#ifndef QUIRE_REDIS_ADDRESS_H
#define QUIRE_REDIS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define REDIS_HOST_MAX      253 /* bytes of a host's name (RFC 1035) */
#define REDIS_PATH_MAX      107 /* bytes of a unix socket's path */
#define REDIS_SENTINELS_MAX 16

struct redis_host {
	char name[REDIS_HOST_MAX + 1]; /* without brackets, or the path of a unix socket; "" for none */
	int port;                      /* 0 for a unix socket */
};

struct redis_address {
	char master[REDIS_HOST_MAX + 1]; /* what the sentinels know it by; "" without them */
	struct redis_host hosts[REDIS_SENTINELS_MAX];
	size_t count; /* 1 without sentinels */
};

/* Reads an address; false for what is none. */
bool redis_address_parse(const char *text, struct redis_address *address) __attribute__((warn_unused_result));

#endif
