#include "handler.h"

static bool
shows(const char *text)
{
	return strstr(memory_text(&memory), text) != NULL;
}

static bool
keeps(const char *field, const char *value)
{
	return strstr(strstr(memory_text(&memory), form("name=\"%s\"", field)), form("value=\"%s\"", value)) != NULL;
}

/* The session that the answer's cookie begins. */
static const char *
session(void)
{
	const char *cookie = memory_cookie(&memory, "session");

	assert_non_null(cookie);
	return form("%.*s", (int)strcspn(cookie, ";"), cookie);
}

static void
assert_leads_to(int status, const char *path)
{
	assert_int_equal(status, 303);
	assert_string_equal(header("Location"), path);
}

static const char *
unique(void)
{
	return form("new%08x", randombytes_random());
}

TEST(who_registers_is_signed_in)
{
	const char *name = unique(), *token;

	assert_int_equal(visit(NULL, "/register?next=%2Feditor"), 200);
	assert_true(keeps("next", "/editor"));
	assert_leads_to(
	    submit(NULL, "/register",
	           form("username=%s&email=%s%%40example.org&password=long+enough&next=%%2Feditor", name, name)),
	    "/editor");
	token = session();
	assert_int_equal(visit(token, "/"), 200);
	assert_true(shows(name));
	assert_leads_to(visit(token, "/register"), "/");
}

TEST(what_was_typed_to_register_is_kept)
{
	struct person ada = somebody();
	const char *name = unique();

	assert_int_equal(submit(NULL, "/register", form("username=%s&email=x&password=secret", name)), 422);
	assert_true(keeps("username", name) && keeps("email", "x"));
	assert_false(shows("secret"));
	assert_null(memory_cookie(&memory, "session"));
	assert_int_equal(
	    submit(NULL, "/register", form("username=%s&email=%s%%40example.org&password=long+enough", ada.name, name)),
	    409);
	assert_true(keeps("email", form("%s@example.org", name)));
	assert_int_equal(submit(NULL, "/register", "username=%FF"), 400);
}

TEST(signs_in)
{
	struct person ada = somebody();
	const char *good = form("email=%s&password=long+enough", ada.email), *token;

	assert_leads_to(submit(NULL, "/login", good), "/");
	token = session();
	assert_string_not_equal(token, ada.token);
	assert_leads_to(submit(NULL, "/login", form("%s&next=%%2Fsettings", good)), "/settings");
	assert_leads_to(submit(NULL, "/login", form("%s&next=%%2F%%2Fevil.example", good)), "/");
	assert_leads_to(visit(token, "/login?next=%2Fsettings"), "/settings");
	assert_int_equal(visit("of-no-session", "/login"), 200);
	assert_string_equal(session(), "");
}

TEST(wrong_credentials_show_the_form_again)
{
	struct person ada = somebody();

	assert_int_equal(submit(NULL, "/login", form("email=%s&password=wrong+secret&next=%%2Feditor", ada.email)),
	                 401);
	assert_true(keeps("email", ada.email) && keeps("next", "/editor"));
	assert_true(shows("role=\"alert\""));
	assert_false(shows("wrong secret"));
	assert_null(memory_cookie(&memory, "session"));
	assert_int_equal(submit(NULL, "/login", "email=&password="), 422);
}

TEST(logins_of_pages_are_counted_with_those_of_the_api)
{
	const struct rate before = setting_limit_login_email;
	struct person ada = somebody();

	setting_limit_login_email = (struct rate){1, 3600};
	assert_int_equal(ask(NULL, "POST", "/api/users/login",
	                     form("{\"user\":{\"email\":\"%s\",\"password\":\"wrong enough\"}}", ada.email)),
	                 401);
	assert_int_equal(submit(NULL, "/login", form("email=%s&password=long+enough", ada.email)), 429);
	assert_non_null(header("Retry-After"));
	assert_true(keeps("email", ada.email));
	setting_limit_login_email = before;
}

