#include "cookie.h"

#include <string.h>

#define SPACES " \t"

/* The part of `length` bytes that is left without the spaces around it. */
static const char *
trim(const char *text, size_t *length)
{
	while (*length > 0 && strchr(SPACES, text[*length - 1]) != NULL)
		--*length;
	while (*length > 0 && strchr(SPACES, *text) != NULL) {
		text++;
		--*length;
	}
	return text;
}

const char *
cookie_value(struct arena *arena, const char *header, const char *name)
{
	for (const char *pair = header; pair != NULL && *pair != '\0';) {
		size_t pair_length = strcspn(pair, ";"), name_length = strcspn(pair, "=;");

		if (name_length < pair_length) {
			size_t value_length = pair_length - name_length - 1;
			const char *value = trim(pair + name_length + 1, &value_length);
			const char *found = trim(pair, &name_length);

			if (value_length > 1 && *value == '"' && value[value_length - 1] == '"') {
				value++;
				value_length -= 2;
			}
			if (name_length == strlen(name) && memcmp(found, name, name_length) == 0)
				return arena_copy(arena, value, value_length);
		}
		pair += pair_length + (pair[pair_length] == ';');
	}
	return NULL;
}

void
cookie_set(struct response *res, const char *name, const char *value, long seconds, unsigned flags)
{
	const char *http_only = flags & COOKIE_HTTP_ONLY ? "; HttpOnly" : "";
	const char *secure = flags & COOKIE_SECURE ? "; Secure" : "";

	response_header_more(res, "Set-Cookie",
	                     arena_printf(res->body.arena, "%s=%s; Path=/; Max-Age=%ld; SameSite=Lax%s%s", name, value,
	                                  seconds, http_only, secure));
}
