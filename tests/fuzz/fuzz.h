/* What every fuzzer starts with. A fuzzer looks for inputs that crash the program, and for those that break a promise of its. */
#ifndef QUIRE_TESTS_FUZZ_H
#define QUIRE_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "../memory.h"
#include "log.h"
#include "utf8.h"

/* Tries one input; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Once, before the first input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define PROMISE(condition)                                                                                             \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);                \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

#define PROMISE_EQUAL(one, other)  PROMISE(strcmp(one, other) == 0)
#define PROMISE_VALID_UTF8(string) PROMISE(utf8_valid(string, strlen(string)))

/* log_fatal leaves by this way, which libFuzzer would not take for a crash. */
void
_exit(int status)
{
	fprintf(stderr, "the program ended itself with status %d\n", status);
	abort();
}

/* The input up to its first NUL, in memory of its own. */
static inline const char *
input_string(struct arena *arena, const uint8_t *data, size_t size)
{
	return arena_copy(arena, (const char *)data, strnlen((const char *)data, size));
}

#endif
