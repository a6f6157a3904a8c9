#include "view_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bounds what rendering takes of the stack, together with PARTIALS_DEEP_MAX of view.c. */
#define SECTIONS_DEEP_MAX 64

#define BLANKS     " \t"
#define SPACES     " \t\r\n"
#define ERROR_SIZE 500

/* A part of the template. */
struct span {
	const char *at;
	size_t length;
};

struct tag {
	char sigil; /* '\0' for {{name}} */
	const char *start, *end;
	struct span content; /* without the sigil and spaces around */
	bool stands_alone;   /* on its line: then `start` is that of the line, and `end` that of the next */
};

struct section {
	struct span name;
	const struct view_piece **place; /* for what comes after it */
};

struct compiler {
	struct arena *arena;   /* for what is rendered, and nothing else: close together, it is quickly read */
	struct arena *scratch; /* for the rest */
	const struct view_setup *setup;
	unsigned variant;
	const char *file, *text, *end;
	const char *at;                  /* up to here it is compiled */
	struct span open, close;         /* the delimiters */
	const struct view_piece **place; /* for the next piece */
	struct buffer literal;           /* what no piece was made of yet: text, constants */
	bool literal_starts_line;
	bool line_start; /* nothing was made of the present line yet */
	struct section sections[SECTIONS_DEEP_MAX];
	size_t sections_count;
	const char *error;
	jmp_buf unwind;
};

#define TEXT_OF(span) (int)(span).length, (span).at /* for "%.*s" */

/* Ends the compiling. */
static void __attribute__((format(printf, 3, 4), noreturn))
broken(struct compiler *compiler, const char *at, const char *format, ...)
{
	char error[ERROR_SIZE];
	va_list arguments;
	int line = 1;

	for (const char *byte = compiler->text; byte < at; byte++)
		line += *byte == '\n';
	va_start(arguments, format);
	vsnprintf(error, sizeof error, format, arguments);
	va_end(arguments);
	compiler->error = arena_printf(compiler->arena, "%s:%d: %s", compiler->file, line, error);
	longjmp(compiler->unwind, 1);
}

static bool
is_one_of(const char *bytes, char byte)
{
	return byte != '\0' && strchr(bytes, byte) != NULL;
}

static bool
spans_equal(struct span one, struct span other)
{
	return one.length == other.length && memcmp(one.at, other.at, one.length) == 0;
}

static struct span
trim(const char *start, const char *end)
{
	while (start < end && is_one_of(SPACES, *start))
		start++;
	while (start < end && is_one_of(SPACES, end[-1]))
		end--;
	return (struct span){start, (size_t)(end - start)};
}

static const char *
find(const struct compiler *compiler, const char *from, struct span what)
{
	return memmem(from, (size_t)(compiler->end - from), what.at, what.length);
}

/* If nothing else is on the tag's line, or lines, it takes all of it. Only what writes nothing itself can stand alone. */
static void
take_line(const struct compiler *compiler, struct tag *tag)
{
	const char *start = tag->start, *end = tag->end;

	while (start > compiler->text && is_one_of(BLANKS, start[-1]))
		start--;
	while (end < compiler->end && is_one_of(BLANKS, *end))
		end++;
	if (end + 1 < compiler->end && end[0] == '\r' && end[1] == '\n')
		end++;
	tag->stands_alone = tag->sigil != '\0' && tag->sigil != '{' && tag->sigil != '&' &&
	                    (start == compiler->text || start[-1] == '\n') && (end == compiler->end || *end == '\n');
	if (tag->stands_alone) {
		tag->start = start;
		tag->end = end < compiler->end ? end + 1 : end;
	}
}

/* Reads the tag that begins at `at`. */
static struct tag
read_tag(struct compiler *compiler, const char *at)
{
	const char *start = at + compiler->open.length, *end;
	struct span close = compiler->close;
	struct tag tag = {.start = at};

	while (start < compiler->end && is_one_of(SPACES, *start))
		start++;
	if (start < compiler->end && is_one_of("{=!#^/>&", *start))
		tag.sigil = *start++;
	if (tag.sigil == '{' || tag.sigil == '=') {
		close.at = arena_printf(compiler->scratch, "%c%.*s", tag.sigil == '{' ? '}' : '=', TEXT_OF(close));
		close.length++;
	}
	end = find(compiler, start, close);
	if (end == NULL)
		broken(compiler, at, "a tag is not closed");
	tag.content = trim(start, end);
	tag.end = end + close.length;
	take_line(compiler, &tag);
	return tag;
}

