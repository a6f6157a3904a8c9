#include "urlencoded.h"

#include <ctype.h>
#include <string.h>

#include "utf8.h"

/* The value of a hexadecimal digit, -1 for any other byte. */
static int
hexadecimal(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* Decodes into the arena, with `space` in the place of each '+'. NULL as percent_decode() says. */
static const char *
decode(struct arena *arena, const char *text, size_t length, char space)
{
	char *decoded = arena_copy(arena, text, length), *end = decoded;

	for (size_t i = 0; i < length; i++) {
		char byte = text[i];
		if (byte == '+') {
			byte = space;
		} else if (byte == '%') {
			int high = length - i > 2 ? hexadecimal(text[i + 1]) : -1;
			int low = length - i > 2 ? hexadecimal(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return NULL;
			byte = (char)(high << 4 | low);
			i += 2;
		}
		if (byte == '\0')
			return NULL;
		*end++ = byte;
	}
	*end = '\0';
	return utf8_valid(decoded, (size_t)(end - decoded)) ? decoded : NULL;
}

const char *
percent_decode(struct arena *arena, const char *text, size_t length)
{
	return decode(arena, text, length, '+');
}

const char *
percent_encode(struct arena *arena, const char *text)
{
	char *encoded = arena_take(arena, strlen(text) * 3 + 1), *end = encoded;

	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		if (isalnum(byte) || strchr("-._~", byte) != NULL) {
			*end++ = *text;
		} else {
			*end++ = '%';
			*end++ = "0123456789ABCDEF"[byte >> 4];
			*end++ = "0123456789ABCDEF"[byte & 15];
		}
	}
	*end = '\0';
	return encoded;
}

/* The first `byte` before `end`, `end` if there is none. */
static const char *
find_byte(const char *text, const char *end, char byte)
{
	const char *found = memchr(text, byte, (size_t)(end - text));
	return found != NULL ? found : end;
}

enum form_result
form_parse(struct arena *arena, const char *text, size_t length, size_t fields_max, struct form *form)
{
	const char *end = text + length;
	size_t count = 0;

	for (const char *start = text; start < end; start = find_byte(start, end, '&') + 1)
		count += *start != '&';
	*form = (struct form){0};
	if (count > fields_max)
		return FORM_TOO_MANY;

	struct form_field *field = arena_alloc(arena, count * sizeof *field);
	form->fields = field;

	for (const char *start = text, *stop; start < end; start = stop + 1) {
		stop = find_byte(start, end, '&');
		if (stop == start)
			continue;

		const char *equals = find_byte(start, stop, '=');
		const char *value = equals < stop ? equals + 1 : stop;
		field->name = decode(arena, start, (size_t)(equals - start), ' ');
		field->value = decode(arena, value, (size_t)(stop - value), ' ');
		if (field->name == NULL || field->value == NULL)
			return FORM_INVALID;
		form->count++;
		field++;
	}
	return FORM_OK;
}

const char *
form_value(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return NULL;
}
