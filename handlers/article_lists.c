#include "article_lists.h"

#include "handlers.h"

#define PAGE_STANDARD 20

static struct page
query_page(struct request *req)
{
	int32_t most = (int32_t)setting_list_max, standard = most < PAGE_STANDARD ? most : PAGE_STANDARD;

	return (struct page){
	    .limit = query_number(req, "limit", standard, 1, most),
	    .offset = query_number(req, "offset", 0, 0, (int32_t)setting_offset_max),
	};
}

/* The cheapest query for what was asked: most lists have one filter or none. */
static struct rows *
find_articles(struct request *req, const char *tag, const char *author, const char *favorited, struct page page)
{
	int64_t viewer = viewer_id(req);
	int filters = (tag != NULL) + (author != NULL) + (favorited != NULL);

	if (filters > 1)
		return article_list_filtered(req, viewer, tag, author, favorited, page.limit, page.offset);
	if (tag != NULL)
		return article_list_by_tag(req, viewer, tag, page.limit, page.offset);
	if (author != NULL)
		return article_list_by_author(req, viewer, author, page.limit, page.offset);
	if (favorited != NULL)
		return article_list_by_favorited(req, viewer, favorited, page.limit, page.offset);
	return article_list(req, viewer, page.limit, page.offset);
}

/* GET /api/articles */
enum http_status
articles_show(struct request *req, struct response *res)
{
	const char *tag = query_text(req, "tag");
	const char *author = query_text(req, "author");
	const char *favorited = query_text(req, "favorited");
	struct page page = query_page(req);

	input_check(req);

	struct rows *articles = find_articles(req, tag, author, favorited, page);

	return respond_page(res, HTTP_OK, "articles", articles, "articlesCount");
}

/* GET /api/articles/feed */
enum http_status
articles_feed(struct request *req, struct response *res)
{
	struct page page = query_page(req);

	input_check(req);

	return respond_page(res, HTTP_OK, "articles", article_feed(req, req->user->id, page.limit, page.offset),
	                    "articlesCount");
}

void
show_articles(struct request *req, struct view_data *data, struct page page, const struct rows *articles)
{
	view_rows(data, "articles", articles);
	page_links(req, data, page, rows_integer(articles, 0, "_total"));
}

const char *
list_path(struct request *req, const char *path, struct page page)
{
	return page.number == 1 ? path : arena_printf(req->arena, "%s?page=%d", path, page.number);
}
