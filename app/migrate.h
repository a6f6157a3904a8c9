/* `quire migrate`: brings the database's schema to what this program was built for. */
#ifndef QUIRE_MIGRATE_H
#define QUIRE_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

/* A file of sql/migrations, "0001_users.sql". */
struct migration {
	int number; /* 1, 2, 3, … */
	const char *name;
	const char *text;
};

/* Made by the build from sql/migrations. */
extern const struct migration migrations[];
extern const size_t migrations_count;

/* What keeps account of them; the steps of sql/migrate.sql. */
struct migration_statements {
	const char *try_lock, *lock;         /* one process works at a time */
	const char *find_table, *make_table; /* schema_migrations */
	const char *applied, *record;        /* its rows */
};
extern const struct migration_statements migration_statements;

/* Applies those of `list` that the database setting_database_owner has not seen, in order, each in a transaction together with its
 * row in schema_migrations; with `dry_run` only prints which. Says on standard output what was done. An advisory lock lets one
 * process work at a time: the others wait, and find nothing left to do.
 *
 * Returns 0, or 1 when the database is not reachable, a migration failed (it is rolled back, those before it stay), one that was
 * applied has another checksum (SHA-256) now, or the database has more than the program knows; standard error says which. */
int migrate_list(const struct migration *list, size_t count, const struct migration_statements *statements,
                 bool dry_run);

/* migrate_list() of the program's own migrations. */
static inline int
migrate_run(bool dry_run)
{
	return migrate_list(migrations, migrations_count, &migration_statements, dry_run);
}

#endif
