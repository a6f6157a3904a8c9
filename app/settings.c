#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "buffer.h"
#include "redis_address.h"
#include "settings_file.h"
#include "utf8.h"

#define SETTINGS_FILE  "settings.def"
#define SETTINGS_TABLE runtime_settings
#include "settings_rows.h"

#define STANDARD_PATH "/etc/quire/quire.conf"
#define MASK          "********"
#define VALUE_WIDTH   32 /* of the column; a longer value moves what follows it */

static struct setting *
find(const struct settings_table *tables, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < tables[i].count; j++)
			if (strcmp(tables[i].rows[j].key, key) == 0)
				return &tables[i].rows[j];
	return NULL;
}

/* What a value must be, for errors and for settings_print. */
static const char *
rule(struct arena *arena, const struct setting *row)
{
	switch (row->type) {
	case SETTING_NUMBER:
		return arena_printf(arena, "a number from %ld to %ld", row->min, row->max);
	case SETTING_OCTAL:
		return arena_printf(arena, "an octal number from %#lo to %#lo", row->min, row->max);
	case SETTING_TEXT:
	case SETTING_SECRET:
		return arena_printf(arena, "one line of at most %ld bytes", row->max);
	case SETTING_CONNECTION:
		return arena_printf(arena, "a connection string of at most %ld bytes", row->max);
	case SETTING_CONNECTIONS:
		return arena_printf(arena, "connection strings of at most %ld bytes, with ';' between them", row->max);
	case SETTING_REDIS:
		return arena_printf(arena,
		                    "unix:/PATH, HOST:PORT or sentinel:NAME@HOST:PORT,HOST:PORT of at most %ld bytes%s",
		                    row->max, row->min == 0 ? ", or empty" : "");
	case SETTING_RATE:
		return arena_printf(arena, "COUNT/SECONDS, at most %d/%d", RATE_COUNT_MAX, RATE_SECONDS_MAX);
	}
	return "";
}

/* Reads the number at *text, which is moved behind it. */
static bool
read_number(const char **text, int base, long min, long max, long *number)
{
	const char *start = *text;
	if (!isdigit((unsigned char)start[*start == '-']))
		return false;

	char *end;
	errno = 0;
	*number = strtol(start, &end, base);
	*text = end;
	return errno == 0 && *number >= min && *number <= max;
}

static bool
read_rate(const char *text, struct rate *rate)
{
	return read_number(&text, 10, 0, RATE_COUNT_MAX, &rate->count) && *text++ == '/' &&
	       read_number(&text, 10, 1, RATE_SECONDS_MAX, &rate->seconds) && *text == '\0';
}

static bool
one_line(const char *text, long max)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)text[i]))
			return false;
	return length <= (size_t)max && utf8_valid(text, length);
}

/* Adds a connection string without what libpq itself would not show, false if it is none. Its parts are written as
 * KEYWORD=VALUE, also those of a URI. A value like "h;password=x" comes of a wrong separator and is hidden too. libpq's own
 * message may quote a password and is not used. */
static bool
add_connection(struct buffer *out, const char *text)
{
	PQconninfoOption *options = PQconninfoParse(text, NULL);
	if (options == NULL)
		return false;

	const char *separator = "";
	for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
		if (option->val == NULL)
			continue;
		bool hidden = *option->dispchar != '\0' || strstr(option->val, "password") != NULL;
		buffer_printf(out, "%s%s=%s", separator, option->keyword, hidden ? MASK : option->val);
		separator = " ";
	}
	PQconninfoFree(options);
	return true;
}

/* The same for several with ';' between them. */
static bool
add_connections(struct buffer *out, const char *text)
{
	for (;;) {
		size_t length = strcspn(text, ";");
		if (!add_connection(out, arena_copy(out->arena, text, length)))
			return false;
		if (text[length] == '\0')
			return true;
		buffer_add_text(out, "; ");
		text += length + 1;
	}
}

static bool
is_redis(const char *text, long min)
{
	struct redis_address address;

	return redis_address_parse(text, &address) || (min == 0 && *text == '\0');
}

/* Checks the row's text and puts it into its variable. */
static bool
set(struct arena *scratch, const struct setting *row)
{
	struct buffer masked = buffer_in(scratch);
	const char *text = row->text;

	switch (row->type) {
	case SETTING_NUMBER:
		return read_number(&text, 10, row->min, row->max, row->value) && *text == '\0';
	case SETTING_OCTAL:
		return read_number(&text, 8, row->min, row->max, row->value) && *text == '\0';
	case SETTING_RATE:
		return read_rate(text, row->value);
	case SETTING_CONNECTION:
		if (!add_connection(&masked, text))
			return false;
		break;
	case SETTING_CONNECTIONS:
		if (!add_connections(&masked, text))
			return false;
		break;
	case SETTING_REDIS:
		if (!is_redis(text, row->min))
			return false;
		break;
	case SETTING_TEXT:
	case SETTING_SECRET:
		break;
	}
	*(const char **)row->value = text;
	return one_line(text, row->max);
}

