/* Writes JSON (RFC 8259) straight into a buffer, from texts and from rows. */
#ifndef QUIRE_JSON_H
#define QUIRE_JSON_H

#include <stdint.h>

#include "buffer.h"
#include "database.h"
#include "json_text.h"
#include "response.h"

/* One row as an object: columns become keys, a dot nests ("author.username"), columns that begin with '_' are left out. The columns
 * of a nested object stand side by side. Numbers, booleans, texts, lists of texts, times and JSON have a form (see json.c);
 * a column of another type ends the process with its name. */
void json_row(struct buffer *out, const struct rows *rows, size_t row);

/* {"name": row}; a result without rows ends the process. */
enum http_status respond_row(struct response *res, enum http_status status, const char *name, const struct rows *rows);

/* {"name": [rows…]}. When the rows have a column "_id", a row in which it is null is no item (a list's query gives its total also for an empty page). */
enum http_status respond_rows(struct response *res, enum http_status status, const char *name, const struct rows *rows);

/* As respond_rows, with "total_name": the first row's column "_total". */
enum http_status respond_page(struct response *res, enum http_status status, const char *name, const struct rows *rows,
                              const char *total_name);

/* {"name": [texts of one column…]} */
enum http_status respond_texts(struct response *res, enum http_status status, const char *name, const struct rows *rows,
                               const char *column);

/* 204, no body. */
enum http_status respond_nothing(struct response *res);

#endif
