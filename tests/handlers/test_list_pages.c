#include "handler.h"

static bool
shows(const char *text)
{
	return strstr(memory_text(&memory), text) != NULL;
}

/* Is there a link to that path? */
static bool
links(const char *path)
{
	return shows(form("href=\"%s\"", path));
}

static bool
is_canonical(const char *path)
{
	return shows(form("<link rel=\"canonical\" href=\"%s%s\">", setting_url, path));
}

TEST(home_lists_everyones_articles_in_one_trip)
{
	struct person ada = somebody();
	const char *slug = publish(&ada, ada.name);

	assert_int_equal(visit(NULL, "/"), 200);
	assert_int_equal(memory.req.database_trips, 1);
	assert_int_equal(memory.req.redis_trips, 1);
	assert_true(links(form("/articles/%s", slug)) && links(form("/tags/%s", ada.name)) && links("/feed.atom"));
	assert_true(is_canonical("/"));
	assert_false(links("/feed"));
	assert_non_null(strstr(header("Cache-Control"), "public"));

	assert_int_equal(visit(ada.token, "/"), 200);
	assert_int_equal(memory.req.database_trips, 1);
	assert_true(shows(ada.name) && links("/feed"));
	assert_null(strstr(header("Cache-Control"), "public"));
}

TEST(the_feed_is_of_whom_one_follows)
{
	struct person ada = somebody(), bob = somebody(), eve = somebody();
	const char *wanted = publish(&bob, "x"), *unwanted = publish(&eve, "x");

	assert_int_equal(submit(ada.token, form("/profiles/%s/follow", bob.name), ""), 303);
	assert_string_equal(header("Location"), form("/profiles/%s", bob.name));
	assert_int_equal(visit(ada.token, "/feed"), 200);
	assert_int_equal(memory.req.database_trips, 1);
	assert_true(links(form("/articles/%s", wanted)));
	assert_false(links(form("/articles/%s", unwanted)));
	assert_int_equal(submit(ada.token, form("/profiles/%s/unfollow", bob.name), "next=%2Ffeed"), 303);
	assert_string_equal(header("Location"), "/feed");
	assert_int_equal(visit(ada.token, "/feed"), 200);
	assert_false(links(form("/articles/%s", wanted)));
	assert_int_equal(visit(NULL, "/feed"), 303);
	assert_string_equal(header("Location"), "/login?next=%2Ffeed");
}

TEST(a_tag_has_its_articles)
{
	struct person ada = somebody();
	const char *slug = publish(&ada, form("%s/ü", ada.name)), *path = form("/tags/%s%%2F%%C3%%BC", ada.name);

	assert_int_equal(visit(NULL, path), 200);
	assert_int_equal(memory.req.database_trips, 1);
	assert_true(links(form("/articles/%s", slug)) && links(form("%s/feed.atom", path)) && is_canonical(path));
	assert_false(shows("noindex"));
}

TEST(a_tag_without_articles_is_no_mistake)
{
	assert_int_equal(visit(NULL, "/tags/nobody-writes-about-this"), 200);
	assert_true(shows("noindex") && shows("nobody-writes-about-this"));
	assert_false(shows("feed.atom"));
}

TEST(lists_have_pages)
{
	const long before = setting_page_size;
	struct person ada = somebody();
	const char *first = publish(&ada, ada.name), *second = publish(&ada, ada.name);
	const char *path = form("/tags/%s", ada.name);

	setting_page_size = 1;
	assert_int_equal(visit(NULL, path), 200);
	assert_true(links(form("/articles/%s", second)) && links(form("%s?page=2", path)) && is_canonical(path));
	assert_int_equal(visit(NULL, form("%s?page=2&utm=x", path)), 200);
	assert_true(links(form("/articles/%s", first)) && links(path) && is_canonical(form("%s?page=2", path)));
	assert_int_equal(visit(NULL, form("%s?page=3", path)), 404);
	assert_int_equal(visit(NULL, "/?page=0"), 404);
	setting_page_size = before;
}

TEST(a_profile_has_articles_and_favourites)
{
	struct person ada = somebody(), bob = somebody();
	const char *slug = publish(&ada, "x"), *article = form("/articles/%s", slug);
	const char *profile = form("/profiles/%s", ada.name), *favorites = form("/profiles/%s/favorites", bob.name);

	assert_int_equal(ask(bob.token, "POST", form("/api/articles/%s/favorite", slug), NULL), 200);
	assert_int_equal(ask(ada.token, "PUT", "/api/user", "{\"user\":{\"bio\":\"Likes <paper>.\"}}"), 200);
	assert_int_equal(visit(bob.token, profile), 200);
	assert_int_equal(memory.req.database_trips, 1);
	assert_true(links(article) && links(form("%s/feed.atom", profile)) && is_canonical(profile));
	assert_true(shows("Likes &lt;paper&gt;.") && shows(form("%s/follow", profile)));
	assert_int_equal(visit(NULL, favorites), 200);
	assert_true(links(article) && is_canonical(favorites));
	assert_int_equal(visit(ada.token, profile), 200);
	assert_false(shows(form("%s/follow", profile)));
	assert_true(links("/settings"));
}

TEST(a_profile_is_found_in_any_case_and_known_by_one)
{
	struct person ada = somebody();

	assert_int_equal(visit(NULL, form("/profiles/USER%s", ada.name + strlen("user"))), 200);
	assert_true(is_canonical(form("/profiles/%s", ada.name)));
}

TEST(a_profile_of_nobody_is_not_found)
{
	struct person ada = somebody();

	assert_int_equal(visit(NULL, "/profiles/no-such-user"), 404);
	assert_string_equal(memory.res.content_type, CONTENT_TYPE_HTML);
	assert_int_equal(visit(NULL, "/profiles/no-such-user/favorites"), 404);
	assert_int_equal(submit(ada.token, "/profiles/no-such-user/follow", ""), 404);
	assert_int_equal(submit(ada.token, "/profiles/no-such-user/unfollow", ""), 404);
}

TEST(only_who_is_signed_in_follows)
{
	struct person ada = somebody();

	assert_int_equal(submit(NULL, form("/profiles/%s/follow", ada.name), ""), 401);
	assert_true(shows(ada.name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(home_lists_everyones_articles_in_one_trip),
	    cmocka_unit_test(the_feed_is_of_whom_one_follows),
	    cmocka_unit_test(a_tag_has_its_articles),
	    cmocka_unit_test(a_tag_without_articles_is_no_mistake),
	    cmocka_unit_test(lists_have_pages),
	    cmocka_unit_test(a_profile_has_articles_and_favourites),
	    cmocka_unit_test(a_profile_is_found_in_any_case_and_known_by_one),
	    cmocka_unit_test(a_profile_of_nobody_is_not_found),
	    cmocka_unit_test(only_who_is_signed_in_follows),
	};

	return HANDLER_TESTS(tests);
}
