#include "view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "clock.h"
#include "log.h"
#include "view_internal.h"

/* A partial within itself goes so deep. */
#define PARTIALS_DEEP_MAX 50

static struct {
	struct view_setup setup;
	const char *folder;
	uint32_t stamp; /* of the folder's files as they were read */
	struct arena *arena;
	const struct view_piece **templates; /* a row of all sources for each variant */
} views;

struct rendering {
	struct buffer *out;
	struct buffer formatted; /* what is still to be escaped */
	unsigned variant;
	size_t deep; /* partials within each other */
	bool too_deep;
};

/* What comes before each line of a partial. */
struct indentation {
	const char *text;
	size_t length;
};

void
view_escape(struct buffer *out, const char *text, size_t length)
{
	static const char escapes[][8] = {"", "&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	static const unsigned char numbers[UINT8_MAX + 1] = {['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5};
	const char *end = text + length;

	while (text < end) {
		const char *run = text;

		while (text < end && numbers[(unsigned char)*text] == 0)
			text++;
		buffer_add(out, run, (size_t)(text - run));
		if (text < end)
			buffer_add_text(out, escapes[numbers[(unsigned char)*text++]]);
	}
}

static void
write_value(struct buffer *out, const struct view_value *value)
{
	char time[CLOCK_TEXT_SIZE];

	switch (value->kind) {
	case VIEW_TEXT:
		buffer_add(out, value->text, value->length);
		break;
	case VIEW_INTEGER:
		buffer_add_integer(out, value->number);
		break;
	case VIEW_BOOLEAN:
		buffer_add_text(out, value->number ? "true" : "false");
		break;
	case VIEW_TIME:
		buffer_add(out, time, clock_format(value->number, time));
		break;
	}
}

static void
render_variable(struct rendering *rendering, const struct view_piece *piece, const struct view_frame *frame)
{
	struct buffer *out = rendering->out, *formatted = &rendering->formatted;
	const struct view_format *format;
	const struct view_node *node = view_find(out->arena, frame, piece->name, &format);

	if (node->kind != NODE_VALUE)
		return;
	if (format == NULL && piece->kind == PIECE_ESCAPED && node->value.kind == VIEW_TEXT) {
		view_escape(out, node->value.text, node->value.length);
	} else if (format == NULL) {
		write_value(out, &node->value);
	} else if (piece->kind == PIECE_RAW) {
		format->write(out, &node->value, rendering->variant);
	} else {
		formatted->length = 0;
		format->write(formatted, &node->value, rendering->variant);
		if (formatted->length > 0)
			view_escape(out, formatted->data, formatted->length);
	}
}

/* What a section goes through; what a format writes is a text like any other. */
static const struct view_node *
subject_of(struct rendering *rendering, const struct view_piece *piece, const struct view_frame *frame)
{
	struct buffer *formatted = &rendering->formatted;
	struct arena *arena = rendering->out->arena;
	const struct view_format *format;
	const struct view_node *node = view_find(arena, frame, piece->name, &format);
	struct view_node *text;

	if (format == NULL)
		return node;
	formatted->length = 0;
	format->write(formatted, &node->value, rendering->variant);
	text = arena_alloc(arena, sizeof *text);
	text->kind = NODE_VALUE;
	text->value = (struct view_value){VIEW_TEXT, "", formatted->length, 0};
	if (formatted->length > 0)
		text->value.text = arena_copy(arena, formatted->data, formatted->length);
	return text;
}

/* An empty line stays empty. */
static void
indent(struct buffer *out, struct indentation indentation, const char *line, const char *end)
{
	if (line == end || (*line != '\n' && *line != '\r'))
		buffer_add(out, indentation.text, indentation.length);
}

static void
render_literal(struct buffer *out, const struct view_piece *piece, struct indentation indentation)
{
	const char *line = piece->text, *end = line + piece->length, *newline;

	if (indentation.length == 0) {
		buffer_add(out, line, piece->length);
		return;
	}
	if (piece->starts_line)
		indent(out, indentation, line, end);
	while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL && newline + 1 < end) {
		buffer_add(out, line, (size_t)(newline + 1 - line));
		line = newline + 1;
		indent(out, indentation, line, end);
	}
	buffer_add(out, line, (size_t)(end - line));
}

/* Of a partial: only one on a line of its own has any. */
static struct indentation
indentation_of(struct arena *arena, const struct view_piece *piece, struct indentation outer)
{
	struct buffer both = buffer_in(arena);

	if (piece->text == NULL || outer.length == 0)
		return (struct indentation){piece->text, piece->length};
	if (piece->length == 0)
		return outer;
	buffer_add(&both, outer.text, outer.length);
	buffer_add(&both, piece->text, piece->length);
	return (struct indentation){both.data, both.length};
}

static void render(struct rendering *rendering, const struct view_piece *piece, const struct view_frame *frame,
                   struct indentation indentation);

static void
render_partial(struct rendering *rendering, const struct view_piece *piece, const struct view_frame *frame,
               struct indentation outer)
{
	size_t sources = views.setup.sources_count;

	if (rendering->deep == PARTIALS_DEEP_MAX) {
		if (!rendering->too_deep)
			log_error("template too deep", LOG_TEXT("template", views.setup.sources[piece->source].name));
		rendering->too_deep = true;
		return;
	}
	rendering->deep++;
	render(rendering, views.templates[rendering->variant * sources + piece->source], frame,
	       indentation_of(rendering->out->arena, piece, outer));
	rendering->deep--;
}

static void
render_section(struct rendering *rendering, const struct view_piece *piece, const struct view_frame *frame,
               struct indentation indentation)
{
	struct arena *arena = rendering->out->arena;
	struct view_items items = {.of = subject_of(rendering, piece, frame)};
	struct view_frame inner = {.outer = frame, .node = view_next_item(arena, &items)};

