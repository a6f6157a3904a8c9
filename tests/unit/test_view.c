#include "arena_fixture.h"

#include <json-c/json.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "rows.h"
#include "view.h"

#define VARIANTS 2

/* Formats: "kind" tells what it was given, "shout" writes what has to be escaped. */

static void
write_kind(struct buffer *out, const struct view_value *value, unsigned variant)
{
	static const char *const kinds[] = {"text", "integer", "boolean", "time"};

	buffer_printf(out, "%s %.*s%lld %s", kinds[value->kind], (int)value->length,
	              value->text != NULL ? value->text : "", (long long)value->number, variant == 0 ? "en" : "de");
}

static void
write_shout(struct buffer *out, const struct view_value *value, unsigned variant)
{
	(void)variant;
	buffer_add(out, value->text, value->length);
	if (value->length > 0)
		buffer_add_text(out, "!<");
}

static const struct view_format formats[] = {{"kind", write_kind}, {"shout", write_shout}};

static bool
constant(const char *name, unsigned variant, const char **text)
{
	if (strncmp(name, "text.", 5) != 0)
		return false;
	*text = strcmp(name, "text.hello") == 0   ? (variant == 0 ? "Hello & <b>" : "Hallo & <b>")
	        : strcmp(name, "text.empty") == 0 ? ""
	                                          : NULL;
	return true;
}

static struct view_setup
setup_of(const struct view_source *sources, size_t count)
{
	return (struct view_setup){sources, count, formats, COUNT_OF(formats), VARIANTS, constant};
}

/* What is wrong with the template "main", "" if nothing is. It has itself as the partial "main". */
static const char *
compiled(const char *template)
{
	static struct view_source source; /* rendering asks for its name */
	const struct view_setup setup = setup_of(&source, 1);
	const char *copy;
	char *error;

	source = (struct view_source){"main", "main.mustache", template, strlen(template)};
	error = view_compile(&setup, "");
	copy = error != NULL ? arena_copy(arena, error, strlen(error)) : "";
	free(error);
	return copy;
}

static const char *
rendered_variant(const char *template, const struct view_data *data, unsigned variant)
{
	struct buffer out = buffer_in(arena);

	assert_string_equal(compiled(template), "");
	view_render(&out, "main", variant, data);
	return out.length > 0 ? arena_copy(arena, out.data, out.length) : "";
}

static const char *
rendered(const char *template, const struct view_data *data)
{
	return rendered_variant(template, data, 0);
}

TEST(values_have_their_texts)
{
	struct view_data *data = view_data(arena);

	view_text(data, "text", "a<b");
	view_text(data, "none", NULL);
	view_integer(data, "integer", INT64_MIN);
	view_boolean(data, "yes", true);
	view_boolean(data, "no", false);
	view_time(data, "time", INT64_C(1795253400000000));
	assert_string_equal(rendered("{{text}} {{{text}}} ({{none}}) {{integer}} {{yes}} {{no}} {{time}}", data),
	                    "a&lt;b a<b () -9223372036854775808 true false 2026-11-21T09:30:00.000Z");
	view_text(data, "text", "later");
	assert_string_equal(rendered("{{text}}", data), "later");
}

TEST(what_is_false_is_skipped)
{
	struct view_data *data = view_data(arena);

	view_text(data, "text", "0");
	view_text(data, "empty", "");
	view_text(data, "none", NULL);
	view_integer(data, "zero", 0);
	view_integer(data, "one", 1);
	view_boolean(data, "yes", true);
	view_boolean(data, "no", false);
	view_time(data, "time", 0);
	view_object(data, "object");
	view_item(data, "list");
	assert_string_equal(rendered("{{#text}}1{{/text}}{{#one}}2{{/one}}{{#yes}}3{{/yes}}{{#time}}4{{/time}}"
	                             "{{#object}}5{{/object}}{{#list}}6{{/list}}"
	                             "{{#empty}}a{{/empty}}{{#none}}b{{/none}}{{#zero}}c{{/zero}}{{#no}}d{{/no}}"
	                             "{{^empty}}A{{/empty}}{{^none}}B{{/none}}{{^zero}}C{{/zero}}{{^no}}D{{/no}}"
	                             "{{^text}}no{{/text}}{{^object}}no{{/object}}{{^list}}no{{/list}}",
	                             data),
	                    "123456ABCD");
}

