#include "handler.h"
#include "pages.h"

static const char *
page_text(void)
{
	return memory_text(&memory);
}

#define assert_shows(part)      assert_non_null(strstr(page_text(), part))
#define assert_not_shown(part)  assert_null(strstr(page_text(), part))
#define assert_leads_to(target) assert_string_equal(header("Location"), target)

/* Where what outlives the request is. */
static struct arena *
lasting(void)
{
	form("");
	return texts;
}

static const char *
next_of(const char *encoded)
{
	begin("GET", form("/login?next=%s", encoded));
	return next_path(&memory.req, "/");
}

TEST(next_is_a_page_of_ours)
{
	static const char *const pages[] = {
	    "/settings",    "/articles/on-paper", "/articles/on-paper?page=2#comments",
	    "/tags/%D7%A9", "/?page=3",           "/editor",
	};

	for (size_t i = 0; i < COUNT_OF(pages); i++)
		assert_string_equal(next_of(percent_encode(lasting(), pages[i])), pages[i]);
}

/* OWASP, Unvalidated Redirects and Forwards, and what lists of ways around such checks have. */
TEST(next_leads_nowhere_else)
{
	static const char others[] =
	    "https://evil.example //evil.example ///evil.example ////evil.example /%5Cevil.example "
	    "%5C%5Cevil.example /%5C/evil.example %5C/evil.example /%09/evil.example %09//evil.example "
	    "/%0A/evil.example %0D%0A//evil.example /%20/evil.example %20//evil.example javascript:alert(1) "
	    "java%0Ascript:alert(1) data:text/html,x https:evil.example https:/evil.example "
	    "http:%5C%5Cevil.example evil.example @evil.example /%2Fevil.example %2F%2Fevil.example "
	    "%2F%5Cevil.example /.//evil.example /..//evil.example /articles/..//evil.example "
	    "/%252Fevil.example /%255Cevil.example /%E3%80%82evil //evil%E3%80%82example "
	    "/%EF%BC%8Fevil.example /settings%0D%0ASet-Cookie:%20a=b /settings%0ALocation:%20//x /logout "
	    "/logout/ /logout?x /api/user /static/style.css /none /settings%5Cx /tags/%C3%A9 "
	    "/settings?x=%20 ?next=//evil.example .evil.example /:80 %68ttps://evil.example";
	char *copy = arena_copy(lasting(), others, sizeof others - 1);

	for (const char *other; (other = strsep(&copy, " ")) != NULL;)
		assert_string_equal(next_of(other), "/");
	assert_string_equal(next_of(""), "/");
	begin("GET", arena_printf(lasting(), "/login?next=/%%3F%0*d", NEXT_MAX, 0));
	assert_string_equal(next_path(&memory.req, "/"), "/");
	begin("GET", "/login");
	assert_string_equal(next_path(&memory.req, "/feed"), "/feed");
}

TEST(a_form_says_where_to_go_next_itself)
{
	begin("POST", "/login?next=%2Ffeed");
	memory_form(&memory, "next=%2Fsettings");
	assert_string_equal(next_path(&memory.req, "/"), "/settings");
	begin("POST", "/login?next=%2Ffeed");
	memory_form(&memory, "email=x");
	assert_string_equal(next_path(&memory.req, "/"), "/");
}

TEST(the_reader_chooses_language_and_theme)
{
	assert_int_equal(visit(NULL, "/none"), 404);
	assert_shows("<html lang=\"en\">");
	begin("GET", "/none");
	memory_header(&memory, "Accept-Language", "fr, de-AT;q=0.8, en;q=0.5");
	dispatch(&memory.req, &memory.res);
	assert_shows("<html lang=\"de\">");
	assert_string_equal(header("Content-Language"), "de");
	begin("GET", "/none");
	memory_header(&memory, "Accept-Language", "de");
	memory_header(&memory, "Cookie", "theme=dark; language=en");
	dispatch(&memory.req, &memory.res);
	assert_shows("<html lang=\"en\" data-theme=\"dark\">");
	begin("GET", "/none");
	memory_header(&memory, "Cookie", "theme=\"><script>; language=xx");
	dispatch(&memory.req, &memory.res);
	assert_shows("<html lang=\"en\">");
	assert_not_shown("\"><script>");
}

