/* application/x-www-form-urlencoded, as query strings and forms have it (WHATWG URL, 5.1), but strict: what is not well
 * formed is refused. And percent-encoding (RFC 3986, 2.1). */
#ifndef QUIRE_URLENCODED_H
#define QUIRE_URLENCODED_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct form_field {
	const char *name;
	const char *value;
};

/* Fields in the order in which they came. Names and values are valid UTF-8 without NUL. */
struct form {
	struct form_field *fields;
	size_t count;
};

enum form_result {
	FORM_OK,
	FORM_INVALID,  /* an invalid percent sequence, invalid UTF-8 or a NUL */
	FORM_TOO_MANY, /* more than fields_max */
};

/* Parses `length` bytes into *form, which lives in `arena`. '+' is a space; "name" alone has the value ""; an empty name is
 * kept; nothing between two '&' is no field. Unless the result is FORM_OK, *form has only the fields before the fault. */
enum form_result form_parse(struct arena *arena, const char *text, size_t length, size_t fields_max, struct form *form);

/* The first value of that name, NULL if there is none. */
const char *form_value(const struct form *form, const char *name);

/* Decodes %XX of `length` bytes into the arena ('+' stays). NULL for an invalid sequence, %00 or a result that is not UTF-8. */
const char *percent_decode(struct arena *arena, const char *text, size_t length);

/* Percent-encodes all but RFC 3986's unreserved characters. */
const char *percent_encode(struct arena *arena, const char *text);

#endif
