#include "json_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static void
add_escape(struct buffer *out, char byte)
{
	static const char codes[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *code = codes; *code != '\0'; code += 2) {
		if (*code == byte) {
			buffer_add(out, (const char[]){'\\', code[1]}, 2);
			return;
		}
	}
	buffer_printf(out, "\\u%04x", byte);
}

static bool
stands_for_itself(char byte)
{
	return (unsigned char)byte >= 0x20 && byte != '"' && byte != '\\';
}

/* As stands_for_itself, of eight bytes at once (Anderson, Bit Twiddling Hacks: "Determine if a word has a byte less than n"). */
static bool
eight_stand_for_themselves(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t word, quotes, backslashes;

	memcpy(&word, text, sizeof word);
	quotes = word ^ ones * '"';
	backslashes = word ^ ones * '\\';
	return ((((word - ones * 0x20) & ~word) | ((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes)) &
	        high) == 0;
}

void
json_text(struct buffer *out, const char *text, size_t length)
{
	const char *end = text + length;

	buffer_add_byte(out, '"');
	while (text < end) {
		const char *run = text;

		while (end - text >= 8 && eight_stand_for_themselves(text))
			text += 8;
		while (text < end && stands_for_itself(*text))
			text++;
		buffer_add(out, run, (size_t)(text - run));
		if (text < end)
			add_escape(out, *text++);
	}
	buffer_add_byte(out, '"');
}