	if (piece->kind == PIECE_INVERTED && inner.node == NULL)
		render(rendering, piece->content, frame, indentation);
	for (; piece->kind == PIECE_SECTION && inner.node != NULL; inner.node = view_next_item(arena, &items))
		render(rendering, piece->content, &inner, indentation);
}

static void
render(struct rendering *rendering, const struct view_piece *piece, const struct view_frame *frame,
       struct indentation indentation)
{
	for (; piece != NULL; piece = piece->next) {
		if (piece->starts_line && piece->kind != PIECE_LITERAL)
			buffer_add(rendering->out, indentation.text, indentation.length);
		switch (piece->kind) {
		case PIECE_LITERAL:
			render_literal(rendering->out, piece, indentation);
			break;
		case PIECE_ESCAPED:
		case PIECE_RAW:
			render_variable(rendering, piece, frame);
			break;
		case PIECE_SECTION:
		case PIECE_INVERTED:
			render_section(rendering, piece, frame, indentation);
			break;
		case PIECE_PARTIAL:
			render_partial(rendering, piece, frame, indentation);
			break;
		}
	}
}

static const char *
path_of(struct arena *arena, const char *folder, const struct view_source *source)
{
	return arena_printf(arena, "%s/%s.mustache", folder, source->name);
}

/* Changes when a file of the folder does. */
static uint32_t
stamp_of(struct arena *arena, const struct view_setup *setup, const char *folder)
{
	uint32_t stamp = VIEW_HASH_START;

	for (size_t i = 0; i < setup->sources_count; i++) {
		struct stat file;

		if (stat(path_of(arena, folder, &setup->sources[i]), &file) != 0)
			file = (struct stat){0};
		stamp = view_hash(stamp, (const char *)&file.st_mtim, sizeof file.st_mtim);
		stamp = view_hash(stamp, (const char *)&file.st_size, sizeof file.st_size);
	}
	return stamp;
}

/* Takes the folder's file in the place of the built-in text, if there is one. Says what is wrong, or NULL. */
static const char *
read_file(struct arena *arena, const char *folder, struct view_source *source)
{
	const char *path = path_of(arena, folder, source), *error = NULL;
	FILE *file = fopen(path, "re");
	struct buffer text = buffer_in(arena);
	char part[BUFSIZ];

	if (file == NULL && errno == ENOENT)
		return NULL;
	while (file != NULL && !feof(file) && !ferror(file))
		buffer_add(&text, part, fread(part, 1, sizeof part, file));
	if (file == NULL || ferror(file))
		error = arena_printf(arena, "%s:1: %s", path, strerror(errno));
	if (file != NULL)
		fclose(file);
	source->file = path;
	source->text = text.length > 0 ? text.data : "";
	source->length = text.length;
	return error;
}

/* Compiles all sources for all variants; says what is wrong with the first that is broken, or NULL. */
static const char *
compile(struct arena *arena, const struct view_setup *setup, const char *folder, const struct view_piece **templates)
{
	const char *error = NULL;

	for (size_t i = 0; i < setup->sources_count && error == NULL; i++) {
		struct view_source source = setup->sources[i];

		if (*folder != '\0')
			error = read_file(arena, folder, &source);
		for (unsigned variant = 0; variant < setup->variants && error == NULL; variant++)
			error = view_compile_text(arena, setup, variant, &source,
			                          &templates[variant * setup->sources_count + i]);
	}
	return error;
}

char *
view_compile(const struct view_setup *setup, const char *folder)
{
	struct arena *arena = arena_new();
	uint32_t stamp = *folder != '\0' ? stamp_of(arena, setup, folder) : 0; /* before reading: later changes show */
	const struct view_piece **templates =
	    arena_alloc(arena, setup->variants * setup->sources_count * sizeof(struct view_piece *));
	const char *error = compile(arena, setup, folder, templates);

	if (error != NULL) {
		char *copy = strdup(error);

		arena_free(arena);
		return copy;
	}
	if (views.arena != NULL)
		arena_free(views.arena);
	views.setup = *setup;
	views.folder = folder;
	views.stamp = stamp;
	views.arena = arena;
	views.templates = templates;
	return NULL;
}

void
view_init(const struct view_setup *setup, const char *folder)
{
	char *error = view_compile(setup, folder);

	if (error != NULL) {
		fprintf(stderr, "%s\n", error);
		free(error);
		exit(EX_CONFIG);
	}
}

/* Compiles anew if a file of the folder has changed. */
static void
reload(struct arena *arena)
{
	const struct view_setup setup = views.setup;
	uint32_t stamp = stamp_of(arena, &setup, views.folder);
	char *error;

	if (stamp == views.stamp)
		return;
	error = view_compile(&setup, views.folder);
	if (error != NULL)
		log_error("template broken", LOG_TEXT("reason", error));
	free(error);
	views.stamp = stamp;
}

void
view_render(struct buffer *out, const char *name, unsigned variant, const struct view_data *data)
{
	const struct view_node root = {NODE_OBJECT, .object = data};
	const struct view_frame frame = {.node = &root};
	struct rendering rendering = {.out = out, .formatted = buffer_in(out->arena), .variant = variant};
	size_t source = 0;

	while (source < views.setup.sources_count && strcmp(views.setup.sources[source].name, name) != 0)
		source++;
	if (source == views.setup.sources_count || variant >= views.setup.variants)
		log_fatal("no such template", LOG_TEXT("template", name), LOG_NUMBER("variant", variant));
	if (*views.folder != '\0')
		reload(out->arena);
	render(&rendering, views.templates[variant * views.setup.sources_count + source], &frame,
	       (struct indentation){"", 0});
}
