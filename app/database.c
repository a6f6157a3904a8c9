#include "database.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "clock.h"
#include "log.h"
#include "settings.h"

/* After a failed attempt to connect, requests are answered 503 at once for so long: no retry storm, and recovery is soon noticed. */
#define RECONNECT_AFTER_US 500000

struct rows {
	PGresult *result;
};

static struct {
	const struct query *queries;
	size_t queries_count;
	const struct conflict *conflicts;
	size_t conflicts_count;
} known;

static struct {
	PGconn *connection;
	int64_t not_before; /* clock_monotonic() of the next attempt to connect */
} primary;

void
database_init(const struct query *queries, size_t queries_count, const struct conflict *conflicts,
              size_t conflicts_count)
{
	known.queries = queries;
	known.queries_count = queries_count;
	known.conflicts = conflicts;
	known.conflicts_count = conflicts_count;
}

void
database_close(void)
{
	PQfinish(primary.connection);
	primary.connection = NULL;
}

/* Waits until the connection's socket is ready for `events`; false at the deadline. */
static bool
wait_for_socket(PGconn *connection, short events, int64_t deadline)
{
	struct pollfd socket = {.fd = PQsocket(connection), .events = events};
	int ready;

	do {
		int64_t left = deadline - clock_monotonic();

		if (left <= 0)
			return false;
		ready = poll(&socket, 1, (int)(left / 1000 + 1));
	} while (ready < 0 && errno == EINTR); /* the worker has signals, and libpq must not go on too early */
	return ready != 0;
}

static bool
finish_connecting(PGconn *connection, int64_t deadline)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (PQstatus(connection) != CONNECTION_BAD) {
		if (!wait_for_socket(connection, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
			return false;
		state = PQconnectPoll(connection);
		if (state == PGRES_POLLING_OK)
			return true;
		if (state == PGRES_POLLING_FAILED)
			return false;
	}
	return false;
}

/* The next result, NULL if there is none. *in_time turns false at the deadline or when the connection broke. */
static PGresult *
next_result(PGconn *connection, int64_t deadline, bool *in_time)
{
	int unsent;

	while ((unsent = PQflush(connection)) > 0) {
		if (!wait_for_socket(connection, POLLIN | POLLOUT, deadline) || !PQconsumeInput(connection))
			return *in_time = false, NULL;
	}
	while (unsent == 0 && PQisBusy(connection)) {
		if (!wait_for_socket(connection, POLLIN, deadline) || !PQconsumeInput(connection))
			return *in_time = false, NULL;
	}
	return PQgetResult(connection);
}

/* Prepares every query under its name, all in one round trip. A query that PostgreSQL refuses makes the database count as not
 * ready: program and schema do not belong together. */
static bool
prepare_queries(PGconn *connection, int64_t deadline)
{
	bool in_time = true, prepared = true;

	if (!PQenterPipelineMode(connection))
		return false;
	for (size_t i = 0; i < known.queries_count; i++) {
		const struct query *query = &known.queries[i];

		if (!PQsendPrepare(connection, query->name, query->text, query->parameter_count,
		                   query->parameter_types) ||
		    !PQpipelineSync(connection))
			return false;
	}
	for (size_t synced = 0; synced < known.queries_count && in_time;) {
		PGresult *result = next_result(connection, deadline, &in_time);

		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			synced++;
		} else if (result != NULL && PQresultStatus(result) != PGRES_COMMAND_OK) {
			prepared = false;
			log_error("query refused", LOG_TEXT("query", known.queries[synced].name),
			          LOG_TEXT("file", known.queries[synced].file),
			          LOG_NUMBER("line", known.queries[synced].line),
			          LOG_TEXT("reason", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)));
		} else if (result == NULL && PQstatus(connection) == CONNECTION_BAD) {
			in_time = false;
		}
		PQclear(result);
	}
	return in_time && prepared && PQexitPipelineMode(connection);
}

/* libpq itself would write it to standard error, which has lines of JSON only. */
static void
log_notice(void *unused, const PGresult *notice)
{
	(void)unused;
	log_warning("database warning", LOG_TEXT("reason", PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY)));
}

