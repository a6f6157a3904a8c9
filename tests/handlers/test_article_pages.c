#include "handler.h"

#define assert_shows(part)      assert_non_null(strstr(memory_text(&memory), part))
#define assert_not_shown(part)  assert_null(strstr(memory_text(&memory), part))
#define assert_leads_to(target) assert_string_equal(header("Location"), target)

#define LOST_SESSION "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const char *
page_of(const char *slug)
{
	return form("/articles/%s", slug);
}

/* Publishes by the form; gives the article's path. */
static const char *
write_article(const struct person *author, const char *fields)
{
	assert_int_equal(submit(author->token, "/editor", fields), 303);
	return form("%s", header("Location"));
}

TEST(an_article_is_published_by_its_form)
{
	struct person ada = somebody();
	const char *fields =
	    form("title=%s+is+here&description=About&body=Some+*text*.&tagList=b,+a&submission=1", ada.name);
	const char *path = write_article(&ada, fields);

	assert_string_equal(path, form("/articles/%s-is-here", ada.name));
	assert_int_equal(visit(NULL, path), 200);
	assert_string_equal(header("Content-Language"), "en");
	assert_shows("<em>text</em>");
	assert_shows(form("<link rel=\"canonical\" href=\"%s%s\">", setting_url, path));
	assert_int_equal(memory.req.database_trips, 1);

	assert_string_equal(write_article(&ada, fields), path); /* the same form once more */
	assert_int_equal(ask(ada.token, "GET", form("/api/articles?author=%s", ada.name), NULL), 200);
	assert_int_equal(number("articlesCount"), 1);
}

TEST(nothing_typed_is_lost)
{
	static const char fields[] = "title=&description=Typed+d&body=Typed+%3Ctext%3E&tagList=x,+y&submission=kept";
	struct person ada = somebody();
	const char *paths[] = {"/editor", form("/articles/%s/edit", publish(&ada, "x"))};

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		assert_int_equal(submit(ada.token, paths[i], fields), 422);
		assert_shows("Please fill this in.");
		assert_shows("Typed &lt;text&gt;");
		assert_shows("Typed d");
		assert_shows("value=\"x, y\"");
		assert_shows("value=\"kept\"");
		assert_int_equal(submit(LOST_SESSION, paths[i], fields), 401);
		assert_shows("Typed &lt;text&gt;");
		assert_shows("/login");
		assert_non_null(strstr(header("Set-Cookie"), "session=;"));
	}
}

TEST(what_others_wrote_is_theirs)
{
	struct person ada = somebody(), bob = somebody();
	const char *path = page_of(publish(&ada, "x"));

	assert_int_equal(visit(bob.token, form("%s/edit", path)), 403);
	assert_int_equal(visit(bob.token, form("%s/delete", path)), 403);
	assert_int_equal(submit(bob.token, form("%s/delete", path), ""), 403);
	assert_int_equal(submit(bob.token, form("%s/edit", path), "title=x&description=x&body=Typed+text"), 403);
	assert_shows("Only its writer may do that.");
	assert_shows("Typed text");
	assert_int_equal(visit(NULL, path), 200);
}

TEST(an_edited_article_moves_and_is_found)
{
	struct person ada = somebody(), bob = somebody();
	const char *old = page_of(publish(&ada, "x")), *new;

	assert_int_equal(visit(ada.token, form("%s/edit", old)), 200);
	assert_shows("What about");
	assert_int_equal(submit(ada.token, form("%s/edit", old), form("title=New+%s", ada.name)), 303);
	new = form("%s", header("Location"));
	assert_string_equal(new, form("/articles/new-%s", ada.name));
	assert_int_equal(visit(NULL, old), 301);
	assert_leads_to(new);
	assert_int_equal(submit(ada.token, form("%s/edit", old), "body=From+another+tab"), 303);
	assert_leads_to(new);
	assert_int_equal(submit(bob.token, form("%s/comments", old), "body=Written+meanwhile"), 303);
	assert_int_equal(submit(LOST_SESSION, form("%s/comments", old), "body=Typed+text"), 401);
	assert_shows("Typed text");
	assert_int_equal(visit(NULL, new), 200);
	assert_shows("From another tab");
	assert_shows("Written meanwhile");
}

TEST(deleting_asks_first)
{
	struct person ada = somebody();
	const char *path = page_of(publish(&ada, "x"));

	assert_int_equal(visit(ada.token, form("%s/delete", path)), 200);
	assert_shows(form("action=\"%s/delete\"", path));
	assert_shows("Delete this article?");
	assert_int_equal(visit(NULL, path), 200);
	assert_int_equal(submit(ada.token, form("%s/delete", path), ""), 303);
	assert_leads_to(form("/profiles/%s", ada.name));
	assert_int_equal(visit(NULL, path), 404);
	assert_int_equal(submit(ada.token, form("%s/delete", path), ""), 404);
}

TEST(a_preview_saves_nothing)
{
	struct person ada = somebody();

	assert_int_equal(submit(ada.token, "/editor/preview", "title=T&body=Some+*text*"), 200);
	assert_shows("<em>text</em>");
	assert_shows("action=\"/editor\"");
	assert_int_equal(submit(ada.token, "/editor/preview", "title=T&body=Some+*text*&slug=a%22b"), 200);
	assert_shows("action=\"/articles/a%22b/edit\"");
	assert_int_equal(submit(ada.token, "/editor/preview", "title=Typed&body="), 200);
	assert_shows("value=\"Typed\"");
	assert_int_equal(submit(LOST_SESSION, "/editor/preview", "title=T&body=Typed+text&slug=x"), 401);
	assert_shows("Typed text");
	assert_shows("action=\"/articles/x/edit\"");
	assert_int_equal(ask(NULL, "GET", form("/api/articles?author=%s", ada.name), NULL), 200);
	assert_int_equal(number("articlesCount"), 0);
}