static const struct view_format *
find_format(const struct view_setup *setup, const char *name)
{
	for (size_t i = 0; i < setup->formats_count; i++) {
		if (strcmp(setup->formats[i].name, name) == 0)
			return &setup->formats[i];
	}
	return NULL;
}

/* Takes a name apart; NULL if it is none. */
static struct view_name *
split_name(const struct compiler *compiler, struct span text)
{
	char *copy = arena_copy(compiler->arena, text.at, text.length), *part, *rest;
	size_t count = 1;
	struct view_name *name;

	if (*copy == '\0' || strlen(copy) < text.length || strpbrk(copy, SPACES) != NULL)
		return NULL;
	for (const char *byte = copy; *byte != '\0'; byte++)
		count += *byte == '.';
	name = arena_alloc(compiler->arena, sizeof *name + count * sizeof name->parts[0]);
	name->here = *copy == '.';
	rest = strcmp(copy, ".") == 0 ? NULL : copy + name->here;
	while ((part = strsep(&rest, ".")) != NULL) {
		size_t length = strlen(part);

		if (length == 0 || (name->here && name->count == 1))
			return NULL;
		name->parts[name->count++] =
		    (struct view_part){part, (uint32_t)length, view_hash(VIEW_HASH_START, part, length)};
	}
	return name;
}

static const struct view_name *
read_name(struct compiler *compiler, struct span text)
{
	struct view_name *name = split_name(compiler, text);

	if (name == NULL)
		broken(compiler, text.at, "\"%.*s\" is not a name", TEXT_OF(text));
	if (name->count > !name->here)
		name->format = find_format(compiler->setup, name->parts[name->count - 1].text);
	if (name->here && name->count > 0 && name->format == NULL)
		broken(compiler, text.at, "there is no format \"%.*s\"", TEXT_OF(text));
	return name;
}

static struct view_piece *
append(struct compiler *compiler, enum view_piece_kind kind, bool starts_line)
{
	struct view_piece *piece = arena_alloc(compiler->arena, sizeof *piece);

	piece->kind = kind;
	piece->starts_line = starts_line;
	*compiler->place = piece;
	compiler->place = &piece->next;
	return piece;
}

/* Makes a piece of the literal so far. */
static void
end_literal(struct compiler *compiler)
{
	struct buffer *literal = &compiler->literal;

	if (literal->length > 0 || compiler->literal_starts_line) {
		struct view_piece *piece = append(compiler, PIECE_LITERAL, compiler->literal_starts_line);

		piece->text = literal->length > 0 ? arena_copy(compiler->arena, literal->data, literal->length) : "";
		piece->length = literal->length;
	}
	literal->length = 0;
	compiler->literal_starts_line = false;
}

static void
add_literal(struct compiler *compiler, const char *text, size_t length,
            void (*add)(struct buffer *, const char *, size_t))
{
	if (length == 0)
		return;
	if (compiler->literal.length == 0)
		compiler->literal_starts_line = compiler->line_start;
	add(&compiler->literal, text, length);
	compiler->line_start = text[length - 1] == '\n';
}

/* Adds the piece of a tag. */
static struct view_piece *
add_piece(struct compiler *compiler, enum view_piece_kind kind, const struct tag *tag)
{
	bool starts_line = compiler->line_start && !tag->stands_alone;

	end_literal(compiler);
	compiler->line_start &= tag->stands_alone;
	return append(compiler, kind, starts_line);
}

static void
set_delimiters(struct compiler *compiler, const struct tag *tag)
{
	const char *text = tag->content.at, *end = text + tag->content.length, *gap = text;

	while (gap < end && !is_one_of(SPACES, *gap))
		gap++;
	compiler->open = (struct span){text, (size_t)(gap - text)};
	compiler->close = trim(gap, end);
	if (compiler->close.length == 0)
		broken(compiler, tag->content.at, "delimiters are two, with a space between");
	for (const char *byte = text; byte < end; byte++) {
		if (*byte == '=' || (byte > compiler->close.at && is_one_of(SPACES, *byte)))
			broken(compiler, tag->content.at, "delimiters have neither spaces nor '=' in them");
	}
}

/* Is it a constant? *text is NULL if it should be one and is not. */
static bool
is_constant(const struct compiler *compiler, struct span span, const char **text)
{
	const char *name = arena_copy(compiler->scratch, span.at, span.length);

	return compiler->setup->constant != NULL && compiler->setup->constant(name, compiler->variant, text);
}

