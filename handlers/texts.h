/* Every text of the interface, in each language: texts.def and messages.def. */
#ifndef QUIRE_TEXTS_H
#define QUIRE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buffer.h"

enum { ENGLISH, GERMAN, LANGUAGES };

extern const char *const language_tags[LANGUAGES];  /* as in <html lang> and Accept-Language */
extern const char *const language_names[LANGUAGES]; /* as their speakers call them */

enum text {
#define TEXT(name, english, german) TEXT_##name,
#include "texts.def"
#undef TEXT
	TEXTS
};

enum count_text {
#define COUNT(name, english_one, english_more, german_one, german_more) COUNT_##name,
#define MESSAGE(message, english, german)
#include "messages.def"
#undef COUNT
#undef MESSAGE
	COUNT_TEXTS
};

/* A text of texts.def. */
const char *text_in(size_t language, enum text text);

/* Writes a number with its thousands apart: 12,345 or 12.345. */
void text_number(struct buffer *out, size_t language, int64_t number);

/* Writes what is said for so many: "1 comment", "12 Kommentare". */
void text_count(struct buffer *out, size_t language, enum count_text count, int64_t number);

/* What people are told for a message of the API ("can't be blank", "is too short (minimum is 8 characters)"), by messages.def; the message
 * itself when it is not there. */
const char *text_of_message(struct arena *arena, size_t language, const char *message);

/* For view_setup: {{text.NAME}} is the text of that name, {{asset.NAME}} the address of a file of nginx/static
 * ("asset.style.css"). */
bool text_constant(const char *name, unsigned language, const char **text);

#endif
