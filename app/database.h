/* PostgreSQL: named queries, prepared once per connection, one round trip each.
 *
 * sql/queries/ declares the queries; the build makes a typed function of each (generated/queries.h), which calls database_run. No
 * other SQL is sent on the request path. A failure does not return: the request is answered 503 (not reachable, too slow), 409 (a
 * value that is taken, see struct conflict) or 500, and the connection is left in a state in which the next request can use it.
 */
#ifndef QUIRE_DATABASE_H
#define QUIRE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "request.h"

enum query_access { QUERY_READ, QUERY_WRITE };

#define QUERY_PARAMETERS_MAX 16

struct query {
	const char *name;
	const char *file;
	int line;
	const char *text;
	enum query_access access;
	int parameter_count;
	const uint32_t *parameter_types;    /* PostgreSQL's type OIDs */
	const char *const *parameter_names; /* as declared */
};

/* A unique constraint and the field a client knows it by: 409 {"errors":{field:["has already been taken"]}}. */
struct conflict {
	const char *constraint;
	const char *field;
};

struct text_list {
	const char *const *items;
	size_t count;
};

/* The result of a query; lives as long as the request. Columns are found by name; asking for one that is not there ends the process. */
struct rows;

/* What the runtime itself asks; the steps of sql/database.sql. */
struct database_statements {
	const char *replayed; /* how far a standby is */
	const char *reached;  /* how far a writable server is, and its timeline */
	const char *probe;    /* what the monitor wants to know of any server */
};
extern const struct database_statements database_statements;

/* What may be run: set once at start; the tables stay the caller's. */
void database_init(const struct query *queries, size_t queries_count, const struct conflict *conflicts,
                   size_t conflicts_count, const struct database_statements *statements);

/* Runs a query of the table. `values` has parameter_count texts, NULL for SQL's NULL. */
struct rows *database_run(struct request *req, const struct query *query, const char *const values[])
    __attribute__((returns_nonnull));

/* The queries that are run between these two are sent together and answered in one round trip: their rows can be looked at after
 * database_together_end only. For reads. A failure of one ends the request as in database_run. A handler that ends in between leaves
 * nothing behind. */
void database_together(struct request *req);
void database_together_end(struct request *req);

/* Wraps a result, which is cleared when the arena is reset; NULL has no rows and no columns. rows_fill puts another in its place. */
struct pg_result;
struct rows *rows_of(struct arena *arena, struct pg_result *result) __attribute__((returns_nonnull));
void rows_fill(struct rows *rows, struct arena *arena, struct pg_result *result);

/* Closes this process's connections; the next query opens them anew. */
void database_close(void);

enum database_readiness {
	DATABASE_UNAVAILABLE,
	DATABASE_READ_ONLY, /* a replica answers, the primary does not */
	DATABASE_OK,
};

/* Does the primary answer, or else a replica? Never ends the request. */
enum database_readiness database_ready(struct request *req);

size_t rows_count(const struct rows *rows);
bool rows_null(const struct rows *rows, size_t row, const char *column);
int64_t rows_integer(const struct rows *rows, size_t row, const char *column);  /* 0 for NULL */
bool rows_boolean(const struct rows *rows, size_t row, const char *column);     /* false for NULL */
const char *rows_text(const struct rows *rows, size_t row, const char *column); /* NULL for NULL */
int64_t rows_time(const struct rows *rows, size_t row, const char *column);     /* microseconds since 1970 */

/* Parameters as texts in the request's arena; used by the generated functions. */
const char *parameter_integer(struct request *req, int64_t value);
const char *parameter_boolean(bool value);
const char *parameter_time(struct request *req, int64_t microseconds_since_1970);   /* INT64_MAX: "infinity" */
const char *parameter_text_list(struct request *req, const struct text_list *list); /* NULL stays NULL */

/* Reads an integer of PostgreSQL's binary format: big-endian, two's complement, 1 to 8 bytes. */
int64_t binary_integer(const char *value, size_t length);

#define PG_EPOCH             INT64_C(946684800000000) /* 2000-01-01 in microseconds since 1970 */
#define PG_ARRAY_HEADER_SIZE 20 /* of one dimension: dimensions, flags, type, items, lower bound */

/* Reads a time of that format, into microseconds since 1970. "infinity" becomes the last moment there is. */
static inline int64_t
binary_time(const char *value, size_t length)
{
	int64_t time = binary_integer(value, length);

	return time > INT64_MAX - PG_EPOCH ? INT64_MAX : time + PG_EPOCH;
}

/* For json.c and view_data.c: the columns in their order, values in PostgreSQL's binary format (send functions of src/backend/utils/adt). */
size_t rows_columns(const struct rows *rows);
const char *rows_column_name(const struct rows *rows, size_t column);
uint32_t rows_column_type(const struct rows *rows, size_t column);
const char *rows_value(const struct rows *rows, size_t row, size_t column, size_t *length); /* NULL for NULL */

#define PG_TYPE_BOOLEAN     16
#define PG_TYPE_NAME        19
#define PG_TYPE_BIGINT      20
#define PG_TYPE_SMALLINT    21
#define PG_TYPE_INTEGER     23
#define PG_TYPE_TEXT        25
#define PG_TYPE_DOUBLE      701
#define PG_TYPE_TEXT_ARRAY  1009
#define PG_TYPE_VARCHAR     1043
#define PG_TYPE_TIMESTAMPTZ 1184

#endif
