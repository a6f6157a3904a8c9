#include "cursor.h"
#include "handlers.h"
#include "pages.h"
#include "prose.h"
#include "texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXCERPT_BYTES 280

/* Writes the comment that was sent. No row: there is no article of that slug. */
static struct rows *
comment_write(struct request *req, const char *slug)
{
	const struct json_object *in = input_object(req, "comment");
	struct prose body = input_markdown(req, in, "body", 1, (size_t)setting_comment_max, MARKDOWN_UGC);
	const char *submission = input_submission(req, in, body.text);

	if (input_failed(req)) {
		require_found(req, article_access(req, req->user->id, slug), "article");
		input_check(req);
	}

	return comment_insert(req, req->user->id, slug, body.text, body.html, submission);
}

/* The comment's number in the path. What is no number, or larger than any id, is 0: no comment has that. */
static int64_t
comment_id(const struct request *req)
{
	const char *text = path_param(req, "id");
	bool digits = text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';

	errno = 0;
	long long id = digits ? strtoll(text, NULL, 10) : 0;
	return errno == 0 ? id : 0;
}

static const char *
comment_path(struct request *req, const char *slug, long long id)
{
	return arena_printf(req->arena, "%s#comment-%lld", article_path(req, slug), id);
}

/* Where the comment is that was just written: the last of the article's. */
static const char *
last_comment_path(struct request *req, const char *slug, const struct rows *comment)
{
	int32_t page = page_holding(rows_integer(comment, 0, "_count"), setting_comments_page);
	long long id = rows_integer(comment, 0, "id");

	if (page == 1)
		return comment_path(req, slug, id);
	return arena_printf(req->arena, "%s?page=%d#comment-%lld", article_path(req, slug), page, id);
}

/* Ends the handler unless the rows have the article, the comment, and it is the viewer's. */
static void
require_own_comment(struct request *req, const struct rows *comment)
{
	require_found(req, comment, "article");
	if (rows_null(comment, 0, "_id"))
		fail(req, HTTP_NOT_FOUND, "comment", "not found");
	require_owner(req, comment, "comment");
}

/* GET /api/articles/:slug/comments */
enum http_status
comments_show(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug");
	int32_t most = (int32_t)setting_comments_page;
	struct part part = query_part(req, OLDEST_FIRST, most, most);

	input_check(req);

	struct rows *comments = comment_list(req, viewer_id(req), slug, part.cursor.id, part.limit, part.offset);
	if (rows_count(comments) == 0)
		return not_found(res, "article");

	link_next(res, OLDEST_FIRST, comments,
	          arena_printf(req->arena, "/api/articles/%s/comments", percent_encode(req->arena, slug)), part);
	return respond_rows(res, HTTP_OK, "comments", comments);
}

/* POST /api/articles/:slug/comments */
enum http_status
comment_create(struct request *req, struct response *res)
{
	struct rows *comment = comment_write(req, path_param(req, "slug"));

	require_found(req, comment, "article");
	return respond_row(res, HTTP_CREATED, "comment", comment);
}

/* DELETE /api/articles/:slug/comments/:id */
enum http_status
comment_remove(struct request *req, struct response *res)
{
	require_own_comment(req, comment_delete(req, req->user->id, path_param(req, "slug"), comment_id(req)));

	return respond_nothing(res);
}

/* POST /articles/:slug/comments */
enum http_status
comment_post(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug"), *moved;
	struct rows *comment = comment_write(req, slug);

	/* renamed while it was read */
	if (rows_count(comment) == 0 && (moved = slug_now(req, slug)) != NULL)
		comment = comment_write(req, slug = moved);
	require_found(req, comment, "article");
	return see_other(req, res, last_comment_path(req, slug, comment));
}

/* The beginning of a text, cut between two characters. */
static const char *
excerpt(struct request *req, const char *text)
{
	size_t length = strlen(text);

	if (length <= EXCERPT_BYTES)
		return text;
	for (length = EXCERPT_BYTES; ((unsigned char)text[length] & 0xC0) == 0x80;)
		length--;
	return arena_printf(req->arena, "%.*s…", (int)length, text);
}

/* GET /articles/:slug/comments/:id/delete */
enum http_status
comment_delete_page(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug");
	struct rows *comment = comment_source(req, viewer_id(req), slug, comment_id(req));

	require_own_comment(req, comment);

	return respond_question(req, res, "isComment", TEXT_delete_comment_question,
	                        excerpt(req, rows_text(comment, 0, "body")), comment_path(req, slug, comment_id(req)));
}

/* POST /articles/:slug/comments/:id/delete */
enum http_status
comment_delete_post(struct request *req, struct response *res)
{
	const char *path = article_path(req, path_param(req, "slug"));

	require_own_comment(req, comment_delete(req, req->user->id, path_param(req, "slug"), comment_id(req)));

	return see_other(req, res, arena_printf(req->arena, "%s#comments", path));
}
