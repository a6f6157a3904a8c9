/* UTF-8 (RFC 3629): overlong forms, surrogates and anything above U+10FFFF are invalid. */
#ifndef QUIRE_UTF8_H
#define QUIRE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* Number of bytes of the code point at the start of `length` bytes (at least 1), 0 if they do not begin with a valid one. */
size_t utf8_sequence(const char *text, size_t length);

bool utf8_valid(const char *text, size_t length);

/* Number of code points of valid UTF-8. */
size_t utf8_length(const char *text);

/* Valid UTF-8 in Unicode's normalization form C (UAX #15): what looks the same and means the same is the same bytes then. The text itself
 * if nothing changes that, else one in the arena; it can be up to four times shorter or three times longer, in code points. Many
 * combining marks in a row cost quadratic time: bound the text. */
const char *utf8_normalize(struct arena *arena, const char *text);

#endif
