/* Results of queries made in memory, as libpq gives them. */
#ifndef QUIRE_TESTS_UNIT_ROWS_H
#define QUIRE_TESTS_UNIT_ROWS_H

#include <libpq-fe.h>

#include "database.h"
#include "unit.h"

#define PG_TYPE_NUMERIC 1700 /* which no answer has */

struct column {
	const char *name;
	uint32_t type;
};

/* A value in PostgreSQL's binary format. */
struct value {
	const char *bytes;
	int length;
};

#define BYTES(text) ((struct value){text, sizeof(text) - 1})
#define NONE        ((struct value){NULL, -1})

/* So many rows of `values`, in that arena. */
static inline struct rows *
make_rows(struct arena *within, const struct column *columns, size_t columns_count, const struct value *values,
          size_t count)
{
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc *described = arena_alloc(within, columns_count * sizeof *described);

	for (size_t i = 0; i < columns_count; i++) {
		described[i].name = arena_copy(within, columns[i].name, strlen(columns[i].name));
		described[i].typid = columns[i].type;
		described[i].format = 1;
	}
	PQsetResultAttrs(result, (int)columns_count, described);
	for (size_t i = 0; i < count * columns_count; i++)
		PQsetvalue(result, (int)(i / columns_count), (int)(i % columns_count),
		           (char *)(uintptr_t)values[i].bytes, values[i].length);
	return rows_of(within, result);
}

#endif
