/* Structured logs: one JSON object per line on standard error, written with a single write(2). */
#ifndef QUIRE_LOG_H
#define QUIRE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

enum log_field_kind { LOG_FIELD_TEXT, LOG_FIELD_NUMBER, LOG_FIELD_MILLISECONDS };

struct log_field {
	const char *name;
	enum log_field_kind kind;
	const char *text; /* NULL leaves the field out */
	int64_t number;   /* microseconds for LOG_FIELD_MILLISECONDS, written as milliseconds with three decimals */
};

#define LOG_TEXT(name, value)                ((struct log_field){name, LOG_FIELD_TEXT, value, 0})
#define LOG_NUMBER(name, value)              ((struct log_field){name, LOG_FIELD_NUMBER, NULL, (int64_t)(value)})
#define LOG_MILLISECONDS(name, microseconds) ((struct log_field){name, LOG_FIELD_MILLISECONDS, NULL, microseconds})

/* Writes an event with its fields; lines above the level in force ("info" at first) are dropped. Text of any bytes is fine:
 * what is not UTF-8 becomes U+FFFD. A text is cut where its JSON passes LOG_TEXT_MAX bytes and then ends with "…"; a field
 * that would make the line longer than LOG_LINE_MAX bytes is left out. errno stays as it was. */
void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count);

#define LOG_FIELDS(...)                                                                                                \
	(const struct log_field[]){__VA_ARGS__},                                                                       \
	    sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field)
#define log_error(event, ...)   log_event(LOG_LEVEL_ERROR, event, LOG_FIELDS(__VA_ARGS__))
#define log_warning(event, ...) log_event(LOG_LEVEL_WARNING, event, LOG_FIELDS(__VA_ARGS__))
#define log_info(event, ...)    log_event(LOG_LEVEL_INFO, event, LOG_FIELDS(__VA_ARGS__))
#define log_debug(event, ...)   log_event(LOG_LEVEL_DEBUG, event, LOG_FIELDS(__VA_ARGS__))

/* As log_error, then ends the process with EX_SOFTWARE (sysexits.h): for what no caller could go on from. */
#define log_fatal(event, ...) log_event_and_exit(event, LOG_FIELDS(__VA_ARGS__))
void log_event_and_exit(const char *event, const struct log_field *fields, size_t count) __attribute__((noreturn));

/* Sets the level by its name; false if there is no such level. */
bool log_set_level(const char *name);

#define LOG_LINE_MAX 4096
#define LOG_TEXT_MAX 1024

#endif
