/* What cmark-gfm parsed, as HTML. */
#ifndef QUIRE_MARKDOWN_HTML_H
#define QUIRE_MARKDOWN_HTML_H

#include <cmark-gfm.h>
#include <stdbool.h>

#include "arena.h"
#include "buffer.h"

#define MARKDOWN_HTML_MAX    ((size_t)4 * 1024 * 1024) /* bytes; more comes of many links to one long address */
#define MARKDOWN_ANCHORS_MAX 1000                      /* headings with an id; those after them have none */

/* Adds a document's HTML to `html`, with markdown_flags. `work` is for what is needed meanwhile. Changes the nodes'
 * user data. false if the HTML exceeds MARKDOWN_HTML_MAX. */
bool markdown_write(struct buffer *html, struct arena *work, cmark_node *document, unsigned flags);

#endif
