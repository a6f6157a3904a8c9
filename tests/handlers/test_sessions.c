#include "handler.h"

TEST(lists_the_own_sessions)
{
	struct person ada = somebody();

	somebody();
	assert_int_equal(ask(ada.token, "GET", "/api/user/sessions", NULL), 200);
	assert_int_equal(json_object_array_length(member("sessions")), 1);
	assert_true(boolean("sessions.0.current"));
	assert_string_equal(text("sessions.0.address"), "127.0.0.1");
	assert_null(strstr(memory_text(&memory), ada.token));
}

TEST(ends_one_session)
{
	struct person ada = somebody();
	const char *id;

	assert_int_equal(ask(ada.token, "GET", "/api/user/sessions", NULL), 200);
	id = form("%s", text("sessions.0.id"));
	assert_int_equal(ask(ada.token, "DELETE", "/api/user/sessions/unknown", NULL), 404);
	assert_error("session", "not found");
	assert_int_equal(ask(somebody().token, "DELETE", form("/api/user/sessions/%s", id), NULL), 404);
	assert_int_equal(ask(ada.token, "DELETE", form("/api/user/sessions/%s", id), NULL), 204);
	assert_int_equal(ask(ada.token, "GET", "/api/user", NULL), 401);
}

TEST(ends_all_sessions)
{
	struct person ada = somebody(), bob = somebody();

	assert_int_equal(ask(ada.token, "DELETE", "/api/user/sessions", NULL), 204);
	assert_int_equal(ask(ada.token, "GET", "/api/user", NULL), 401);
	assert_int_equal(ask(bob.token, "GET", "/api/user", NULL), 200);
}

TEST(signs_out)
{
	struct person ada = somebody();

	assert_int_equal(ask(ada.token, "POST", "/api/user/logout", NULL), 204);
	assert_int_equal(ask(ada.token, "POST", "/api/user/logout", NULL), 401);
}

TEST(only_the_oldest_session_makes_room)
{
	const long before = setting_sessions_per_user_max;
	struct person ada = somebody();

	setting_sessions_per_user_max = 1;
	for (int i = 0; i < 8; i++) {
		const char *older = ada.token;

		assert_int_equal(ask(NULL, "POST", "/api/users/login",
		                     form("{\"user\":{\"email\":\"%s\",\"password\":\"long enough\"}}", ada.email)),
		                 200);
		ada.token = form("%s", text("user.token"));
		assert_int_equal(ask(ada.token, "GET", "/api/user", NULL), 200);
		assert_int_equal(ask(older, "GET", "/api/user", NULL), 401);
	}
	setting_sessions_per_user_max = before;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_the_own_sessions),
	    cmocka_unit_test(ends_one_session),
	    cmocka_unit_test(ends_all_sessions),
	    cmocka_unit_test(signs_out),
	    cmocka_unit_test(only_the_oldest_session_makes_room),
	};

	return HANDLER_TESTS(tests);
}
