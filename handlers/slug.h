/* The part of an article's address that tells its title. */
#ifndef QUIRE_SLUG_H
#define QUIRE_SLUG_H

#include "request.h"

#define SLUG_MAX 80 /* bytes, without the suffix */

/* Letters and digits of any script, case-folded and without accents, words joined by '-'; "article" if nothing is left. Never the
 * name of a route beside /api/articles/:slug. */
const char *slug_of(struct request *req, const char *title);

/* Eight random letters and digits, to tell two articles of the same title apart. */
const char *slug_suffix(struct request *req);

#endif
