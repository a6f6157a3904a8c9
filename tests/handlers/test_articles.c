#include "handler.h"

static const char *
path_of(const char *slug)
{
	return form("/api/articles/%s", slug);
}

TEST(publishes)
{
	struct person ada = somebody();
	const char *slug = publish(&ada, "gardens");

	assert_int_equal(ask(NULL, "GET", path_of(slug), NULL), 200);
	assert_string_equal(text("article.author.username"), ada.name);
	assert_string_equal(text("article.tagList.0"), "gardens");
	assert_string_equal(text("article.body"), "Text");
	assert_false(boolean("article.favorited"));
	assert_int_equal(number("article.favoritesCount"), 0);
}

TEST(asks_for_every_field)
{
	assert_int_equal(ask(somebody().token, "POST", "/api/articles", "{\"article\":{}}"), 422);
	assert_error("title", "can't be blank");
	assert_error("description", "can't be blank");
	assert_error("body", "can't be blank");
}

TEST(changes_what_is_given)
{
	struct person ada = somebody();
	const char *slug = publish(&ada, "gardens");

	assert_int_equal(ask(ada.token, "PUT", path_of(slug), "{\"article\":{\"body\":\"Other\"}}"), 200);
	assert_string_equal(text("article.slug"), slug);
	assert_string_equal(text("article.body"), "Other");
	assert_string_equal(text("article.tagList.0"), "gardens");
	assert_int_equal(ask(ada.token, "PUT", path_of(slug), "{\"article\":{\"tagList\":[]}}"), 200);
	assert_int_equal(json_object_array_length(member("article.tagList")), 0);
	assert_int_equal(ask(ada.token, "PUT", path_of(slug), "{\"article\":{\"tagList\":null}}"), 422);
}

TEST(a_new_title_moves_the_article)
{
	struct person ada = somebody();
	const char *old = publish(&ada, "gardens"), *new;

	assert_int_equal(ask(ada.token, "PUT", path_of(old), form("{\"article\":{\"title\":\"Second %s\"}}", old)),
	                 200);
	new = form("%s", text("article.slug"));
	assert_string_not_equal(new, old);
	assert_int_equal(ask(NULL, "GET", path_of(old), NULL), 301);
	assert_string_equal(response_header_value(&memory.res, "Location"), path_of(new));
}

TEST(checks_in_the_order_of_the_contract)
{
	struct person ada = somebody(), bob = somebody();
	const char *path = path_of(publish(&ada, "gardens")), *bad = "{\"article\":{\"title\":\"\"}}";

	assert_int_equal(ask(NULL, "PUT", path, bad), 401);
	assert_int_equal(ask(bob.token, "PUT", "/api/articles/no-such-article", bad), 404);
	assert_int_equal(ask(bob.token, "PUT", path, bad), 403);
	assert_error("article", "forbidden");
	assert_int_equal(ask(ada.token, "PUT", path, bad), 422);
	assert_error("title", "can't be blank");
}

TEST(only_the_author_deletes)
{
	struct person ada = somebody(), bob = somebody();
	const char *path = path_of(publish(&ada, "gardens"));

	assert_int_equal(ask(bob.token, "DELETE", path, NULL), 403);
	assert_int_equal(ask(ada.token, "DELETE", path, NULL), 204);
	assert_int_equal(ask(ada.token, "DELETE", path, NULL), 404);
	assert_int_equal(ask(NULL, "GET", path, NULL), 404);
	assert_error("article", "not found");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(publishes),
	    cmocka_unit_test(asks_for_every_field),
	    cmocka_unit_test(changes_what_is_given),
	    cmocka_unit_test(a_new_title_moves_the_article),
	    cmocka_unit_test(checks_in_the_order_of_the_contract),
	    cmocka_unit_test(only_the_author_deletes),
	};

	return HANDLER_TESTS(tests);
}
