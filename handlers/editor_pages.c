/* The pages on which an article is written, changed and deleted; articles.c takes their forms. */
#include <json-c/json.h>

#include "body.h"
#include "handlers.h"
#include "pages.h"
#include "prose.h"
#include "texts.h"

static const char *
tags_typed(struct request *req, const struct rows *stored)
{
	struct buffer row = buffer_in(req->arena);
	struct json_object *tags;

	json_row(&row, stored, 0);
	json_object_object_get_ex(body_keep(req, json_tokener_parse(row.data)), "tagList", &tags);
	return list_typed(req, tags);
}

/* The article that is stored, as its form has it. */
static void
add_fields(struct request *req, struct view_data *data, const struct rows *stored)
{
	static const char *const names[] = {"title", "description", "body"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		page_field(req, data, names[i], stored != NULL ? rows_text(stored, 0, names[i]) : NULL);
	page_field(req, data, "tagList", stored != NULL ? tags_typed(req, stored) : NULL);
}

/* The editor, for a new article unless there is a slug. */
static enum http_status
show_editor(struct request *req, struct response *res, const char *slug, const struct rows *stored, const char *preview)
{
	const char *action = slug != NULL ? arena_printf(req->arena, "%s/edit", article_path(req, slug)) : "/editor";
	struct view_data *data = page_data(req);

	page_head(req, data, text_in(page_language(req), slug != NULL ? TEXT_title_edit : TEXT_title_new), NULL, NULL);
	view_boolean(data, "noindex", true);
	view_boolean(data, "isEditor", true);
	view_boolean(data, "isNew", slug == NULL);
	view_text(data, "slug", slug);
	view_text(data, "action", action);
	view_text(data, "here", action);
	view_text(data, "preview", preview);
	add_fields(req, data, stored);
	view_text(view_object(data, "form"), "submission", page_submission(req));
	return respond_view(req, res, HTTP_OK, "editor", data);
}

/* The article that a form without a place in the path of one is about; NULL for a new one. */
static const char *
posted_slug(struct request *req)
{
	const char *slug = posted_text(req, "slug");

	return slug != NULL && *slug != '\0' ? slug : NULL;
}

/* GET /editor */
enum http_status
editor_page(struct request *req, struct response *res)
{
	return show_editor(req, res, posted_slug(req), NULL, NULL);
}

/* GET /articles/:slug/edit; shown again after a failure it needs nothing but what was typed */
enum http_status
edit_page(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug");
	struct rows *stored = NULL;

	if (req->failure == NULL) {
		stored = article_source(req, req->user->id, slug);
		require_owner(req, stored, "article");
	}
	return show_editor(req, res, slug, stored, NULL);
}

/* POST /editor/preview: the editor with the article beside it as it would be */
enum http_status
article_preview(struct request *req, struct response *res)
{
	const struct json_object *in = input_object(req, "article");
	struct prose body = input_markdown(req, in, "body", 0, (size_t)setting_article_max, 0);

	input_check(req);

	return show_editor(req, res, posted_slug(req), NULL, body.html);
}

/* GET /articles/:slug/delete */
enum http_status
article_delete_page(struct request *req, struct response *res)
{
	const char *path = article_path(req, path_param(req, "slug"));
	struct rows *article = article_source(req, viewer_id(req), path_param(req, "slug"));

	require_owner(req, article, "article");

	return respond_question(req, res, "isArticle", TEXT_delete_article_question, rows_text(article, 0, "title"),
	                        path);
}
