#include "migrate.h"

#include <libpq-fe.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "settings.h"

/* Any number that no other program uses for an advisory lock in the same database: "quire" in ASCII. */
#define LOCK_KEY "487301149285"

#define CHECKSUM_SIZE (crypto_hash_sha256_BYTES * 2 + 1)

static void
complain(const char *what, const char *reason)
{
	fprintf(stderr, "quire migrate: %s: %s%s", what, reason, strchr(reason, '\n') ? "" : "\n");
}

/* Runs one statement with up to three text parameters. NULL on failure, which has been reported as one of `what`. */
static PGresult *
run(PGconn *connection, const char *what, const char *statement, int count, const char *const values[])
{
	PGresult *result = PQexecParams(connection, statement, count, NULL, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return result;
	complain(what, PQerrorMessage(connection));
	PQclear(result);
	return NULL;
}

/* As run(), for statements whose result nobody wants. */
static bool
execute(PGconn *connection, const char *what, const char *statement)
{
	PGresult *result = run(connection, what, statement, 0, NULL);

	PQclear(result);
	return result != NULL;
}

/* As run(), for a statement that says yes or no; *yes is its answer. */
static bool
ask(PGconn *connection, const char *statement, bool *yes)
{
	PGresult *result = run(connection, "database", statement, 0, NULL);

	*yes = result != NULL && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	PQclear(result);
	return result != NULL;
}

static PGconn *
connect_owner(void)
{
	/* "dbname" takes the whole connection string, which may say otherwise about what stands before it */
	const char *const names[] = {"connect_timeout", "dbname", "client_encoding", "fallback_application_name", NULL};
	const char *const values[] = {"10", setting_database_owner, "UTF8", "quire migrate", NULL};
	PGconn *connection = PQconnectdbParams(names, values, 1);

	if (PQstatus(connection) == CONNECTION_OK)
		return connection;
	complain("cannot connect", PQerrorMessage(connection));
	PQfinish(connection);
	return NULL;
}

/* Waits until no other process migrates this database. The lock ends with the connection. */
static bool
lock(PGconn *connection)
{
	bool locked;

	if (!ask(connection, "SELECT pg_try_advisory_lock(" LOCK_KEY ")", &locked))
		return false;
	if (locked)
		return true;
	puts("another process migrates, waiting");
	return execute(connection, "database", "SELECT pg_advisory_lock(" LOCK_KEY ")");
}

static void
checksum(const char *text, char sum[CHECKSUM_SIZE])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	sodium_bin2hex(sum, CHECKSUM_SIZE, hash, sizeof hash);
}

/* Are the rows of schema_migrations the first of `list`, unedited? */
static bool
check_applied(const PGresult *rows, const struct migration *list, size_t count)
{
	size_t applied = (size_t)PQntuples(rows);

	for (size_t i = 0; i < applied && i < count; i++) {
		const char *number = PQgetvalue(rows, (int)i, 0), *known = PQgetvalue(rows, (int)i, 1);
		char sum[CHECKSUM_SIZE];

		checksum(list[i].text, sum);
		if (atoi(number) == list[i].number && strcmp(known, sum) == 0)
			continue;
		fprintf(stderr,
		        "quire migrate: sql/migrations/%s.sql was edited after it had been applied: its checksum was "
		        "%s, now it is %s\n"
		        "Put the old text back, and make the change in a migration of its own.\n",
		        list[i].name, known, sum);
		return false;
	}
	if (applied <= count)
		return true;
	fprintf(stderr,
	        "quire migrate: the database is newer than this program: its last migration is %s, the program knows "
	        "the first %zu\n",
	        PQgetvalue(rows, (int)applied - 1, 2), count);
	return false;
}

/* Finds out how many of `list` were applied, making the table that says so unless this is a dry run. */
static bool
find_applied(PGconn *connection, const struct migration *list, size_t count, bool dry_run, size_t *applied)
{
	bool exists, valid;
	PGresult *rows;

	*applied = 0;
	if (!ask(connection, "SELECT to_regclass('public.schema_migrations') IS NOT NULL", &exists))
		return false;
	if (!exists && dry_run)
		return true;
	if (!exists && !execute(connection, "schema_migrations",
	                        "CREATE TABLE public.schema_migrations (number integer PRIMARY KEY, name text NOT NULL,"
	                        " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"))
		return false;
	rows = run(connection, "schema_migrations",
	           "SELECT number, checksum, name FROM public.schema_migrations ORDER BY number", 0, NULL);
	if (rows == NULL)
		return false;
	*applied = (size_t)PQntuples(rows);
	valid = check_applied(rows, list, count);
	PQclear(rows);
	return valid;
}

static bool
record(PGconn *connection, const struct migration *migration)
{
	char number[16], sum[CHECKSUM_SIZE];
	const char *const values[] = {number, migration->name, sum};
	PGresult *result;

	snprintf(number, sizeof number, "%d", migration->number);
	checksum(migration->text, sum);
	result = run(connection, migration->name,
	             "INSERT INTO public.schema_migrations (number, name, checksum) VALUES ($1, $2, $3)", 3, values);
	PQclear(result);
	return result != NULL;
}

static bool
apply(PGconn *connection, const struct migration *migration)
{
	int64_t begun = clock_monotonic();
	PGresult *result;
	bool done;

	if (!execute(connection, migration->name, "BEGIN"))
		return false;
	result = PQexec(connection, migration->text); /* takes several statements, unlike run() */
	done = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
	if (!done)
		complain(migration->name, PQerrorMessage(connection));
	PQclear(result);
	if (!done || !record(connection, migration) || !execute(connection, migration->name, "COMMIT")) {
		fprintf(stderr, "quire migrate: %s was rolled back\n", migration->name);
		return false;
	}
	printf("%s: applied in %lld ms\n", migration->name, (long long)(clock_monotonic() - begun) / 1000);
	return true;
}

static bool
migrate_connection(PGconn *connection, const struct migration *list, size_t count, bool dry_run)
{
	size_t applied;

	if ((!dry_run && !lock(connection)) || !find_applied(connection, list, count, dry_run, &applied))
		return false;
	if (applied == count)
		printf("nothing to do, all %zu migrations are applied\n", count);
	for (size_t i = applied; i < count; i++) {
		if (dry_run)
			printf("%s: would be applied\n", list[i].name);
		else if (!apply(connection, &list[i]))
			return false;
	}
	return true;
}

int
migrate_list(const struct migration *list, size_t count, bool dry_run)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* what was done is told when it was done, also into a pipe */

	PGconn *connection = connect_owner();
	bool done = connection != NULL && migrate_connection(connection, list, count, dry_run);

	PQfinish(connection);
	return done ? 0 : 1;
}
