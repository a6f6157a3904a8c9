/* A place in PostgreSQL's write-ahead log: what a reader must have seen, and what a replica has replayed.
 *
 * Log positions grow along a timeline. A promotion begins a new one, which may lack the end of the one before: so a position counts
 * as replayed only on its own timeline, and one of a later timeline is the newer one whatever its offset. */
#ifndef QUIRE_POSITION_H
#define QUIRE_POSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct position {
	uint32_t timeline; /* 0: nowhere, which is older than all else */
	uint64_t offset;   /* PostgreSQL's pg_lsn */
};

#define POSITION_LENGTH 24 /* of the text: 8 and 16 digits in hex, so that texts compare as positions do */

/* A place that a writable server tells: it puts one that ends with a page of the log behind the header of the next page, where no replica
 * is before there is more to replay. (XLogBytePosToRecPtr and XLogBytePosToEndRecPtr in PostgreSQL's xlog.c) */
struct position position_of_log(uint32_t timeline, uint64_t offset);

/* Writes the text and its NUL. */
void position_format(struct position position, char text[POSITION_LENGTH + 1]);

/* Reads a text; false for anything but POSITION_LENGTH digits. */
bool position_parse(const char *text, size_t length, struct position *position);

/* Below 0, 0 or above 0 as `a` is older than, the same as or newer than `b`. */
int position_compare(struct position a, struct position b);
struct position position_newer(struct position a, struct position b);

/* Has a server that has replayed up to `replayed` replayed `wanted`? All have replayed nowhere. */
bool position_covers(struct position replayed, struct position wanted);

#endif
