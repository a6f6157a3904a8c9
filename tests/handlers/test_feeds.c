#include "handler.h"

static bool
shows(const char *text)
{
	return strstr(memory_text(&memory), text) != NULL;
}

/* What stands between two texts, the first time. */
static const char *
between(const char *start, const char *end)
{
	const char *found = strstr(memory_text(&memory), start);

	assert_non_null(found);
	found += strlen(start);
	return form("%.*s", (int)(strstr(found, end) - found), found);
}

TEST(feeds_have_the_newest_articles)
{
	struct person ada = somebody();
	const char *slug = publish(&ada, ada.name);
	const char *const feeds[] = {"/feed.atom", form("/tags/%s/feed.atom", ada.name),
	                             form("/profiles/%s/feed.atom", ada.name)};

	for (size_t i = 0; i < COUNT_OF(feeds); i++) {
		assert_int_equal(visit(NULL, feeds[i]), 200);
		assert_string_equal(memory.res.content_type, "application/atom+xml; charset=utf-8");
		assert_non_null(header("ETag"));
		assert_non_null(header("Last-Modified"));
		assert_non_null(strstr(header("Cache-Control"), "public, max-age=300"));
		assert_int_equal(memory.req.database_trips, 1);
		assert_true(shows(form("<id>%s%s</id>", setting_url, feeds[i])));
		assert_true(shows(form("href=\"%s/articles/%s\"", setting_url, slug)));
	}
}

TEST(a_feed_may_have_been_read_already)
{
	struct person ada = somebody();
	const char *path, *modified;

	publish(&ada, "x");
	path = form("/profiles/%s/feed.atom", ada.name);
	assert_int_equal(visit(NULL, path), 200);
	modified = form("%s", header("Last-Modified"));
	begin("GET", path);
	memory_header(&memory, "If-Modified-Since", modified);
	dispatch(&memory.req, &memory.res);
	assert_int_equal(memory.res.status, 304);
}

TEST(an_author_without_articles_has_an_empty_feed)
{
	struct person ada = somebody();

	assert_int_equal(visit(NULL, form("/profiles/%s/feed.atom", ada.name)), 200);
	assert_false(shows("<entry>"));
	assert_true(shows("<updated>1970-"));
	assert_null(header("Last-Modified"));
}

TEST(what_is_not_there_has_no_feed)
{
	assert_int_equal(visit(NULL, "/profiles/no-such-user/feed.atom"), 404);
	assert_int_equal(visit(NULL, "/tags/nobody-writes-about-this/feed.atom"), 404);
}

TEST(an_entry_keeps_its_id)
{
	struct person ada = somebody();
	const char *slug = publish(&ada, "x"), *path = form("/profiles/%s/feed.atom", ada.name), *id;

	assert_int_equal(visit(NULL, path), 200);
	id = between("<entry>\n\t\t<id>", "</id>");
	assert_int_equal(
	    ask(ada.token, "PUT", form("/api/articles/%s", slug), "{\"article\":{\"title\":\"Something else\"}}"), 200);
	assert_int_equal(visit(NULL, path), 200);
	assert_string_equal(between("<entry>\n\t\t<id>", "</id>"), id);
	assert_false(shows(slug));
}

TEST(characters_that_xml_does_not_know_are_left_out)
{
	struct person ada = somebody();

	assert_int_equal(ask(ada.token, "POST", "/api/articles",
	                     "{\"article\":{\"title\":\"a\\ufffeb <&> \\ufffd\",\"description\":\"d\","
	                     "\"body\":\"one\\u0001\\u001b[31m\\ttwo\\uffff\\nthree\"}}"),
	                 201);
	assert_int_equal(visit(NULL, form("/profiles/%s/feed.atom", ada.name)), 200);
	assert_true(shows("<title>ab &lt;&amp;&gt; \uFFFD</title>") && shows("\ttwo") && shows("three"));
	assert_false(shows("\x01") || shows("\x1b") || shows("\uFFFF"));
}

/* How many sitemaps the index names. */
static int
sitemaps(void)
{
	int count = 0;

	assert_int_equal(visit(NULL, "/sitemap.xml"), 200);
	assert_string_equal(memory.res.content_type, "application/xml; charset=utf-8");
	for (const char *at = memory_text(&memory); (at = strstr(at, "/sitemaps/")) != NULL; at++)
		assert_int_equal(atoi(at + strlen("/sitemaps/")), ++count);
	return count;
}

TEST(an_article_stays_in_its_sitemap)
{
	const long before = setting_sitemap_urls;
	struct person ada = somebody();
	const char *slug = publish(&ada, "x");
	int number;

	setting_sitemap_urls = 1;
	number = sitemaps();
	publish(&ada, "x");
	assert_in_range(sitemaps(), number + 1, number + 5);
	assert_int_equal(visit(NULL, form("/sitemaps/%d", number)), 200);
	assert_true(shows(form("<loc>%s/articles/%s</loc><lastmod>", setting_url, slug)));
	assert_int_equal(ask(ada.token, "DELETE", form("/api/articles/%s", slug), NULL), 204);
	assert_int_equal(visit(NULL, form("/sitemaps/%d", number)), number == 1 ? 200 : 404);
	setting_sitemap_urls = before;
}

TEST(there_are_no_other_sitemaps)
{
	static const char *const numbers[] = {"0", "01", "-1", "x", "1x", "50000", "50001", "99999999999999999999"};

	assert_int_equal(visit(NULL, "/sitemaps/1"), 200);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		assert_int_equal(visit(NULL, form("/sitemaps/%s", numbers[i])), 404);
}

TEST(robots_find_the_sitemap)
{
	assert_int_equal(visit(NULL, "/robots.txt"), 200);
	assert_string_equal(memory.res.content_type, "text/plain; charset=utf-8");
	assert_true(shows(form("\nSitemap: %s/sitemap.xml\n", setting_url)) && shows("\nDisallow: /editor\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(feeds_have_the_newest_articles),
	    cmocka_unit_test(a_feed_may_have_been_read_already),
	    cmocka_unit_test(an_author_without_articles_has_an_empty_feed),
	    cmocka_unit_test(what_is_not_there_has_no_feed),
	    cmocka_unit_test(an_entry_keeps_its_id),
	    cmocka_unit_test(characters_that_xml_does_not_know_are_left_out),
	    cmocka_unit_test(an_article_stays_in_its_sitemap),
	    cmocka_unit_test(there_are_no_other_sitemaps),
	    cmocka_unit_test(robots_find_the_sitemap),
	};

	return HANDLER_TESTS(tests);
}
