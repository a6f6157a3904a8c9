/* Text that grows at its end, in an arena. `data` is always NUL-terminated once something was added. */
#ifndef QUIRE_BUFFER_H
#define QUIRE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct buffer {
	struct arena *arena;
	char *data;
	size_t length;
	size_t capacity;
};

/* Makes an empty buffer; it allocates with the first byte added. */
struct buffer buffer_in(struct arena *arena);

/* Makes room for `more` bytes beside the NUL and returns where they go; the caller adds what it wrote to `length`.
 * Who writes less than `more` bytes ends them with a NUL. */
char *buffer_reserve(struct buffer *buffer, size_t more) __attribute__((returns_nonnull));

void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_integer(struct buffer *buffer, int64_t number);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define INTEGER_TEXT_SIZE 21 /* with the NUL */

/* Writes the number in decimal, many times quicker than a format would; returns the length. */
size_t integer_format(int64_t number, char text[INTEGER_TEXT_SIZE]);

static inline void
buffer_add_byte(struct buffer *buffer, char byte)
{
	*buffer_reserve(buffer, 1) = byte;
	buffer->length++;
}

#endif
