#include "arena.h"

#include <sanitizer/asan_interface.h> /* its macros are empty unless AddressSanitizer is on */
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* What is formatted on each request is shorter: it is formatted once, not measured first. */
#define FORMAT_SHORT 256

#define ALIGNMENT alignof(max_align_t)
#define LARGE     (ARENA_BLOCK / 4) /* from this size on an allocation is a block of its own */

struct block {
	struct block *next;
	alignas(max_align_t) char bytes[];
};

struct cleanup {
	struct cleanup *next;
	arena_cleanup *run;
	void *subject;
};

struct arena {
	struct block *blocks; /* newest first; the last one is kept at a reset */
	struct block *large;
	char *free; /* in the newest block */
	size_t room;
	struct cleanup *cleanups;
};

static void *
allocate(size_t head, size_t size)
{
	void *memory = size > SIZE_MAX - head ? NULL : malloc(head + size);
	if (memory == NULL)
		log_fatal("out of memory", LOG_NUMBER("bytes", size));
	return memory;
}

static struct block *
push_block(struct block **list, size_t size)
{
	struct block *block = allocate(sizeof *block, size);
	block->next = *list;
	*list = block;
	return block;
}

/* Frees the blocks of a list that come before `last`. */
static void
free_blocks(struct block **list, const struct block *last)
{
	while (*list != last) {
		struct block *block = *list;
		*list = block->next;
		free(block);
	}
}

static void
start_block(struct arena *arena, struct block *block)
{
	arena->free = block->bytes;
	arena->room = ARENA_BLOCK;
	ASAN_POISON_MEMORY_REGION(block->bytes, ARENA_BLOCK);
}

/* Gives memory that still holds what was there before. */
void *
arena_take(struct arena *arena, size_t size)
{
	if (size >= LARGE)
		return push_block(&arena->large, size)->bytes;

	/* At least one byte more than asked for: AddressSanitizer sees a write past the end, even of a multiple of 16. */
	size_t step = (size / ALIGNMENT + 1) * ALIGNMENT;
	if (step > arena->room)
		start_block(arena, push_block(&arena->blocks, ARENA_BLOCK));

	char *memory = arena->free;
	arena->free += step;
	arena->room -= step;
	ASAN_UNPOISON_MEMORY_REGION(memory, size);
	return memory;
}

struct arena *
arena_new(void)
{
	struct arena *arena = allocate(sizeof *arena, 0);
	*arena = (struct arena){0};
	start_block(arena, push_block(&arena->blocks, ARENA_BLOCK));
	return arena;
}

void
arena_reset(struct arena *arena)
{
	while (arena->cleanups != NULL) {
		struct cleanup *cleanup = arena->cleanups;
		arena->cleanups = cleanup->next;
		cleanup->run(cleanup->subject);
	}

	free_blocks(&arena->large, NULL);
	while (arena->blocks->next != NULL)
		free_blocks(&arena->blocks, arena->blocks->next);
	start_block(arena, arena->blocks);
}

void
arena_free(struct arena *arena)
{
	arena_reset(arena);
	free_blocks(&arena->blocks, NULL);
	free(arena);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	return memset(arena_take(arena, size), 0, size);
}

char *
arena_copy(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_take(arena, length + 1);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	char first[FORMAT_SHORT];
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);

	int length = vsnprintf(first, sizeof first, format, arguments);
	if (length < 0)
		log_fatal("malformed format", LOG_TEXT("format", format));
	char *text = arena_take(arena, (size_t)length + 1);
	if ((size_t)length < sizeof first)
		memcpy(text, first, (size_t)length + 1);
	else
		vsnprintf(text, (size_t)length + 1, format, again);

	va_end(again);
	va_end(arguments);
	return text;
}

void
arena_on_reset(struct arena *arena, arena_cleanup *run, void *subject)
{
	struct cleanup *cleanup = arena_take(arena, sizeof *cleanup);
	*cleanup = (struct cleanup){.next = arena->cleanups, .run = run, .subject = subject};
	arena->cleanups = cleanup;
}
