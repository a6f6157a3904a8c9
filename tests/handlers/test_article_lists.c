#include "handler.h"

static int
list(const char *query)
{
	assert_int_equal(ask(NULL, "GET", form("/api/articles?%s", query), NULL), 200);
	return number("articlesCount");
}

TEST(filters)
{
	struct person ada = somebody(), bob = somebody();
	const char *first = publish(&ada, ada.name), *second = publish(&ada, "else");

	assert_int_equal(ask(bob.token, "POST", form("/api/articles/%s/favorite", first), NULL), 200);
	assert_int_equal(list(form("author=%s", ada.name)), 2);
	assert_string_equal(text("articles.0.slug"), second);
	assert_null(member("articles.0.body"));
	assert_int_equal(list(form("tag=%s", ada.name)), 1);
	assert_int_equal(list(form("favorited=%s", bob.name)), 1);
	assert_string_equal(text("articles.0.slug"), first);
	assert_int_equal(list(form("author=%s&tag=%s", ada.name, ada.name)), 1);
	assert_int_equal(list(form("author=%s&favorited=%s&tag=else", ada.name, bob.name)), 0);
	assert_int_equal(list("author=no-such-user"), 0);
	assert_int_equal(json_object_array_length(member("articles")), 0);
}

TEST(pages)
{
	struct person ada = somebody();
	const char *first = publish(&ada, "x");

	publish(&ada, "x");
	assert_int_equal(list(form("author=%s&limit=1&offset=1", ada.name)), 2);
	assert_int_equal(json_object_array_length(member("articles")), 1);
	assert_string_equal(text("articles.0.slug"), first);
	assert_int_equal(list(form("author=%s&offset=2", ada.name)), 2);
	assert_int_equal(json_object_array_length(member("articles")), 0);
}

TEST(bounds)
{
	static const struct {
		const char *query, *key;
		int status;
	} cases[] = {
	    {"limit=1", NULL, 200},        {"limit=100", NULL, 200},    {"limit=0", "limit", 422},
	    {"limit=101", "limit", 422},   {"limit=-1", "limit", 422},  {"limit=x", "limit", 422},
	    {"offset=0", NULL, 200},       {"offset=10000", NULL, 200}, {"offset=10001", "offset", 422},
	    {"offset=1e3", "offset", 422}, {"offset=", "offset", 422},  {"limit=99999999999999999999", "limit", 422},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(ask(NULL, "GET", form("/api/articles?%s", cases[i].query), NULL), cases[i].status);
		if (cases[i].key != NULL)
			assert_non_null(memory_error(&memory, cases[i].key));
	}
}

TEST(feeds_on_whom_one_follows)
{
	struct person ada = somebody(), bob = somebody(), eve = somebody();
	const char *slug = publish(&bob, "x");

	publish(&eve, "x");
	assert_int_equal(ask(ada.token, "GET", "/api/articles/feed", NULL), 200);
	assert_int_equal(number("articlesCount"), 0);
	assert_int_equal(ask(ada.token, "POST", form("/api/profiles/%s/follow", bob.name), NULL), 200);
	assert_int_equal(ask(ada.token, "GET", "/api/articles/feed", NULL), 200);
	assert_int_equal(number("articlesCount"), 1);
	assert_string_equal(text("articles.0.slug"), slug);
	assert_true(boolean("articles.0.author.following"));
	assert_int_equal(ask(NULL, "GET", "/api/articles/feed", NULL), 401);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(filters),
	    cmocka_unit_test(pages),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(feeds_on_whom_one_follows),
	};

	return HANDLER_TESTS(tests);
}
