/* The pages that nginx shows for its own errors, in the clothes of the site's. */
#ifndef QUIRE_EDGE_PAGES_H
#define QUIRE_EDGE_PAGES_H

#include <stdbool.h>

/* Writes FOLDER/<status>.<language>.html for each status that nginx answers by itself (nginx/quire.conf) and each language.
 * Makes the folder. Returns false, having said on standard error which file cannot be written. */
bool edge_pages_write(const char *folder);

#endif
