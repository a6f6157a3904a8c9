#include "scopes.h"

#include <sodium.h>
#include <string.h>
#include <utf8proc.h>

#include "buffer.h"
#include "input.h"
#include "log.h"
#include "scoreboard.h"

/* A longer name is replaced by its hash: a client chooses it. */
#define NAME_MAX_BYTES 120

static struct {
	const struct scope_read *by_route[SCOREBOARD_ROUTES_MAX];
	const struct scope_change *changes;
	size_t changes_count;
} known;

static bool
well_formed(const char *declaration)
{
	bool open = false, filled = false;

	for (const char *byte = declaration; *byte != '\0'; byte++) {
		if (*byte == '{' ? open || filled : *byte == '}' ? !open : open && strchr(" |", *byte) != NULL)
			return false;
		open = *byte == '{' || (open && *byte != '}');
		filled = strchr(" |", *byte) == NULL && (filled || *byte == '{');
	}
	return !open;
}

static void
require_well_formed(const char *declaration)
{
	if (!well_formed(declaration))
		log_fatal("malformed scopes", LOG_TEXT("scopes", declaration));
}

static const struct scope_change *
change_of(const char *query)
{
	for (size_t i = 0; i < known.changes_count; i++) {
		if (strcmp(known.changes[i].query, query) == 0)
			return &known.changes[i];
	}
	return NULL;
}

static void
know_reads(const struct scope_read *reads, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t routes = 0;

		require_well_formed(reads[i].scopes);
		for (size_t j = 0; j < route_count(); j++) {
			const struct route *route = route_at((int)j);

			if (route->handler != reads[i].handler || route->method != HTTP_GET)
				continue;
			known.by_route[j] = &reads[i];
			routes++;
		}
		if (routes == 0)
			log_fatal("scopes of no route", LOG_TEXT("scopes", reads[i].scopes));
	}
}

/* As many rows as writes, and one for each write: so there is none for anything else. */
static void
know_changes(const struct scope_change *changes, size_t count, const struct query *queries, size_t queries_count)
{
	size_t writes = 0;

	known.changes = changes;
	known.changes_count = count;
	for (size_t i = 0; i < count; i++)
		require_well_formed(changes[i].scopes);
	for (size_t i = 0; i < queries_count; i++) {
		if (queries[i].access != QUERY_WRITE)
			continue;
		if (change_of(queries[i].name) == NULL)
			log_fatal("a write does not say what it changes", LOG_TEXT("query", queries[i].name),
			          LOG_TEXT("file", queries[i].file), LOG_NUMBER("line", queries[i].line));
		writes++;
	}
	if (writes != count)
		log_fatal("more changes are declared than there are writes", LOG_NUMBER("declared", count),
		          LOG_NUMBER("writes", writes));
}

void
scopes_init(const struct scope_read *reads, size_t reads_count, const struct scope_change *changes,
            size_t changes_count, const struct query *queries, size_t queries_count)
{
	memset(known.by_route, 0, sizeof known.by_route);
	know_reads(reads, reads_count);
	know_changes(changes, changes_count, queries, queries_count);
}

const struct scope_read *
scopes_route(const struct route *route)
{
	return route != NULL ? known.by_route[route_index(route)] : NULL;
}

/* Lower case, letter by letter, as PostgreSQL's lower() has it. */
static void
add_folded(struct buffer *out, const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		utf8proc_int32_t letter;
		utf8proc_uint8_t lower[4];
		utf8proc_ssize_t taken =
		    utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(length - at), &letter);

		if (taken <= 0) {
			buffer_add_byte(out, text[at++]);
			continue;
		}
		buffer_add(out, (const char *)lower, (size_t)utf8proc_encode_char(utf8proc_tolower(letter), lower));
		at += (size_t)taken;
	}
}

static const char *
shortened(struct arena *arena, const char *name, size_t length)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char text[2 * sizeof hash + 1];

	if (length <= NAME_MAX_BYTES)
		return name;
	crypto_generichash(hash, sizeof hash, (const unsigned char *)name, length, NULL, 0);
	sodium_bin2hex(text, sizeof text, hash, sizeof hash);
	return arena_printf(arena, "#%s", text);
}

static void
add_name(struct scopes *scopes, struct arena *arena, const char *name)
{
	for (size_t i = 0; i < scopes->count; i++) {
		if (strcmp(scopes->names[i], name) == 0)
			return;
	}
	if (scopes->count == scopes->size) {
		size_t size = scopes->size > 0 ? 2 * scopes->size : 16;
		const char **names = arena_alloc(arena, size * sizeof *names);

		if (scopes->count > 0)
			memcpy(names, scopes->names, scopes->count * sizeof *names);
		scopes->names = names;
		scopes->size = size;
	}
	scopes->names[scopes->count++] = name;
}

/* A word, or an alternative of one: what stands before the braces, in them and behind them. */
struct word {
	const char *text;
	size_t length;
	const char *part; /* NULL: there are no braces */
	size_t part_length;
};

