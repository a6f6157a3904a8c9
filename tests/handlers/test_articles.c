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

TEST(publishes_once_what_is_sent_twice)
{
	struct person ada = somebody(), bob = somebody();
	const char *body =
	    form("{\"article\":{\"title\":\"Once %s\",\"description\":\"d\",\"body\":\"b\",\"submission\":\"1\"}}",
	         ada.name);
	const char *slug;

	assert_int_equal(ask(ada.token, "POST", "/api/articles", body), 201);
	slug = form("%s", text("article.slug"));
	assert_int_equal(ask(ada.token, "POST", "/api/articles", body), 201);
	assert_string_equal(text("article.slug"), slug);
	assert_int_equal(ask(bob.token, "POST", "/api/articles", body), 201);
	assert_string_not_equal(text("article.slug"), slug);
	body = form("{\"article\":{\"title\":\"t\",\"description\":\"d\",\"body\":\"b\",\"submission\":\"%065d\"}}", 1);
	assert_int_equal(ask(ada.token, "POST", "/api/articles", body), 422);
	assert_error("submission", "is too long (maximum is 64 characters)");
}

TEST(refuses_what_is_too_intricate)
{
	struct person ada = somebody();
	char quotes[1001] = "";

	memset(quotes, '>', sizeof quotes - 1);
	assert_int_equal(ask(ada.token, "POST", "/api/articles",
	                     form("{\"article\":{\"title\":\"t\",\"description\":\"d\",\"body\":\"%s\"}}", quotes)),
	                 422);
	assert_error("body", "is too intricate to be shown");
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
	    cmocka_unit_test(publishes_once_what_is_sent_twice),
	    cmocka_unit_test(refuses_what_is_too_intricate),
	    cmocka_unit_test(changes_what_is_given),
	    cmocka_unit_test(a_new_title_moves_the_article),
	    cmocka_unit_test(checks_in_the_order_of_the_contract),
	    cmocka_unit_test(only_the_author_deletes),
	};

	return HANDLER_TESTS(tests);
}