/* Connects to the primary, or returns NULL and remembers not to try again for a while. */
static PGconn *
connect_primary(void)
{
	int64_t now = clock_monotonic();
	int64_t deadline = now + setting_database_connect_timeout_ms * 1000;
	char options[64];

	if (now < primary.not_before)
		return NULL;
	snprintf(options, sizeof options, "-c statement_timeout=%ld", setting_database_timeout_ms);

	/* "dbname" takes the whole connection string; what follows it overrides */
	const char *const names[] = {"dbname", "client_encoding", "fallback_application_name", "options", NULL};
	const char *const values[] = {setting_database_primary, "UTF8", "quire", options, NULL};
	PGconn *connection = PQconnectStartParams(names, values, 1);

	PQsetNoticeReceiver(connection, log_notice, NULL);
	if (connection != NULL && finish_connecting(connection, deadline) && PQsetnonblocking(connection, 1) == 0 &&
	    prepare_queries(connection, deadline + setting_database_timeout_ms * 1000))
		return connection;

	log_error("database unavailable",
	          LOG_TEXT("reason", connection ? PQerrorMessage(connection) : "out of memory"));
	PQfinish(connection);
	primary.not_before = clock_monotonic() + RECONNECT_AFTER_US;
	return NULL;
}

/* Has PostgreSQL closed the connection while it was idle? It may have said why before: that is read until the end shows. */
static bool
connection_ended(PGconn *connection)
{
	struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};

	while (PQstatus(connection) != CONNECTION_BAD && poll(&socket, 1, 0) > 0) {
		if (!PQconsumeInput(connection))
			return true;
	}
	return PQstatus(connection) == CONNECTION_BAD;
}

/* The connection to the primary, opened if need be. One that PostgreSQL closed while it was idle (a restart) is noticed here, before
 * a request is risked on it. */
static PGconn *
primary_connection(void)
{
	if (primary.connection != NULL && connection_ended(primary.connection))
		database_close();
	if (primary.connection == NULL)
		primary.connection = connect_primary();
	return primary.connection;
}

static void
clear_result(void *result)
{
	PQclear(result);
}

struct rows *
rows_of(struct arena *arena, struct pg_result *result)
{
	struct rows *rows = arena_alloc(arena, sizeof *rows);

	rows->result = result;
	arena_on_reset(arena, clear_result, result);
	return rows;
}

enum outcome {
	DONE,
	CONFLICT,     /* a value that is taken */
	REPEAT,       /* nothing was done, and a second attempt may succeed */
	DISCONNECTED, /* the statement may or may not have been done */
	UNAVAILABLE,  /* PostgreSQL cannot do it now */
	REFUSED,      /* our own fault */
};

static const struct conflict *
conflict_of(const PGresult *result)
{
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	for (size_t i = 0; constraint != NULL && i < known.conflicts_count; i++) {
		if (strcmp(known.conflicts[i].constraint, constraint) == 0)
			return &known.conflicts[i];
	}
	return NULL;
}

/* Reads the SQLSTATE (PostgreSQL's documentation, appendix A). */
static enum outcome
outcome_of(const PGresult *result)
{
	static const struct {
		const char *state; /* the whole code, or the class it begins with */
		enum outcome outcome;
	} states[] = {
	    {"23505", REPEAT},      /* unique_violation of a value that we chose: a slug taken at the same moment */
	    {"23503", REPEAT},      /* foreign_key_violation: what it refers to was deleted at the same moment */
	    {"40", REPEAT},         /* serialization failure, deadlock */
	    {"57014", UNAVAILABLE}, /* statement_timeout */
	    {"57P", DISCONNECTED},  {"08", DISCONNECTED}, {"25006", DISCONNECTED}, /* read-only: a primary no more */
	    {"53", UNAVAILABLE},
	};
	ExecStatusType status = PQresultStatus(result);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return DONE;
	if (state == NULL)
		return DISCONNECTED;
	if (strcmp(state, "23505") == 0 && conflict_of(result) != NULL)
		return CONFLICT;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
			return states[i].outcome;
	}
	return REFUSED;
}

/* One attempt. *result is the request's to clear, whatever the outcome; NULL if there is none. */
static enum outcome
attempt(struct request *req, const struct query *query, const char *const values[], PGresult **result)
{
	int64_t deadline = clock_monotonic() + setting_database_timeout_ms * 1000;
	PGconn *connection = primary_connection();
	bool in_time = true;

	*result = NULL;
	if (connection == NULL)
		return UNAVAILABLE;
	req->database_trips++;
	if (PQsendQueryPrepared(connection, query->name, query->parameter_count, values, NULL, NULL, 1)) {
		PGresult *more;

		*result = next_result(connection, deadline, &in_time);
		while (in_time && (more = next_result(connection, deadline, &in_time)) != NULL)
			PQclear(more);
	}
	if (!in_time && PQstatus(connection) != CONNECTION_BAD) {
		log_error("database too slow", LOG_TEXT("query", query->name));
		database_close();
		return UNAVAILABLE;
	}
	if (*result == NULL || PQstatus(connection) == CONNECTION_BAD) {
		log_error("database connection lost", LOG_TEXT("query", query->name),
		          LOG_TEXT("reason", PQerrorMessage(connection)));
		database_close();
		return DISCONNECTED;
	}
	return outcome_of(*result);
}

