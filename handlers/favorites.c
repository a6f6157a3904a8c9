#include "handlers.h"

/* POST /api/articles/:slug/favorite */
enum http_status
favorite_add(struct request *req, struct response *res)
{
	struct rows *article = favorite_insert(req, req->user->id, path_param(req, "slug"));

	require_found(req, article, "article");
	return respond_row(res, HTTP_OK, "article", article);
}

/* DELETE /api/articles/:slug/favorite */
enum http_status
favorite_remove(struct request *req, struct response *res)
{
	struct rows *article = favorite_delete(req, req->user->id, path_param(req, "slug"));

	require_found(req, article, "article");
	return respond_row(res, HTTP_OK, "article", article);
}
