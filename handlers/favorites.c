#include "handlers.h"
#include "pages.h"

static struct rows *
favorite(struct request *req)
{
	struct rows *article = favorite_insert(req, req->user->id, path_param(req, "slug"));

	require_found(req, article, "article");
	return article;
}

static struct rows *
unfavorite(struct request *req)
{
	struct rows *article = favorite_delete(req, req->user->id, path_param(req, "slug"));

	require_found(req, article, "article");
	return article;
}

static enum http_status
back_to(struct request *req, struct response *res, const struct rows *article)
{
	return see_other(req, res, next_path(req, article_path(req, rows_text(article, 0, "slug"))));
}

/* POST /api/articles/:slug/favorite */
enum http_status
favorite_add(struct request *req, struct response *res)
{
	return respond_row(res, HTTP_OK, "article", favorite(req));
}

/* DELETE /api/articles/:slug/favorite */
enum http_status
favorite_remove(struct request *req, struct response *res)
{
	return respond_row(res, HTTP_OK, "article", unfavorite(req));
}

/* POST /articles/:slug/favorite */
enum http_status
favorite_post(struct request *req, struct response *res)
{
	return back_to(req, res, favorite(req));
}

/* POST /articles/:slug/unfavorite */
enum http_status
unfavorite_post(struct request *req, struct response *res)
{
	return back_to(req, res, unfavorite(req));
}
