#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "scoreboard.h"
#include "settings.h"

/* Who waits looks so often whether the monitor has given the server up. */
#define LOOK_MS 25

/* A connection to a replica that is not used for so long is closed when another is used. */
#define UNUSED_US 60000000

static struct {
	const struct query *queries;
	size_t count;
	const struct database_statements *statements;
	struct query position[NODE_LISTS]; /* how a server of each list is asked for its position */
} known;

static struct connection primary = {.list = NODES_PRIMARY, .node = -1};
static struct connection replicas[NODES_MAX];

static struct query
position_query(const char *text)
{
	return (struct query){.name = "quire_position", .file = "sql/database.sql", .text = text, .access = QUERY_READ};
}

void
connection_init(const struct query *queries, size_t count, const struct database_statements *statements)
{
	known.queries = queries;
	known.count = count;
	known.statements = statements;
	known.position[NODES_PRIMARY] = position_query(statements->reached);
	known.position[NODES_REPLICAS] = position_query(statements->replayed);
}

const struct database_statements *
connection_statements(void)
{
	return known.statements;
}

/* Shows in the scoreboard which servers this worker is connected to. */
static void
show(const struct connection *connection, bool open)
{
	_Atomic uint32_t *shown = &scoreboard_slot()->connected[connection->list];

	if (connection->node >= 0 && open)
		*shown |= UINT32_C(1) << connection->node;
	else if (connection->node >= 0)
		*shown &= ~(UINT32_C(1) << connection->node);
}

void
connection_close(struct connection *connection)
{
	if (connection->postgres == NULL)
		return;
	PQfinish(connection->postgres);
	connection->postgres = NULL;
	show(connection, false);
}

void
connection_close_all(void)
{
	connection_close(&primary);
	for (size_t i = 0; i < NODES_MAX; i++)
		connection_close(&replicas[i]);
}

/* Waits until the socket is ready for `events`; false at the deadline, or when the server is given up. */
static bool
wait_for_socket(const struct connection *connection, short events, int64_t deadline)
{
	struct pollfd socket = {.fd = PQsocket(connection->postgres), .events = events};
	int ready;

	do {
		int64_t left = (deadline - clock_monotonic()) / 1000 + 1;

		if (left <= 0)
			return false;
		ready = poll(&socket, 1, left < LOOK_MS ? (int)left : LOOK_MS);
		if (ready == 0 && nodes_is_away(connection->list, connection->node))
			return false;
	} while (ready == 0 ||
	         (ready < 0 && errno == EINTR)); /* the worker has signals, and libpq must not go on too early */
	return true;
}

PGresult *
connection_result(struct connection *connection, int64_t deadline, bool *in_time)
{
	PGconn *postgres = connection->postgres;
	int unsent;

	while ((unsent = PQflush(postgres)) > 0) {
		if (!wait_for_socket(connection, POLLIN | POLLOUT, deadline) || !PQconsumeInput(postgres))
			return *in_time = false, NULL;
	}
	while (unsent == 0 && PQisBusy(postgres)) {
		if (!wait_for_socket(connection, POLLIN, deadline) || !PQconsumeInput(postgres))
			return *in_time = false, NULL;
	}
	return PQgetResult(postgres);
}

/* The nth that is prepared on a connection: how its position is asked, and the queries, of which a replica is given those that read. NULL:
 * there is none in this place. */
static const struct query *
preparation(const struct connection *connection, size_t n)
{
	const struct query *query = n == 0 ? &known.position[connection->list] : &known.queries[n - 1];

	return connection->list == NODES_REPLICAS && query->access == QUERY_WRITE ? NULL : query;
}

static bool
send_preparations(const struct connection *connection)
{
	for (size_t i = 0; i <= known.count; i++) {
		const struct query *query = preparation(connection, i);

		if (query != NULL && (!PQsendPrepare(connection->postgres, query->name, query->text,
		                                     query->parameter_count, query->parameter_types) ||
		                      !PQpipelineSync(connection->postgres)))
			return false;
	}
	return true;
}

