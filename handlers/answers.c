#include "answers.h"

#include "queries.h"
#include "urlencoded.h"

enum http_status
not_found(struct response *res, const char *thing)
{
	return response_error(res, HTTP_NOT_FOUND, thing, "not found");
}

enum http_status
moved_to(struct request *req, struct response *res, const char *prefix, const char *name)
{
	response_header(res, "Location", arena_printf(req->arena, "%s%s", prefix, percent_encode(req->arena, name)));
	return HTTP_MOVED_PERMANENTLY;
}

const char *
slug_now(struct request *req, const char *slug)
{
	struct rows *moved = article_moved(req, slug);

	return rows_count(moved) == 1 ? rows_text(moved, 0, "slug") : NULL;
}

void
require_found(struct request *req, const struct rows *rows, const char *thing)
{
	if (rows_count(rows) == 0)
		fail(req, HTTP_NOT_FOUND, thing, "not found");
}

void
require_owner(struct request *req, const struct rows *rows, const char *thing)
{
	require_found(req, rows, thing);
	if (!rows_boolean(rows, 0, "_mine"))
		fail(req, HTTP_FORBIDDEN, thing, "forbidden");
}
