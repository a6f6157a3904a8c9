#include "edge_pages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pages.h"
#include "texts.h"

static const int statuses[] = {400, 403, 404, 405, 408, 412, 413, 414, 416, 429, 431, 500, 501, 503, 505};

/* Renders what a reader of that language is told who asked for nothing in particular: an empty path is, in a link, the page that
 * one is on. */
static void
render(struct arena *arena, int status, const char *language, struct response *res)
{
	const char **parameters = arena_alloc(arena, 2 * sizeof *parameters);
	struct request req;

	parameters[0] = arena_printf(arena, "HTTP_ACCEPT_LANGUAGE=%s", language);
	request_init(&req, arena);
	req.method = HTTP_GET;
	req.parameters = parameters;
	req.failure_status = (enum http_status)status;
	response_init(res, arena);
	error_page(&req, res);
}

static bool
write_file(const char *path, const struct buffer *text)
{
	FILE *file = fopen(path, "w");
	bool written = file != NULL && fwrite(text->data, 1, text->length, file) == text->length;

	if (file != NULL && fclose(file) != 0)
		written = false;
	if (!written)
		fprintf(stderr, "quire: cannot write %s: %s\n", path, strerror(errno));
	return written;
}

static bool
write_page(struct arena *arena, const char *folder, int status, const char *language)
{
	struct response res;

	render(arena, status, language, &res);
	return write_file(arena_printf(arena, "%s/%d.%s.html", folder, status, language), &res.body);
}

bool
edge_pages_write(const char *folder)
{
	struct arena *arena = arena_new();
	bool written = true;

	if (mkdir(folder, 0755) < 0 && errno != EEXIST) {
		fprintf(stderr, "quire: cannot make %s: %s\n", folder, strerror(errno));
		written = false;
	}
	for (size_t i = 0; written && i < sizeof statuses / sizeof statuses[0]; i++) {
		for (size_t language = 0; written && language < LANGUAGES; language++) {
			written = write_page(arena, folder, statuses[i], language_tags[language]);
			arena_reset(arena);
		}
	}
	arena_free(arena);
	return written;
}
