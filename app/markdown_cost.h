/* What a text costs cmark-gfm to parse, known before it is parsed.
 *
 * Time grows with the length of a text, but for a few constructions with the square of it (the security advisories of
 * cmark-gfm list most). Each of those is counted here, with the nanoseconds that it was measured to take, and never
 * less than what it can cost.
 */
#ifndef QUIRE_MARKDOWN_COST_H
#define QUIRE_MARKDOWN_COST_H

#include <stdbool.h>
#include <stdint.h>

#define MARKDOWN_NESTING_MAX 100                           /* quotes and lists within each other */
#define MARKDOWN_COST_MAX    (UINT64_C(400) * 1000 * 1000) /* nanoseconds beyond what the length costs */

/* Tells whether NUL-terminated UTF-8 exceeds one of the two. */
bool markdown_too_costly(const char *text);

#endif
