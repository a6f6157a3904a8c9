#include "language.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WEIGHT_FULL 1000 /* weights have at most three decimals (RFC 9110, 12.4.2) */

/* One element of the header: a language range and its weight. */
struct preference {
	const char *range;
	size_t length;
	int weight;
};

/* Reads "1", "0.25" and the like as thousandths; -1 if it is no weight. Sets *text to what follows. */
static int
read_weight(const char **text)
{
	const char *at = *text;
	int weight = *at == '1' ? WEIGHT_FULL : 0, unit = WEIGHT_FULL / 10;

	if (*at != '0' && *at != '1')
		return -1;
	at++;
	if (*at == '.') {
		for (at++; *at >= '0' && *at <= '9' && unit > 0; at++, unit /= 10)
			weight += (*at - '0') * unit;
	}
	*text = at;
	return weight <= WEIGHT_FULL ? weight : -1;
}

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Reads an element and sets *text to what follows it; false when it is malformed. */
static bool
read_preference(const char **text, struct preference *preference)
{
	const char *at = skip_blanks(*text);

	preference->range = at;
	preference->length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-*");
	preference->weight = WEIGHT_FULL;
	at = skip_blanks(at + preference->length);
	if (*at == ';') {
		at = skip_blanks(at + 1);
		if (strncasecmp(at, "q=", 2) != 0)
			return false;
		at += 2;
		preference->weight = read_weight(&at);
		at = skip_blanks(at);
	}
	*text = at;
	return preference->weight >= 0 && (*at == ',' || *at == '\0');
}

/* The tag that a range finds: itself, or what is left when subtags are taken from its end. `count` if there is none. */
static size_t
look_up(const struct preference *preference, const char *const *tags, size_t count)
{
	size_t length = preference->length;

	if (length == 1 && *preference->range == '*')
		return 0;
	while (length > 0) {
		for (size_t i = 0; i < count; i++) {
			if (strlen(tags[i]) == length && strncasecmp(tags[i], preference->range, length) == 0)
				return i;
		}
		while (length > 0 && preference->range[--length] != '-')
			;
	}
	return count;
}

size_t
language_choose(const char *accept, const char *const *tags, size_t count)
{
	size_t chosen = 0;
	int weight = 0;

	while (accept != NULL && *accept != '\0') {
		struct preference preference;

		if (!read_preference(&accept, &preference))
			return 0;

		size_t found = look_up(&preference, tags, count);

		if (found < count && preference.weight > weight) {
			chosen = found;
			weight = preference.weight;
		}
		accept += *accept == ',';
	}
	return chosen;
}
