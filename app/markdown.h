/* Markdown to HTML, by cmark-gfm: CommonMark with tables, strikethrough, autolinks and task lists.
 *
 * The result may stand in any page, within an element that says dir="auto" (a block whose text runs the other way says
 * so itself): raw HTML is shown as the text that was typed, links lead to http, https, mailto and paths only, images
 * come from http, https and paths only.
 */
#ifndef QUIRE_MARKDOWN_H
#define QUIRE_MARKDOWN_H

#include "arena.h"

enum markdown_flags {
	MARKDOWN_UGC = 1 << 0, /* links to other sites say rel="nofollow ugc noopener", headings have no anchors */
};

#define MARKDOWN_MEMORY_MAX ((size_t)64 * 1024 * 1024) /* bytes that parsing one text may take */

/* Renders NUL-terminated UTF-8; the result lives in `arena`. NULL when the text is too intricate to be rendered in
 * less than about a second: markdown_cost.h, MARKDOWN_MEMORY_MAX and MARKDOWN_HTML_MAX have the bounds. What people
 * write stays far below them. */
const char *markdown_html(struct arena *arena, const char *text, unsigned flags);

#endif
