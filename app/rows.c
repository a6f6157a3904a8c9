/* The results of queries, and texts made of their parameters. */
#include <libpq-fe.h>
#include <string.h>

#include "buffer.h"
#include "clock.h"
#include "database.h"
#include "log.h"

#define MICROSECONDS 1000000

struct rows {
	PGresult *result;
};

static void
clear_result(void *result)
{
	PQclear(result);
}

struct rows *
rows_of(struct arena *arena, struct pg_result *result)
{
	struct rows *rows = arena_alloc(arena, sizeof *rows);

	rows_fill(rows, arena, result);
	return rows;
}

void
rows_fill(struct rows *rows, struct arena *arena, struct pg_result *result)
{
	rows->result = result;
	if (result != NULL)
		arena_on_reset(arena, clear_result, result);
}

size_t
rows_count(const struct rows *rows)
{
	return (size_t)PQntuples(rows->result);
}

size_t
rows_columns(const struct rows *rows)
{
	return (size_t)PQnfields(rows->result);
}

const char *
rows_column_name(const struct rows *rows, size_t column)
{
	return PQfname(rows->result, (int)column);
}

uint32_t
rows_column_type(const struct rows *rows, size_t column)
{
	return PQftype(rows->result, (int)column);
}

const char *
rows_value(const struct rows *rows, size_t row, size_t column, size_t *length)
{
	*length = (size_t)PQgetlength(rows->result, (int)row, (int)column);
	if (*length == 0 && PQgetisnull(rows->result, (int)row, (int)column))
		return NULL;
	return PQgetvalue(rows->result, (int)row, (int)column);
}

/* PQfnumber would fold the name to lower case. */
static size_t
column_number(const struct rows *rows, const char *name)
{
	for (int column = 0; column < PQnfields(rows->result); column++) {
		const char *other = PQfname(rows->result, column);

		if (*other == *name && strcmp(other, name) == 0)
			return (size_t)column;
	}
	log_fatal("no such column", LOG_TEXT("column", name));
}

bool
rows_null(const struct rows *rows, size_t row, const char *column)
{
	return PQgetisnull(rows->result, (int)row, (int)column_number(rows, column));
}

int64_t
binary_integer(const char *value, size_t length)
{
	uint64_t number = (signed char)*value < 0 ? UINT64_MAX : 0; /* extends the sign of the shorter types */

	for (size_t i = 0; i < length; i++)
		number = number << 8 | (unsigned char)value[i];
	return (int64_t)number;
}

int64_t
rows_integer(const struct rows *rows, size_t row, const char *column)
{
	size_t length = 0;
	const char *value = rows_value(rows, row, column_number(rows, column), &length);

	return value != NULL ? binary_integer(value, length) : 0;
}

bool
rows_boolean(const struct rows *rows, size_t row, const char *column)
{
	return rows_integer(rows, row, column) != 0;
}

const char *
rows_text(const struct rows *rows, size_t row, const char *column)
{
	size_t length;

	return rows_value(rows, row, column_number(rows, column), &length);
}

int64_t
rows_time(const struct rows *rows, size_t row, const char *column)
{
	size_t length = 0;
	const char *value = rows_value(rows, row, column_number(rows, column), &length);

	return value != NULL ? binary_time(value, length) : 0;
}

const char *
parameter_integer(struct request *req, int64_t value)
{
	char text[INTEGER_TEXT_SIZE];

	return arena_copy(req->arena, text, integer_format(value, text));
}

const char *
parameter_boolean(bool value)
{
	return value ? "t" : "f";
}

const char *
parameter_time(struct request *req, int64_t microseconds_since_1970)
{
	char text[CLOCK_TEXT_SIZE];
	int seconds_end = (int)strlen("YYYY-MM-DDTHH:MM:SS");
	int64_t microseconds = microseconds_since_1970 % MICROSECONDS;

	if (microseconds_since_1970 == INT64_MAX)
		return "infinity";
	clock_format(microseconds_since_1970, text);
	return arena_printf(req->arena, "%.*s.%06dZ", seconds_end, text,
	                    (int)(microseconds < 0 ? microseconds + MICROSECONDS : microseconds));
}

const char *
parameter_text_list(struct request *req, const struct text_list *list)
{
	struct buffer text = buffer_in(req->arena);

	if (list == NULL)
		return NULL;
	buffer_add_byte(&text, '{');
	for (size_t i = 0; i < list->count; i++) {
		buffer_add_text(&text, i == 0 ? "\"" : ",\"");
		for (const char *byte = list->items[i]; *byte != '\0'; byte++) {
			if (*byte == '"' || *byte == '\\')
				buffer_add_byte(&text, '\\');
			buffer_add_byte(&text, *byte);
		}
		buffer_add_byte(&text, '"');
	}
	buffer_add_text(&text, "}");
	return text.data;
}
