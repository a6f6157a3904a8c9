#include "database.h"

#include <libpq-fe.h>
#include <string.h>

#include "admission.h"
#include "clock.h"
#include "connection.h"
#include "freshness.h"
#include "log.h"
#include "scoreboard.h"
#include "settings.h"

static struct {
	const struct conflict *conflicts;
	size_t conflicts_count;
} known;

void
database_init(const struct query *queries, size_t queries_count, const struct conflict *conflicts,
              size_t conflicts_count, const struct database_statements *statements)
{
	connection_init(queries, queries_count, statements);
	known.conflicts = conflicts;
	known.conflicts_count = conflicts_count;
}

void
database_close(void)
{
	connection_close_all();
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

/* One attempt at all of the statements: where it is made, and what came of it. */
struct attempt {
	struct connection *connection;
	int replica;          /* -1: the primary */
	bool certain;         /* it has replayed what is needed */
	bool asks_first;      /* how far the server is, before the reads */
	bool asks_last;       /* the same behind a write, once it is committed */
	struct position seen; /* what was seen of it: by the monitor, then by the answer */
	struct statement *failed;
	bool in_time;
};

static bool
writes(const struct statement *first)
{
	return first->query->access == QUERY_WRITE;
}

/* libpq's pipeline, unless there is but one statement to send. Statements between two syncs are one transaction. */
static bool
send_statements(const struct attempt *attempt, const struct statement *first)
{
	PGconn *postgres = attempt->connection->postgres;
	bool alone = first->next == NULL && !attempt->asks_first && !attempt->asks_last;

	if (!alone && !PQenterPipelineMode(postgres))
		return false;
	if (attempt->asks_first && !connection_send_position(attempt->connection))
		return false;
	for (const struct statement *one = first; one != NULL; one = one->next) {
		if (!connection_send(attempt->connection, one->query, one->values))
			return false;
	}
	if (attempt->asks_last && !(PQpipelineSync(postgres) && connection_send_position(attempt->connection)))
		return false;
	return alone || PQpipelineSync(postgres);
}

/* The next result, up to the NULL that ends it. */
static PGresult *
whole_result(struct attempt *attempt, int64_t deadline)
{
	struct connection *connection = attempt->connection;
	PGresult *result = connection_result(connection, deadline, &attempt->in_time), *more;

	while (attempt->in_time && PQstatus(connection->postgres) != CONNECTION_BAD &&
	       PQresultStatus(result) != PGRES_PIPELINE_SYNC &&
	       (more = connection_result(connection, deadline, &attempt->in_time)) != NULL)
		PQclear(more);
	return result;
}

static bool
goes_on(const struct attempt *attempt)
{
	return attempt->in_time && PQstatus(attempt->connection->postgres) != CONNECTION_BAD;
}

static void
receive_position(struct attempt *attempt, int64_t deadline)
{
	PGresult *result = whole_result(attempt, deadline);
	struct position position = {0};

	if (connection_read_position(result, &position)) {
		if (attempt->replica >= 0)
			position.timeline = attempt->seen.timeline;
		attempt->seen = position;
	} else {
		attempt->seen = (struct position){0};
	}
	PQclear(result);
}

/* Gives each statement its result, NULL where there is none. */
static void
receive_results(struct attempt *attempt, struct arena *arena, struct statement *first, int64_t deadline)
{
	PGconn *postgres = attempt->connection->postgres;

	if (attempt->asks_first)
		receive_position(attempt, deadline);
	for (struct statement *one = first; one != NULL && attempt->in_time; one = one->next) {
		one->result = whole_result(attempt, deadline);
		rows_fill(one->rows, arena, one->result);
	}
	if (attempt->asks_last && goes_on(attempt)) {
		PQclear(whole_result(attempt, deadline)); /* PGRES_PIPELINE_SYNC */
		receive_position(attempt, deadline);
	}
	if (PQpipelineStatus(postgres) != PQ_PIPELINE_OFF && goes_on(attempt)) {
		PQclear(whole_result(attempt, deadline)); /* PGRES_PIPELINE_SYNC */
		PQexitPipelineMode(postgres);
	}
}

/* What came of all: that of the first that did not succeed. */
static enum outcome
outcome_of_all(struct attempt *attempt, struct statement *first)
{
	enum outcome outcome = DONE;

	for (struct statement *one = first; one != NULL && outcome == DONE; one = one->next) {
		attempt->failed = one;
		outcome = one->result != NULL ? outcome_of(one->result) : DISCONNECTED;
	}
	return outcome;
}

/* Closes a connection that can be used no more, and says so to those who would use the server. */
static enum outcome
give_up(struct attempt *attempt, bool slow)
{
	struct connection *connection = attempt->connection;
	const char *query = attempt->failed->query->name;
	bool away = nodes_is_away(connection->list, connection->node);

	if (slow && !away)
		log_error("database too slow", LOG_TEXT("query", query));
	else
		log_error("database connection lost", LOG_TEXT("query", query),
		          LOG_TEXT("reason", slow ? "no answer" : PQerrorMessage(connection->postgres)));
	connection_close(connection);
	if (attempt->replica >= 0)
		nodes_suspect((size_t)attempt->replica);
	else
		breaker_failed(scoreboard_breaker(DEPENDENCY_PRIMARY), clock_monotonic());
	return slow && !away ? UNAVAILABLE : DISCONNECTED;
}

static enum outcome
make_attempt(struct request *req, struct attempt *attempt, struct statement *first)
{
	int64_t deadline = clock_monotonic() + setting_database_timeout_ms * 1000;
	PGconn *postgres = attempt->connection->postgres;

	for (struct statement *one = attempt->failed = first; one != NULL; one = one->next)
		one->result = NULL;
	req->database_trips++;
	attempt->in_time = true;
	if (send_statements(attempt, first))
		receive_results(attempt, req->arena, first, deadline);

	enum outcome outcome = outcome_of_all(attempt, first);

	if (!attempt->in_time && PQstatus(postgres) != CONNECTION_BAD)
		return give_up(attempt, true);
	if (outcome == DISCONNECTED || !goes_on(attempt) || PQpipelineStatus(postgres) != PQ_PIPELINE_OFF)
		return give_up(attempt, false);
	if (attempt->replica >= 0)
		req->replica_trips++;
	else
		breaker_succeeded(scoreboard_breaker(DEPENDENCY_PRIMARY), clock_monotonic());
	return outcome;
}

/* Chooses a replica for the reads, and connects to it. False: none will do. Those that were tried have their bit in *tried. */
static bool
use_replica(const struct request *req, struct attempt *attempt, uint32_t *tried)
{
	bool stay = !nodes_is_away(NODES_PRIMARY, -1);

	for (;;) {
		struct replica_choice choice = nodes_choose(scoreboard_slot_index(), req->needed, *tried, stay);

		if (choice.index < 0)
			return false;
		*tried |= UINT32_C(1) << choice.index;
		attempt->connection = connection_replica(choice.index);
		if (attempt->connection != NULL) {
			attempt->replica = choice.index;
			attempt->certain = choice.certain;
			attempt->seen = choice.position;
			return true;
		}
		nodes_suspect((size_t)choice.index);
	}
}

/* Decides where the statements are run; false if there is no server for them. */
static bool
begin_attempt(struct request *req, struct attempt *attempt, const struct statement *first, uint32_t *tried)
{
	bool reads = !writes(first);

	*attempt = (struct attempt){.replica = -1, .certain = true};
	if (!reads || req->primary_only || !use_replica(req, attempt, tried)) {
		if (reads && !req->primary_only && nodes_watched() && nodes_count(NODES_REPLICAS) > 0 &&
		    !nodes_any_replica())
			admission_fallback(req);
		attempt->connection = connection_primary();
	}
	attempt->asks_first = !attempt->certain;
	attempt->asks_last = !reads;
	return attempt->connection != NULL;
}

/* A write that may have been committed, or not. */
static void __attribute__((noreturn)) fail_unknown(struct request *req)
{
	freshness_unknown(req);
	fail_unavailable(req);
}

/* All succeeded. False: what was read is older than what was needed, and counts for nothing. */
static bool
accept(struct request *req, const struct attempt *attempt, struct statement *first)
{
	if (writes(first)) {
		/* committed, but nobody could be told where; or by a primary that is one no more */
		if (attempt->seen.timeline == 0 || attempt->seen.timeline < nodes_primary().position.timeline)
			fail_unknown(req);
		req->written = position_newer(req->written, attempt->seen);
		freshness_changed(req, first->query, first->values, first->rows);
		return true;
	}
	if (!attempt->certain && !position_covers(attempt->seen, req->needed)) {
		nodes_missed((size_t)attempt->replica);
		return false;
	}
	return true;
}

/* Runs statements, all of them reads if there are several; ends the request unless all succeed. What failed for want of a connection, or
 * by chance, is repeated once, on another server if possible. */
static void
run(struct request *req, struct statement *first)
{
	uint32_t tried = 0;

	for (int failures = 0; failures < 2;) {
		struct attempt attempt;

		if (!begin_attempt(req, &attempt, first, &tried))
			fail_unavailable(req);

		enum outcome outcome = make_attempt(req, &attempt, first);
		const struct statement *failed = attempt.failed;

		switch (outcome) {
		case DONE:
			if (accept(req, &attempt, first))
				return;
			continue;
		case CONFLICT:
			fail(req, HTTP_CONFLICT, conflict_of(failed->result)->field, "has already been taken");
		case REPEAT:
			if (failures++ > 0)
				log_error("given up", LOG_TEXT("query", failed->query->name),
				          LOG_TEXT("reason", PQresultErrorMessage(failed->result)));
			continue;
		case DISCONNECTED:
			if (writes(first))
				fail_unknown(req);
			failures++;
			continue;
		case UNAVAILABLE:
			if (writes(first))
				fail_unknown(req);
			fail_unavailable(req);
		case REFUSED:
			fail_server(req, failed->query->name, PQresultErrorMessage(failed->result));
		}
	}
	fail_unavailable(req);
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

/* Sends a small question: a connection that is open may belong to a server that hangs. */
static bool
answers(struct request *req, struct connection *connection)
{
	int64_t deadline = clock_monotonic() + setting_database_connect_timeout_ms * 1000;
	struct position position;
	bool in_time, ready = false;
	PGresult *result;

	if (connection == NULL)
		return false;
	in_time = connection_send_position(connection);
	req->database_trips++;
	while (in_time && (result = connection_result(connection, deadline, &in_time)) != NULL) {
		ready = connection_read_position(result, &position);
		PQclear(result);
	}
	if (!in_time)
		connection_close(connection);
	if (connection->list == NODES_PRIMARY)
		(in_time ? breaker_succeeded : breaker_failed)(scoreboard_breaker(DEPENDENCY_PRIMARY),
		                                               clock_monotonic());
	return ready && in_time;
}

enum database_readiness
database_ready(struct request *req)
{
	struct replica_choice choice;

	if (answers(req, connection_primary()))
		return DATABASE_OK;
	choice = nodes_choose(scoreboard_slot_index(), (struct position){0}, 0, false);
	if (choice.index >= 0 && answers(req, connection_replica(choice.index)))
		return DATABASE_READ_ONLY;
	return DATABASE_UNAVAILABLE;
}
