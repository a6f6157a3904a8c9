/* Strings of JSON (RFC 8259, 7). */
#ifndef QUIRE_JSON_TEXT_H
#define QUIRE_JSON_TEXT_H

#include <stddef.h>

#include "buffer.h"

/* "text" with everything escaped that must be. `text` is valid UTF-8. */
void json_text(struct buffer *out, const char *text, size_t length);

#endif