/* Reads what became of one; false if it was refused. */
static bool
read_preparation(struct connection *connection, const struct query *query, int64_t deadline, bool *in_time)
{
	bool prepared = true;
	ExecStatusType status;

	do {
		PGresult *result = connection_result(connection, deadline, in_time);

		status = PQresultStatus(result);
		if (result == NULL && PQstatus(connection->postgres) == CONNECTION_BAD)
			*in_time = false;
		if (result != NULL && status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC) {
			prepared = false;
			log_error("query refused", LOG_TEXT("query", query->name), LOG_TEXT("file", query->file),
			          LOG_NUMBER("line", query->line),
			          LOG_TEXT("reason", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)));
		}
		PQclear(result);
	} while (*in_time && status != PGRES_PIPELINE_SYNC);
	return prepared;
}

/* Prepares every query under its name, all in one round trip. A query that PostgreSQL refuses makes the database count as not
 * ready: program and schema do not belong together. */
static bool
prepare_all(struct connection *connection, int64_t deadline)
{
	bool in_time = true, prepared = true;

	if (setting_database_pooler)
		return true;
	if (!PQenterPipelineMode(connection->postgres) || !send_preparations(connection))
		return false;
	for (size_t i = 0; i <= known.count && in_time; i++) {
		const struct query *query = preparation(connection, i);

		if (query != NULL && !read_preparation(connection, query, deadline, &in_time))
			prepared = false;
	}
	return in_time && prepared && PQexitPipelineMode(connection->postgres);
}

bool
connection_send(struct connection *connection, const struct query *query, const char *const values[])
{
	if (setting_database_pooler)
		return PQsendQueryParams(connection->postgres, query->text, query->parameter_count,
		                         query->parameter_types, values, NULL, NULL, 1);
	return PQsendQueryPrepared(connection->postgres, query->name, query->parameter_count, values, NULL, NULL, 1);
}

bool
connection_send_position(struct connection *connection)
{
	return connection_send(connection, &known.position[connection->list], NULL);
}

uint32_t
connection_read_timeline(const PGresult *result, int column)
{
	char digits[9] = "";

	if (!PQgetisnull(result, 0, column))
		snprintf(digits, sizeof digits, "%.8s", PQgetvalue(result, 0, column));
	return (uint32_t)strtoul(digits, NULL, 16);
}

uint64_t
connection_read_number(const PGresult *result, int column)
{
	if (PQgetisnull(result, 0, column))
		return 0;
	return (uint64_t)binary_integer(PQgetvalue(result, 0, column), (size_t)PQgetlength(result, 0, column));
}

bool
connection_read_position(const PGresult *result, struct position *position)
{
	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQgetisnull(result, 0, 0))
		return false;
	*position = position_of_log(PQnfields(result) > 1 ? connection_read_timeline(result, 1) : 0,
	                            connection_read_number(result, 0));
	return true;
}

/* libpq itself would write it to standard error, which has lines of JSON only. */
static void
log_notice(void *unused, const PGresult *notice)
{
	(void)unused;
	log_warning("database warning", LOG_TEXT("reason", PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY)));
}

PGconn *
connection_begin(const struct address *address, const char *options)
{
	const char *extra[][2] = {
	    {"client_encoding", "UTF8"}, {"fallback_application_name", "quire"}, {"options", options}};
	const char **end = address->keywords + address->count;
	PGconn *postgres;

	_Static_assert(sizeof extra / sizeof *extra <= ADDRESS_EXTRA, "an address has room for them");
	for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) {
		end[i] = extra[i][0];
		address->values[address->count + i] = extra[i][1];
	}
	end[sizeof extra / sizeof *extra] = NULL;
	postgres = PQconnectStartParams(address->keywords, address->values, 0);
	PQsetNoticeReceiver(postgres, log_notice, NULL);
	return postgres;
}

