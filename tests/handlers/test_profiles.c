#include "handler.h"

TEST(follows_and_unfollows)
{
	struct person ada = somebody(), bob = somebody();
	const char *profile = form("/api/profiles/%s", bob.name), *follow = form("%s/follow", profile);

	assert_int_equal(ask(ada.token, "POST", follow, NULL), 200);
	assert_true(boolean("profile.following"));
	assert_int_equal(ask(ada.token, "POST", follow, NULL), 200);
	assert_int_equal(ask(ada.token, "GET", profile, NULL), 200);
	assert_true(boolean("profile.following"));
	assert_int_equal(ask(NULL, "GET", profile, NULL), 200);
	assert_false(boolean("profile.following"));
	assert_int_equal(ask(ada.token, "DELETE", follow, NULL), 200);
	assert_false(boolean("profile.following"));
	assert_int_equal(ask(NULL, "POST", follow, NULL), 401);
	assert_error("token", "is missing");
}

TEST(knows_nobody_of_that_name)
{
	struct person ada = somebody();

	assert_int_equal(ask(NULL, "GET", "/api/profiles/no-such-user", NULL), 404);
	assert_error("profile", "not found");
	assert_int_equal(ask(ada.token, "POST", "/api/profiles/no-such-user/follow", NULL), 404);
	assert_int_equal(ask(ada.token, "DELETE", "/api/profiles/no-such-user/follow", NULL), 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(follows_and_unfollows),
	    cmocka_unit_test(knows_nobody_of_that_name),
	};

	return HANDLER_TESTS(tests);
}