static void
open_section(struct compiler *compiler, const struct tag *tag)
{
	struct view_piece *piece = add_piece(compiler, tag->sigil == '#' ? PIECE_SECTION : PIECE_INVERTED, tag);
	const char *text;

	if (is_constant(compiler, tag->content, &text))
		broken(compiler, tag->content.at, "the text \"%.*s\" cannot be a section", TEXT_OF(tag->content));
	if (compiler->sections_count == SECTIONS_DEEP_MAX)
		broken(compiler, tag->content.at, "more than %d sections in each other", SECTIONS_DEEP_MAX);
	piece->name = read_name(compiler, tag->content);
	compiler->sections[compiler->sections_count++] = (struct section){tag->content, compiler->place};
	compiler->place = &piece->content;
}

static void
close_section(struct compiler *compiler, const struct tag *tag)
{
	const struct section *section;

	if (compiler->sections_count == 0)
		broken(compiler, tag->content.at, "no section to close by {{/%.*s}}", TEXT_OF(tag->content));
	section = &compiler->sections[--compiler->sections_count];
	if (!spans_equal(section->name, tag->content))
		broken(compiler, tag->content.at, "the section \"%.*s\" is closed by {{/%.*s}}", TEXT_OF(section->name),
		       TEXT_OF(tag->content));
	end_literal(compiler);
	/* a line of a partial that begins with this tag has its indentation within the section */
	compiler->literal_starts_line = compiler->line_start && !tag->stands_alone;
	compiler->line_start &= tag->stands_alone;
	end_literal(compiler);
	compiler->place = section->place;
}

static void
add_partial(struct compiler *compiler, const struct tag *tag)
{
	const struct view_setup *setup = compiler->setup;
	const char *name = arena_copy(compiler->scratch, tag->content.at, tag->content.length);
	struct view_piece *piece = add_piece(compiler, PIECE_PARTIAL, tag);

	if (tag->stands_alone) {
		piece->length = strspn(tag->start, BLANKS);
		piece->text = arena_copy(compiler->arena, tag->start, piece->length);
	}
	while (piece->source < setup->sources_count && strcmp(setup->sources[piece->source].name, name) != 0)
		piece->source++;
	if (piece->source == setup->sources_count)
		broken(compiler, tag->content.at, "there is no template \"%s\"", name);
}

static void
add_variable(struct compiler *compiler, const struct tag *tag)
{
	bool escaped = tag->sigil == '\0';
	const char *text;

	if (!is_constant(compiler, tag->content, &text))
		add_piece(compiler, escaped ? PIECE_ESCAPED : PIECE_RAW, tag)->name = read_name(compiler, tag->content);
	else if (text != NULL)
		add_literal(compiler, text, strlen(text), escaped ? view_escape : buffer_add);
	else
		broken(compiler, tag->content.at, "there is no text \"%.*s\"", TEXT_OF(tag->content));
}

static void
compile_tag(struct compiler *compiler, const struct tag *tag)
{
	switch (tag->sigil) {
	case '!':
		break;
	case '=':
		set_delimiters(compiler, tag);
		break;
	case '#':
	case '^':
		open_section(compiler, tag);
		break;
	case '/':
		close_section(compiler, tag);
		break;
	case '>':
		add_partial(compiler, tag);
		break;
	default:
		add_variable(compiler, tag);
	}
}

static void
compile(struct compiler *compiler)
{
	const char *start;

	while ((start = find(compiler, compiler->at, compiler->open)) != NULL) {
		struct tag tag = read_tag(compiler, start);

		add_literal(compiler, compiler->at, (size_t)(tag.start - compiler->at), buffer_add);
		compile_tag(compiler, &tag);
		compiler->at = tag.end;
	}
	add_literal(compiler, compiler->at, (size_t)(compiler->end - compiler->at), buffer_add);
	end_literal(compiler);
	if (compiler->sections_count > 0) {
		struct span name = compiler->sections[compiler->sections_count - 1].name;

		broken(compiler, name.at, "the section \"%.*s\" is not closed", TEXT_OF(name));
	}
}

const char *
view_compile_text(struct arena *arena, const struct view_setup *setup, unsigned variant,
                  const struct view_source *source, const struct view_piece **pieces)
{
	struct arena *scratch = arena_new();
	struct compiler *compiler = arena_alloc(scratch, sizeof *compiler);
	const char *error;

	*compiler = (struct compiler){
	    .arena = arena,
	    .scratch = scratch,
	    .setup = setup,
	    .variant = variant,
	    .file = source->file,
	    .text = source->text,
	    .end = source->text + source->length,
	    .at = source->text,
	    .open = {"{{", 2},
	    .close = {"}}", 2},
	    .place = pieces,
	    .literal = buffer_in(scratch),
	    .line_start = true,
	};
	*pieces = NULL;
	if (setjmp(compiler->unwind) == 0)
		compile(compiler);
	error = compiler->error;
	arena_free(scratch);
	return error;
}