TEST(what_machines_read_cannot_break_out)
{
	struct person ada = somebody();
	const char *path =
	    write_article(&ada, "title=%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E%22%5C&description=x&body=x");
	const char *start;

	assert_int_equal(visit(NULL, path), 200);
	assert_not_shown("<script>alert");
	start = strstr(memory_text(&memory), "application/ld+json\">");
	assert_non_null(start);
	start += strlen("application/ld+json\">");

	struct json_object *data = json_tokener_parse(form("%.*s", (int)strcspn(start, "<"), start));

	assert_non_null(data);
	assert_string_equal(json_object_get_string(json_object_object_get(data, "headline")),
	                    "</script><script>alert(1)</script>\"\\");
	json_object_put(data);
}

TEST(the_anonymous_learn_when_an_article_changed)
{
	struct person ada = somebody();
	const char *path = page_of(publish(&ada, "x")), *modified;

	assert_int_equal(visit(ada.token, path), 200);
	assert_null(header("Last-Modified"));
	assert_int_equal(visit(NULL, path), 200);
	modified = form("%s", header("Last-Modified"));
	begin("GET", path);
	memory_header(&memory, "If-Modified-Since", modified);
	dispatch(&memory.req, &memory.res);
	assert_int_equal(memory.res.status, 304);
}

TEST(comments_are_written_and_deleted_by_forms)
{
	struct person ada = somebody(), bob = somebody();
	const char *path = page_of(publish(&ada, "x")), *comment;

	assert_int_equal(submit(bob.token, form("%s/comments", path), "body=Well+*said*&submission=1"), 303);
	comment = form("%s", header("Location"));
	assert_int_equal(strncmp(comment, form("%s#comment-", path), strlen(path) + 9), 0);
	assert_int_equal(submit(bob.token, form("%s/comments", path), "body=Well+*said*&submission=1"), 303);
	assert_leads_to(comment);
	assert_int_equal(visit(NULL, path), 200);
	assert_shows("<em>said</em>");

	const char *delete = form("%s/comments/%s/delete", path, strrchr(comment, '-') + 1);

	assert_int_equal(visit(ada.token, delete), 403);
	assert_int_equal(submit(ada.token, delete, ""), 403);
	assert_int_equal(visit(bob.token, delete), 200);
	assert_shows("Well *said*");
	assert_shows(form("action=\"%s\"", delete));
	assert_shows(form("href=\"%s\"", comment));
	assert_int_equal(submit(bob.token, delete, ""), 303);
	assert_leads_to(form("%s#comments", path));
	assert_int_equal(visit(bob.token, delete), 404);
	assert_int_equal(visit(bob.token, form("%s/comments/1x/delete", path)), 404);
}

TEST(a_comment_that_cannot_be_is_kept)
{
	struct person ada = somebody();
	const char *path = page_of(publish(&ada, "x"));

	assert_int_equal(submit(ada.token, form("%s/comments", path), "body=+"), 422);
	assert_shows("Please fill this in.");
	assert_int_equal(submit(LOST_SESSION, form("%s/comments", path), "body=Typed+text"), 401);
	assert_shows("Typed text");
	assert_int_equal(submit(ada.token, "/articles/none-such/comments", "body=Typed+text"), 404);
	assert_shows("Typed text");
}

TEST(many_comments_have_pages)
{
	struct person ada = somebody();
	const char *path = page_of(publish(&ada, "x"));
	long standard = setting_comments_page;

	setting_comments_page = 2;
	for (int i = 0; i < 3; i++)
		assert_int_equal(submit(ada.token, form("%s/comments", path), form("body=Comment+%d", i)), 303);
	assert_non_null(strstr(header("Location"), form("%s?page=2#comment-", path)));
	assert_int_equal(visit(NULL, path), 200);
	assert_shows(form("%s?page=2#comments", path));
	assert_not_shown("Comment 2");
	assert_int_equal(visit(NULL, form("%s?page=2", path)), 200);
	assert_shows("Comment 2");
	assert_int_equal(visit(NULL, form("%s?page=3", path)), 404);
	setting_comments_page = standard;
}

TEST(favourites_lead_back)
{
	struct person ada = somebody();
	const char *path = page_of(publish(&ada, "x"));

	assert_int_equal(submit(ada.token, form("%s/favorite", path), "next=%2F%3Fpage%3D2"), 303);
	assert_leads_to("/?page=2");
	assert_int_equal(submit(ada.token, form("%s/unfavorite", path), "next=%2F%2Fevil.example"), 303);
	assert_leads_to(path);
	assert_int_equal(submit(NULL, form("%s/favorite", path), ""), 401);
	assert_shows("Please sign in.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_article_is_published_by_its_form),
	    cmocka_unit_test(nothing_typed_is_lost),
	    cmocka_unit_test(what_others_wrote_is_theirs),
	    cmocka_unit_test(an_edited_article_moves_and_is_found),
	    cmocka_unit_test(deleting_asks_first),
	    cmocka_unit_test(a_preview_saves_nothing),
	    cmocka_unit_test(what_machines_read_cannot_break_out),
	    cmocka_unit_test(the_anonymous_learn_when_an_article_changed),
	    cmocka_unit_test(comments_are_written_and_deleted_by_forms),
	    cmocka_unit_test(a_comment_that_cannot_be_is_kept),
	    cmocka_unit_test(many_comments_have_pages),
	    cmocka_unit_test(favourites_lead_back),
	};

	return HANDLER_TESTS(tests);
}
