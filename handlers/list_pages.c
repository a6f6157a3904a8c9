/* The pages that list everyone's articles, those of whom the reader follows, and those with a tag. */
#include "article_lists.h"
#include "handlers.h"
#include "texts.h"

#define TAGS_BESIDE 30 /* fewer than GET /api/tags has: they stand beside a list */

static int32_t
tags_beside(void)
{
	return setting_tags_shown < TAGS_BESIDE ? (int32_t)setting_tags_shown : TAGS_BESIDE;
}

/* What the three have in common; `tab` is what the page is called in the view. */
static enum http_status
respond_list(struct request *req, struct response *res, struct view_data *data, const char *tab, struct page page,
             const struct rows *articles, const struct rows *tags)
{
	view_boolean(data, tab, true);
	show_articles(req, data, page, articles);
	view_rows(data, "tags", tags);
	return respond_view(req, res, HTTP_OK, "home", data);
}

/* GET / */
enum http_status
home_page(struct request *req, struct response *res)
{
	struct view_data *data = page_data(req);
	struct page page = page_asked(req, setting_page_size);

	database_together(req);
	struct rows *articles = find_articles(req, (struct filter){0}, part_of_page(page));
	struct rows *tags = tag_list(req, tags_beside());
	database_together_end(req);

	page_head(req, data, NULL, text_in(page_language(req), TEXT_site_description), list_path(req, "/", page));
	view_text(data, "feed", "/feed.atom");
	return respond_list(req, res, data, "tabAll", page, articles, tags);
}

/* GET /feed */
enum http_status
feed_page(struct request *req, struct response *res)
{
	struct view_data *data = page_data(req);
	struct page page = page_asked(req, setting_page_size);

	database_together(req);
	struct rows *articles = find_feed(req, part_of_page(page));
	struct rows *tags = tag_list(req, tags_beside());
	database_together_end(req);

	page_head(req, data, text_in(page_language(req), TEXT_home_feed), NULL, NULL);
	return respond_list(req, res, data, "tabFeed", page, articles, tags);
}

/* GET /tags/:tag: a tag that no article has is no mistake of the reader, but nothing for search engines. */
enum http_status
tag_page(struct request *req, struct response *res)
{
	const char *tag = path_param(req, "tag");
	const char *path = arena_printf(req->arena, "/tags/%s", percent_encode(req->arena, tag));
	struct view_data *data = page_data(req);
	struct page page = page_asked(req, setting_page_size);

	database_together(req);
	struct rows *articles = find_articles(req, (struct filter){.tag = tag}, part_of_page(page));
	struct rows *tags = tag_list(req, tags_beside());
	database_together_end(req);

	if (rows_integer(articles, 0, "_total") == 0)
		view_boolean(data, "noindex", true);
	else
		view_text(data, "feed", arena_printf(req->arena, "%s/feed.atom", path));
	page_head(req, data, tag, NULL, list_path(req, path, page));
	view_text(data, "tag", tag);
	return respond_list(req, res, data, "tabTag", page, articles, tags);
}
