#include "handler.h"

#include "session.h"

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

/* Sessions of browsers: a page that shows the viewer's badge, and what people do with a session. */

static enum http_status
show_badge(struct request *req, struct response *res)
{
	buffer_printf(response_body(res, HTTP_OK, CONTENT_TYPE_HTML), "%s",
	              req->user != NULL ? req->user->badge : "nobody");
	return HTTP_OK;
}

static enum http_status
sign_in(struct request *req, struct response *res)
{
	const struct json_object *in = input_object(req, "user");

	session_set_cookie(res, session_create(req, strtoll(input_text(req, in, "id", 1, 20), NULL, 10),
	                                       input_text(req, in, "badge", 1, 100)));
	return HTTP_OK;
}

static enum http_status
change_badge(struct request *req, struct response *res)
{
	session_set_badge(req, req->user->id, input_text(req, input_object(req, "user"), "badge", 1, 100));
	return show_badge(req, res);
}

static enum http_status
sign_out(struct request *req, struct response *res)
{
	session_end(req, req->user->id, req->user->session);
	session_clear_cookie(res);
	return HTTP_OK;
}

static const struct route pages[] = {
    {HTTP_GET, "/", show_badge, "show_badge", PAGE, NULL},
    {HTTP_GET, "/mine", show_badge, "show_badge", PAGE | NEEDS_USER, NULL},
    {HTTP_POST, "/login", sign_in, "sign_in", PAGE | NO_SESSION, NULL},
    {HTTP_POST, "/badge", change_badge, "change_badge", PAGE | NEEDS_USER, NULL},
    {HTTP_POST, "/logout", sign_out, "sign_out", PAGE | NEEDS_USER, NULL},
    {HTTP_GET, "/api", show_badge, "show_badge", 0, NULL},
    {HTTP_GET, "/api/sessions", sessions_show, "sessions_show", NEEDS_USER, NULL},
};

static int
pages_setup(void **state)
{
	if (handler_setup(state) != 0)
		return -1;
	router_init(pages, COUNT_OF(pages));
	dispatch_init(NULL);
	return 0;
}

/* Signs a user in; gives the session's token as the cookie has it. */
static const char *
signed_in(const char *id, const char *badge)
{
	const char *cookie;

	assert_int_equal(submit(NULL, "/login", form("id=%s&badge=%s", id, badge)), 200);
	assert_non_null(cookie = memory_cookie(&memory, "session"));
	return form("%.*s", (int)strcspn(cookie, ";"), cookie);
}

/* An id that no user of the database has. */
static const char *
some_id(void)
{
	return form("8%09u", randombytes_uniform(1000000000));
}

TEST(a_cookie_is_a_session_with_a_badge)
{
	const char *token = signed_in(some_id(), "Ada+of+%C3%9Ckk%C3%A9");

	assert_int_equal(visit(token, "/"), 200);
	assert_string_equal(memory_text(&memory), "Ada of \xC3\x9Ckk\xC3\xA9");
	assert_string_equal(header("Cache-Control"), "private, no-cache");
	assert_null(header("Set-Cookie"));
	assert_int_equal(visit(NULL, "/"), 200);
	assert_string_equal(memory_text(&memory), "nobody");
	assert_non_null(strstr(header("Cache-Control"), "public"));
	assert_int_equal(visit(NULL, "/mine"), 401);
	assert_error("token", "is missing");
}

TEST(pages_look_at_cookies_and_the_api_at_authorization)
{
	const char *token = signed_in(some_id(), "ada");

	assert_int_equal(ask(token, "GET", "/", NULL), 200);
	assert_string_equal(memory_text(&memory), "nobody");
	assert_int_equal(ask(token, "GET", "/api", NULL), 200);
	assert_string_equal(memory_text(&memory), "ada");
	assert_int_equal(visit(token, "/api"), 200);
	assert_string_equal(memory_text(&memory), "nobody");
}

TEST(a_cookie_lives_as_long_as_a_session_can)
{
	assert_int_equal(submit(NULL, "/login", form("id=%s&badge=ada", some_id())), 200);
	assert_string_equal(memory_cookie(&memory, "session") + 43,
	                    form("; Path=/; Max-Age=%ld; SameSite=Lax; HttpOnly", setting_session_lifetime_seconds));
}

TEST(a_cookie_under_https_is_of_this_host_only)
{
	const char *before = setting_url, *token = signed_in(some_id(), "ada");

	setting_url = "https://quire.test";
	assert_int_equal(visit(token, "/mine"), 401);
	begin("GET", "/mine");
	memory_header(&memory, "Cookie", form("__Host-session=%s", token));
	dispatch(&memory.req, &memory.res);
	assert_int_equal(memory.res.status, 200);
	assert_int_equal(submit(NULL, "/login", form("id=%s&badge=ada", some_id())), 200);
	assert_non_null(strstr(memory_cookie(&memory, "__Host-session"), "; HttpOnly; Secure"));
	setting_url = before;
}

