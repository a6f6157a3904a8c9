/* What the tests of bodies and of input share. */
#ifndef QUIRE_TESTS_UNIT_HANDLING_H
#define QUIRE_TESTS_UNIT_HANDLING_H

#include "../memory.h"

#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"

static struct memory memory;

/* Starts a request with that body, after the one before. */
static inline void
receive(const char *type, const char *body)
{
	if (memory.req.arena != NULL)
		memory_end(&memory);
	memory_start(&memory, "POST", "/api/things");
	memory_body(&memory, type, body);
}

static inline int
stop(void **state __attribute__((unused)))
{
	if (memory.req.arena != NULL)
		memory_end(&memory);
	memory.req.arena = NULL;
	return 0;
}

/* "STATUS body" of the answer when the handler ended early, "" when it did not. */
static inline const char *
outcome_of(void (*handler)(struct request *req))
{
	if (MEMORY_TRY(&memory)) {
		handler(&memory.req);
		return "";
	}
	return arena_printf(memory.req.arena, "%d %s", memory.res.status, memory_text(&memory));
}

static inline void
replace(char *text, char byte, char by)
{
	while ((text = strchr(text, byte)) != NULL)
		*text = by;
}

/* Compares with a text that has ' in the place of ". */
static inline void
assert_outcome(const char *subject, const char *outcome, const char *expected)
{
	char *readable = arena_copy(memory.req.arena, outcome, strlen(outcome));

	replace(readable, '"', '\'');
	if (strcmp(readable, expected) != 0)
		fail_msg("%s\ngave     %s\nexpected %s", subject, readable, expected);
}

#endif
