#include "handlers.h"
#include "pages.h"
#include "prose.h"
#include "slug.h"

static const struct text_list no_tags = {NULL, 0};

static const struct text_list *
input_tags(struct request *req, const struct json_object *in)
{
	return input_texts(req, in, "tagList", (size_t)setting_tags_max, (size_t)setting_tag_max);
}

static struct prose
input_body(struct request *req, const struct json_object *in)
{
	return input_markdown(req, in, "body", 1, (size_t)setting_article_max, 0);
}

/* Writes the article that was sent. */
static struct rows *
article_write(struct request *req)
{
	const struct json_object *in = input_object(req, "article");
	const char *title = input_text(req, in, "title", 1, (size_t)setting_title_max);
	const char *description = input_text(req, in, "description", 1, (size_t)setting_description_max);
	struct prose body = input_body(req, in);
	const struct text_list *tags = input_has(in, "tagList") ? input_tags(req, in) : &no_tags;
	const char *written =
	    arena_printf(req->arena, "%s\n%s\n%s\n%s", title, description, parameter_text_list(req, tags), body.text);
	const char *submission = input_submission(req, in, written);

	input_check(req);

	return article_insert(req, req->user->id, slug_of(req, title), slug_suffix(req), title, description, body.text,
	                      body.html, tags, submission);
}

/* Changes what was sent of the article, if it is the viewer's; the caller looks whether it is. */
static struct rows *
article_rewrite(struct request *req, const char *slug)
{
	const struct json_object *in = input_object(req, "article");
	const char *title = input_text_if_there(req, in, "title", 1, (size_t)setting_title_max);
	const char *description = input_text_if_there(req, in, "description", 1, (size_t)setting_description_max);
	struct prose body = input_has(in, "body") ? input_body(req, in) : (struct prose){NULL, NULL};
	const struct text_list *tags = input_has(in, "tagList") ? input_tags(req, in) : NULL;

	if (input_failed(req)) {
		require_owner(req, article_access(req, req->user->id, slug), "article");
		input_check(req);
	}

	return article_update(req, req->user->id, slug, title != NULL ? slug_of(req, title) : NULL, slug_suffix(req),
	                      title, description, body.text, body.html, tags);
}

/* GET /api/articles/:slug */
enum http_status
article_show(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug");
	struct rows *article = article_by_slug(req, viewer_id(req), slug);

	if (rows_count(article) == 1)
		return respond_row(res, HTTP_OK, "article", article);

	const char *moved = slug_now(req, slug);

	return moved != NULL ? moved_to(req, res, "/api/articles/", moved) : not_found(res, "article");
}

/* POST /api/articles */
enum http_status
article_create(struct request *req, struct response *res)
{
	return respond_row(res, HTTP_CREATED, "article", article_write(req));
}

/* PUT /api/articles/:slug */
enum http_status
article_change(struct request *req, struct response *res)
{
	struct rows *article = article_rewrite(req, path_param(req, "slug"));

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

/* POST /editor */
enum http_status
article_post(struct request *req, struct response *res)
{
	return see_other(req, res, article_path(req, rows_text(article_write(req), 0, "slug")));
}

/* POST /articles/:slug/edit */
enum http_status
article_edit_post(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug"), *moved;
	struct rows *article = article_rewrite(req, slug);

	/* renamed, in another tab, since the form was shown */
	if (rows_count(article) == 0 && (moved = slug_now(req, slug)) != NULL)
		article = article_rewrite(req, moved);
	require_owner(req, article, "article");
	return see_other(req, res, article_path(req, rows_text(article, 0, "slug")));
}

/* POST /articles/:slug/delete */
enum http_status
article_delete_post(struct request *req, struct response *res)
{
	require_owner(req, article_delete(req, req->user->id, path_param(req, "slug")), "article");

	return see_other(req, res, profile_path(req, req->user->badge));
}
