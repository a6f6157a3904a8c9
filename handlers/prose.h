/* What people write in Markdown. */
#ifndef QUIRE_PROSE_H
#define QUIRE_PROSE_H

#include "markdown.h"
#include "request.h"

struct prose {
	const char *text;
	const char *html;
};

/* A text as by input_prose, and what it becomes by markdown_html; "is too intricate to be shown" when that has no bound. Both are "" on error. */
struct prose input_markdown(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max,
                            unsigned flags);

/* By what something is known that was sent with the optional field `submission`: that and what was written. A form that is sent twice is the
 * same; one that a browser went back to, to write something else, is not. NULL without the field. */
const char *input_submission(struct request *req, const struct json_object *in, const char *written);

#endif
