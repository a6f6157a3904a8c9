/* The Cookie header. */
#include "cookie.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *header = input_string(arena, data, size);
	const char *value = cookie_value(arena, header, "session");

	if (value != NULL) {
		PROMISE(strstr(header, value) != NULL);
		PROMISE(strchr(value, ';') == NULL);
		PROMISE_EQUAL(cookie_value(arena, arena_printf(arena, "session=\"%s\"", value), "session"), value);
		PROMISE(cookie_value(arena, arena_printf(arena, "other=\"%s\"", value), "session") == NULL);
	}
	arena_free(arena);
	return 0;
}
