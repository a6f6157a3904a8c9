#include "cursor.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "handlers.h"

#define NUMBER     8                /* bytes, the highest first */
#define BYTES_MAX  (1 + 2 * NUMBER) /* order, time, id */
#define BASE64     sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define YEAR_1     INT64_C(-62135596800000000)
#define YEAR_10000 INT64_C(253402300800000000)

static size_t
cursor_length(enum list_order order)
{
	return order == NEWEST_FIRST ? 1 + 2 * NUMBER : 1 + NUMBER;
}

static void
put_number(unsigned char *bytes, int64_t number)
{
	for (int i = 0; i < NUMBER; i++)
		bytes[i] = (unsigned char)((uint64_t)number >> 8 * (NUMBER - 1 - i));
}

const char *
cursor_text(struct arena *arena, enum list_order order, struct cursor cursor)
{
	unsigned char bytes[BYTES_MAX] = {(unsigned char)order};
	char text[sodium_base64_ENCODED_LEN(BYTES_MAX, BASE64)];
	size_t length = cursor_length(order);

	put_number(bytes + 1, cursor.time);
	put_number(bytes + length - NUMBER, cursor.id);
	sodium_bin2base64(text, sizeof text, bytes, length, BASE64);
	return arena_copy(arena, text, strlen(text));
}

bool
cursor_read(const char *text, enum list_order order, struct cursor *cursor)
{
	unsigned char bytes[BYTES_MAX];
	size_t length, expected = cursor_length(order);

	if (sodium_base642bin(bytes, sizeof bytes, text, strlen(text), NULL, &length, NULL, BASE64) != 0 ||
	    length != expected || bytes[0] != order)
		return false;
	cursor->time = order == NEWEST_FIRST ? binary_integer((const char *)bytes + 1, NUMBER) : 0;
	cursor->id = binary_integer((const char *)bytes + length - NUMBER, NUMBER);
	return cursor->time >= YEAR_1 && cursor->time < YEAR_10000;
}

struct part
query_part(struct request *req, enum list_order order, int32_t standard, int32_t most)
{
	struct part part = {
	    .cursor = order == NEWEST_FIRST ? CURSOR_NEWEST : CURSOR_OLDEST,
	    .limit = query_number(req, "limit", standard, 1, most),
	    .offset = query_number(req, "offset", 0, 0, (int32_t)setting_offset_max),
	};
	const char *text = query_value(req, "cursor");

	if (text != NULL && !cursor_read(text, order, &part.cursor))
		input_error(req, "cursor", "is invalid");
	else if (text != NULL && part.offset > 0)
		input_error(req, "cursor", "cannot be used with an offset");
	return part;
}

void
link_next(struct response *res, enum list_order order, const struct rows *rows, const char *address, struct part part)
{
	struct arena *arena = res->body.arena;
	size_t last = rows_count(rows) - 1;

	if (rows_count(rows) == 0 || !rows_boolean(rows, last, "_more"))
		return;

	struct cursor cursor = {
	    .time = order == NEWEST_FIRST ? rows_time(rows, last, "createdAt") : 0,
	    .id = rows_integer(rows, last, "_id"),
	};

	response_header(res, "Link",
	                arena_printf(arena, "<%s%ccursor=%s&limit=%" PRId32 ">; rel=\"next\"", address,
	                             strchr(address, '?') != NULL ? '&' : '?', cursor_text(arena, order, cursor),
	                             part.limit));
}
