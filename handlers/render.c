#include "render.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>

#include "clock.h"
#include "markdown.h"
#include "owner.h"
#include "queries.h"

struct table {
	const char *name;
	const char *find;   /* $1: the id behind which to look. Gives id, updated_at, body */
	const char *render; /* $1, $2: id and updated_at, $3: the HTML */
	unsigned flags;
};

static const struct table tables[] = {
    {"articles", step_find_articles, step_render_article, 0},
    {"comments", step_find_comments, step_render_comment, MARKDOWN_UGC},
};

static bool
succeeded(PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_PIPELINE_SYNC;
}

/* Sends an update for each of the rows, all in one round trip and one transaction. Counts those that got HTML. */
static bool
render_rows(PGconn *connection, const struct table *table, const PGresult *rows, struct arena *arena, long *rendered)
{
	int sent = 0;
	bool done = PQenterPipelineMode(connection);

	for (int i = 0; i < PQntuples(rows) && done; i++) {
		const char *html = markdown_html(arena, PQgetvalue(rows, i, 2), table->flags);
		const char *const values[] = {PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1), html};

		if (html != NULL) {
			done = PQsendQueryPrepared(connection, table->name, 3, values, NULL, NULL, 0);
			sent++;
		}
		arena_reset(arena);
	}
	done = done && PQpipelineSync(connection);
	for (int i = 0; i < sent && done; i++) /* NULL: the result's end */
		done = succeeded(PQgetResult(connection)) && PQgetResult(connection) == NULL;
	*rendered += sent;
	return done && succeeded(PQgetResult(connection)) && PQexitPipelineMode(connection);
}

static bool
render_table(PGconn *connection, const struct table *table, struct arena *arena)
{
	int64_t begun = clock_monotonic();
	char after[24] = "0";
	const char *const values[] = {after};
	long rendered = 0;
	int found = 1;
	bool done = succeeded(PQprepare(connection, table->name, table->render, 0, NULL));

	while (done && found > 0) {
		PGresult *rows = PQexecParams(connection, table->find, 1, NULL, values, NULL, NULL, 0);

		found = PQntuples(rows);
		done = PQresultStatus(rows) == PGRES_TUPLES_OK &&
		       (found == 0 || render_rows(connection, table, rows, arena, &rendered));
		if (found > 0)
			snprintf(after, sizeof after, "%s", PQgetvalue(rows, found - 1, 0));
		PQclear(rows);
	}
	if (rendered > 0)
		printf("%s: rendered %ld in %lld ms\n", table->name, rendered,
		       (long long)(clock_monotonic() - begun) / 1000);
	return done;
}

int
render_missing(void)
{
	PGconn *connection = owner_connect("quire migrate");
	struct arena *arena = arena_new();
	bool done = PQstatus(connection) == CONNECTION_OK;

	for (size_t i = 0; i < sizeof tables / sizeof tables[0] && done; i++)
		done = render_table(connection, &tables[i], arena);
	if (!done)
		fprintf(stderr, "quire migrate: cannot render: %s", PQerrorMessage(connection));
	arena_free(arena);
	PQfinish(connection);
	return done ? 0 : 1;
}