TEST(the_cookie_of_a_dead_session_is_cleared)
{
	const char *token = signed_in(some_id(), "ada");
	const char *const dead[] = {token, "", "x", "0123456789012345678901234567890123456789012"};

	assert_int_equal(submit(token, "/logout", ""), 200);
	assert_string_equal(memory_cookie(&memory, "session"), "; Path=/; Max-Age=0; SameSite=Lax; HttpOnly");
	for (size_t i = 0; i < COUNT_OF(dead); i++) {
		assert_int_equal(visit(dead[i], "/"), 200);
		assert_string_equal(memory_text(&memory), "nobody");
		assert_string_equal(memory_cookie(&memory, "session"), "; Path=/; Max-Age=0; SameSite=Lax; HttpOnly");
		assert_string_equal(header("Cache-Control"), "private, no-cache");
		assert_int_equal(visit(dead[i], "/mine"), 401);
		assert_error("token", "is invalid");
		assert_non_null(memory_cookie(&memory, "session"));
	}
}

TEST(all_sessions_of_a_user_get_the_new_badge)
{
	const char *id = some_id(), *one = signed_in(id, "ada"), *two = signed_in(id, "ada");
	const char *other = signed_in(some_id(), "bob");

	assert_int_equal(submit(one, "/badge", "badge=ada+%25l"), 200);
	assert_int_equal(submit(one, "/badge", "badge=ada+%251"), 200);
	visit(one, "/");
	assert_string_equal(memory_text(&memory), "ada %1");
	visit(two, "/");
	assert_string_equal(memory_text(&memory), "ada %1");
	visit(other, "/");
	assert_string_equal(memory_text(&memory), "bob");
	assert_int_equal(ask(two, "GET", "/api/sessions", NULL), 200);
	assert_int_equal(json_object_array_length(member("sessions")), 2);
	assert_string_equal(text("sessions.0.userAgent"), "");
}

/* Runs a command of Redis and gives its answer as a text. */
static const char *
redis_says(const char *command, const char *key, const char *value)
{
	const struct redis_argument arguments[] = {redis_text(command), redis_text(key), redis_text(value)};
	const redisReply *reply = redis_command(&memory.req, arguments, *value == '\0' ? 2 : 3);

	assert_non_null(reply);
	return reply->str != NULL ? reply->str : "";
}

TEST(a_session_from_before_there_were_badges_goes_on)
{
	const char *id = some_id(), *token = signed_in(id, "ada"), *key;

	visit(token, "/");
	key = form("session:%s", memory.req.user->session);
	assert_string_equal(redis_says("GET", key, ""),
	                    form("%s %.10s 127.0.0.1 \nada", id, redis_says("GET", key, "") + 11));
	redis_says("SET", key, form("%s %lld 127.0.0.1 Old Browser", id, (long long)clock_now() / 1000000));

	assert_int_equal(visit(token, "/mine"), 200);
	assert_string_equal(memory_text(&memory), "");
	assert_int_equal(ask(token, "GET", "/api/sessions", NULL), 200);
	assert_string_equal(text("sessions.0.userAgent"), "Old Browser");
	assert_int_equal(submit(token, "/badge", "badge=ada"), 200);
	assert_int_equal(visit(token, "/mine"), 200);
	assert_string_equal(memory_text(&memory), "ada");
}

TEST(without_redis_only_the_anonymous_read)
{
	const char *before = setting_redis, *token = signed_in(some_id(), "ada");

	redis_close();
	setting_redis = "unix:/nonexistent";
	assert_int_equal(visit(token, "/"), 503);
	assert_null(header("Set-Cookie"));
	assert_int_equal(visit(NULL, "/"), 200);
	assert_int_equal(submit(token, "/badge", "badge=ada"), 503);
	assert_int_equal(submit(NULL, "/login", "id=1&badge=ada"), 503);
	setting_redis = before;
	usleep(600000); /* as long as nobody asks a Redis that was away */
	assert_int_equal(visit(token, "/mine"), 200);
}

TEST(a_form_needs_the_token_of_its_session)
{
	const char *id = some_id(), *token = signed_in(id, "ada");

	assert_int_equal(submit(token, "/badge", "csrf=again&badge=eve"), 403);
	assert_error("form", "is out of date");
	begin_page(token, "POST", "/badge");
	memory_form(&memory, "badge=eve");
	dispatch(&memory.req, &memory.res);
	assert_int_equal(memory.res.status, 403);
	visit(token, "/");
	assert_string_equal(memory_text(&memory), "ada");
}

int
main(void)
{
	const struct CMUnitTest page_tests[] = {
	    cmocka_unit_test(a_cookie_is_a_session_with_a_badge),
	    cmocka_unit_test(pages_look_at_cookies_and_the_api_at_authorization),
	    cmocka_unit_test(a_cookie_lives_as_long_as_a_session_can),
	    cmocka_unit_test(a_cookie_under_https_is_of_this_host_only),
	    cmocka_unit_test(the_cookie_of_a_dead_session_is_cleared),
	    cmocka_unit_test(all_sessions_of_a_user_get_the_new_badge),
	    cmocka_unit_test(a_session_from_before_there_were_badges_goes_on),
	    cmocka_unit_test(without_redis_only_the_anonymous_read),
	    cmocka_unit_test(a_form_needs_the_token_of_its_session),
	};
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_the_own_sessions),
	    cmocka_unit_test(ends_one_session),
	    cmocka_unit_test(ends_all_sessions),
	    cmocka_unit_test(signs_out),
	    cmocka_unit_test(only_the_oldest_session_makes_room),
	};

	return HANDLER_TESTS(tests) + cmocka_run_group_tests(page_tests, pages_setup, handler_teardown);
}
