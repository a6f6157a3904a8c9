#include "handlers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* GET /api/articles/:slug/comments */
enum http_status
comments_show(struct request *req, struct response *res)
{
	int32_t limit = query_number(req, "limit", (int32_t)setting_comments_page, 1, (int32_t)setting_comments_page);
	int32_t offset = query_number(req, "offset", 0, 0, (int32_t)setting_offset_max);

	input_check(req);

	struct rows *comments = comment_list(req, viewer_id(req), path_param(req, "slug"), limit, offset);
	if (rows_count(comments) == 0)
		return not_found(res, "article");

	return respond_rows(res, HTTP_OK, "comments", comments);
}

/* POST /api/articles/:slug/comments */
enum http_status
comment_create(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug");
	const struct json_object *in = input_object(req, "comment");
	const char *body = input_prose(req, in, "body", 1, (size_t)setting_comment_max);

	if (input_failed(req)) {
		require_found(req, article_access(req, req->user->id, slug), "article");
		input_check(req);
	}

	struct rows *comment = comment_insert(req, req->user->id, slug, body);
	require_found(req, comment, "article");

	return respond_row(res, HTTP_CREATED, "comment", comment);
}

/* What is no number, or larger than any id, is 0: no comment has that. */
static int64_t
comment_id(const char *text)
{
	bool digits = text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';

	errno = 0;
	long long id = digits ? strtoll(text, NULL, 10) : 0;
	return errno == 0 ? id : 0;
}

/* DELETE /api/articles/:slug/comments/:id */
enum http_status
comment_remove(struct request *req, struct response *res)
{
	int64_t id = comment_id(path_param(req, "id"));
	struct rows *comment = comment_delete(req, req->user->id, path_param(req, "slug"), id);

	require_found(req, comment, "article");
	if (rows_null(comment, 0, "_id"))
		return not_found(res, "comment");
	require_owner(req, comment, "comment");

	return respond_nothing(res);
}