TEST(objects_and_lists_grow)
{
	struct view_data *data = view_data(arena);

	view_text(view_object(data, "site"), "name", "Quire");
	view_integer(view_object(data, "site"), "year", 2026);
	for (int i = 1; i <= 3; i++) {
		struct view_data *item = view_item(data, "items");

		view_integer(item, "number", i);
		view_text(view_object(item, "part"), "name", i == 2 ? "two" : NULL);
	}
	assert_string_equal(rendered("{{site.name}} {{site.year}}{{#site}} {{name}}{{/site}}", data),
	                    "Quire 2026 Quire");
	assert_string_equal(rendered("{{#items}}{{number}}{{part.name}}{{^part.name}}-{{/part.name}}{{/items}}", data),
	                    "1-2two3-");
	assert_string_equal(rendered("{{#items}}{{number}}{{#items}}{{number}}{{/items}} {{/items}}", data),
	                    "1123 2123 3123 ");
}

TEST(json_is_kept_by_reference)
{
	struct view_data *data = view_data(arena);
	struct json_object *json = json_tokener_parse("{'list':['<',{'a':[1.5]}],'none':null}");

	view_json(data, "json", json);
	view_json(data, "null", NULL);
	assert_string_equal(rendered("{{#json.list}}({{.}}{{#a}}{{.}}{{/a}}){{/json.list}}{{json.none}}{{null}}", data),
	                    "(&lt;)(1.5)");
	json_object_put(json);
}

TEST(formats_write_values)
{
	struct view_data *data = view_data(arena);
	struct json_object *json = json_tokener_parse("{'n':7,'t':['x','y'],'none':null,'b':true}");

	view_text(data, "name", "a&");
	view_text(data, "empty", "");
	view_integer(data, "kind", 5);
	view_time(data, "time", -1);
	view_json(data, "json", json);
	assert_string_equal(
	    rendered("{{name.kind}}, {{kind.kind}}, {{time.kind}}, {{json.b.kind}}, {{json.n.kind}}", data),
	    "text a&amp;0 en, integer 5 en, time -1 en, boolean 1 en, integer 7 en");
	assert_string_equal(rendered("({{empty.shout}}{{{empty.shout}}})", data), "()");
	assert_string_equal(rendered_variant("{{name.kind}}", data, 1), "text a&amp;0 de");
	assert_string_equal(rendered("{{name.shout}} {{{name.shout}}} {{&name.shout}}", data), "a&amp;!&lt; a&!< a&!<");
	assert_string_equal(rendered("{{#json.t}}{{.}}{{.shout}} {{/json.t}}", data), "xx!&lt; yy!&lt; ");
	assert_string_equal(
	    rendered("({{missing.kind}}{{json.none.kind}}{{json.kind}}{{name.unknown}}{{.kind}})", data), "()");
	assert_string_equal(rendered("{{#name.shout}}<{{.}}>{{/name.shout}}{{#empty.shout}}no{{/empty.shout}}"
	                             "{{^empty.shout}}none{{/empty.shout}}",
	                             data),
	                    "<a&amp;!&lt;>none");
	json_object_put(json);
}

TEST(a_member_comes_before_a_format)
{
	struct view_data *data = view_data(arena);

	view_text(view_object(data, "a"), "shout", "member");
	assert_string_equal(rendered("{{a.shout}} {{#a}}{{shout}} {{shout.shout}}{{/a}}", data),
	                    "member member member!&lt;");
}

TEST(constants_are_part_of_the_text)
{
	struct view_data *data = view_data(arena);

	view_text(view_object(data, "text"), "hello", "not this");
	assert_string_equal(rendered("({{text.hello}}|{{{text.hello}}}|{{&text.hello}}|{{text.empty}})", data),
	                    "(Hello &amp; &lt;b&gt;|Hello & <b>|Hello & <b>|)");
	assert_string_equal(rendered_variant("({{ text.hello }})", data, 1), "(Hallo &amp; &lt;b&gt;)");
}

