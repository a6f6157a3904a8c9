/* Atom feeds (RFC 4287): the newest articles of everyone, of an author, with a tag. */
#include <string.h>

#include "handlers.h"
#include "pages.h"
#include "texts.h"

#define CONTENT_TYPE_ATOM "application/atom+xml; charset=utf-8"

/* A feed reader may rest for some minutes; a shared cache asks for everybody, each second. */
#define CACHE_ATOM "public, max-age=300, s-maxage=1, stale-while-revalidate=2, stale-if-error=600"

/* When the latest of the articles was changed; the beginning of 1970 if there is none. */
static int64_t
latest_change(const struct rows *articles)
{
	int64_t latest = 0;

	for (size_t i = 0; i < rows_count(articles); i++) {
		int64_t changed = rows_null(articles, i, "_id") ? 0 : rows_time(articles, i, "updatedAt");

		if (changed > latest)
			latest = changed;
	}
	return latest;
}

/* How many bytes of a character begin at `text` that no XML document may have, not even escaped (XML 1.0, 2.2): those below U+0020 but
 * for white space, U+FFFE and U+FFFF. */
static size_t
forbidden_in_xml(const char *text, size_t length)
{
	unsigned char byte = (unsigned char)*text;

	if (byte < ' ')
		return byte != '\t' && byte != '\n' && byte != '\r';
	return length >= 3 && (memcmp(text, "\uFFFE", 3) == 0 || memcmp(text, "\uFFFF", 3) == 0) ? 3 : 0;
}

static void
drop_forbidden(struct buffer *out)
{
	size_t kept = 0;

	for (size_t at = 0; at < out->length;) {
		size_t dropped = forbidden_in_xml(out->data + at, out->length - at);

		if (dropped == 0)
			out->data[kept++] = out->data[at++];
		at += dropped;
	}
	out->length = kept;
}

/* The feed that belongs to the page of that path. */
static enum http_status
respond_feed(struct request *req, struct response *res, const char *title, const char *path,
             const struct rows *articles)
{
	const char *self = arena_printf(req->arena, "%s/feed.atom", strcmp(path, "/") == 0 ? "" : path);
	struct view_data *data = page_data(req);
	struct buffer *out = response_body(res, HTTP_OK, CONTENT_TYPE_ATOM);
	int64_t updated = latest_change(articles);

	view_text(data, "title", title);
	view_text(data, "self", public_address(req, self));
	view_text(data, "alternate", public_address(req, path));
	view_time(data, "updated", updated);
	view_rows(data, "entries", articles);
	view_render(out, "atom", ENGLISH, data);
	drop_forbidden(out);

	if (updated > 0)
		response_modified(res, updated);
	response_header(res, "Cache-Control", CACHE_ATOM);
	return HTTP_OK;
}

/* GET /feed.atom */
enum http_status
site_atom(struct request *req, struct response *res)
{
	return respond_feed(req, res, NULL, "/", atom_articles(req, (int32_t)setting_feed_entries));
}

/* GET /profiles/:username/feed.atom */
enum http_status
profile_atom(struct request *req, struct response *res)
{
	struct rows *articles =
	    atom_articles_by_author(req, path_param(req, "username"), (int32_t)setting_feed_entries);
	const char *username;

	require_found(req, articles, "profile");
	username = rows_text(articles, 0, "author.username");
	return respond_feed(req, res, username, profile_path(req, username), articles);
}

/* GET /tags/:tag/feed.atom */
enum http_status
tag_atom(struct request *req, struct response *res)
{
	const char *tag = path_param(req, "tag");
	struct rows *articles = atom_articles_by_tag(req, tag, (int32_t)setting_feed_entries);

	require_found(req, articles, "tag");
	return respond_feed(req, res, tag, arena_printf(req->arena, "/tags/%s", percent_encode(req->arena, tag)),
	                    articles);
}
