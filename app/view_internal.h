/* What the files of the templates share; see view.h. view_compile.c makes pieces of a template's text, view.c renders them, and
 * view_data.c finds what their names stand for. */
#ifndef QUIRE_VIEW_INTERNAL_H
#define QUIRE_VIEW_INTERNAL_H

#include "view.h"

/* A name, taken apart at its dots. */
struct view_part {
	const char *text;
	uint32_t length;
	uint32_t hash;
};

struct view_name {
	const struct view_format *format; /* the one with the name of the last part, NULL if there is none */
	uint32_t count;
	bool here; /* begins with '.': the innermost context itself, or a format of it */
	struct view_part parts[];
};

enum view_piece_kind { PIECE_LITERAL, PIECE_ESCAPED, PIECE_RAW, PIECE_SECTION, PIECE_INVERTED, PIECE_PARTIAL };

/* A compiled template is a list of these. All are read for each page: the smaller they are, the more of them stay in the cache. */
struct view_piece {
	enum view_piece_kind kind;
	bool starts_line; /* of the template: where a partial's indentation goes */
	const struct view_piece *next;
	union {
		struct { /* of a literal; of a partial that stands alone the blanks before it */
			const char *text;
			size_t length;
			size_t source; /* of a partial: which of the setup */
		};
		struct {
			const struct view_name *name;
			const struct view_piece *content; /* of a section */
		};
	};
};

/* Compiles a template of the setup; source->text may be that of a file. Everything is made in `arena`. NULL, or else what is wrong:
 * "FILE:LINE: …". */
const char *view_compile_text(struct arena *arena, const struct view_setup *setup, unsigned variant,
                              const struct view_source *source, const struct view_piece **pieces);

/* Adds text with & < > " ' escaped. */
void view_escape(struct buffer *out, const char *text, size_t length);

/* What a name stands for: a value, or what holds others. */
enum view_node_kind {
	NODE_ABSENT,  /* no such name */
	NODE_NOTHING, /* there, but NULL */
	NODE_VALUE,
	NODE_OBJECT,
	NODE_LIST,
	NODE_JSON_OBJECT,
	NODE_JSON_LIST,
	NODE_ROWS,
	NODE_TEXTS, /* PostgreSQL's text[] */
};

struct view_list;

struct view_node {
	enum view_node_kind kind;
	union {
		struct view_value value;
		const struct view_data *object;
		struct view_list *list;
		struct json_object *json;
		const struct rows *rows;
		struct {
			const char *texts, *texts_end; /* the items, each after its length */
		};
	};
};

/* The contexts: innermost first. */
struct view_frame {
	const struct view_frame *outer;
	const struct view_node *node;
};

/* Finds a name, looking from the innermost context outwards. *format is what the value is to be written with, NULL for as it is. */
const struct view_node *view_find(struct arena *arena, const struct view_frame *frame, const struct view_name *name,
                                  const struct view_format **format) __attribute__((returns_nonnull));

/* What a section goes through: the items of a list; else, once, what is not false. Starts with all but `of` zero. */
struct view_items {
	const struct view_node *of;
	size_t index;
	const void *next;
	struct view_node made; /* an item that is nowhere else */
};

/* The next of them, for as long as no other is asked for; NULL at the end. */
const struct view_node *view_next_item(struct arena *arena, struct view_items *items);

/* 32-bit FNV-1a (Fowler, Noll, Vo), which goes on from the hash of what comes before. */
#define VIEW_HASH_START UINT32_C(2166136261)

static inline uint32_t
view_hash(uint32_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT32_C(16777619);
	return hash;
}

#endif
