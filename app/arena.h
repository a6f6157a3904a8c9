/* Memory that lives as long as one request.
 *
 * A request's allocations are never freed one by one: the arena is reset when the answer has been sent. What is not
 * memory (a json-c object, a PGresult) registers a clean-up that the reset runs, newest first.
 * Running out of memory ends the process: the master starts another worker, and no caller needs to check.
 */
#ifndef QUIRE_ARENA_H
#define QUIRE_ARENA_H

#include <stddef.h>

struct arena;

typedef void arena_cleanup(void *subject);

/* Makes an empty arena. */
struct arena *arena_new(void) __attribute__((returns_nonnull, warn_unused_result));

/* Ends the arena with everything in it. */
void arena_free(struct arena *arena);

/* Runs the clean-ups, newest first, and takes all memory back. Keeps one block of ARENA_BLOCK bytes for the next request. */
void arena_reset(struct arena *arena);

/* Gives `size` bytes of zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull, malloc, warn_unused_result));

/* As arena_alloc, for who writes all of it at once: it holds what was there before. */
void *arena_take(struct arena *arena, size_t size) __attribute__((returns_nonnull, malloc, warn_unused_result));

/* Copies `length` bytes of `text` and adds a NUL. */
char *arena_copy(struct arena *arena, const char *text, size_t length) __attribute__((returns_nonnull));

/* Formats into the arena. */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3), returns_nonnull));

/* Has arena_reset call cleanup(subject). */
void arena_on_reset(struct arena *arena, arena_cleanup *cleanup, void *subject);

#define ARENA_BLOCK ((size_t)32 * 1024)

#endif
