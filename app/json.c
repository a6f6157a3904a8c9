#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"

#define PG_TYPE_JSON  114
#define PG_TYPE_JSONB 3802

typedef void write_value(struct buffer *out, const char *value, size_t length);

/* A column as it is written in every row. `lead` is what comes before its value: comma, braces, key and colon. */
struct column {
	size_t index;
	write_value *write;
	const char *lead;
	size_t lead_length;
};

/* How the rows of a result are written, worked out once. */
struct plan {
	struct column *columns;
	size_t count;
	struct buffer end; /* the closing braces */
};

static void
write_boolean(struct buffer *out, const char *value, size_t length)
{
	(void)length;
	buffer_add_text(out, *value ? "true" : "false");
}

static void
write_integer(struct buffer *out, const char *value, size_t length)
{
	buffer_add_integer(out, binary_integer(value, length));
}

/* The shortest of two texts that read back as the same number; JSON has none for infinity and NaN. */
static void
write_double(struct buffer *out, const char *value, size_t length)
{
	int64_t bits = binary_integer(value, length);
	double number;
	char text[32];

	memcpy(&number, &bits, sizeof number);
	snprintf(text, sizeof text, "%.15g", number);
	if (strtod(text, NULL) != number)
		snprintf(text, sizeof text, "%.17g", number);
	buffer_add_text(out, number - number == 0 ? text : "null");
}

static void
write_time(struct buffer *out, const char *value, size_t length)
{
	char text[CLOCK_TEXT_SIZE];

	buffer_add_byte(out, '"');
	buffer_add(out, text, clock_format(binary_time(value, length), text));
	buffer_add_byte(out, '"');
}

static void
write_text_array(struct buffer *out, const char *value, size_t length)
{
	int64_t dimensions = binary_integer(value, 4);
	const char *end = value + length, *items = dimensions == 1 ? value + PG_ARRAY_HEADER_SIZE : end;

	if (dimensions > 1)
		log_fatal("array of several dimensions in an answer", LOG_NUMBER("dimensions", dimensions));
	buffer_add_byte(out, '[');
	for (const char *item = items; item < end;) {
		int64_t item_length = binary_integer(item, 4);

		if (item > items)
			buffer_add_byte(out, ',');
		item += 4;
		if (item_length < 0) {
			buffer_add(out, "null", 4);
		} else {
			json_text(out, item, (size_t)item_length);
			item += item_length;
		}
	}
	buffer_add_byte(out, ']');
}

static void
write_jsonb(struct buffer *out, const char *value, size_t length)
{
	buffer_add(out, value + 1, length - 1); /* after the format's version */
}

static write_value *
writer_of(const struct rows *rows, size_t column)
{
	switch (rows_column_type(rows, column)) {
	case PG_TYPE_BOOLEAN:
		return write_boolean;
	case PG_TYPE_SMALLINT:
	case PG_TYPE_INTEGER:
	case PG_TYPE_BIGINT:
		return write_integer;
	case PG_TYPE_DOUBLE:
		return write_double;
	case PG_TYPE_TEXT:
	case PG_TYPE_VARCHAR:
	case PG_TYPE_NAME:
		return json_text;
	case PG_TYPE_TIMESTAMPTZ:
		return write_time;
	case PG_TYPE_TEXT_ARRAY:
		return write_text_array;
	case PG_TYPE_JSON:
		return buffer_add;
	case PG_TYPE_JSONB:
		return write_jsonb;
	default:
		log_fatal("column of a type that has no JSON", LOG_TEXT("column", rows_column_name(rows, column)),
		          LOG_NUMBER("type", rows_column_type(rows, column)));
	}
}

/* Length of what two column names share, in whole parts with their dots: 2 for "a.b" and "a.c". */
static size_t
shared_parts(const char *name, const char *other)
{
	size_t shared = 0;

	for (size_t i = 0; name[i] != '\0' && name[i] == other[i]; i++) {
		if (name[i] == '.')
			shared = i + 1;
	}
	return shared;
}

static size_t
count_dots(const char *name)
{
	size_t dots = 0;

	while ((name = strchr(name, '.')) != NULL) {
		dots++;
		name++;
	}
	return dots;
}

/* Writes what stands between the values of two columns: closes the objects that `name` is not in and opens those that it is in. */
static void
add_lead(struct buffer *out, const char *previous, const char *name)
{
	size_t shared = previous != NULL ? shared_parts(previous, name) : 0;

	if (previous != NULL) {
		for (size_t i = count_dots(previous + shared); i > 0; i--)
			buffer_add_byte(out, '}');
	}
	buffer_add_byte(out, previous != NULL ? ',' : '{');
	for (const char *part = name + shared, *dot; (dot = strchr(part, '.')) != NULL; part = dot + 1) {
		json_text(out, part, (size_t)(dot - part));
		buffer_add(out, ":{", 2);
		shared = (size_t)(dot + 1 - name);
	}
	json_text(out, name + shared, strlen(name + shared));
	buffer_add_byte(out, ':');
}

