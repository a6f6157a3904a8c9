/* Time. */
#ifndef QUIRE_CLOCK_H
#define QUIRE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Microseconds of a clock that never jumps, the same in all processes of a machine. */
int64_t clock_monotonic(void);

/* Microseconds since 1970-01-01T00:00:00Z. */
int64_t clock_now(void);

#define CLOCK_TEXT_SIZE 32

/* Writes "YYYY-MM-DDTHH:MM:SS.mmmZ" and a NUL; returns the length. A time outside the years 0000 to 9999 becomes the
 * nearest one within. */
size_t clock_format(int64_t microseconds_since_1970, char text[CLOCK_TEXT_SIZE]);

/* Writes a time as HTTP has it (IMF-fixdate, RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT"), cut to whole seconds; and reads
 * one. false when the text is none: neither of the two obsolete forms is read. */
void clock_http_date(int64_t microseconds_since_1970, char text[CLOCK_TEXT_SIZE]);
bool clock_read_http_date(const char *text, int64_t *microseconds_since_1970);

#endif
