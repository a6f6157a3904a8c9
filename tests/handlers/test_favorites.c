#include "handler.h"

TEST(count_everybody_once)
{
	struct person ada = somebody(), bob = somebody();
	const char *path = form("/api/articles/%s/favorite", publish(&ada, "x"));

	assert_int_equal(ask(ada.token, "POST", path, NULL), 200);
	assert_int_equal(ask(bob.token, "POST", path, NULL), 200);
	assert_true(boolean("article.favorited"));
	assert_int_equal(number("article.favoritesCount"), 2);
	assert_int_equal(ask(bob.token, "POST", path, NULL), 200);
	assert_int_equal(number("article.favoritesCount"), 2);
	assert_int_equal(ask(bob.token, "DELETE", path, NULL), 200);
	assert_false(boolean("article.favorited"));
	assert_int_equal(number("article.favoritesCount"), 1);
	assert_int_equal(ask(bob.token, "DELETE", path, NULL), 200);
	assert_int_equal(number("article.favoritesCount"), 1);
}

TEST(need_an_article)
{
	struct person ada = somebody();

	assert_int_equal(ask(ada.token, "POST", "/api/articles/no-such-article/favorite", NULL), 404);
	assert_error("article", "not found");
	assert_int_equal(ask(ada.token, "DELETE", "/api/articles/no-such-article/favorite", NULL), 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(count_everybody_once),
	    cmocka_unit_test(need_an_article),
	};

	return HANDLER_TESTS(tests);
}
