/* Mustache templates (mustache(5) and the specification's core modules: interpolation, sections, inverted, comments, partials,
 * delimiters): compiled at the start, rendered from texts, rows of the database and json-c objects.
 *
 * A name is looked up in the innermost context first. "a.b" is b within a; where a has no b and is a value itself, b is a format:
 * {{createdAt.ago}}, {{slug.url}}, {{#image.link}}, and {{.url}} for the value that a section goes through. False, and so skipped by a
 * section, are: what is not there, NULL, false, 0, "" and an empty list. {{name}} escapes & < > " ', so it is safe in text and in a quoted
 * attribute. A partial may be within itself; where that does not end, it is cut and logged.
 */
#ifndef QUIRE_VIEW_H
#define QUIRE_VIEW_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "buffer.h"
#include "database.h"

/* A template's text. "article" is the view of handlers/views/article.mustache, and {{>article}} the partial. */
struct view_source {
	const char *name;
	const char *file;
	const char *text;
	size_t length;
};

enum view_kind { VIEW_TEXT, VIEW_INTEGER, VIEW_BOOLEAN, VIEW_TIME };

/* What a format is given. */
struct view_value {
	enum view_kind kind;
	const char *text; /* not NUL-terminated */
	size_t length;
	int64_t number; /* microseconds since 1970 for VIEW_TIME */
};

/* Writes a value as `variant` has it; what is written is escaped afterwards where the tag asks for it. */
struct view_format {
	const char *name;
	void (*write)(struct buffer *out, const struct view_value *value, unsigned variant);
};

/* What templates are made of: set once at the start; what it points to stays the caller's. */
struct view_setup {
	const struct view_source *sources;
	size_t sources_count;
	const struct view_format *formats;
	size_t formats_count;
	unsigned variants; /* each template is compiled so often, once for each language */
	/* Names whose text is known when a template is compiled. false: not such a name. A name that should be one and is not gets NULL in
	 * *text, which fails the start. */
	bool (*constant)(const char *name, unsigned variant, const char **text);
};

/* Compiles everything. A template that is broken (a section that does not end, a partial or constant that there is not) ends the process
 * with EX_CONFIG and "FILE:LINE: what is wrong" on standard error. When `folder` is not "", templates of the same names are read
 * from there instead, and again whenever one of them has changed: one that is broken then is logged, and the old one stays. `folder` stays the caller's. */
void view_init(const struct view_setup *setup, const char *folder);

/* As view_init, but says what is wrong instead of ending the process: NULL if nothing is, else "FILE:LINE: …", the caller's to free. */
char *view_compile(const struct view_setup *setup, const char *folder);

/* Names and their values, for one rendering. Names, texts and what rows or objects hold are kept by reference. */
struct view_data;
struct view_data *view_data(struct arena *arena) __attribute__((returns_nonnull));
void view_text(struct view_data *data, const char *name, const char *text); /* NULL: as if it were not there */
void view_integer(struct view_data *data, const char *name, int64_t number);
void view_boolean(struct view_data *data, const char *name, bool value);
void view_time(struct view_data *data, const char *name, int64_t microseconds_since_1970);
void view_json(struct view_data *data, const char *name, struct json_object *value);

/* A row as an object of its columns ("author.username" is username within author; those that begin with '_' as well), all rows as a list; a
 * row whose column "_id" is NULL is no item. A row that there is not is left out. */
void view_row(struct view_data *data, const char *name, const struct rows *rows, size_t row);
void view_rows(struct view_data *data, const char *name, const struct rows *rows);

/* An object within, made if it is not there; one more item of a list, made if it is not there. */
struct view_data *view_object(struct view_data *data, const char *name) __attribute__((returns_nonnull));
struct view_data *view_item(struct view_data *data, const char *list) __attribute__((returns_nonnull));

/* Renders the view of that name; one that is not there ends the process. */
void view_render(struct buffer *out, const char *name, unsigned variant, const struct view_data *data);

#endif