static bool
finish_connecting(struct connection *connection, int64_t deadline)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (PQstatus(connection->postgres) != CONNECTION_BAD) {
		if (!wait_for_socket(connection, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
			return false;
		state = PQconnectPoll(connection->postgres);
		if (state == PGRES_POLLING_OK)
			return true;
		if (state == PGRES_POLLING_FAILED)
			return false;
	}
	return false;
}

static bool
open_connection(struct connection *connection, const struct address *address)
{
	int64_t deadline = clock_monotonic() + setting_database_connect_timeout_ms * 1000;
	char options[64];

	snprintf(options, sizeof options, "-c statement_timeout=%ld", setting_database_timeout_ms);
	/* PgBouncer refuses options */
	connection->postgres = connection_begin(address, setting_database_pooler ? NULL : options);
	if (connection->postgres != NULL && finish_connecting(connection, deadline) &&
	    PQsetnonblocking(connection->postgres, 1) == 0 &&
	    prepare_all(connection, deadline + setting_database_timeout_ms * 1000)) {
		show(connection, true);
		return true;
	}
	log_error("database unavailable", LOG_TEXT("node", address->name),
	          LOG_TEXT("reason", connection->postgres ? PQerrorMessage(connection->postgres) : "out of memory"));
	PQfinish(connection->postgres);
	connection->postgres = NULL;
	return false;
}

/* Has PostgreSQL closed the connection while it was idle? It may have said why before: that is read until the end shows. */
static bool
has_ended(PGconn *postgres)
{
	struct pollfd socket = {.fd = PQsocket(postgres), .events = POLLIN};

	while (PQstatus(postgres) != CONNECTION_BAD && poll(&socket, 1, 0) > 0) {
		if (!PQconsumeInput(postgres))
			return true;
	}
	return PQstatus(postgres) == CONNECTION_BAD;
}

/* One that PostgreSQL closed while it was idle (a restart) is noticed here, before a request is risked on it. */
static void
close_if_ended(struct connection *connection)
{
	if (connection->postgres != NULL && has_ended(connection->postgres))
		connection_close(connection);
}

/* Makes the connection one to `host` of that timeline; -1 and 0 when they are not known. */
static void
follow(struct connection *connection, int host, uint32_t timeline)
{
	bool same_host = connection->node == host, same_life = connection->timeline == timeline;

	if (host >= 0 && connection->postgres != NULL && (!same_host || (connection->timeline != 0 && !same_life)))
		connection_close(connection);
	if (connection->postgres == NULL)
		connection->node = host;
	if (host >= 0 || connection->postgres == NULL)
		connection->timeline = timeline;
}

struct connection *
connection_primary(void)
{
	const struct addresses *all = addresses();
	int only = all->count[NODES_PRIMARY] == 1 ? 0 : -1;
	struct primary_state seen = {.host = only};
	struct breaker *breaker = scoreboard_breaker(DEPENDENCY_PRIMARY);

	if (nodes_watched()) {
		seen = nodes_primary();
		if (seen.host < 0)
			return NULL;
	}
	follow(&primary, seen.host, seen.position.timeline);
	close_if_ended(&primary);
	if (!breaker_allows(breaker, clock_monotonic()))
		return NULL;
	if (primary.postgres == NULL &&
	    !open_connection(&primary, primary.node < 0 ? &all->primary : &all->of[NODES_PRIMARY][primary.node])) {
		breaker_failed(breaker, clock_monotonic());
		return NULL;
	}
	return &primary;
}

/* Those to replicas that this worker read from only while its own was away. */
static void
close_unused(const struct connection *used)
{
	for (size_t i = 0; i < NODES_MAX; i++) {
		if (replicas[i].postgres != NULL && used->used - replicas[i].used > UNUSED_US)
			connection_close(&replicas[i]);
	}
}

struct connection *
connection_replica(int index)
{
	struct connection *replica = &replicas[index];

	replica->list = NODES_REPLICAS;
	replica->node = index;
	close_if_ended(replica);
	if (replica->postgres == NULL && !open_connection(replica, &addresses()->of[NODES_REPLICAS][index]))
		return NULL;
	replica->used = clock_monotonic();
	close_unused(replica);
	return replica;
}
