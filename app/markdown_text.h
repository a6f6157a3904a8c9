/* What text of a Markdown document needs to be part of a page. */
#ifndef QUIRE_MARKDOWN_TEXT_H
#define QUIRE_MARKDOWN_TEXT_H

#include "arena.h"
#include "buffer.h"

/* Adds text that may stand between tags and in quoted attributes. Control characters, for which HTML and XML have no
 * place, become U+FFFD. */
void markdown_escape(struct buffer *html, const char *text);

/* Where an address leads. */
enum markdown_target { TARGET_REFUSED, TARGET_THIS_SITE, TARGET_OTHER_SITE, TARGET_MAIL };
enum markdown_target markdown_target(const char *address);

/* Adds an address for a quoted attribute: what has no place in an address is percent-encoded, what is already,
 * stays. */
void markdown_address(struct buffer *html, const char *address);

/* The id of a heading, from its text: letters, marks and digits of any script in lower case, joined by '-' and with
 * "section-" in front, so that it is none of the page's own. */
const char *markdown_anchor(struct arena *arena, const char *heading);

/* In which direction a text is written: that of its first character that has one, as dir="auto" finds it. */
enum direction { DIRECTION_NONE, DIRECTION_LEFT_TO_RIGHT, DIRECTION_RIGHT_TO_LEFT };
enum direction markdown_direction(const char *text);

#endif
