/* What search engines ask for: sitemaps (sitemaps.org, protocol 0.9) and robots.txt (RFC 9309).
 *
 * A sitemap has the articles of a range of ids: an article never moves to another one, and nothing needs to be counted or held in whole.
 */
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "pages.h"
#include "texts.h"

#define CONTENT_TYPE_XML  "application/xml; charset=utf-8"
#define CONTENT_TYPE_TEXT "text/plain; charset=utf-8"
#define CACHE_HOUR        "public, max-age=3600, s-maxage=1, stale-while-revalidate=2, stale-if-error=600"
#define SITEMAPS_MAX      50000 /* of one index, by the protocol */

static enum http_status
respond_xml(struct response *res, const char *view, const struct view_data *data)
{
	response_header(res, "Cache-Control", CACHE_HOUR);
	view_render(response_body(res, HTTP_OK, CONTENT_TYPE_XML), view, ENGLISH, data);
	return HTTP_OK;
}

/* GET /sitemap.xml */
enum http_status
sitemap_index(struct request *req, struct response *res)
{
	int64_t last = rows_integer(sitemap_extent(req), 0, "last");
	int64_t needed = last > 0 ? (last - 1) / setting_sitemap_urls + 1 : 1;
	struct view_data *data = page_data(req);

	for (int64_t number = 1; number <= needed && number <= SITEMAPS_MAX; number++)
		view_integer(view_item(data, "sitemaps"), "number", number);
	return respond_xml(res, "sitemap_index", data);
}

/* What cannot be the number of a sitemap is 0. */
static int64_t
sitemap_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	bool plain = digits <= strlen("50000") && text[digits] == '\0' && *text != '0';
	long number = plain ? strtol(text, NULL, 10) : 0;

	return number <= SITEMAPS_MAX ? number : 0;
}

/* GET /sitemaps/:number */
enum http_status
sitemap(struct request *req, struct response *res)
{
	int64_t number = sitemap_number(path_param(req, "number")), last = number * setting_sitemap_urls;
	struct view_data *data = page_data(req);
	struct rows *articles;

	if (number == 0)
		return not_found(res, "sitemap");
	articles = sitemap_articles(req, last - setting_sitemap_urls + 1, last);
	if (rows_count(articles) == 0 && number > 1)
		return not_found(res, "sitemap");
	view_rows(data, "urls", articles);
	return respond_xml(res, "sitemap", data);
}

/* GET /robots.txt: what is no page, and what is only for somebody who is signed in. */
enum http_status
robots(struct request *req, struct response *res)
{
	struct buffer *out = response_body(res, HTTP_OK, CONTENT_TYPE_TEXT);

	buffer_add_text(out, "User-agent: *\n"
	                     "Disallow: /api/\n"
	                     "Disallow: /editor\n"
	                     "Disallow: /feed$\n" /* and not /feed.atom */
	                     "Disallow: /feed?\n"
	                     "Disallow: /settings\n"
	                     "Disallow: /login\n"
	                     "Disallow: /register\n"
	                     "Disallow: /articles/*/edit$\n"
	                     "Disallow: /articles/*/delete$\n"
	                     "Disallow: /articles/*/comments/\n");
	buffer_printf(out, "\nSitemap: %s\n", public_address(req, "/sitemap.xml"));
	response_header(res, "Cache-Control", CACHE_HOUR);
	return HTTP_OK;
}
