/* The pages of the API's lists: by offset, as Conduit has them, or behind a cursor.
 *
 * A page that is found by its offset costs as much as all that it leaves out. One that begins behind the last row of the page before
 * costs what the first does, and articles that come and go meanwhile make none appear twice and none be left out (a keyset, see
 * use-the-index-luke.com/no-offset). A cursor says where that row is: to clients it is an opaque text, of which `Link` has the next.
 */
#ifndef QUIRE_CURSOR_H
#define QUIRE_CURSOR_H

#include "database.h"
#include "request.h"
#include "response.h"

/* What a list is ordered by. The first byte of a cursor, so that one of another list is refused: numbers are not used twice. */
enum list_order {
	NEWEST_FIRST = 1, /* by time, then by id */
	OLDEST_FIRST = 2, /* by id */
};

struct cursor {
	int64_t time; /* microseconds since 1970; 0 where lists are ordered by id alone */
	int64_t id;
};

/* Before the first row. */
#define CURSOR_NEWEST ((struct cursor){INT64_MAX, INT64_MAX})
#define CURSOR_OLDEST ((struct cursor){0, 0})

/* Writes a cursor, in the arena: base64url without padding (RFC 4648, 5) of the order and of the numbers that it has. */
const char *cursor_text(struct arena *arena, enum list_order order, struct cursor cursor);

/* Reads what cursor_text wrote. false for anything else, also for a time outside the years 1 to 9999. */
bool cursor_read(const char *text, enum list_order order, struct cursor *cursor);

/* A part of a list. */
struct part {
	struct cursor cursor; /* it begins behind this */
	int32_t limit;
	int32_t offset;
};

/* The part that limit=, offset= and cursor= ask for: at most `most` rows, `standard` without limit=. What they cannot be is an error of
 * that key, as in input.h; a cursor and an offset do not go together. */
struct part query_part(struct request *req, enum list_order order, int32_t standard, int32_t most);

/* Sets Link to the part behind this one (RFC 8288, relation "next"), if the rows' column "_more" says that there is one. The last row has
 * "_id", and "createdAt" where that is part of the order. `address` is the list's path and what it is filtered by. */
void link_next(struct response *res, enum list_order order, const struct rows *rows, const char *address,
               struct part part);

#endif
