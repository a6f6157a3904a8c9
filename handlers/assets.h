/* Files of nginx/static and the addresses under which nginx serves them; generated when the program is built. */
#ifndef QUIRE_ASSETS_H
#define QUIRE_ASSETS_H

#include <stddef.h>

#include "view.h"

struct asset {
	const char *name;    /* "style.css" */
	const char *address; /* "/static/style.1a2b3c4d.css" */
	const char *source;  /* "/static/style.css": the file itself, as make dev serves it */
};

extern const struct asset assets[];
extern const size_t assets_count;

/* Templates of handlers/views. */
extern const struct view_source view_sources[];
extern const size_t view_sources_count;

#endif
