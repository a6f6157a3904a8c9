#include "utf8.h"

#include <utf8proc.h>

static bool
continues(unsigned char byte)
{
	return (byte & 0xC0) == 0x80;
}

size_t
utf8_sequence(const char *text, size_t length)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t size = byte[0] < 0x80   ? 1
	              : byte[0] < 0xC2 ? 0
	              : byte[0] < 0xE0 ? 2
	              : byte[0] < 0xF0 ? 3
	              : byte[0] < 0xF5 ? 4
	                               : 0;

	if (size > length)
		return 0;
	for (size_t i = 1; i < size; i++)
		if (!continues(byte[i]))
			return 0;

	bool overlong = (byte[0] == 0xE0 && byte[1] < 0xA0) || (byte[0] == 0xF0 && byte[1] < 0x90);
	bool surrogate = byte[0] == 0xED && byte[1] > 0x9F;
	bool above = byte[0] == 0xF4 && byte[1] > 0x8F; /* U+10FFFF */
	return overlong || surrogate || above ? 0 : size;
}

bool
utf8_valid(const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		size_t size = utf8_sequence(text, (size_t)(end - text));
		if (size == 0)
			return false;
		text += size;
	}
	return true;
}

size_t
utf8_length(const char *text)
{
	size_t length = 0;

	for (; *text != '\0'; text++)
		length += !continues((unsigned char)*text);
	return length;
}

const char *
utf8_normalize(struct arena *arena, const char *text)
{
	const utf8proc_option_t options = UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
	const utf8proc_uint8_t *byte = bytes;

	while (*byte != '\0' && *byte < 0x80)
		byte++;
	if (*byte == '\0')
		return text;

	utf8proc_ssize_t length = utf8proc_decompose(bytes, 0, NULL, 0, options);

	if (length < 0)
		return text;

	utf8proc_int32_t *points = arena_alloc(arena, ((size_t)length + 1) * sizeof *points);

	utf8proc_decompose(bytes, 0, points, length, options);
	utf8proc_reencode(points, length, options); /* in place, with a NUL behind it */
	return (const char *)points;
}
