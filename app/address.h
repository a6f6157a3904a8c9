/* Where the PostgreSQL servers are: the connection strings of the settings, one address for each server. */
#ifndef QUIRE_ADDRESS_H
#define QUIRE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "nodes.h"

/* What a connection string says, as PQconnectStartParams takes it, with room for ADDRESS_EXTRA more before the NULL. */
struct address {
	const char *name; /* "host:port" for people, without any secret */
	const char **keywords;
	const char **values;
	size_t count;
};

#define ADDRESS_EXTRA 4

/* Splits a connection string with lists of hosts and ports as libpq does: one port may serve for all hosts. Writes at most `max`
 * addresses, in `arena`, and returns how many there are; 0 if it is no connection string, or the lists do not match. Each address leads to
 * one host, whatever it is: target_session_attrs is left out. */
size_t address_split(struct arena *arena, const char *connection, struct address *addresses, size_t max);

/* The same for several connection strings with ';' between them; empty ones are left out. */
size_t address_split_all(struct arena *arena, const char *connections, struct address *addresses, size_t max);

struct addresses {
	struct address primary; /* all of its hosts, for libpq to choose from */
	size_t count[NODE_LISTS];
	struct address of[NODE_LISTS][NODES_MAX];
};

/* Those of the settings; read again if these have changed. */
const struct addresses *addresses(void);

/* Ends the process when they are wrong or too many. Called at start. */
void addresses_check(void);

#endif
