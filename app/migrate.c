#include "migrate.h"

#include <libpq-fe.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "owner.h"

#define CHECKSUM_SIZE (crypto_hash_sha256_BYTES * 2 + 1)

/* What there is to do, and where. */
struct run {
	PGconn *connection;
	const struct migration *list;
	size_t count;
	const struct migration_statements *statements;
	bool dry_run;
};

static void
complain(const char *what, const char *reason)
{
	fprintf(stderr, "quire migrate: %s: %s%s", what, reason, strchr(reason, '\n') ? "" : "\n");
}

/* Runs one statement with up to three text parameters. NULL on failure, which has been reported as one of `what`. */
static PGresult *
query(PGconn *connection, const char *what, const char *statement, int count, const char *const values[])
{
	PGresult *result = PQexecParams(connection, statement, count, NULL, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return result;
	complain(what, PQerrorMessage(connection));
	PQclear(result);
	return NULL;
}

/* As query(), for statements whose result nobody wants. */
static bool
execute(PGconn *connection, const char *what, const char *statement)
{
	PGresult *result = query(connection, what, statement, 0, NULL);

	PQclear(result);
	return result != NULL;
}

/* As query(), for a statement that says yes or no; *yes is its answer. */
static bool
ask(PGconn *connection, const char *statement, bool *yes)
{
	PGresult *result = query(connection, "database", statement, 0, NULL);

	*yes = result != NULL && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	PQclear(result);
	return result != NULL;
}

static PGconn *
connect_owner(void)
{
	PGconn *connection = owner_connect("quire migrate");

	if (PQstatus(connection) == CONNECTION_OK)
		return connection;
	complain("cannot connect", PQerrorMessage(connection));
	PQfinish(connection);
	return NULL;
}

/* Waits until no other process migrates this database. The lock ends with the connection. */
static bool
lock(const struct run *run)
{
	bool locked;

	if (!ask(run->connection, run->statements->try_lock, &locked))
		return false;
	if (locked)
		return true;
	puts("another process migrates, waiting");
	return execute(run->connection, "database", run->statements->lock);
}

static void
checksum(const char *text, char sum[CHECKSUM_SIZE])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	sodium_bin2hex(sum, CHECKSUM_SIZE, hash, sizeof hash);
}

/* Are the rows of schema_migrations the first of the list, unedited? */
static bool
check_applied(const struct run *run, const PGresult *rows)
{
	size_t applied = (size_t)PQntuples(rows);

	for (size_t i = 0; i < applied && i < run->count; i++) {
		const char *number = PQgetvalue(rows, (int)i, 0), *known = PQgetvalue(rows, (int)i, 1);
		char sum[CHECKSUM_SIZE];

		checksum(run->list[i].text, sum);
		if (atoi(number) == run->list[i].number && strcmp(known, sum) == 0)
			continue;
		fprintf(stderr,
		        "quire migrate: sql/migrations/%s.sql was edited after it had been applied: its checksum was "
		        "%s, now it is %s\n"
		        "Put the old text back, and make the change in a migration of its own.\n",
		        run->list[i].name, known, sum);
		return false;
	}
	if (applied <= run->count)
		return true;
	fprintf(stderr,
	        "quire migrate: the database is newer than this program: its last migration is %s, the program knows "
	        "the first %zu\n",
	        PQgetvalue(rows, (int)applied - 1, 2), run->count);
	return false;
}

/* Finds out how many were applied, making the table that says so unless this is a dry run. */
static bool
find_applied(const struct run *run, size_t *applied)
{
	const struct migration_statements *statements = run->statements;
	bool exists, valid;
	PGresult *rows;

	*applied = 0;
	if (!ask(run->connection, statements->find_table, &exists))
		return false;
	if (!exists && run->dry_run)
		return true;
	if (!exists && !execute(run->connection, "schema_migrations", statements->make_table))
		return false;
	rows = query(run->connection, "schema_migrations", statements->applied, 0, NULL);
	if (rows == NULL)
		return false;
	*applied = (size_t)PQntuples(rows);
	valid = check_applied(run, rows);
	PQclear(rows);
	return valid;
}

static bool
record(const struct run *run, const struct migration *migration)
{
	char number[16], sum[CHECKSUM_SIZE];
	const char *const values[] = {number, migration->name, sum};
	PGresult *result;

	snprintf(number, sizeof number, "%d", migration->number);
	checksum(migration->text, sum);
	result = query(run->connection, migration->name, run->statements->record, 3, values);
	PQclear(result);
	return result != NULL;
}

static bool
apply(const struct run *run, const struct migration *migration)
{
	PGconn *connection = run->connection;
	int64_t begun = clock_monotonic();
	PGresult *result;
	bool done;

	if (!execute(connection, migration->name, "BEGIN"))
		return false;
	result = PQexec(connection, migration->text); /* takes several statements, unlike query() */
	done = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
	if (!done)
		complain(migration->name, PQerrorMessage(connection));
	PQclear(result);
	if (!done || !record(run, migration) || !execute(connection, migration->name, "COMMIT")) {
		fprintf(stderr, "quire migrate: %s was rolled back\n", migration->name);
		return false;
	}
	printf("%s: applied in %lld ms\n", migration->name, (long long)(clock_monotonic() - begun) / 1000);
	return true;
}

static bool
migrate(const struct run *run)
{
	size_t applied;

	if ((!run->dry_run && !lock(run)) || !find_applied(run, &applied))
		return false;
	if (applied == run->count)
		printf("nothing to do, all %zu migrations are applied\n", run->count);
	for (size_t i = applied; i < run->count; i++) {
		if (run->dry_run)
			printf("%s: would be applied\n", run->list[i].name);
		else if (!apply(run, &run->list[i]))
			return false;
	}
	return true;
}

int
migrate_list(const struct migration *list, size_t count, const struct migration_statements *statements, bool dry_run)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* what was done is told when it was done, also into a pipe */

	const struct run run = {connect_owner(), list, count, statements, dry_run};
	bool done = run.connection != NULL && migrate(&run);

	PQfinish(run.connection);
	return done ? 0 : 1;
}
