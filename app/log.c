#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "utf8.h"

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static enum log_level level_in_force = LOG_LEVEL_INFO;

/* A line as it grows. What does not fit sets `full`, and the caller takes back the field that it was writing. */
struct line {
	char bytes[LOG_LINE_MAX];
	size_t length;
	bool full;
};

#define LINE_END "}\n"

static void
add(struct line *line, const char *bytes, size_t length)
{
	if (length > sizeof line->bytes - strlen(LINE_END) - line->length) {
		line->full = true;
		return;
	}
	memcpy(line->bytes + line->length, bytes, length);
	line->length += length;
}

static void
add_plain(struct line *line, const char *text)
{
	add(line, text, strlen(text));
}

/* For what is short. */
__attribute__((format(printf, 2, 3))) static void
add_format(struct line *line, const char *format, ...)
{
	char text[32];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	add_plain(line, text);
}

static void
add_milliseconds(struct line *line, int64_t microseconds)
{
	uint64_t size = microseconds < 0 ? -(uint64_t)microseconds : (uint64_t)microseconds;
	add_format(line, "%s%" PRIu64 ".%03u", microseconds < 0 ? "-" : "", size / 1000, (unsigned)(size % 1000));
}

/* One code point of a JSON string (RFC 8259, 7). Returns how many bytes of `text` it stood for. */
static size_t
add_code_point(struct line *line, const char *text, size_t length)
{
	size_t size = utf8_sequence(text, length);
	unsigned char byte = (unsigned char)*text;

	if (size == 0) {
		add_plain(line, "\uFFFD");
		return 1;
	}
	if (byte == '"' || byte == '\\') {
		add(line, (const char[]){'\\', *text}, 2);
	} else if (byte < 0x20 || byte == 0x7F) {
		add_format(line, "\\u%04x", byte);
	} else {
		add(line, text, size);
	}
	return size;
}

static void
add_text(struct line *line, const char *text)
{
	size_t start = line->length, length = strlen(text);

	add_plain(line, "\"");
	while (length > 0 && line->length - start < LOG_TEXT_MAX) {
		size_t size = add_code_point(line, text, length);
		text += size;
		length -= size;
	}
	add_plain(line, length > 0 ? "…\"" : "\"");
}

static void
add_field(struct line *line, const struct log_field *field)
{
	size_t start = line->length;

	add_plain(line, ",\"");
	add_plain(line, field->name);
	add_plain(line, "\":");
	if (field->kind == LOG_FIELD_TEXT)
		add_text(line, field->text);
	else if (field->kind == LOG_FIELD_NUMBER)
		add_format(line, "%" PRId64, field->number);
	else
		add_milliseconds(line, field->number);

	if (line->full) {
		line->length = start;
		line->full = false;
	}
}

void
log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	if (level > level_in_force)
		return;

	int errno_before = errno;
	char time[CLOCK_TEXT_SIZE];
	clock_format(clock_now(), time);

	struct line line = {.length = 0};
	add_plain(&line, "{\"time\":\"");
	add_plain(&line, time);
	add_plain(&line, "\"");
	add_field(&line, &LOG_TEXT("level", level_names[level]));
	add_field(&line, &LOG_TEXT("event", event));
	for (size_t i = 0; i < count; i++)
		if (fields[i].kind != LOG_FIELD_TEXT || fields[i].text != NULL)
			add_field(&line, &fields[i]);
	memcpy(line.bytes + line.length, LINE_END, strlen(LINE_END));

	/* Lines of several processes do not mix: a pipe takes up to PIPE_BUF (4096) bytes as one. */
	ssize_t written = write(STDERR_FILENO, line.bytes, line.length + strlen(LINE_END));
	(void)written;
	errno = errno_before;
}

void
log_event_and_exit(const char *event, const struct log_field *fields, size_t count)
{
	log_event(LOG_LEVEL_ERROR, event, fields, count);
	_exit(EX_SOFTWARE);
}

bool
log_set_level(const char *name)
{
	for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++)
		if (strcmp(level_names[i], name) == 0) {
			level_in_force = (enum log_level)i;
			return true;
		}
	return false;
}