TEST(what_is_wrong_is_said_with_its_line)
{
	static const struct {
		const char *template, *error;
	} rows[] = {
	    {"a\n{{b", "2: a tag is not closed"},
	    {"{{{b}}", "1: a tag is not closed"},
	    {"\n{{!b", "2: a tag is not closed"},
	    {"{{=<% %>}}", "1: a tag is not closed"},
	    {"{{", "1: a tag is not closed"},
	    {"{{a}}\n\n {{#b}}\n\n{{c}}", "3: the section \"b\" is not closed"},
	    {"{{#a}}\n{{^b}}\n{{/b}}", "1: the section \"a\" is not closed"},
	    {"{{#a}}\n{{^b}}\n{{/a}}{{/b}}", "3: the section \"b\" is closed by {{/a}}"},
	    {"a\r\n{{/a}}", "2: no section to close by {{/a}}"},
	    {"a\n{{>nobody}}", "2: there is no template \"nobody\""},
	    {"a\n{{>}}", "2: there is no template \"\""},
	    {"a\n{{text.bye}}", "2: there is no text \"text.bye\""},
	    {"{{text.hello.shout}}", "1: there is no text \"text.hello.shout\""},
	    {"{{#text.hello}}{{/text.hello}}", "1: the text \"text.hello\" cannot be a section"},
	    {"{{.whisper}}", "1: there is no format \".whisper\""},
	    {"{{a b}}", "1: \"a b\" is not a name"},
	    {"{{}}", "1: \"\" is not a name"},
	    {"{{#}}{{/}}", "1: \"\" is not a name"},
	    {"{{a..b}}", "1: \"a..b\" is not a name"},
	    {"{{a.}}", "1: \"a.\" is not a name"},
	    {"{{.shout.kind}}", "1: \".shout.kind\" is not a name"},
	    {"{{..}}", "1: \"..\" is not a name"},
	    {"{{==}}", "1: delimiters are two, with a space between"},
	    {"{{=a=}}", "1: delimiters are two, with a space between"},
	    {"{{=a b c=}}", "1: delimiters have neither spaces nor '=' in them"},
	    {"{{=a= b=}}", "1: delimiters have neither spaces nor '=' in them"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *expected = arena_printf(arena, "main.mustache:%s", rows[i].error);

		assert_string_equal(compiled(rows[i].template), expected);
	}
}

TEST(sections_may_be_nested_deeply_but_not_endlessly)
{
	struct buffer template = buffer_in(arena);

	for (int i = 0; i < 64; i++)
		buffer_add_text(&template, "{{#a}}");
	for (int i = 0; i < 64; i++)
		buffer_add_text(&template, "{{/a}}");
	assert_string_equal(compiled(template.data), "");
	buffer_add_text(&template, "\n");
	for (int i = 0; i < 65; i++)
		buffer_add_text(&template, "{{#a}}");
	assert_string_equal(compiled(template.data), "main.mustache:2: more than 64 sections in each other");
}

static void
render_without_end(const void *data)
{
	const char *text = rendered("({{>main}})", data);

	assert_int_equal(strlen(text), 2 * 51);
	assert_string_equal(text + 49, "(()))))))))))))))))))))))))))))))))))))))))))))))))))");
}

TEST(a_partial_within_itself_ends)
{
	char errors[500];
	const char *first;

	assert_int_equal(run_apart(render_without_end, view_data(arena), errors, sizeof errors), 0);
	first = strstr(errors, "event\":\"template too deep\",\"template\":\"main\"");
	assert_non_null(first);
	assert_null(strstr(first + 1, "event"));
}

static const struct column article_columns[] = {
    {"_id", PG_TYPE_BIGINT},
    {"title", PG_TYPE_TEXT},
    {"tags", PG_TYPE_TEXT_ARRAY},
    {"createdAt", PG_TYPE_TIMESTAMPTZ},
    {"favorited", PG_TYPE_BOOLEAN},
    {"score", PG_TYPE_DOUBLE},
    {"author.username", PG_TYPE_VARCHAR},
    {"author.likes.count", PG_TYPE_INTEGER},
};

/* What comes before each item of a text[]: one dimension, the type of the items, their number, the lower bound. */
#define TEXTS(count) "\0\0\0\1\0\0\0\1\0\0\0\x19\0\0\0" count "\0\0\0\1"

static const struct value article_values[] = {
    {"\0\0\0\0\0\0\0\7", 8},
    {"<One>", 5},
    {TEXTS("\3") "\0\0\0\1x\xff\xff\xff\xff\0\0\0\2<y", 20 + 5 + 4 + 6},
    {"\0\0\0\0\0\0\0\0", 8},
    {"\1", 1},
    {"\x3f\xf8\0\0\0\0\0\0", 8},
    {"ada", 3},
    {"\0\0\0\2", 4},

    {"\0\0\0\0\0\0\0\x8", 8},
    {NULL, -1},
    {"\0\0\0\0\0\0\0\0\0\0\0\x19", 12},
    {"\x7f\xff\xff\xff\xff\xff\xff\xff", 8},
    {"\0", 1},
    {"\0\0\0\0\0\0\0\0", 8},
    {"bob", 3},
    {NULL, -1},

    {NULL, -1},
    {NULL, -1},
    {NULL, -1},
    {NULL, -1},
    {NULL, -1},
    {NULL, -1},
    {NULL, -1},
    {NULL, -1},
};

static struct rows *
articles(size_t count)
{
	return make_rows(arena, article_columns, COUNT_OF(article_columns), article_values, count);
}

TEST(a_row_is_an_object)
{
	struct view_data *data = view_data(arena);

	view_row(data, "article", articles(3), 0);
	view_row(data, "other", articles(3), 1);
	view_row(data, "absent", articles(3), 3);
	view_text(data, "title", "outer");
	view_text(data, "username", "outer");
	assert_string_equal(rendered("{{article._id}} {{article.title}} {{article.createdAt}} {{article.favorited}} "
	                             "{{article.score}} {{article.author.username}} {{article.author.likes.count}}",
	                             data),
	                    "7 &lt;One&gt; 2000-01-01T00:00:00.000Z true 1.5 ada 2");
	assert_string_equal(
	    rendered("{{#article}}{{title}} {{author.username}}{{#author}} {{username}} {{title}}"
	             "{{#likes}} {{count}} {{username}}{{/likes}} {{likes.count.kind}}{{/author}}{{/article}}",
	             data),
	    "&lt;One&gt; ada ada &lt;One&gt; 2 ada integer 2 en");
	assert_string_equal(rendered("{{#article.author}}{{username.shout}}{{/article.author}}", data), "ada!&lt;");
	assert_string_equal(
	    rendered("({{article.author}}{{article.author.user}}{{article.titl}}{{article.username}})", data), "()");
	assert_string_equal(rendered("{{#other}}({{title}}) {{createdAt}}{{^favorited}} no{{/favorited}}{{^score}} "
	                             "none{{/score}} {{author.likes.count}}{{/other}}",
	                             data),
	                    "() 9999-12-31T23:59:59.999Z no none ");
	assert_string_equal(rendered("{{^absent}}absent{{/absent}}", data), "absent");
}

TEST(a_list_of_texts_in_a_row_is_a_list)
{
	struct view_data *data = view_data(arena);

	view_rows(data, "articles", articles(2));
	assert_string_equal(
	    rendered("{{#articles}}{{#tags}}({{.}}{{.shout}}){{/tags}}{{^tags}}none{{/tags}}{{tags}}{{/articles}}",
	             data),
	    "(xx!&lt;)()(&lt;y&lt;y!&lt;)none");
}

TEST(rows_are_a_list)
{
	struct view_data *data = view_data(arena);

	view_rows(data, "articles", articles(3));
	view_rows(data, "none", articles(0));
	view_rows(data, "nobody", make_rows(arena, article_columns, COUNT_OF(article_columns), article_values + 16, 1));
	view_rows(data, "names",
	          make_rows(arena, &(struct column){"name", PG_TYPE_NAME}, 1, (struct value[]){BYTES("x"), NONE}, 2));
	assert_string_equal(rendered("{{#articles}}{{_id}} {{author.username}};{{/articles}}", data), "7 ada;8 bob;");
	assert_string_equal(rendered("{{#articles}}{{#articles}}{{_id}}{{/articles}} {{_id}};{{/articles}}", data),
	                    "78 7;78 8;");
	assert_string_equal(rendered("{{^articles}}no{{/articles}}{{^none}}1{{/none}}{{^nobody}}2{{/nobody}}"
	                             "{{#none}}no{{/none}}{{#nobody}}no{{/nobody}}",
	                             data),
	                    "12");
	assert_string_equal(rendered("{{#names}}({{name}}){{/names}}", data), "(x)()");
}

static void
render_numeric(const void *subject)
{
	struct view_data *data = view_data(arena);

	(void)subject;
	view_row(data, "row",
	         make_rows(arena, &(struct column){"odd", PG_TYPE_NUMERIC}, 1, (struct value[]){BYTES("")}, 1), 0);
	rendered("{{row.odd}}", data);
}

static void
render_unknown(const void *name)
{
	struct buffer out = buffer_in(arena);

	compiled("");
	view_render(&out, name, 0, view_data(arena));
}

static void
start_broken(const void *template)
{
	const struct view_source source = {"main", "views/main.mustache", template, strlen(template)};
	const struct view_setup setup = setup_of(&source, 1);

	view_init(&setup, "");
}

TEST(what_cannot_be_done_ends_the_process)
{
	char errors[500];

	assert_int_equal(run_apart(render_numeric, NULL, errors, sizeof errors), EX_SOFTWARE);
	assert_non_null(strstr(errors, "\"column\":\"odd\""));
	assert_int_equal(run_apart(render_unknown, "nobody", errors, sizeof errors), EX_SOFTWARE);
	assert_non_null(strstr(errors, "\"template\":\"nobody\""));
	assert_int_equal(run_apart(start_broken, "\n{{a", errors, sizeof errors), EX_CONFIG);
	assert_string_equal(errors, "views/main.mustache:2: a tag is not closed\n");
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const char *
rendered_main(void)
{
	struct buffer out = buffer_in(arena);

	view_render(&out, "main", 0, view_data(arena));
	return out.data;
}

static void
render_what_broke(const void *path)
{
	write_file(path, "{{broken");
	assert_string_equal(rendered_main(), "changed");
	assert_string_equal(rendered_main(), "changed");
}

TEST(templates_of_a_folder_are_read_again_when_they_change)
{
	static const struct view_source sources[] = {{"main", "main.mustache", "built in", 8},
	                                             {"part", "part.mustache", "part", 4}};
	const struct view_setup setup = setup_of(sources, COUNT_OF(sources));
	char folder[] = "/tmp/test_view.XXXXXX", errors[500], *error;
	const char *path;

	assert_non_null(mkdtemp(folder));
	path = arena_printf(arena, "%s/main.mustache", folder);
	view_init(&setup, folder);
	assert_string_equal(rendered_main(), "built in");
	write_file(path, "a file with {{>part}}");
	assert_string_equal(rendered_main(), "a file with part");
	write_file(path, "changed");
	assert_string_equal(rendered_main(), "changed");

	assert_int_equal(run_apart(render_what_broke, path, errors, sizeof errors), 0);
	error = strstr(errors, "event\":\"template broken\"");
	assert_non_null(error);
	assert_non_null(strstr(error, "main.mustache:1: a tag is not closed"));
	assert_null(strstr(error + 1, "event"));

	write_file(path, "");
	assert_null(rendered_main());
	unlink(path);
	assert_string_equal(rendered_main(), "built in");
	assert_int_equal(mkdir(path, 0700), 0);
	error = view_compile(&setup, folder);
	assert_non_null(strstr(error, "/main.mustache:1: Is a directory"));
	free(error);
	rmdir(path);
	rmdir(folder);
	assert_string_equal(compiled(""), ""); /* nothing refers to the folder any more */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(values_have_their_texts, start, stop),
	    cmocka_unit_test_setup_teardown(what_is_false_is_skipped, start, stop),
	    cmocka_unit_test_setup_teardown(objects_and_lists_grow, start, stop),
	    cmocka_unit_test_setup_teardown(json_is_kept_by_reference, start, stop),
	    cmocka_unit_test_setup_teardown(formats_write_values, start, stop),
	    cmocka_unit_test_setup_teardown(a_member_comes_before_a_format, start, stop),
	    cmocka_unit_test_setup_teardown(constants_are_part_of_the_text, start, stop),
	    cmocka_unit_test_setup_teardown(what_is_wrong_is_said_with_its_line, start, stop),
	    cmocka_unit_test_setup_teardown(sections_may_be_nested_deeply_but_not_endlessly, start, stop),
	    cmocka_unit_test_setup_teardown(a_partial_within_itself_ends, start, stop),
	    cmocka_unit_test_setup_teardown(a_row_is_an_object, start, stop),
	    cmocka_unit_test_setup_teardown(a_list_of_texts_in_a_row_is_a_list, start, stop),
	    cmocka_unit_test_setup_teardown(rows_are_a_list, start, stop),
	    cmocka_unit_test_setup_teardown(what_cannot_be_done_ends_the_process, start, stop),
	    cmocka_unit_test_setup_teardown(templates_of_a_folder_are_read_again_when_they_change, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
