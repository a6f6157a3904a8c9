#include "handler.h"

static const char *
comments_of(const char *slug)
{
	return form("/api/articles/%s/comments", slug);
}

TEST(come_in_the_order_of_writing)
{
	struct person ada = somebody(), bob = somebody();
	const char *comments = comments_of(publish(&ada, "x"));

	assert_int_equal(ask(NULL, "GET", comments, NULL), 200);
	assert_int_equal(json_object_array_length(member("comments")), 0);
	assert_int_equal(ask(bob.token, "POST", comments, "{\"comment\":{\"body\":\"First\"}}"), 201);
	assert_string_equal(text("comment.author.username"), bob.name);
	assert_int_equal(ask(ada.token, "POST", comments, "{\"comment\":{\"body\":\"Second\"}}"), 201);
	assert_int_equal(ask(NULL, "GET", comments, NULL), 200);
	assert_string_equal(text("comments.0.body"), "First");
	assert_string_equal(text("comments.1.body"), "Second");
}

TEST(are_checked_in_the_order_of_the_contract)
{
	struct person ada = somebody();

	assert_int_equal(ask(ada.token, "POST", comments_of("no-such-article"), "{}"), 404);
	assert_error("article", "not found");
	assert_int_equal(ask(ada.token, "POST", comments_of(publish(&ada, "x")), "{}"), 422);
	assert_error("body", "can't be blank");
	assert_int_equal(ask(NULL, "GET", comments_of("no-such-article"), NULL), 404);
}

TEST(are_written_once_when_sent_twice)
{
	struct person ada = somebody();
	const char *comments = comments_of(publish(&ada, "x")),
		   *body = "{\"comment\":{\"body\":\"Once\",\"submission\":\"1\"}}";
	int id;

	assert_int_equal(ask(ada.token, "POST", comments, body), 201);
	id = number("comment.id");
	assert_int_equal(ask(ada.token, "POST", comments, body), 201);
	assert_int_equal(number("comment.id"), id);
	body = "{\"comment\":{\"body\":\"Something else\",\"submission\":\"1\"}}";
	assert_int_equal(ask(ada.token, "POST", comments, body), 201);
	assert_int_not_equal(number("comment.id"), id);
}

TEST(are_deleted_by_their_author_alone)
{
	struct person ada = somebody(), bob = somebody();
	const char *comments = comments_of(publish(&ada, "x")), *path;

	assert_int_equal(ask(bob.token, "POST", comments, "{\"comment\":{\"body\":\"Mine\"}}"), 201);
	path = form("%s/%d", comments, number("comment.id"));
	assert_int_equal(ask(ada.token, "DELETE", path, NULL), 403);
	assert_error("comment", "forbidden");
	assert_int_equal(ask(bob.token, "DELETE", form("%s/1x", comments), NULL), 404);
	assert_error("comment", "not found");
	assert_int_equal(ask(bob.token, "DELETE", form("%s/99999999999999999999", comments), NULL), 404);
	assert_int_equal(ask(bob.token, "DELETE", "/api/articles/no-such-article/comments/1", NULL), 404);
	assert_error("article", "not found");
	assert_int_equal(ask(bob.token, "DELETE", path, NULL), 204);
	assert_int_equal(ask(bob.token, "DELETE", path, NULL), 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(come_in_the_order_of_writing),
	    cmocka_unit_test(are_checked_in_the_order_of_the_contract),
	    cmocka_unit_test(are_written_once_when_sent_twice),
	    cmocka_unit_test(are_deleted_by_their_author_alone),
	};

	return HANDLER_TESTS(tests);
}