/* Columns of one object stand side by side, or its key would come twice. */
static void
refuse_split_object(const struct rows *rows, size_t column, const char *previous)
{
	const char *name = rows_column_name(rows, column);
	size_t open = previous != NULL ? shared_parts(previous, name) : 0;

	for (size_t i = 0; i < column; i++) {
		const char *earlier = rows_column_name(rows, i);

		if (strcmp(earlier, name) == 0 || shared_parts(earlier, name) > open)
			log_fatal("column in the wrong place", LOG_TEXT("column", name));
	}
}

static struct plan
make_plan(struct arena *arena, const struct rows *rows)
{
	struct plan plan = {.columns = arena_alloc(arena, rows_columns(rows) * sizeof *plan.columns),
	                    .end = buffer_in(arena)};
	const char *previous = NULL;

	for (size_t i = 0; i < rows_columns(rows); i++) {
		const char *name = rows_column_name(rows, i);
		struct buffer lead = buffer_in(arena);

		if (*name == '_')
			continue;
		refuse_split_object(rows, i, previous);
		add_lead(&lead, previous, name);
		plan.columns[plan.count++] = (struct column){i, writer_of(rows, i), lead.data, lead.length};
		previous = name;
	}
	if (previous == NULL)
		buffer_add_byte(&plan.end, '{');
	for (size_t i = previous != NULL ? count_dots(previous) : 0; i > 0; i--)
		buffer_add_byte(&plan.end, '}');
	buffer_add_byte(&plan.end, '}');
	return plan;
}

static void
write_row(struct buffer *out, const struct plan *plan, const struct rows *rows, size_t row)
{
	for (const struct column *column = plan->columns; column < plan->columns + plan->count; column++) {
		size_t length;
		const char *value = rows_value(rows, row, column->index, &length);

		buffer_add(out, column->lead, column->lead_length);
		if (value != NULL)
			column->write(out, value, length);
		else
			buffer_add(out, "null", 4);
	}
	buffer_add(out, plan->end.data, plan->end.length);
}

void
json_row(struct buffer *out, const struct rows *rows, size_t row)
{
	struct plan plan = make_plan(out->arena, rows);

	write_row(out, &plan, rows, row);
}

static void
add_key(struct buffer *out, const char *name)
{
	json_text(out, name, strlen(name));
	buffer_add_byte(out, ':');
}

static bool
has_column(const struct rows *rows, const char *name)
{
	for (size_t i = 0; i < rows_columns(rows); i++) {
		if (strcmp(rows_column_name(rows, i), name) == 0)
			return true;
	}
	return false;
}

static void
add_items(struct buffer *out, const struct rows *rows)
{
	struct plan plan = make_plan(out->arena, rows);
	bool may_be_no_item = has_column(rows, "_id");
	char before = '[';

	for (size_t row = 0; row < rows_count(rows); row++) {
		if (may_be_no_item && rows_null(rows, row, "_id"))
			continue;
		buffer_add_byte(out, before);
		write_row(out, &plan, rows, row);
		before = ',';
	}
	buffer_add_text(out, before == '[' ? "[]" : "]");
}

enum http_status
respond_row(struct response *res, enum http_status status, const char *name, const struct rows *rows)
{
	struct buffer *out = response_json(res, status);

	if (rows_count(rows) == 0)
		log_fatal("no row to answer with", LOG_TEXT("name", name));
	buffer_add_byte(out, '{');
	add_key(out, name);
	json_row(out, rows, 0);
	buffer_add_byte(out, '}');
	return status;
}

enum http_status
respond_rows(struct response *res, enum http_status status, const char *name, const struct rows *rows)
{
	struct buffer *out = response_json(res, status);

	buffer_add_byte(out, '{');
	add_key(out, name);
	add_items(out, rows);
	buffer_add_byte(out, '}');
	return status;
}

enum http_status
respond_page(struct response *res, enum http_status status, const char *name, const struct rows *rows,
             const char *total_name)
{
	struct buffer *out = &res->body;

	respond_rows(res, status, name, rows);
	out->data[out->length - 1] = ','; /* in the place of the closing brace */
	add_key(out, total_name);
	buffer_printf(out, "%jd}", rows_count(rows) > 0 ? (intmax_t)rows_integer(rows, 0, "_total") : 0);
	return status;
}

enum http_status
respond_texts(struct response *res, enum http_status status, const char *name, const struct rows *rows,
              const char *column)
{
	struct buffer *out = response_json(res, status);

	buffer_add_byte(out, '{');
	add_key(out, name);
	buffer_add_byte(out, '[');
	for (size_t row = 0; row < rows_count(rows); row++) {
		const char *text = rows_text(rows, row, column);

		if (row > 0)
			buffer_add_byte(out, ',');
		json_text(out, text, strlen(text));
	}
	buffer_add(out, "]}", 2);
	return status;
}

enum http_status
respond_nothing(struct response *res)
{
	res->status = HTTP_NO_CONTENT;
	res->content_type = NULL;
	res->body.length = 0;
	return HTTP_NO_CONTENT;
}
