#include "buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

#define CAPACITY_LEAST 1024
#define FORMAT_SHORT   64 /* what is longer is formatted twice */

struct buffer
buffer_in(struct arena *arena)
{
	return (struct buffer){.arena = arena};
}

/* Moves the text to twice the room, or more if that is not enough for `more` bytes and a NUL. Inlined, it would slow down the many calls
 * that have room. */
static __attribute__((noinline)) void
grow(struct buffer *buffer, size_t more)
{
	if (more > SIZE_MAX - buffer->length - 1)
		log_fatal("out of memory", LOG_NUMBER("bytes", more));

	size_t needed = buffer->length + more + 1;
	size_t capacity = buffer->capacity > 0 ? buffer->capacity : CAPACITY_LEAST;
	while (capacity < needed)
		capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;

	char *data = arena_take(buffer->arena, capacity);
	if (buffer->length > 0)
		memcpy(data, buffer->data, buffer->length);
	buffer->data = data;
	buffer->capacity = capacity;
}

char *
buffer_reserve(struct buffer *buffer, size_t more)
{
	if (more >= buffer->capacity - buffer->length)
		grow(buffer, more);

	char *end = buffer->data + buffer->length;
	end[more] = '\0';
	return end;
}

void
buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
	char *end = buffer_reserve(buffer, length);
	if (length > 0)
		memcpy(end, bytes, length);
	buffer->length += length;
}

void
buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

size_t
integer_format(int64_t number, char text[INTEGER_TEXT_SIZE])
{
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char digits[INTEGER_TEXT_SIZE], *end = digits + sizeof digits, *start = end;

	*--start = '\0';
	do
		*--start = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--start = '-';
	memcpy(text, start, (size_t)(end - start));
	return (size_t)(end - start) - 1;
}

void
buffer_add_integer(struct buffer *buffer, int64_t number)
{
	char text[INTEGER_TEXT_SIZE];
	size_t length = integer_format(number, text);

	buffer_add(buffer, text, length);
}

void
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);

	int length = vsnprintf(buffer_reserve(buffer, FORMAT_SHORT), FORMAT_SHORT, format, arguments);
	if (length < 0)
		log_fatal("malformed format", LOG_TEXT("format", format));
	if (length >= FORMAT_SHORT)
		vsnprintf(buffer_reserve(buffer, (size_t)length), (size_t)length + 1, format, again);
	buffer->length += (size_t)length;

	va_end(again);
	va_end(arguments);
}
