/* The page of an article with its comments. */
#include <string.h>

#include "clock.h"
#include "handlers.h"
#include "pages.h"

/* What the page shows. */
struct story {
	struct rows *article;
	struct rows *comments;
};

static struct story
find_story(struct request *req, const char *slug, struct page page)
{
	struct story story;

	database_together(req);
	story.article = article_for_page(req, viewer_id(req), slug);
	story.comments = comment_page(req, viewer_id(req), slug, page.limit, page.offset);
	database_together_end(req);
	return story;
}

static void
add_text(struct buffer *out, const char *before, const char *text)
{
	buffer_add_text(out, before);
	json_text(out, text, strlen(text));
}

static void
add_time(struct buffer *out, const char *before, int64_t time)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(time, text);
	add_text(out, before, text);
}

/* Within <script> nothing is to be escaped but what would end it, and JSON has a way to write that otherwise. */
static const char *
safe_in_script(struct request *req, const char *json)
{
	struct buffer out = buffer_in(req->arena);

	for (size_t length; *json != '\0'; json += length) {
		length = strcspn(json, "<");
		buffer_add(&out, json, length);
		if (json[length] == '<') {
			buffer_add_text(&out, "\\u003c");
			length++;
		}
	}
	return out.data;
}

/* What search engines are told (schema.org, as JSON-LD). */
static const char *
linked_data(struct request *req, const struct rows *article, const char *address)
{
	const char *author = rows_text(article, 0, "author.username");
	struct buffer out = buffer_in(req->arena);

	add_text(&out, "{\"@context\":\"https://schema.org\",\"@type\":\"Article\",\"mainEntityOfPage\":", address);
	add_text(&out, ",\"headline\":", rows_text(article, 0, "title"));
	add_text(&out, ",\"description\":", rows_text(article, 0, "description"));
	add_time(&out, ",\"datePublished\":", rows_time(article, 0, "createdAt"));
	add_time(&out, ",\"dateModified\":", rows_time(article, 0, "updatedAt"));
	buffer_add_text(&out, ",\"commentCount\":");
	buffer_add_integer(&out, rows_integer(article, 0, "commentsCount"));
	add_text(&out, ",\"author\":{\"@type\":\"Person\",\"name\":", author);
	add_text(&out, ",\"url\":", public_address(req, profile_path(req, author)));
	add_text(&out, "},\"publisher\":{\"@type\":\"Organization\",\"name\":", setting_site_name);
	buffer_add_text(&out, "}}");
	return safe_in_script(req, out.data);
}

static void
add_head(struct request *req, struct view_data *data, const struct rows *article)
{
	const char *path = article_path(req, rows_text(article, 0, "slug"));
	const char *author = profile_path(req, rows_text(article, 0, "author.username"));

	page_head(req, data, rows_text(article, 0, "title"), rows_text(article, 0, "description"), path);
	view_text(data, "feed", arena_printf(req->arena, "%s/feed.atom", author));
	view_text(data, "jsonLd", linked_data(req, article, public_address(req, path)));
	view_boolean(data, "modified", rows_time(article, 0, "updatedAt") > rows_time(article, 0, "createdAt"));
}

/* The form is there for readers with an account, and for what was typed by one whose session has ended. */
static void
add_comment_form(struct request *req, struct view_data *data)
{
	if (req->user == NULL && posted_text(req, "body") == NULL)
		return;
	view_boolean(data, "commentForm", true);
	page_field(req, data, "body", NULL);
	view_text(data, "submission", page_submission(req));
}

/* When the article was edited, or commented on if that is later. */
static int64_t
last_change(const struct story *story)
{
	int64_t edited = rows_time(story->article, 0, "updatedAt");
	size_t comments = rows_count(story->comments);
	int64_t commented = comments > 0 ? rows_time(story->comments, comments - 1, "createdAt") : 0;

	return commented > edited ? commented : edited;
}

/* GET /articles/:slug, and what is shown of it when one of its forms has failed */
enum http_status
article_page(struct request *req, struct response *res)
{
	const char *slug = path_param(req, "slug");
	struct page page = page_asked(req, setting_comments_page);
	struct story story = find_story(req, slug, page);

	if (rows_count(story.article) == 0) {
		const char *moved = slug_now(req, slug);

		if (moved == NULL)
			return not_found(res, "article");
		if (req->method != HTTP_POST)
			return moved_to(req, res, "/articles/", moved);
		story = find_story(req, moved, page);
		require_found(req, story.article, "article");
	}

	struct view_data *data = page_data(req);

	add_head(req, data, story.article);
	add_comment_form(req, data);
	view_row(data, "article", story.article, 0);
	view_rows(data, "comments", story.comments);
	page_links_to(req, data, "commentsPages", "#comments", page, rows_integer(story.article, 0, "commentsCount"));
	if (req->user == NULL)
		response_modified(res, last_change(&story));
	return respond_view(req, res, HTTP_OK, "article", data);
}
