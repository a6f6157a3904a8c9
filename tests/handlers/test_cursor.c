#include "handler.h"

#include "cursor.h"

static struct arena *
arena(void)
{
	begin("GET", "/");
	return memory.req.arena;
}

TEST(are_read_back)
{
	static const struct {
		enum list_order order;
		struct cursor cursor;
	} rows[] = {
	    {NEWEST_FIRST, {0, 0}},
	    {NEWEST_FIRST, {1763769600123456, 1}},
	    {NEWEST_FIRST, {-1, INT64_MAX}},
	    {NEWEST_FIRST, {INT64_C(-62135596800000000), INT64_MIN}},
	    {NEWEST_FIRST, {INT64_C(253402300799999999), -1}},
	    {OLDEST_FIRST, {0, 0}},
	    {OLDEST_FIRST, {0, INT64_MAX}},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *written = cursor_text(arena(), rows[i].order, rows[i].cursor);
		struct cursor cursor;

		assert_int_equal(strlen(written), rows[i].order == NEWEST_FIRST ? 23 : 12);
		assert_int_equal(strspn(written, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
		                 strlen(written));
		assert_true(cursor_read(written, rows[i].order, &cursor));
		assert_true(cursor.time == rows[i].cursor.time && cursor.id == rows[i].cursor.id);
	}
}

TEST(that_are_none_are_refused)
{
	static const char *const wrong[] = {
	    "",
	    "A",
	    "AQ",
	    "AQAAAAAAAAAAAAAAAAAAAA",   /* a byte too short */
	    "AQAAAAAAAAAAAAAAAAAAAAAA", /* a byte too long */
	    "AQAAAAAAAAAAAAAAAAAAAAB",  /* the last bits are no part of any byte */
	    "AQAAAAAAAAAAAAAAAAAAAAA=", /* padded */
	    "AQAAAAAAAAAAAAAAAAAAAA+",  /* the other alphabet */
	    " AQAAAAAAAAAAAAAAAAAAAAA",
	    "AgAAAAAAAAAAAAAAAAAAAAA", /* no such order */
	    "AAAAAAAAAAAAAAAAAAAAAAA",
	    "AgAAAAAAAAAB",            /* of a list in another order */
	    "AX__________AAAAAAAAAAA", /* beyond all times */
	    "AYAAAAAAAAAAAAAAAAAAAAA",
	};
	struct cursor cursor;

	assert_true(cursor_read("AQAAAAAAAAAAAAAAAAAAAAA", NEWEST_FIRST, &cursor));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(cursor_read(wrong[i], NEWEST_FIRST, &cursor));
	assert_false(cursor_read("AQAAAAAAAAAAAAAAAAAAAAA", OLDEST_FIRST, &cursor));
}

/* The address that Link leads to; NULL without one. */
static const char *
next_address(void)
{
	static const char end[] = ">; rel=\"next\"";
	const char *link = header("Link");

	if (link == NULL)
		return NULL;
	assert_int_equal(*link, '<');
	assert_string_equal(link + strlen(link) - strlen(end), end);
	return form("%.*s", (int)(strlen(link) - strlen(end) - 1), link + 1);
}

/* Follows a list to its end; gives how many pages it has. */
static int
walk(const char *token, const char *address, const char *list, int items)
{
	int pages = 0, found = 0;

	for (; address != NULL; address = next_address()) {
		assert_int_equal(ask(token, "GET", address, NULL), 200);
		found += (int)json_object_array_length(member(list));
		pages++;
	}
	assert_int_equal(found, items);
	return pages;
}

TEST(lead_through_a_list)
{
	struct person ada = somebody(), bob = somebody();

	assert_int_equal(ask(bob.token, "POST", form("/api/profiles/%s/follow", ada.name), NULL), 200);
	for (int i = 0; i < 5; i++) {
		const char *slug = publish(&ada, form("%s/&ü", ada.name));

		assert_int_equal(ask(bob.token, "POST", form("/api/articles/%s/favorite", slug), NULL), 200);
	}
	assert_int_equal(walk(NULL, form("/api/articles?author=%s&limit=2", ada.name), "articles", 5), 3);
	assert_int_equal(walk(NULL, form("/api/articles?limit=1&author=%s", ada.name), "articles", 5), 5);
	assert_int_equal(walk(NULL, form("/api/articles?author=%s&limit=5", ada.name), "articles", 5), 1);
	assert_int_equal(walk(NULL, form("/api/articles?author=%s&limit=2&offset=2", ada.name), "articles", 3), 2);
	assert_int_equal(walk(NULL, form("/api/articles?favorited=%s&limit=2", bob.name), "articles", 5), 3);
	assert_int_equal(walk(NULL, form("/api/articles?tag=%s%%2F%%26%%C3%%BC&limit=2", ada.name), "articles", 5), 3);
	assert_int_equal(walk(NULL,
	                      form("/api/articles?favorited=%s&author=%s&tag=%s%%2F%%26%%C3%%BC&limit=2", bob.name,
	                           ada.name, ada.name),
	                      "articles", 5),
	                 3);
	assert_int_equal(walk(bob.token, "/api/articles/feed?limit=2", "articles", 5), 3);
}

TEST(lead_through_comments)
{
	struct person ada = somebody();
	const char *comments = form("/api/articles/%s/comments", publish(&ada, "x"));

	for (int i = 0; i < 5; i++)
		assert_int_equal(ask(ada.token, "POST", comments, "{\"comment\":{\"body\":\"Text\"}}"), 201);
	assert_int_equal(walk(NULL, form("%s?limit=2", comments), "comments", 5), 3);
	assert_int_equal(walk(NULL, comments, "comments", 5), 1);
}

TEST(keep_what_a_list_is_filtered_by)
{
	struct person ada = somebody();
	const char *address;

	publish(&ada, "x");
	publish(&ada, "x");
	assert_int_equal(ask(NULL, "GET", form("/api/articles?limit=1&author=%s&other=1&tag=x", ada.name), NULL), 200);
	address = next_address();
	assert_ptr_equal(strstr(address, form("/api/articles?tag=x&author=%s&cursor=", ada.name)), address);
	assert_string_equal(strrchr(address, '&'), "&limit=1");
	assert_non_null(strstr(header("Access-Control-Expose-Headers"), "Link"));
}

TEST(are_checked)
{
	static const char *const lists[] = {"/api/articles?x=1", "/api/articles?tag=x&author=y",
	                                    "/api/articles/feed?limit=1"};
	struct person ada = somebody();
	const char *comments = form("/api/articles/%s/comments", publish(&ada, "x"));

	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		assert_int_equal(ask(ada.token, "GET", form("%s&cursor=", lists[i]), NULL), 422);
		assert_error("cursor", "is invalid");
		assert_int_equal(ask(ada.token, "GET", form("%s&cursor=AgAAAAAAAAAB", lists[i]), NULL), 422);
		assert_error("cursor", "is invalid");
		assert_int_equal(ask(ada.token, "GET", form("%s&cursor=AQAAAAAAAAAAAAAAAAAAAAA", lists[i]), NULL), 200);
		assert_int_equal(json_object_array_length(member("articles")), 0);
		assert_int_equal(
		    ask(ada.token, "GET", form("%s&cursor=AQAAAAAAAAAAAAAAAAAAAAA&offset=0", lists[i]), NULL), 200);
		assert_int_equal(
		    ask(ada.token, "GET", form("%s&cursor=AQAAAAAAAAAAAAAAAAAAAAA&offset=1", lists[i]), NULL), 422);
		assert_error("cursor", "cannot be used with an offset");
	}
	assert_int_equal(ask(NULL, "GET", form("%s?cursor=AQAAAAAAAAAAAAAAAAAAAAA", comments), NULL), 422);
	assert_error("cursor", "is invalid");
	assert_int_equal(ask(NULL, "GET", form("%s?cursor=AgAAAAAAAAAB&offset=1", comments), NULL), 422);
	assert_int_equal(ask(NULL, "GET", form("%s?cursor=AgAAAAAAAAAB", comments), NULL), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(are_read_back),
	    cmocka_unit_test(that_are_none_are_refused),
	    cmocka_unit_test(lead_through_a_list),
	    cmocka_unit_test(lead_through_comments),
	    cmocka_unit_test(keep_what_a_list_is_filtered_by),
	    cmocka_unit_test(are_checked),
	};

	return HANDLER_TESTS(tests);
}
