#include "database.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "settings.h"

/* After a failed attempt to connect, requests are answered 503 at once for so long: no retry storm, and recovery is soon noticed. */
#define RECONNECT_AFTER_US 500000

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

/* A query that is being run. */
struct statement {
	const struct query *query;
	const char *const *values;
	struct rows *rows;
	PGresult *result; /* what the rows were last filled with */
	struct statement *next;
};

/* Those since database_together. */
static struct {
	const struct request *req; /* NULL: it was not called */
	const struct input_error *failure;
	struct statement *first, **end;
} together;

static bool
send_statements(PGconn *connection, const struct statement *first)
{
	if (first->next != NULL && !PQenterPipelineMode(connection))
		return false;
	for (const struct statement *one = first; one != NULL; one = one->next) {
		const struct query *query = one->query;

		if (!PQsendQueryPrepared(connection, query->name, query->parameter_count, one->values, NULL, NULL, 1))
			return false;
	}
	return first->next == NULL || PQpipelineSync(connection);
}

/* The next result, up to the NULL that ends it. */
static PGresult *
whole_result(PGconn *connection, int64_t deadline, bool *in_time)
{
	PGresult *result = next_result(connection, deadline, in_time), *more;

	while (*in_time && PQstatus(connection) != CONNECTION_BAD &&
	       (more = next_result(connection, deadline, in_time)) != NULL)
		PQclear(more);
	return result;
}

/* Gives each statement its result, NULL where there is none. False at the deadline. */
static bool
receive_results(PGconn *connection, struct arena *arena, struct statement *first, int64_t deadline)
{
	bool in_time = true;

	for (struct statement *one = first; one != NULL && in_time; one = one->next) {
		one->result = whole_result(connection, deadline, &in_time);
		rows_fill(one->rows, arena, one->result);
	}
	if (first->next != NULL && in_time && PQstatus(connection) != CONNECTION_BAD) {
		PQclear(next_result(connection, deadline, &in_time)); /* PGRES_PIPELINE_SYNC */
		PQexitPipelineMode(connection);
	}
	return in_time;
}

/* One attempt at all of them; *failed becomes the first that did not succeed. */
static enum outcome
attempt(struct request *req, struct statement *first, struct statement **failed)
{
	int64_t deadline = clock_monotonic() + setting_database_timeout_ms * 1000;
	PGconn *connection = primary_connection();
	enum outcome outcome = DONE;

	for (struct statement *one = *failed = first; one != NULL; one = one->next)
		one->result = NULL;
	if (connection == NULL)
		return UNAVAILABLE;
	req->database_trips++;

	bool in_time = !send_statements(connection, first) || receive_results(connection, req->arena, first, deadline);

	for (struct statement *one = first; one != NULL && outcome == DONE; one = one->next) {
		*failed = one;
		outcome = one->result != NULL ? outcome_of(one->result) : DISCONNECTED;
	}
	if (!in_time && PQstatus(connection) != CONNECTION_BAD) {
		log_error("database too slow", LOG_TEXT("query", (*failed)->query->name));
		database_close();
		return UNAVAILABLE;
	}
	if (PQstatus(connection) == CONNECTION_BAD || PQpipelineStatus(connection) != PQ_PIPELINE_OFF)
		outcome = DISCONNECTED;
	if (outcome == DISCONNECTED) {
		log_error("database connection lost", LOG_TEXT("query", (*failed)->query->name),
		          LOG_TEXT("reason", PQerrorMessage(connection)));
		database_close();
	}
	return outcome;
}

/* Runs statements, all of them reads if there are several; ends the request unless all succeed. */
static void
run(struct request *req, struct statement *first)
{
	for (int attempts = 1;; attempts++) {
		struct statement *failed;
		enum outcome outcome = attempt(req, first, &failed);
		const char *name = failed->query->name;
		bool last = attempts == 2;

		switch (outcome) {
		case DONE:
			return;
		case CONFLICT:
			fail(req, HTTP_CONFLICT, conflict_of(failed->result)->field, "has already been taken");
		case REPEAT:
			if (!last)
				continue;
			log_error("given up", LOG_TEXT("query", name),
			          LOG_TEXT("reason", PQresultErrorMessage(failed->result)));
			fail_unavailable(req);
		case DISCONNECTED:
			if (!last && first->query->access == QUERY_READ)
				continue;
			fail_unavailable(req);
		case UNAVAILABLE:
			fail_unavailable(req);
		case REFUSED:
			break;
		}
		fail_server(req, name, PQresultErrorMessage(failed->result));
	}
}

/* A handler that failed left it open: the page that tells of its failure, and the next request, do not add to it. */
static bool
together_open(const struct request *req)
{
	return together.req == req && together.failure == req->failure;
}

static void
together_close(void *unused)
{
	(void)unused;
	together.req = NULL;
	together.first = NULL;
}

void
database_together(struct request *req)
{
	together.req = req;
	together.failure = req->failure;
	together.first = NULL;
	together.end = &together.first;
	arena_on_reset(req->arena, together_close, NULL);
}

void
database_together_end(struct request *req)
{
	struct statement *first = together.first;

	together_close(NULL);
	if (first != NULL)
		run(req, first);
}

struct rows *
database_run(struct request *req, const struct query *query, const char *const values[])
{
	struct statement *one = arena_alloc(req->arena, sizeof *one);

	*one = (struct statement){.query = query, .values = values, .rows = rows_of(req->arena, NULL)};
	if (!together_open(req)) {
		run(req, one);
		return one->rows;
	}
	if (query->access != QUERY_READ)
		fail_server(req, query->name, "writes, and was to be run together with others");

	const char **kept = arena_alloc(req->arena, (size_t)query->parameter_count * sizeof *kept);

	for (int i = 0; i < query->parameter_count; i++)
		kept[i] = values[i];
	one->values = kept;
	*together.end = one;
	together.end = &one->next;
	return one->rows;
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
