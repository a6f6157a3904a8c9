/* A worker's connections to PostgreSQL: one to the primary and one to a replica, opened when they are first needed. */
#ifndef QUIRE_CONNECTION_H
#define QUIRE_CONNECTION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "database.h"
#include "nodes.h"

struct connection {
	PGconn *postgres; /* NULL: not open */
	enum node_list list;
	int node;          /* its index; -1: whichever host of the primary's accepted */
	uint32_t timeline; /* the primary's when that was known */
	int64_t used;      /* a replica's, last */
};

/* What is prepared on each connection; the tables stay the caller's. */
void connection_init(const struct query *queries, size_t count, const struct database_statements *statements);
const struct database_statements *connection_statements(void);

/* Begins to connect without waiting; NULL when memory ran out. `options` are for the server, NULL for none. */
PGconn *connection_begin(const struct address *address, const char *options);

/* The connection to the primary, opened anew when another server is the primary now. NULL if there is none, or it cannot be reached: at
 * once while the monitor says so, or the breaker is open. Whoever uses it tells the breaker how that went. */
struct connection *connection_primary(void);

/* The connection to a replica; NULL if it cannot be reached. */
struct connection *connection_replica(int index);

void connection_close(struct connection *connection);
void connection_close_all(void);

/* Sends a query: prepared, or with its text where a pooler stands between. */
bool connection_send(struct connection *connection, const struct query *query, const char *const values[]);

/* Sends the question how far the server is, and reads the answer; false if it was not answered. The timeline of a replica is not asked:
 * it is 0. */
bool connection_send_position(struct connection *connection);
bool connection_read_position(const PGresult *result, struct position *position);

/* Of the first row: the timeline that a log file's name begins with, and a number; 0 for NULL. */
uint32_t connection_read_timeline(const PGresult *result, int column);
uint64_t connection_read_number(const PGresult *result, int column);

/* The next result, NULL if there is none. *in_time turns false at the deadline, when the connection broke, or as soon as the monitor says
 * that the server is away. */
PGresult *connection_result(struct connection *connection, int64_t deadline, bool *in_time);

#endif
