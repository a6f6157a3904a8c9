#include "seed_load.h"

#include <libpq-fe.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "owner.h"
#include "queries.h"
#include "seed_rows.h"
#include "settings.h"

#define SECOND    INT64_C(1000000)
#define BAR_WIDTH 30

/* What has been done so far, for those who watch. */
struct progress {
	bool quiet, terminal;
	const char *name; /* what is being done */
	uint64_t rows, rows_before, rows_in_all;
	int64_t begun, drawn;
};

struct load {
	PGconn *connection;
	struct progress progress;
};

/* Ends the program: the connection ends with it, and so the transaction is rolled back. */
static void give_up(struct load *load, const char *what) __attribute__((noreturn));

static void
give_up(struct load *load, const char *what)
{
	fprintf(stderr, "%squire seed: %s: %s", load->progress.terminal ? "\r\033[K" : "", what,
	        PQerrorMessage(load->connection));
	PQfinish(load->connection);
	exit(1);
}

static void
draw(struct progress *progress)
{
	double part = progress->rows_in_all > 0 ? (double)progress->rows / (double)progress->rows_in_all : 0;
	int filled = part < 1 ? (int)(part * BAR_WIDTH) : BAR_WIDTH;
	int64_t now = clock_monotonic();

	if (progress->quiet || !progress->terminal || now - progress->drawn < SECOND / 10)
		return;
	progress->drawn = now;
	fprintf(stderr, "\r[%.*s%.*s] %3d %%  %s\033[K", filled, "##############################", BAR_WIDTH - filled,
	        "..............................", (int)(part * 100), progress->name);
}

static void
begin(struct progress *progress, const char *name)
{
	progress->name = name;
	progress->begun = clock_monotonic();
	progress->rows_before = progress->rows;
	progress->drawn = 0;
	draw(progress);
}

static void
finish(struct progress *progress)
{
	double seconds = (double)(clock_monotonic() - progress->begun) / SECOND;
	uint64_t rows = progress->rows - progress->rows_before;

	if (progress->quiet)
		return;
	if (progress->terminal)
		fputs("\r\033[K", stderr);
	fprintf(stderr, "%-10s", progress->name);
	if (rows > 0)
		fprintf(stderr, "%11llu rows", (unsigned long long)rows);
	else
		fprintf(stderr, "%16s", "");
	fprintf(stderr, "%9.1f s\n", seconds);
}

static struct load
connect_owner(bool quiet)
{
	struct load load = {.progress = {.quiet = quiet, .terminal = !quiet && isatty(STDERR_FILENO)}};

	load.connection = owner_connect("quire seed");
	if (PQstatus(load.connection) != CONNECTION_OK)
		give_up(&load, "cannot connect");
	return load;
}

/* Runs the statements of a step; the result of the last one is for PQclear. */
static PGresult *
run(struct load *load, const char *what, const char *statements)
{
	PGresult *result = PQexec(load->connection, statements);
	ExecStatusType status = PQresultStatus(result);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
		return result;
	if (state != NULL && strcmp(state, "42P01") == 0) /* undefined_table */
		what = "the schema is not up to date, run quire migrate first";
	PQclear(result);
	give_up(load, what);
}

static void
run_step(struct load *load, const char *what, const char *statements)
{
	begin(&load->progress, what);
	PQclear(run(load, what, statements));
	finish(&load->progress);
}

static void
send_rows(struct row_sink *sink)
{
	struct load *load = sink->context;
	uint64_t rows_now = load->progress.rows_before + sink->count;

	if (sink->rows.length > 0 && PQputCopyData(load->connection, sink->rows.data, (int)sink->rows.length) != 1)
		give_up(load, load->progress.name);
	sink->rows.length = 0;
	load->progress.rows = rows_now;
	draw(&load->progress);
}

static void
load_table(struct load *load, const struct seed_table *table, const struct seed_content *content, struct row_sink *sink)
{
	PGresult *result;

	begin(&load->progress, table->name);
	PQclear(run(load, table->name, table->copy));
	seed_table_make(table, content, sink);
	if (PQputCopyEnd(load->connection, NULL) != 1)
		give_up(load, table->name);
	while ((result = PQgetResult(load->connection)) != NULL) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			give_up(load, table->name);
		PQclear(result);
	}
	finish(&load->progress);
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
	begin(&load->progress, "plan");
	content.counts = counts = plan_count(plan);
	finish(&load->progress);
	for (size_t i = 0; i < SEED_TABLES; i++)
		load_table(load, &seed_tables[i], &content, &sink);
	free(counts);
	arena_free(arena);
}

int
seed_load(const struct seed_plan *plan, bool quiet)
{
	struct load load = connect_owner(quiet);
	struct progress *progress = &load.progress;
	int64_t begun = clock_monotonic();

	progress->rows_in_all = plan->users + plan->follows + plan->articles + plan->favorites + plan->comments;
	open_empty(&load);
	PQclear(run(&load, "cannot prepare the tables", step_prepare));
	load_tables(&load, plan);
	run_step(&load, "tags", step_complete);
	run_step(&load, "indexes", step_put_back);
	run_step(&load, "commit", step_commit);
	begin(progress, "statistics");
	PQclear(PQexec(load.connection, step_settle)); /* should it fail, PostgreSQL does the same by itself, later */
	finish(progress);
	PQfinish(load.connection);
	if (!quiet) {
		double seconds = (double)(clock_monotonic() - begun) / SECOND;

		fprintf(stderr,
		        "%llu rows in %.1f s, %.0f a second. Sign in as demo@quire.example, password " SEED_PASSWORD
		        ".\n",
		        (unsigned long long)progress->rows, seconds, (double)progress->rows / seconds);
	}
	return 0;
}
