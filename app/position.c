#include "position.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMELINE_DIGITS 8
#define PAGE_SIZE       8192 /* of the log, XLOG_BLCKSZ */
#define PAGE_HEADER     24   /* SizeOfXLogShortPHD; where a file begins it is longer, which is left as it is */
#define HEX             "0123456789ABCDEF"

struct position
position_of_log(uint32_t timeline, uint64_t offset)
{
	return (struct position){timeline, offset % PAGE_SIZE == PAGE_HEADER ? offset - PAGE_HEADER : offset};
}

void
position_format(struct position position, char text[POSITION_LENGTH + 1])
{
	snprintf(text, POSITION_LENGTH + 1, "%08" PRIX32 "%016" PRIX64, position.timeline, position.offset);
}

bool
position_parse(const char *text, size_t length, struct position *position)
{
	char timeline[TIMELINE_DIGITS + 1] = "", offset[POSITION_LENGTH - TIMELINE_DIGITS + 1] = "";

	if (length != POSITION_LENGTH)
		return false;
	memcpy(timeline, text, TIMELINE_DIGITS);
	memcpy(offset, text + TIMELINE_DIGITS, POSITION_LENGTH - TIMELINE_DIGITS);
	if (strspn(timeline, HEX) != TIMELINE_DIGITS || strspn(offset, HEX) != POSITION_LENGTH - TIMELINE_DIGITS)
		return false;
	position->timeline = (uint32_t)strtoul(timeline, NULL, 16);
	position->offset = strtoull(offset, NULL, 16);
	return true;
}

int
position_compare(struct position a, struct position b)
{
	if (a.timeline != b.timeline)
		return a.timeline < b.timeline ? -1 : 1;
	return (a.offset > b.offset) - (a.offset < b.offset);
}

struct position
position_newer(struct position a, struct position b)
{
	return position_compare(a, b) < 0 ? b : a;
}

bool
position_covers(struct position replayed, struct position wanted)
{
	return wanted.timeline == 0 || (replayed.timeline == wanted.timeline && replayed.offset >= wanted.offset);
}
