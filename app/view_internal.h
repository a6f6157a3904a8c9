/* What the files of the templates share; see view.h. view_compile.c makes pieces of a template's text, view.c renders them, and
 * view_data.c finds what their names stand for. */
#ifndef QUIRE_VIEW_INTERNAL_H
#define QUIRE_VIEW_INTERNAL_H

#include "view.h"

/* A name, taken apart at its dots. */
struct view_part {
	const char *text;
	size_t length;
	uint32_t hash;
};

struct view_name {
	bool here;                        /* begins with '.': the innermost context itself, or a format of it */
	const struct view_format *format; /* the one with the name of the last part, NULL if there is none */
	size_t count;
	struct view_part parts[];
};

enum view_piece_kind { PIECE_LITERAL, PIECE_ESCAPED, PIECE_RAW, PIECE_SECTION, PIECE_INVERTED, PIECE_PARTIAL };

/* A compiled template is a list of these. */
struct view_piece {
	enum view_piece_kind kind;
	bool starts_line; /* of the template: where a partial's indentation goes */
	const struct view_piece *next;
	const struct view_piece *content; /* of a section */
	const struct view_name *name;
	const char *text; /* of a literal; for a partial that stands alone the blanks before it */
	size_t length;
	size_t source; /* of a partial: which of the setup */
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
	NODE_ROW, /* or an object within: the columns whose names begin with a prefix */
	NODE_ROWS,
	NODE_TEXTS, /* PostgreSQL's text[] */
};

struct view_list;
struct view_table;

struct view_node {
	enum view_node_kind kind;
	union {
		struct view_value value;
		const struct view_data *object;
		struct view_list *list;
		struct json_object *json;
		struct {
			const struct view_table *table;
			size_t row;
			const char *prefix; /* up to its dot */
			size_t prefix_length;
			uint32_t hash; /* of the prefix, to go on from */
		};
		struct {
			const char *texts, *texts_end; /* the items, each after its length */
		};
	};
};

/* The contexts: innermost first. */
struct view_frame {
	const struct view_frame *outer;
	struct view_node node;
};

/* Finds a name, looking from the innermost context outwards. *format is what the value is to be written with, NULL for as it is. */
struct view_node view_find(struct arena *arena, const struct view_frame *frame, const struct view_name *name,
                           const struct view_format **format);

/* What a section goes through: the items of a list; else, once, what is not false. Starts with all but `of` zero. */
struct view_items {
	struct view_node of;
	size_t index;
	const void *next;
};

/* Gives the next of them; false at the end. */
bool view_next_item(struct arena *arena, struct view_items *items, struct view_node *item);

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