static bool
load_file(const struct settings_table *tables, size_t count, const char *path, struct arena *scratch, FILE *errors)
{
	if (path == NULL)
		path = getenv("QUIRE_CONFIG");
	bool named = path != NULL;
	if (!named)
		path = STANDARD_PATH;

	const char *text = settings_file_read(scratch, path);
	if (text == NULL) {
		if (!named && errno == ENOENT)
			return true;
		fprintf(errors, "%s: %s\n", path, strerror(errno));
		return false;
	}

	struct settings_line *line;
	if (!settings_file_parse(scratch, text, path, &line, errors))
		return false;

	for (; line != NULL; line = line->next) {
		struct setting *row = find(tables, count, line->key);
		if (row == NULL) {
			fprintf(errors, "%s:%zu: %s is no setting\n", path, line->number, line->key);
			return false;
		}
		if (row->text != row->standard) {
			fprintf(errors, "%s:%zu: %s stands here and at %s\n", path, line->number, line->key,
			        row->origin);
			return false;
		}
		row->text = line->value;
		row->origin = arena_printf(scratch, "%s:%zu", path, line->number);
	}
	return true;
}

static bool
load_credential(struct setting *row, struct arena *scratch, FILE *errors)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	if (folder == NULL)
		return true;

	const char *path = arena_printf(scratch, "%s/%s", folder, row->key);
	char *text = settings_file_read(scratch, path);
	if (text == NULL) {
		if (errno == ENOENT)
			return true;
		fprintf(errors, "%s: %s\n", path, strerror(errno));
		return false;
	}

	size_t length = strlen(text);
	if (length > 0 && text[length - 1] == '\n')
		text[length - 1] = '\0';
	row->text = text;
	row->origin = "credential";
	return true;
}

/* Lets credential and environment go before what the file says, and sets the variable. */
static bool
load_row(struct setting *row, struct arena *kept, struct arena *scratch, FILE *errors)
{
	if (!load_credential(row, scratch, errors))
		return false;

	const char *variable = getenv(row->key);
	if (variable != NULL) {
		row->text = variable;
		row->origin = "environment";
	}

	row->text = arena_copy(kept, row->text, strlen(row->text));
	row->origin = arena_copy(kept, row->origin, strlen(row->origin));
	if (set(scratch, row))
		return true;

	fprintf(errors, "%s: %s must be %s", row->origin, row->key, rule(scratch, row));
	if (row->type == SETTING_NUMBER || row->type == SETTING_OCTAL || row->type == SETTING_RATE)
		fprintf(errors, ", not \"%s\"", row->text);
	fputc('\n', errors);
	return false;
}

bool
settings_load(const struct settings_table *tables, size_t count, const char *path, FILE *errors)
{
	static struct arena *kept;
	if (kept == NULL)
		kept = arena_new();

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < tables[i].count; j++) {
			tables[i].rows[j].text = tables[i].rows[j].standard;
			tables[i].rows[j].origin = "default";
		}

	struct arena *scratch = arena_new();
	bool loaded = load_file(tables, count, path, scratch, errors);
	for (size_t i = 0; loaded && i < count; i++)
		for (size_t j = 0; loaded && j < tables[i].count; j++)
			loaded = load_row(&tables[i].rows[j], kept, scratch, errors);
	arena_free(scratch);
	return loaded;
}

/* The value as it may be shown. */
static const char *
shown(struct arena *arena, const struct setting *row)
{
	struct buffer text = buffer_in(arena);

	if (row->type == SETTING_SECRET)
		return *row->text == '\0' ? "" : MASK;
	if (row->type != SETTING_CONNECTION && row->type != SETTING_CONNECTIONS)
		return row->text;
	if (!(row->type == SETTING_CONNECTION ? add_connection(&text, row->text) : add_connections(&text, row->text)))
		return MASK;
	return text.length > 0 ? text.data : "";
}

static int
wider(int width, const char *text)
{
	int length = (int)strlen(text);
	return length > width ? length : width;
}

void
settings_print(const struct settings_table *tables, size_t count, FILE *out)
{
	struct arena *arena = arena_new();
	int key_width = 0, origin_width = 0;

	for (size_t i = 0; i < count; i++)
		for (const struct setting *row = tables[i].rows; row < tables[i].rows + tables[i].count; row++) {
			key_width = wider(key_width, row->key);
			origin_width = wider(origin_width, row->origin);
		}

	for (size_t i = 0; i < count; i++)
		for (const struct setting *row = tables[i].rows; row < tables[i].rows + tables[i].count; row++)
			fprintf(out, "%-*s = %-*s  %-*s  %s; %s\n", key_width, row->key, VALUE_WIDTH, shown(arena, row),
			        origin_width, row->origin, row->help, rule(arena, row));

	for (char **variable = environ; *variable != NULL; variable++) {
		const char *name = arena_copy(arena, *variable, strcspn(*variable, "="));
		if (strncmp(name, "QUIRE_", 6) == 0 && strcmp(name, "QUIRE_CONFIG") != 0 &&
		    find(tables, count, name) == NULL)
			fprintf(out, "%s is in the environment, but no setting\n", name);
	}
	arena_free(arena);
}
