#include "handlers.h"
#include "slug.h"

static const struct text_list no_tags = {NULL, 0};

static const struct text_list *
input_tags(struct request *req, const struct json_object *in)
{
	return input_texts(req, in, "tagList", (size_t)setting_tags_max, (size_t)setting_tag_max);
}

/* GET /api/articles/:slug */
enum http_status
article_show(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug");
	struct rows *article = article_by_slug(req, viewer_id(req), slug);

	if (rows_count(article) == 1)
		return respond_row(res, HTTP_OK, "article", article);

	struct rows *moved = article_moved(req, slug);

	if (rows_count(moved) == 1)
		return moved_to(req, res, "/api/articles/", rows_text(moved, 0, "slug"));
	return not_found(res, "article");
}

/* POST /api/articles */
enum http_status
article_create(struct request *req, struct response *res)
{
	const struct json_object *in = input_object(req, "article");
	const char *title = input_text(req, in, "title", 1, (size_t)setting_title_max);
	const char *description = input_text(req, in, "description", 1, (size_t)setting_description_max);
	const char *body = input_prose(req, in, "body", 1, (size_t)setting_article_max);
	const struct text_list *tags = input_has(in, "tagList") ? input_tags(req, in) : &no_tags;

	input_check(req);

	struct rows *article =
	    article_insert(req, req->user->id, slug_of(req, title), slug_suffix(req), title, description, body, tags);

	return respond_row(res, HTTP_CREATED, "article", article);
}

/* PUT /api/articles/:slug */
enum http_status
article_change(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug");
	const struct json_object *in = input_object(req, "article");
	const char *title = input_text_if_there(req, in, "title", 1, (size_t)setting_title_max);
	const char *description = input_text_if_there(req, in, "description", 1, (size_t)setting_description_max);
	const char *body = input_has(in, "body") ? input_prose(req, in, "body", 1, (size_t)setting_article_max) : NULL;
	const struct text_list *tags = input_has(in, "tagList") ? input_tags(req, in) : NULL;

	if (input_failed(req)) {
		require_owner(req, article_access(req, req->user->id, slug), "article");
		input_check(req);
	}

	struct rows *article = article_update(req, req->user->id, slug, title ? slug_of(req, title) : NULL,
	                                      slug_suffix(req), title, description, body, tags);
	require_owner(req, article, "article");

	return respond_row(res, HTTP_OK, "article", article);
}

/* DELETE /api/articles/:slug */
enum http_status
article_remove(struct request *req, struct response *res)
{
	require_owner(req, article_delete(req, req->user->id, path_param(req, "slug")), "article");

	return respond_nothing(res);
}
