#include "seed_load.h"

#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "owner.h"
#include "queries.h"
#include "seed_progress.h"
#include "seed_rows.h"
#include "settings.h"

/* What the other parts cost, in the unit of seed_table.cost: the tags for each article, the rest for each row of any table. */
#define PLAN_COST    0.15
#define TAGS_COST    20.0
#define INDEX_COST   5.0
#define TIDYING_COST 0.4

struct load {
	PGconn *connection;
	struct progress progress;
};

/* What is said when a signal ends the program: the transaction ends with its connection, so that there is nothing to repair. */
static const char *volatile farewell = "\nquire seed: stopped, nothing has been loaded: start it again at any time\n";

static void
say_farewell(int number)
{
	const char *text = farewell;
	ssize_t written = write(STDERR_FILENO, text, strlen(text));

	(void)written;
	raise(number); /* ends the program, since SA_RESETHAND */
}

static void
catch_signals(void)
{
	struct sigaction action = {.sa_handler = say_farewell, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* Ends the program: the connection ends with it, and so the transaction is rolled back. */
static void give_up(struct load *load, const char *what) __attribute__((noreturn));

static void
give_up(struct load *load, const char *what)
{
	progress_clear(&load->progress);
	fprintf(stderr, "quire seed: %s: %s", what, PQerrorMessage(load->connection));
	PQfinish(load->connection);
	exit(1);
}

/* As PQgetResult, but those who watch see that time passes. */
static PGresult *
next_result(struct load *load)
{
	struct pollfd answer = {.fd = PQsocket(load->connection), .events = POLLIN};

	while (PQisBusy(load->connection) == 1) {
		progress_part(&load->progress, load->progress.done);
		poll(&answer, 1, 100);
		if (PQconsumeInput(load->connection) != 1)
			break;
	}
	return PQgetResult(load->connection);
}

static bool
succeeded(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN;
}

/* Runs the statements of a step; the result of the last one, or of the one that failed, is for PQclear. */
static PGresult *
try(struct load *load, const char *statements)
{
	PGresult *result = NULL, *next;

	if (PQsendQuery(load->connection, statements) != 1)
		return NULL;
	while (PQresultStatus(result) != PGRES_COPY_IN && (next = next_result(load)) != NULL) {
		if (result == NULL || succeeded(result)) {
			PQclear(result);
			result = next;
		} else {
			PQclear(next);
		}
	}
	return result;
}

/* As try(), but a failure ends the program. */
static PGresult *
run(struct load *load, const char *what, const char *statements)
{
	PGresult *result = try(load, statements);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (succeeded(result))
		return result;
	if (state != NULL && strcmp(state, "42P01") == 0) /* undefined_table */
		what = "the schema is not up to date, run quire migrate first";
	PQclear(result);
	give_up(load, what);
}

static void
run_step(struct load *load, const char *name, const char *statements, double cost)
{
	progress_begin(&load->progress, name, 0, cost);
	PQclear(run(load, name, statements));
	progress_end(&load->progress);
}

/* Runs the commands that a query gives, with their costs in comparison with one another. Those that are not needed may fail. */
static void
run_each(struct load *load, const char *name, const char *query, double cost, bool needed)
{
	struct progress *progress = &load->progress;
	PGresult *commands = run(load, name, query);
	double in_all = 0, done = 0;

	for (int i = 0; i < PQntuples(commands); i++)
		in_all += strtod(PQgetvalue(commands, i, 1), NULL);
	progress_begin(progress, name, 0, cost);
	for (int i = 0; i < PQntuples(commands); i++) {
		if (needed)
			PQclear(run(load, name, PQgetvalue(commands, i, 0)));
		else
			PQclear(try(load, PQgetvalue(commands, i, 0)));
		done += strtod(PQgetvalue(commands, i, 1), NULL);
		progress_part(progress, in_all > 0 ? done / in_all : 1);
	}
	progress_end(progress);
	PQclear(commands);
}

static void
send_rows(struct row_sink *sink)
{
	struct load *load = sink->context;

	if (sink->rows.length > 0 && PQputCopyData(load->connection, sink->rows.data, (int)sink->rows.length) != 1)
		give_up(load, load->progress.name);
	sink->rows.length = 0;
	progress_rows(&load->progress, sink->count);
}

static void
load_table(struct load *load, const struct seed_table *table, const struct seed_content *content, struct row_sink *sink)
{
	uint64_t rows = seed_table_rows(table, content->plan);
	PGresult *result;

	progress_begin(&load->progress, table->name, rows, (double)rows * table->cost);
	PQclear(run(load, table->name, table->copy));
	seed_table_make(table, content, sink);
	if (PQputCopyEnd(load->connection, NULL) != 1)
		give_up(load, table->name);
	while ((result = next_result(load)) != NULL) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			give_up(load, table->name);
		PQclear(result);
	}
	progress_end(&load->progress);
}

/* Starts the transaction; ends the program if there are users, who would not like to be mixed with made-up ones. */
static void
open_empty(struct load *load)
{
	PGresult *found;

	PQclear(run(load, "cannot lock the users", step_open));
	found = run(load, "cannot look for users", step_find_users);
	if (strcmp(PQgetvalue(found, 0, 0), "t") == 0) {
		fputs("quire seed: the database has users already, it is left as it is\n", stderr);
		PQclear(found);
		PQfinish(load->connection);
		exit(1);
	}
	PQclear(found);
}

static uint64_t
all_rows(const struct seed_plan *plan)
{
	return plan->users + plan->follows + plan->articles + plan->favorites + plan->comments;
}

static void
load_tables(struct load *load, const struct seed_plan *plan)
{
	char password[crypto_pwhash_STRBYTES];
	struct seed_content content = {plan, NULL, password};
	struct arena *arena = arena_new();
	struct row_sink sink = row_sink_in(arena, send_rows, load);
	struct user_counts *counts;

	if (crypto_pwhash_str(password, SEED_PASSWORD, strlen(SEED_PASSWORD),
	                      (unsigned long long)setting_password_passes,
	                      (size_t)setting_password_memory_kib * 1024) != 0) {
		fputs("quire seed: no memory for the password's hash\n", stderr);
		exit(1);
	}
	progress_begin(&load->progress, "plan", 0, PLAN_COST * (double)all_rows(plan));
	content.counts = counts = plan_count(plan);
	progress_end(&load->progress);
	for (size_t i = 0; i < SEED_TABLES; i++)
		load_table(load, &seed_tables[i], &content, &sink);
	free(counts);
	arena_free(arena);
}

static double
cost_of(const struct seed_plan *plan)
{
	double cost =
	    (PLAN_COST + INDEX_COST + TIDYING_COST) * (double)all_rows(plan) + TAGS_COST * (double)plan->articles;

	for (size_t i = 0; i < SEED_TABLES; i++)
		cost += seed_tables[i].cost * (double)seed_table_rows(&seed_tables[i], plan);
	return cost;
}

int
seed_load(const struct seed_plan *plan, bool quiet)
{
	struct load load = {owner_connect("quire seed"), progress_new(quiet, cost_of(plan))};
	double rows = (double)all_rows(plan);

	if (PQstatus(load.connection) != CONNECTION_OK)
		give_up(&load, "cannot connect");
	catch_signals();
	open_empty(&load);
	PQclear(run(&load, "cannot prepare the tables", step_prepare));
	load_tables(&load, plan);
	run_step(&load, "tags", step_complete, TAGS_COST * (double)plan->articles);
	run_each(&load, "indexes", step_list_put_back, INDEX_COST * rows, true);
	farewell = "\nquire seed: stopped at the end: when the database has users now, everything is loaded\n";
	run_step(&load, "commit", step_commit, 0);
	run_each(&load, "statistics", step_list_settle, TIDYING_COST * rows, false); /* else PostgreSQL does it later */
	PQfinish(load.connection);
	if (!quiet) {
		double seconds = progress_seconds(&load.progress);

		fprintf(stderr,
		        "%.0f rows in %.1f s, %.0f a second. Sign in as demo@quire.example, password " SEED_PASSWORD
		        ".\n",
		        rows, seconds, rows / seconds);
	}
	return 0;
}
