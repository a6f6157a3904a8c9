#include "article_lists.h"

#include "handlers.h"

#define PAGE_STANDARD 20

static struct part
query_articles(struct request *req)
{
	int32_t most = (int32_t)setting_list_max;

	return query_part(req, NEWEST_FIRST, most < PAGE_STANDARD ? most : PAGE_STANDARD, most);
}

struct rows *
find_articles(struct request *req, struct filter filter, struct part part)
{
	const char *tag = filter.tag, *author = filter.author, *favorited = filter.favorited;
	struct cursor from = part.cursor;
	int64_t viewer = viewer_id(req);
	int filters = (tag != NULL) + (author != NULL) + (favorited != NULL);

	if (filters > 1)
		return article_list_filtered(req, viewer, from.time, from.id, part.limit, part.offset, tag, author,
		                             favorited);
	if (tag != NULL)
		return article_list_by_tag(req, viewer, from.time, from.id, part.limit, part.offset, tag);
	if (author != NULL)
		return article_list_by_author(req, viewer, from.time, from.id, part.limit, part.offset, author);
	if (favorited != NULL)
		return article_list_by_favorited(req, viewer, from.time, from.id, part.limit, part.offset, favorited);
	return article_list(req, viewer, from.time, from.id, part.limit, part.offset);
}

struct rows *
find_feed(struct request *req, struct part part)
{
	return article_feed(req, req->user->id, part.cursor.time, part.cursor.id, part.limit, part.offset);
}

struct part
part_of_page(struct page page)
{
	return (struct part){.cursor = CURSOR_NEWEST, .limit = page.limit, .offset = page.offset};
}

/* The path of the list with that filter. */
static const char *
filtered_path(struct request *req, struct filter filter)
{
	const struct {
		const char *name, *value;
	} filters[] = {{"tag", filter.tag}, {"author", filter.author}, {"favorited", filter.favorited}};
	struct buffer path = buffer_in(req->arena);
	char before = '?';

	buffer_add_text(&path, "/api/articles");
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		if (filters[i].value == NULL)
			continue;
		buffer_printf(&path, "%c%s=%s", before, filters[i].name, percent_encode(req->arena, filters[i].value));
		before = '&';
	}
	return path.data;
}

/* GET /api/articles */
enum http_status
articles_show(struct request *req, struct response *res)
{
	struct filter filter = {query_text(req, "tag"), query_text(req, "author"), query_text(req, "favorited")};
	struct part part = query_articles(req);

	input_check(req);

	struct rows *articles = find_articles(req, filter, part);

	link_next(res, NEWEST_FIRST, articles, filtered_path(req, filter), part);
	return respond_page(res, HTTP_OK, "articles", articles, "articlesCount");
}

/* GET /api/articles/feed */
enum http_status
articles_feed(struct request *req, struct response *res)
{
	struct part part = query_articles(req);

	input_check(req);

	struct rows *articles = find_feed(req, part);

	link_next(res, NEWEST_FIRST, articles, "/api/articles/feed", part);
	return respond_page(res, HTTP_OK, "articles", articles, "articlesCount");
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
