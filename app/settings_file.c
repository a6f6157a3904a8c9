#include "settings_file.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "buffer.h"
#include "utf8.h"

#define CHUNK ((size_t)4096)

/* Where the parser stands. `fault` is what is wrong there, NULL as long as nothing is. */
struct reader {
	struct arena *arena;
	const char *next;
	size_t line;
	const char *fault;
};

static char
take(struct reader *reader)
{
	char byte = *reader->next;
	if (byte == '\0')
		return byte;
	reader->next++;
	reader->line += byte == '\n';
	return byte;
}

static void
skip_spaces(struct reader *reader)
{
	while (*reader->next == ' ' || *reader->next == '\t')
		reader->next++;
}

static void
skip_comment(struct reader *reader)
{
	reader->next += strcspn(reader->next, "\n");
	if (reader->next[-1] == '\\')
		reader->fault = "a comment must not end with a backslash";
}

static const char *
read_key(struct reader *reader)
{
	const char *start = reader->next;

	while (isalnum((unsigned char)*reader->next) || *reader->next == '_')
		reader->next++;
	if (reader->next == start || *reader->next != '=' || isdigit((unsigned char)*start)) {
		reader->fault = "expected KEY=VALUE";
		return NULL;
	}
	return arena_copy(reader->arena, start, (size_t)(reader->next++ - start));
}

/* Up to the end of the line. */
static void
read_plain(struct reader *reader, struct buffer *value)
{
	size_t kept = 0; /* length without the spaces at the end */

	while (*reader->next != '\0' && *reader->next != '\n') {
		char byte = take(reader);
		bool escaped = byte == '\\';
		if (escaped) {
			byte = take(reader);
			if (byte == '\0')
				reader->fault = "nothing follows the last backslash";
		}
		if (byte != '\n' && byte != '\0')
			buffer_add_byte(value, byte);
		if (escaped || (byte != ' ' && byte != '\t'))
			kept = value->length;
	}
	value->length = kept;
}

/* From the opening quote to the closing one. */
static void
read_quoted(struct reader *reader, struct buffer *value)
{
	size_t start = reader->line;
	char quote = take(reader);

	for (char byte = take(reader); byte != quote; byte = take(reader)) {
		if (byte == '\0') {
			reader->line = start;
			reader->fault = "the quote that opens here is not closed";
			return;
		}
		if (quote == '"' && byte == '\\' && *reader->next != '\0' &&
		    strchr("\"\\$`\n", *reader->next) != NULL) {
			byte = take(reader);
			if (byte == '\n')
				continue;
		}
		buffer_add_byte(value, byte);
	}

	skip_spaces(reader);
	if (*reader->next != '\n' && *reader->next != '\0')
		reader->fault = "text after the closing quote";
}

static const char *
read_value(struct reader *reader)
{
	struct buffer value = buffer_in(reader->arena);

	skip_spaces(reader);
	if (*reader->next == '\'' || *reader->next == '"')
		read_quoted(reader, &value);
	else
		read_plain(reader, &value);
	return arena_copy(reader->arena, value.data == NULL ? "" : value.data, value.length);
}

/* The first line that has a byte which no line may have, 0 if there is none. */
static size_t
line_of_bad_byte(const char *text)
{
	size_t line = 1, length = strlen(text);

	while (length > 0) {
		size_t size = utf8_sequence(text, length);
		if (size == 0 || (iscntrl((unsigned char)*text) && *text != '\t' && *text != '\n'))
			return line;
		line += *text == '\n';
		text += size;
		length -= size;
	}
	return 0;
}

bool
settings_file_parse(struct arena *arena, const char *text, const char *path, struct settings_line **lines, FILE *errors)
{
	struct reader reader = {.arena = arena, .next = text, .line = line_of_bad_byte(text)};

	*lines = NULL;
	if (reader.line > 0)
		reader.fault = "a control character, or not UTF-8";
	else
		reader.line = 1;

	while (reader.fault == NULL && *reader.next != '\0') {
		skip_spaces(&reader);
		if (*reader.next == '#' || *reader.next == ';') {
			skip_comment(&reader);
		} else if (*reader.next != '\n' && *reader.next != '\0') {
			struct settings_line *line = arena_alloc(arena, sizeof *line);
			line->number = reader.line;
			line->key = read_key(&reader);
			if (reader.fault == NULL)
				line->value = read_value(&reader);
			*lines = line;
			lines = &line->next;
		}
		if (reader.fault == NULL)
			take(&reader);
	}

	if (reader.fault != NULL)
		fprintf(errors, "%s:%zu: %s\n", path, reader.line, reader.fault);
	return reader.fault == NULL;
}

char *
settings_file_read(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return NULL;

	struct buffer text = buffer_in(arena);
	for (size_t got = CHUNK; got == CHUNK && text.length <= SETTINGS_FILE_MAX; text.length += got)
		got = fread(buffer_reserve(&text, CHUNK), 1, CHUNK, file);
	text.data[text.length] = '\0';

	int fault = 0;
	if (ferror(file))
		fault = errno;
	else if (text.length > SETTINGS_FILE_MAX)
		fault = EFBIG;
	else if (strlen(text.data) != text.length)
		fault = EILSEQ;
	fclose(file);

	errno = fault;
	return fault == 0 ? text.data : NULL;
}
