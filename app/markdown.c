#include "markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "buffer.h"
#include "markdown_cost.h"
#include "markdown_html.h"

static const char *const extensions[] = {"table", "strikethrough", "autolink", "tasklist"};

/* The memory of one rendering. cmark-gfm hands its allocator nothing that could lead to it, hence `current`. */
struct workshop {
	struct arena *arena;
	size_t left; /* bytes */
	jmp_buf full;
};

static struct workshop *current;

struct allocation {
	size_t size;
	alignas(max_align_t) char bytes[];
};

static void *
allocate(size_t count, size_t size)
{
	struct allocation *allocation;

	if (__builtin_mul_overflow(count, size, &size) || size > current->left)
		longjmp(current->full, 1);
	current->left -= size;
	allocation = arena_alloc(current->arena, sizeof *allocation + size);
	allocation->size = size;
	return allocation->bytes;
}

static void *
reallocate(void *bytes, size_t size)
{
	void *copy = allocate(1, size);

	if (bytes != NULL) {
		size_t old = ((struct allocation *)((char *)bytes - offsetof(struct allocation, bytes)))->size;
		memcpy(copy, bytes, old < size ? old : size);
	}
	return copy;
}

/* All goes at once, with the arena. */
static void
release(void *bytes __attribute__((unused)))
{
}

static cmark_node *
parse(const char *text)
{
	static cmark_mem memory = {.calloc = allocate, .realloc = reallocate, .free = release};
	cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, &memory);

	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
		cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(extensions[i]));
	cmark_parser_feed(parser, text, strlen(text));
	return cmark_parser_finish(parser);
}

static bool
render(struct workshop *workshop, struct buffer *html, const char *text, unsigned flags)
{
	current = workshop;
	if (setjmp(workshop->full) != 0)
		return false;
	return markdown_write(html, workshop->arena, parse(text), flags);
}

const char *
markdown_html(struct arena *arena, const char *text, unsigned flags)
{
	struct workshop workshop = {.left = MARKDOWN_MEMORY_MAX};
	struct buffer html = buffer_in(arena);
	bool rendered;

	if (markdown_too_costly(text))
		return NULL;
	cmark_gfm_core_extensions_ensure_registered();
	workshop.arena = arena_new();
	rendered = render(&workshop, &html, text, flags);
	arena_free(workshop.arena);
	if (!rendered)
		return NULL;
	return html.length > 0 ? html.data : "";
}
