/* How values look in a page, by language; see view.h. */
#ifndef QUIRE_FORMATS_H
#define QUIRE_FORMATS_H

#include "view.h"

/*   url       percent-encoded, for a segment of a path or a value of a query
 *   link      the address itself if it is http: or https:, else nothing
 *   initial   the first letter, in upper case
 *   hue       0 to 11, always the same for the same text
 *   count     a number with its thousands apart: 12,345 or 12.345
 *   articles, comments, favorites, followers   "1 comment", "12 Kommentare", …
 *   iso       a time as 2026-11-21T09:30:00.000Z
 *   date      a time as 21 November 2026 (UTC)
 *   ago       a time as "just now", "5 minutes ago", "3 hours ago", "6 days ago", then as date */
extern const struct view_format formats[];
extern const size_t formats_count;

#endif