TEST(settings_are_shown_and_saved)
{
	struct person ada = somebody();
	const char *name = unique();

	assert_int_equal(visit(ada.token, "/settings"), 200);
	assert_true(keeps("username", ada.name) && keeps("email", ada.email));
	assert_leads_to(
	    submit(ada.token, "/settings",
	           form("username=%s&email=%s&bio=One%%0D%%0Atwo.&image=%%2Fada.png&password=", name, ada.email)),
	    "/settings?saved=1");
	assert_int_equal(visit(ada.token, "/settings?saved=1"), 200);
	assert_true(keeps("username", name) && keeps("image", "/ada.png") && shows("two.") && shows("Saved."));
	assert_int_equal(visit(ada.token, "/"), 200);
	assert_true(shows(name));
	assert_leads_to(submit(NULL, "/login", form("email=%s&password=long+enough", ada.email)), "/");

	assert_leads_to(
	    submit(ada.token, "/settings", form("username=%s&email=%s&bio=&image=&password=", name, ada.email)),
	    "/settings?saved=1");
	assert_int_equal(ask(ada.token, "GET", "/api/user", NULL), 200);
	assert_null(member("user.bio"));
	assert_null(member("user.image"));
}

TEST(settings_that_cannot_be_are_kept_without_asking_the_database)
{
	struct person ada = somebody(), bob = somebody();

	assert_int_equal(
	    submit(ada.token, "/settings", form("username=%s&email=none&bio=Typed&image=&password=tiny", ada.name)),
	    422);
	assert_int_equal(memory.req.database_trips, 0);
	assert_true(keeps("email", "none") && shows("Typed"));
	assert_false(shows("tiny"));
	assert_int_equal(submit(ada.token, "/settings",
	                        form("username=%s&email=%s&bio=Typed&image=&password=", bob.name, ada.email)),
	                 409);
	assert_true(keeps("username", bob.name) && shows("Typed"));
	assert_int_equal(submit(NULL, "/settings", "username=x&bio=Typed"), 401);
	assert_true(shows("Typed"));
	assert_leads_to(visit(NULL, "/settings"), "/login?next=%2Fsettings");
}

TEST(a_new_password_ends_the_other_sessions)
{
	struct person ada = somebody();
	const char *other;

	assert_leads_to(submit(NULL, "/login", form("email=%s&password=long+enough", ada.email)), "/");
	other = session();
	assert_leads_to(submit(ada.token, "/settings",
	                       form("username=%s&email=%s&password=longer+than+before", ada.name, ada.email)),
	                "/settings?saved=1");
	assert_int_equal(visit(ada.token, "/settings"), 200);
	assert_leads_to(visit(other, "/settings"), "/login?next=%2Fsettings");
}

TEST(who_signs_out_has_no_session)
{
	struct person ada = somebody();

	assert_leads_to(submit(ada.token, "/logout", ""), "/");
	assert_string_equal(session(), "");
	assert_leads_to(submit(ada.token, "/logout", ""), "/");
	assert_leads_to(visit(ada.token, "/settings"), "/login?next=%2Fsettings");
}

TEST(preferences_are_cookies)
{
	assert_leads_to(submit(NULL, "/preferences", "theme=dark&next=%2Flogin"), "/login");
	assert_string_equal(memory_cookie(&memory, "theme"), "dark; Path=/; Max-Age=31536000; SameSite=Lax");
	assert_null(memory_cookie(&memory, "language"));
	assert_leads_to(submit(NULL, "/preferences", "theme=auto&language=de"), "/");
	assert_string_equal(memory_cookie(&memory, "theme"), "; Path=/; Max-Age=0; SameSite=Lax");
	assert_non_null(strstr(memory_cookie(&memory, "language"), "de; "));
	assert_int_equal(submit(NULL, "/preferences", "theme=dark&language=xx"), 422);
	assert_null(memory_cookie(&memory, "theme"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_registers_is_signed_in),
	    cmocka_unit_test(what_was_typed_to_register_is_kept),
	    cmocka_unit_test(signs_in),
	    cmocka_unit_test(wrong_credentials_show_the_form_again),
	    cmocka_unit_test(logins_of_pages_are_counted_with_those_of_the_api),
	    cmocka_unit_test(settings_are_shown_and_saved),
	    cmocka_unit_test(settings_that_cannot_be_are_kept_without_asking_the_database),
	    cmocka_unit_test(a_new_password_ends_the_other_sessions),
	    cmocka_unit_test(who_signs_out_has_no_session),
	    cmocka_unit_test(preferences_are_cookies),
	};

	return HANDLER_TESTS(tests);
}
