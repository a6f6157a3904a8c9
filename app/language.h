/* Choosing among the languages one has (RFC 9110, 12.5.4; lookup by RFC 4647, 3.4). */
#ifndef QUIRE_LANGUAGE_H
#define QUIRE_LANGUAGE_H

#include <stddef.h>

/* Index of the tag in `tags` that an Accept-Language header prefers: by weight, equal ones in their order; "de-AT" finds "de", '*' the
 * first. 0 when none is acceptable, or the header is NULL or malformed. */
size_t language_choose(const char *accept, const char *const *tags, size_t count);

#endif
