/* Cookies (RFC 6265). */
#ifndef QUIRE_COOKIE_H
#define QUIRE_COOKIE_H

#include "arena.h"
#include "response.h"

/* The value of the first cookie of that name in `header` (NULL is an empty header), without surrounding quotes; NULL if there
 * is none. Spaces around names and values are dropped. */
const char *cookie_value(struct arena *arena, const char *header, const char *name);

enum cookie_flags { COOKIE_HTTP_ONLY = 1 << 0, COOKIE_SECURE = 1 << 1 };

/* Has the browser keep a cookie for all of the site, SameSite=Lax, for `seconds`; 0 forgets it. `value` has only the characters that
 * a cookie may have (RFC 6265, 4.1.1). */
void cookie_set(struct response *res, const char *name, const char *value, long seconds, unsigned flags);

#endif
