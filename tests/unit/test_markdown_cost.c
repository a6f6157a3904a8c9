#include "arena_fixture.h"

#include <time.h>

#include "buffer.h"
#include "markdown.h"
#include "markdown_cost.h"
#include "markdown_html.h"

#define SECONDS_MAX 2 /* for what is just not refused; meant to be one */

static void
repeat(struct buffer *text, const char *unit, size_t times)
{
	while (times-- > 0)
		buffer_add_text(text, unit);
}

/* What is slow to parse, as often as it is not refused yet. */
static const struct bound {
	const char *name;
	const char *before;
	size_t before_times;
	const char *between;
	const char *unit;
	size_t times;
	const char *after;
} bounds[] = {
    {"quotes", "", 0, "", ">", MARKDOWN_NESTING_MAX, ""},
    {"lists", "", 0, "", "- ", MARKDOWN_NESTING_MAX, ""},
    {"numbered lists", "", 0, "a\n\n", "1) ", MARKDOWN_NESTING_MAX, ""},
    {"lists in quotes", "> ", MARKDOWN_NESTING_MAX / 2, "", "* ", MARKDOWN_NESTING_MAX / 2, ""},
    {"lists by indentation", "- ", 90, "a\n                    ", "+ ", 60, ""},
    {"lines in a list", "- ", MARKDOWN_NESTING_MAX, "a", "\n", 133333, ""},
    {"lines in a quote", ">", MARKDOWN_NESTING_MAX, "a", "\na", 133332, ""},
    {"mail", "@", 1000, "", "a", 99000, ""},
    {"addresses", "://", 1000, "", "a", 63666, ""},
    {"addresses without scheme", "www.", 1000, "", "a", 62666, ""},
    {"brackets after an address", "", 0, "www.", ")", 19995, ""},
    {"comments", "<!", 2000, "", "a", 96000, ""},
    {"instructions", "<?", 2000, "", "a", 96000, ""},
    {"images", "![", 10000, "", "]", 13333, ""},
    {"links", "a*", 1000, "", "]", 9975, ""},
    {"emphasis", "", 0, "", "a_*", 10000, ""},
    {"columns", "|", 8000, "\n:-", "|", 8324, ""},
    {"lines above a table", "", 0, "", "a\n", 19998, ":-"},
};

static const char *
bound_text(const struct bound *bound, size_t times)
{
	struct buffer text = buffer_in(arena);

	repeat(&text, bound->before, bound->before_times);
	buffer_add_text(&text, bound->between);
	repeat(&text, bound->unit, times);
	buffer_add_text(&text, bound->after);
	return text.data;
}

/* Renders what must not be refused, in time. */
static void
render_in_time(const char *name, const char *text)
{
	clock_t before = clock();
	const char *html = markdown_html(arena, text, 0);
	double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;

	if (html == NULL || seconds > SECONDS_MAX)
		fail_msg("%s: %s after %.3f s", name, html == NULL ? "refused" : "done", seconds);
}

TEST(what_is_slow_is_bounded)
{
	for (size_t i = 0; i < COUNT_OF(bounds); i++) {
		render_in_time(bounds[i].name, bound_text(&bounds[i], bounds[i].times));
		if (markdown_html(arena, bound_text(&bounds[i], bounds[i].times + 1), 0) != NULL)
			fail_msg("%s: one more is not refused", bounds[i].name);
		arena_reset(arena);
	}
}

TEST(what_people_write_is_far_below)
{
	static const struct {
		const char *unit;
		size_t times;
	} rows[] = {
	    {"Some *plain* text with a [link](https://example.com/a_(b)), `code` and **more**. Write to "
	     "a@example.com!\n\n",
	     1900},
	    {"Some *plain* text with a [link](https://example.com/a_(b)), `code` and **more**.\n", 1000},
	    {"- [name](https://example.com/) does *this* and **that**\n", 3500},
	    {"| a | [b](/c) | **d** | - |\n|---|---|---|---|\n", 100},
	    {"word ", 40000},
	    {"字", 200000},
	    {"\t\tif (snake_case_name && other_name) call(snake_case_name, 1);\n", 3300},
	    {"    <a href=\"https://example.com/\">text</a>\n", 4600},
	    {"> quoted\n> - item\n>   1. deeper\n", 6000},
	    {"{\"id\":1,\"mail\":\"a@example.com\",\"at\":\"https://example.com/1\"}, ", 900},
	    {"[1]: https://example.com/a/long/address/of/something \"and its title\"\n[a][1]\n", 2500},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buffer text = buffer_in(arena);
		repeat(&text, rows[i].unit, rows[i].times);
		render_in_time(rows[i].unit, text.data);
		arena_reset(arena);
	}
}

TEST(the_html_is_bounded)
{
	struct buffer text = buffer_in(arena);
	size_t room = MARKDOWN_HTML_MAX - strlen("<p>ab</p>\n");

	buffer_add_text(&text, "ab");
	repeat(&text, ">", room / strlen("&gt;"));
	repeat(&text, "a", room % strlen("&gt;"));
	assert_int_equal(strlen(markdown_html(arena, text.data, 0)), MARKDOWN_HTML_MAX);
	buffer_add_byte(&text, 'a');
	assert_null(markdown_html(arena, text.data, 0));
	arena_reset(arena);
}

TEST(the_memory_is_bounded)
{
	struct buffer table = buffer_in(arena), references = buffer_in(arena);

	repeat(&table, "|a", 1000);
	buffer_add_byte(&table, '\n');
	repeat(&table, "|-", 1000);
	repeat(&table, "\nb", 90000);
	assert_false(markdown_too_costly(table.data));
	assert_null(markdown_html(arena, table.data, 0));

	buffer_add_text(&references, "[a]: ");
	repeat(&references, "b", 100000);
	buffer_add_text(&references, "\n\n");
	repeat(&references, "[a]", 30000);
	assert_false(markdown_too_costly(references.data));
	assert_null(markdown_html(arena, references.data, 0));

	assert_string_equal(
	    markdown_html(arena, "~~a~~ www.b.c", MARKDOWN_UGC),
	    "<p><del>a</del> <a href=\"http://www.b.c\" rel=\"nofollow ugc noopener\">www.b.c</a></p>\n");
	arena_reset(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_slow_is_bounded),
	    cmocka_unit_test(what_people_write_is_far_below),
	    cmocka_unit_test(the_html_is_bounded),
	    cmocka_unit_test(the_memory_is_bounded),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