static struct word
word_at(const char *text, const char *ends)
{
	struct word word = {.text = text, .length = strcspn(text, ends)};
	const char *open = memchr(text, '{', word.length);

	if (open != NULL) {
		word.part = open + 1;
		word.part_length = strcspn(word.part, "}");
	}
	return word;
}

static void
add_filled(struct scopes *scopes, struct arena *arena, const struct word *word, const char *value, size_t length)
{
	struct buffer name = buffer_in(arena);

	if (word->part == NULL) {
		buffer_add(&name, word->text, word->length);
	} else {
		const char *behind = word->part + word->part_length + 1;

		buffer_add(&name, word->text, (size_t)(word->part - 1 - word->text));
		add_folded(&name, value, length);
		buffer_add(&name, behind, (size_t)(word->text + word->length - behind));
	}
	buffer_add_byte(&name, '\0');
	add_name(scopes, arena, shortened(arena, name.data, name.length - 1));
}

/* As the handler will find it. */
static const char *
parameter(struct request *req, const char *name, size_t length)
{
	const char *wanted = arena_copy(req->arena, name, length), *value = request_path_value(req, wanted);

	return value != NULL ? value : query_text(req, wanted);
}

/* Adds the first alternative of the word that is there. */
static void
add_read(struct scopes *scopes, struct request *req, const char *alternatives)
{
	for (;;) {
		struct word word = word_at(alternatives, " |");
		const char *value = word.part != NULL ? parameter(req, word.part, word.part_length) : "";

		if (value != NULL) {
			add_filled(scopes, req->arena, &word, value, strlen(value));
			return;
		}
		if (alternatives[word.length] != '|')
			return;
		alternatives += word.length + 1;
	}
}

/* Goes to the next word of a declaration; false at its end. */
static bool
next_word(const char **at)
{
	*at += strspn(*at, " ");
	return **at != '\0';
}

void
scopes_add_reads(struct scopes *scopes, struct request *req, const struct scope_read *read)
{
	for (const char *at = read->scopes; next_word(&at); at += strcspn(at, " "))
		add_read(scopes, req, at);
}

static void
add_argument(struct scopes *scopes, struct arena *arena, const struct word *word, const struct query *query,
             const char *const values[])
{
	for (int i = 0; i < query->parameter_count; i++) {
		const char *name = query->parameter_names[i];

		if (strlen(name) != word->part_length - 1 || strncmp(name, word->part + 1, word->part_length - 1) != 0)
			continue;
		if (values[i] != NULL)
			add_filled(scopes, arena, word, values[i], strlen(values[i]));
		return;
	}
	log_fatal("no such argument", LOG_TEXT("scopes", word->text), LOG_TEXT("query", query->name));
}

/* A list in PostgreSQL's binary format (src/backend/utils/adt/arrayfuncs.c, array_send). */
static void
add_items(struct scopes *scopes, struct arena *arena, const struct word *word, const char *list, size_t length)
{
	const char *end = list + length;

	for (const char *item = list + PG_ARRAY_HEADER_SIZE; item < end;) {
		int64_t item_length = binary_integer(item, 4);

		item += 4;
		if (item_length < 0)
			continue;
		add_filled(scopes, arena, word, item, (size_t)item_length);
		item += item_length;
	}
}

static void
add_column(struct scopes *scopes, struct arena *arena, const struct word *word, const struct query *query,
           const struct rows *rows)
{
	for (size_t column = 0; column < rows_columns(rows); column++) {
		const char *name = rows_column_name(rows, column), *value;
		char number[INTEGER_TEXT_SIZE];
		size_t length;

		if (strlen(name) != word->part_length || strncmp(name, word->part, word->part_length) != 0)
			continue;
		value = rows_value(rows, 0, column, &length);
		if (value == NULL)
			return;
		switch (rows_column_type(rows, column)) {
		case PG_TYPE_TEXT_ARRAY:
			add_items(scopes, arena, word, value, length);
			return;
		case PG_TYPE_BIGINT:
			add_filled(scopes, arena, word, number, integer_format(binary_integer(value, length), number));
			return;
		default:
			add_filled(scopes, arena, word, value, length);
			return;
		}
	}
	log_fatal("no such column", LOG_TEXT("scopes", word->text), LOG_TEXT("query", query->name));
}

static bool
not_mine(const struct rows *rows)
{
	for (size_t column = 0; column < rows_columns(rows); column++) {
		if (strcmp(rows_column_name(rows, column), "_mine") == 0)
			return !rows_boolean(rows, 0, "_mine");
	}
	return false;
}

void
scopes_add_changes(struct scopes *scopes, struct request *req, const struct query *query, const char *const values[],
                   const struct rows *rows)
{
	const struct scope_change *change = rows_count(rows) > 0 ? change_of(query->name) : NULL;

	if (change == NULL || not_mine(rows))
		return;
	for (const char *at = change->scopes; next_word(&at); at += strcspn(at, " ")) {
		struct word word = word_at(at, " ");

		if (word.part == NULL)
			add_filled(scopes, req->arena, &word, "", 0);
		else if (*word.part == '$')
			add_argument(scopes, req->arena, &word, query, values);
		else
			add_column(scopes, req->arena, &word, query, rows);
	}
}
