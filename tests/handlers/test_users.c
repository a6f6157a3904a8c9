#include "handler.h"

TEST(registers_and_signs_in)
{
	struct person ada = somebody();

	assert_int_equal(ask(NULL, "POST", "/api/users/login",
	                     form("{\"user\":{\"email\":\"%s\",\"password\":\"long enough\"}}", ada.email)),
	                 200);
	assert_string_equal(text("user.username"), ada.name);
	assert_string_not_equal(text("user.token"), ada.token);
	assert_null(member("user.bio"));
	assert_int_equal(ask(ada.token, "GET", "/api/user", NULL), 200);
	assert_string_equal(text("user.token"), ada.token);
}

TEST(refuses_wrong_credentials)
{
	struct person ada = somebody();

	assert_int_equal(ask(NULL, "POST", "/api/users/login",
	                     form("{\"user\":{\"email\":\"%s\",\"password\":\"wrong enough\"}}", ada.email)),
	                 401);
	assert_error("credentials", "invalid");
	assert_int_equal(ask(NULL, "POST", "/api/users/login",
	                     "{\"user\":{\"email\":\"nobody@example.org\",\"password\":\"wrong enough\"}}"),
	                 401);
	assert_error("credentials", "invalid");
}

TEST(collects_every_error)
{
	assert_int_equal(
	    ask(NULL, "POST", "/api/users", "{\"user\":{\"username\":\" \",\"email\":\"x\",\"password\":\"short\"}}"),
	    422);
	assert_error("username", "can't be blank");
	assert_error("email", "is invalid");
	assert_error("password", "is too short (minimum is 8 characters)");
}

TEST(refuses_what_does_not_look_like_an_address)
{
	static const char *const addresses[] = {"@", "a@", "@b", "a@b@c", "a b@c", "a@b\\tc"};

	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		assert_int_equal(
		    ask(NULL, "POST", "/api/users",
		        form("{\"user\":{\"username\":\"x\",\"email\":\"%s\",\"password\":\"long enough\"}}",
		             addresses[i])),
		    422);
		assert_error("email", "is invalid");
	}
}

TEST(refuses_names_that_cannot_be_told_apart)
{
	struct person ada = somebody();

	assert_int_equal(
	    ask(NULL, "POST", "/api/users",
	        "{\"user\":{\"username\":\"p\u0430ypal\",\"email\":\"p@example.org\",\"password\":\"long enough\"}}"),
	    422);
	assert_error("username", "mixes letters of different scripts");
	assert_int_equal(ask(ada.token, "PUT", "/api/user", "{\"user\":{\"username\":\"a\u200bb\"}}"), 422);
	assert_error("username", "has characters that cannot be seen");
	assert_int_equal(ask(ada.token, "PUT", "/api/user", form("{\"user\":{\"username\":\"%s\"}}", ada.name)), 200);
}

TEST(tells_which_field_is_taken)
{
	struct person ada = somebody();

	assert_int_equal(
	    ask(NULL, "POST", "/api/users",
	        form("{\"user\":{\"username\":\"%s\",\"email\":\"other@example.org\",\"password\":\"long enough\"}}",
	             ada.name)),
	    409);
	assert_error("username", "has already been taken");
	assert_int_equal(
	    ask(NULL, "POST", "/api/users",
	        form("{\"user\":{\"username\":\"other of %s\",\"email\":\"%s\",\"password\":\"long enough\"}}",
	             ada.name, ada.email)),
	    409);
	assert_error("email", "has already been taken");
}

TEST(an_address_in_another_case_has_no_limit_of_its_own)
{
	const struct rate before = setting_limit_login_email;
	struct person ada = somebody();
	const char *body = "{\"user\":{\"email\":\"%s%s\",\"password\":\"long enough\"}}";

	assert_int_equal(ask(ada.token, "PUT", "/api/user", form("{\"user\":{\"email\":\"éki%s\"}}", ada.email)), 200);
	setting_limit_login_email = (struct rate){1, 3600};
	/* the Kelvin sign and the dotted capital I are the k and the i of the address to PostgreSQL */
	assert_int_equal(ask(NULL, "POST", "/api/users/login", form(body, "ÉKİ", ada.email)), 200);
	assert_int_equal(ask(NULL, "POST", "/api/users/login", form(body, "éki", ada.email)), 429);
	assert_int_equal(ask(NULL, "POST", "/api/users/login", form(body, "ÉKI", ada.email)), 429);
	setting_limit_login_email = before;
}

TEST(changes_what_is_given)
{
	struct person ada = somebody();

	assert_int_equal(ask(ada.token, "PUT", "/api/user", "{\"user\":{\"bio\":\"Writes.\",\"image\":\"/ada.png\"}}"),
	                 200);
	assert_string_equal(text("user.bio"), "Writes.");
	assert_string_equal(text("user.username"), ada.name);
	assert_int_equal(ask(ada.token, "PUT", "/api/user", "{\"user\":{\"bio\":\"\"}}"), 200);
	assert_null(member("user.bio"));
	assert_string_equal(text("user.image"), "/ada.png");
	assert_int_equal(ask(ada.token, "PUT", "/api/user", "{\"user\":{}}"), 422);
	assert_error("user", "can't be blank");
}

TEST(a_new_password_ends_the_other_sessions)
{
	struct person ada = somebody();
	const char *other;

	assert_int_equal(ask(NULL, "POST", "/api/users/login",
	                     form("{\"user\":{\"email\":\"%s\",\"password\":\"long enough\"}}", ada.email)),
	                 200);
	other = form("%s", text("user.token"));
	assert_int_equal(ask(ada.token, "PUT", "/api/user", "{\"user\":{\"password\":\"longer than before\"}}"), 200);
	assert_int_equal(ask(ada.token, "GET", "/api/user", NULL), 200);
	assert_int_equal(ask(other, "GET", "/api/user", NULL), 401);
	assert_error("token", "is invalid");
}

TEST(a_login_renews_an_outdated_hash)
{
	struct person ada = somebody();

	setting_password_passes = 3;
	assert_int_equal(ask(NULL, "POST", "/api/users/login",
	                     form("{\"user\":{\"email\":\"%s\",\"password\":\"long enough\"}}", ada.email)),
	                 200);
	setting_password_passes = 2;
	assert_non_null(strstr(rows_text(user_for_login(&memory.req, ada.email), 0, "_password"), "t=3"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(registers_and_signs_in),
	    cmocka_unit_test(refuses_wrong_credentials),
	    cmocka_unit_test(collects_every_error),
	    cmocka_unit_test(refuses_what_does_not_look_like_an_address),
	    cmocka_unit_test(refuses_names_that_cannot_be_told_apart),
	    cmocka_unit_test(tells_which_field_is_taken),
	    cmocka_unit_test(an_address_in_another_case_has_no_limit_of_its_own),
	    cmocka_unit_test(changes_what_is_given),
	    cmocka_unit_test(a_new_password_ends_the_other_sessions),
	    cmocka_unit_test(a_login_renews_an_outdated_hash),
	};

	return HANDLER_TESTS(tests);
}
