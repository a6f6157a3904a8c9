#include "unit.h"

#include <sodium.h>

#include "../memory.h"
#include "csrf.h"
#include "router.h"
#include "settings.h"

static struct memory memory;

static const struct route page = {.method = HTTP_POST, .pattern = "/", .flags = PAGE};
static const struct route open_page = {.method = HTTP_POST, .pattern = "/", .flags = PAGE | NO_SESSION};
static struct viewer user = {.id = 7};

static int
start(void **state __attribute__((unused)))
{
	return sodium_init() < 0 ? -1 : 0;
}

static int
stop(void **state __attribute__((unused)))
{
	memory_end(&memory);
	memory.req.arena = NULL;
	setting_url = "http://localhost:8080";
	return 0;
}

/* Starts the POST of a form, from the browser that has a session's cookie, unless it is NULL. */
static void
begin(const char *session)
{
	if (memory.req.arena != NULL)
		memory_end(&memory);
	memory_start(&memory, "POST", "/");
	memory.req.route = &page;
	if (session == NULL)
		return;
	memory_header(&memory, "Cookie", arena_printf(memory.req.arena, "session=%s", session));
	memory.req.user = &user;
}

/* What is wrong with the form, "" if nothing is. */
static const char *
fault(void)
{
	if (MEMORY_TRY(&memory)) {
		csrf_check(&memory.req);
		return "";
	}
	assert_int_equal(memory.res.status, HTTP_FORBIDDEN);
	return memory_error(&memory, "form");
}

static const char *
fault_of_token(const char *session, const char *token)
{
	begin(session);
	memory_form(&memory, arena_printf(memory.req.arena, "body=text&csrf=%s", token));
	return fault();
}

TEST(a_token_is_that_of_its_session)
{
	char token[50], another[50];

	begin("first");
	snprintf(token, sizeof token, "%s", csrf_token(&memory.req));
	snprintf(another, sizeof another, "%s", csrf_token(&memory.req));
	assert_string_not_equal(token, another);
	assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);

	assert_string_equal(fault_of_token("first", token), "");
	assert_string_equal(fault_of_token("first", another), "");
	assert_string_equal(fault_of_token("second", token), "is out of date");
}

TEST(a_token_must_be_whole)
{
	char token[50], flipped[150];

	begin("first");
	snprintf(token, sizeof token, "%s", csrf_token(&memory.req));
	for (size_t i = 0; i < strlen(token); i++) {
		snprintf(flipped, sizeof flipped, "%s", token);
		flipped[i] = flipped[i] == 'A' ? 'Q' : 'A'; /* they differ in a bit that the last character has, too */
		if (strcmp(fault_of_token("first", flipped), "is out of date") != 0)
			fail_msg("%s passes for %s", flipped, token);
		snprintf(flipped, sizeof flipped, "%.*s", (int)i, token);
		assert_string_equal(fault_of_token("first", flipped), "is out of date");
	}
	snprintf(flipped, sizeof flipped, "%sAAAA", token);
	assert_string_equal(fault_of_token("first", flipped), "is out of date");
	snprintf(flipped, sizeof flipped, "%s&csrf=%s", token, token);
	assert_string_equal(fault_of_token("first", flipped), "is out of date");
	begin("first");
	memory_form(&memory, "body=text");
	assert_string_equal(fault(), "is out of date");
}

TEST(the_anonymous_have_no_token_and_need_none)
{
	begin(NULL);
	assert_string_equal(csrf_token(&memory.req), "");
	assert_string_equal(fault(), "");

	begin("dead");
	memory.req.user = NULL;
	memory.req.session_ended = true;
	assert_string_equal(csrf_token(&memory.req), "");

	begin("not looked at");
	memory.req.user = NULL;
	memory.req.route = &open_page;
	assert_string_equal(csrf_token(&memory.req), "");
	assert_string_equal(fault(), "");
}

TEST(a_form_comes_from_this_site)
{
	static const struct {
		const char *url, *host, *site, *origin;
		bool passes;
	} rows[] = {
	    {"http://quire.test", "a.test", "same-origin", NULL, true},
	    {"http://quire.test", "a.test", "none", NULL, true},
	    {"http://quire.test", "a.test", "same-site", NULL, false},
	    {"http://quire.test", "a.test", "cross-site", "http://a.test", false},
	    {"http://quire.test", "a.test", "", NULL, false},
	    {"http://quire.test", "a.test", "same-origin", "null", true},
	    {"http://quire.test", "a.test", NULL, NULL, true},
	    {"http://quire.test", "a.test", NULL, "http://a.test", true},
	    {"http://quire.test", "a.test", NULL, "https://A.test", true},
	    {"http://quire.test", "a.test:81", NULL, "http://a.test:81", true},
	    {"http://quire.test", "a.test:81", NULL, "http://a.test", false},
	    {"http://quire.test", "a.test", NULL, "http://b.a.test", false},
	    {"http://quire.test", "a.test", NULL, "http://a.test.b", false},
	    {"http://quire.test", "a.test", NULL, "http://quire.test", true},
	    {"http://quire.test/", "a.test", NULL, "http://quire.test", true},
	    {"http://quire.test:81", "a.test", NULL, "http://quire.test", false},
	    {"http://quire.test", "a.test", NULL, "http://quire.tes", false},
	    {"http://quire.test", "a.test", NULL, "https://quire.test", false},
	    {"http://quire.test", NULL, NULL, "http://quire.test", true},
	    {"http://quire.test", NULL, NULL, "http://a.test", false},
	    {"http://quire.test", "a.test", NULL, "null", false},
	    {"http://quire.test", "a.test", NULL, "", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		begin(NULL);
		setting_url = rows[i].url;
		if (rows[i].host != NULL)
			memory_header(&memory, "Host", rows[i].host);
		if (rows[i].site != NULL)
			memory_header(&memory, "Sec-Fetch-Site", rows[i].site);
		if (rows[i].origin != NULL)
			memory_header(&memory, "Origin", rows[i].origin);
		if (strcmp(fault(), rows[i].passes ? "" : "came from another site") != 0)
			fail_msg("row %zu", i);
	}
}

TEST(where_a_form_comes_from_matters_even_with_the_token)
{
	begin("first");
	memory_header(&memory, "Sec-Fetch-Site", "cross-site");
	memory_form(&memory, arena_printf(memory.req.arena, "csrf=%s", csrf_token(&memory.req)));
	assert_string_equal(fault(), "came from another site");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_token_is_that_of_its_session, stop),
	    cmocka_unit_test_teardown(a_token_must_be_whole, stop),
	    cmocka_unit_test_teardown(the_anonymous_have_no_token_and_need_none, stop),
	    cmocka_unit_test_teardown(a_form_comes_from_this_site, stop),
	    cmocka_unit_test_teardown(where_a_form_comes_from_matters_even_with_the_token, stop),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