TEST(errors_are_pages)
{
	assert_int_equal(visit(NULL, "/%zz"), 400);
	assert_shows("That could not be understood");
	assert_int_equal(visit(NULL, "/?page=%zz"), 400);
	assert_int_equal(visit(NULL, "/articles/none-such"), 404);
	assert_shows("This page is missing");
	assert_int_equal(visit(NULL, "/editor/preview"), 405);
	assert_string_equal(header("Allow"), "POST, OPTIONS");
	assert_shows("That cannot be done here");
	assert_int_equal(ask(NULL, "GET", "/api/none", NULL), 404);
	assert_error("path", "not found");
}

TEST(pages_for_readers_with_an_account_ask_to_sign_in)
{
	assert_int_equal(visit(NULL, "/editor"), 303);
	assert_leads_to("/login?next=%2Feditor");
	assert_int_equal(visit("A session that is no more", "/articles/x%20y/edit?a=b&c"), 303);
	assert_leads_to("/login?next=%2Farticles%2Fx%2520y%2Fedit%3Fa%3Db%26c");
	assert_int_equal(visit(NULL, arena_printf(lasting(), "/editor?%0*d", NEXT_MAX, 0)), 303);
	assert_leads_to("/login");
}

/* The links to the pages of a list, as a template of its own shows them. */
static const char *
links(const char *target, long limit, int64_t total)
{
	static const char template[] =
	    "{{#pages}}{{previous}} <{{#items}}{{#gap}} …{{/gap}}{{^gap}} {{#current}}[{{number}}]{{/current}}"
	    "{{^current}}{{number}}{{/current}}{{/gap}}{{/items}} > {{next}}{{/pages}}";
	static const struct view_source source = {"links", "links.mustache", template, sizeof template - 1};
	static const struct view_setup setup = {.sources = &source, .sources_count = 1, .variants = 1};
	struct buffer out;

	view_init(&setup, "");
	begin("GET", target);
	if (!MEMORY_TRY(&memory))
		return form("%d", (int)memory.res.status);

	struct view_data *data = view_data(memory.req.arena);

	page_links(&memory.req, data, page_asked(&memory.req, limit), total);
	out = buffer_in(memory.req.arena);
	view_render(&out, "links", 0, data);
	return out.length > 0 ? out.data : "";
}

TEST(a_list_has_links_to_its_pages)
{
	assert_string_equal(links("/", 20, 0), "");
	assert_string_equal(links("/", 20, 20), "");
	assert_string_equal(links("/", 20, 21), " < [1] 2 > /?page=2");
	assert_string_equal(links("/tags/x?page=2&y=z", 20, 50), "/tags/x < 1 [2] 3 > /tags/x?page=3");
	assert_string_equal(links("/?page=4", 20, 140), "/?page=3 < 1 2 3 [4] 5 6 7 > /?page=5");
	assert_string_equal(links("/?page=5", 20, 200), "/?page=4 < 1 … 4 [5] 6 … 10 > /?page=6");
	assert_string_equal(links("/?page=10", 20, 200), "/?page=9 < 1 … 9 [10] > ");
	assert_string_equal(links("/", 20, 200), " < [1] 2 … 10 > /?page=2");
}

TEST(a_list_has_no_pages_beyond)
{
	static const char *const none[] = {"/?page=0", "/?page=-1", "/?page=x",
	                                   "/?page=",  "/?page=3",  "/?page=99999999999"};
	long last = setting_offset_max / 20 + 1;

	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_string_equal(links(none[i], 20, 40), "404");
	assert_string_equal(links("/?page=2", 20, 0), "404");
	assert_string_equal(links("/?page=1", 20, 0), "");
	assert_string_equal(links(form("/?page=%ld", last), 20, 1000000),
	                    form("/?page=%ld < 1 … %ld [%ld] > ", last - 1, last - 1, last));
	assert_string_equal(links(form("/?page=%ld", last + 1), 20, 1000000), "404");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(next_is_a_page_of_ours),
	    cmocka_unit_test(next_leads_nowhere_else),
	    cmocka_unit_test(a_form_says_where_to_go_next_itself),
	    cmocka_unit_test(the_reader_chooses_language_and_theme),
	    cmocka_unit_test(errors_are_pages),
	    cmocka_unit_test(pages_for_readers_with_an_account_ask_to_sign_in),
	    cmocka_unit_test(a_list_has_links_to_its_pages),
	    cmocka_unit_test(a_list_has_no_pages_beyond),
	};

	return HANDLER_TESTS(tests);
}
