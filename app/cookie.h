/* The Cookie header (RFC 6265, 4.2). */
#ifndef QUIRE_COOKIE_H
#define QUIRE_COOKIE_H

#include "arena.h"

/* The value of the first cookie of that name in `header` (NULL is an empty header), without surrounding quotes; NULL if there
 * is none. Spaces around names and values are dropped. */
const char *cookie_value(struct arena *arena, const char *header, const char *name);

#endif