struct rows *
database_run(struct request *req, const struct query *query, const char *const values[])
{
	for (int attempts = 1;; attempts++) {
		PGresult *result;
		enum outcome outcome = attempt(req, query, values, &result);
		struct rows *rows = rows_of(req->arena, result);
		bool last = attempts == 2;

		switch (outcome) {
		case DONE:
			return rows;
		case CONFLICT:
			fail(req, HTTP_CONFLICT, conflict_of(result)->field, "has already been taken");
		case REPEAT:
			if (!last)
				continue;
			log_error("given up", LOG_TEXT("query", query->name),
			          LOG_TEXT("reason", PQresultErrorMessage(result)));
			fail_unavailable(req);
		case DISCONNECTED:
			database_close();
			if (!last && query->access == QUERY_READ)
				continue;
			fail_unavailable(req);
		case UNAVAILABLE:
			fail_unavailable(req);
		case REFUSED:
			break;
		}
		fail_server(req, query->name, PQresultErrorMessage(result));
	}
}

/* Sends an empty query: a connection that is open may belong to a server that hangs. */
bool
database_ready(struct request *req)
{
	int64_t deadline = clock_monotonic() + setting_database_connect_timeout_ms * 1000;
	PGconn *connection = primary_connection();
	bool in_time = true, ready = false;
	PGresult *result;

	if (connection == NULL || !PQsendQuery(connection, ""))
		return false;
	req->database_trips++;
	while ((result = next_result(connection, deadline, &in_time)) != NULL) {
		ready = PQresultStatus(result) == PGRES_EMPTY_QUERY;
		PQclear(result);
	}
	if (!in_time)
		database_close();
	return ready && in_time;
}

size_t
rows_count(const struct rows *rows)
{
	return (size_t)PQntuples(rows->result);
}

size_t
rows_columns(const struct rows *rows)
{
	return (size_t)PQnfields(rows->result);
}

const char *
rows_column_name(const struct rows *rows, size_t column)
{
	return PQfname(rows->result, (int)column);
}

uint32_t
rows_column_type(const struct rows *rows, size_t column)
{
	return PQftype(rows->result, (int)column);
}

const char *
rows_value(const struct rows *rows, size_t row, size_t column, size_t *length)
{
	if (PQgetisnull(rows->result, (int)row, (int)column))
		return NULL;
	*length = (size_t)PQgetlength(rows->result, (int)row, (int)column);
	return PQgetvalue(rows->result, (int)row, (int)column);
}

/* PQfnumber would fold the name to lower case. */
static size_t
column_number(const struct rows *rows, const char *name)
{
	for (int column = 0; column < PQnfields(rows->result); column++) {
		if (strcmp(PQfname(rows->result, column), name) == 0)
			return (size_t)column;
	}
	log_fatal("no such column", LOG_TEXT("column", name));
}

bool
rows_null(const struct rows *rows, size_t row, const char *column)
{
	return PQgetisnull(rows->result, (int)row, (int)column_number(rows, column));
}

int64_t
binary_integer(const char *value, size_t length)
{
	uint64_t number = (signed char)*value < 0 ? UINT64_MAX : 0; /* extends the sign of the shorter types */

	for (size_t i = 0; i < length; i++)
		number = number << 8 | (unsigned char)value[i];
	return (int64_t)number;
}

int64_t
rows_integer(const struct rows *rows, size_t row, const char *column)
{
	size_t length = 0;
	const char *value = rows_value(rows, row, column_number(rows, column), &length);

	return value != NULL ? binary_integer(value, length) : 0;
}

bool
rows_boolean(const struct rows *rows, size_t row, const char *column)
{
	return rows_integer(rows, row, column) != 0;
}

const char *
rows_text(const struct rows *rows, size_t row, const char *column)
{
	size_t length;

	return rows_value(rows, row, column_number(rows, column), &length);
}

const char *
parameter_integer(struct request *req, int64_t value)
{
	return arena_printf(req->arena, "%lld", (long long)value);
}

const char *
parameter_boolean(bool value)
{
	return value ? "t" : "f";
}

const char *
parameter_text_list(struct request *req, const struct text_list *list)
{
	struct buffer text = buffer_in(req->arena);

	if (list == NULL)
		return NULL;
	buffer_add_byte(&text, '{');
	for (size_t i = 0; i < list->count; i++) {
		buffer_add_text(&text, i == 0 ? "\"" : ",\"");
		for (const char *byte = list->items[i]; *byte != '\0'; byte++) {
			if (*byte == '"' || *byte == '\\')
				buffer_add_byte(&text, '\\');
			buffer_add_byte(&text, *byte);
		}
		buffer_add_byte(&text, '"');
	}
	buffer_add_text(&text, "}");
	return text.data;
}
