#include "unit.h"

#include <sysexits.h>

#include "../memory.h"
#include "json.h"
#include "rows.h"

#define PG_TYPE_JSON          114
#define PG_TYPE_JSONB         3802
#define MICROSECONDS_PER_HOUR INT64_C(3600000000)

static struct memory memory;

static int
start(void **state __attribute__((unused)))
{
	memory_start(&memory, "GET", "/");
	return 0;
}

static int
stop(void **state __attribute__((unused)))
{
	memory_end(&memory);
	return 0;
}

/* The JSON of one row that has a single column "a" of that type. */
static const char *
json_of(uint32_t type, struct value value)
{
	struct buffer out = buffer_in(memory.req.arena);

	json_row(&out, make_rows(memory.req.arena, &(struct column){"a", type}, 1, &value, 1), 0);
	return out.data;
}

static struct value
big_endian(int64_t number)
{
	char *bytes = arena_alloc(memory.req.arena, 8);

	for (int i = 0; i < 8; i++)
		bytes[i] = (char)(number >> (56 - 8 * i));
	return (struct value){bytes, 8};
}

static struct value
big_endian_double(double number)
{
	int64_t bits;

	memcpy(&bits, &number, sizeof bits);
	return big_endian(bits);
}

TEST(texts_are_escaped_as_little_as_may_be)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
	    {"", "\"\""},
	    {"plain", "\"plain\""},
	    {"\"", "\"\\\"\""},
	    {"\\", "\"\\\\\""},
	    {"a\"b\\c", "\"a\\\"b\\\\c\""},
	    {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
	    {"\x01\x1f\x0b", "\"\\u0001\\u001f\\u000b\""},
	    {"/ \x7f", "\"/ \x7f\""},
	    {"é 😀 \u2028", "\"é 😀 \u2028\""},
	    {"ends\n", "\"ends\\n\""},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buffer out = buffer_in(memory.req.arena);

		json_text(&out, rows[i].text, strlen(rows[i].text));
		assert_string_equal(out.data, rows[i].json);
		assert_int_equal(out.length, strlen(rows[i].json));
	}
}

TEST(every_byte_reads_back)
{
	for (int byte = 0; byte < 0x80; byte++) {
		char text[] = {'a', (char)byte, 'b'};
		struct buffer out = buffer_in(memory.req.arena);

		json_text(&out, text, sizeof text);

		struct json_object *read = json_tokener_parse(out.data);

		assert_int_equal(json_object_get_string_len(read), sizeof text);
		assert_memory_equal(json_object_get_string(read), text, sizeof text);
		json_object_put(read);
	}
}

TEST(each_type_has_its_form)
{
	const struct {
		uint32_t type;
		struct value value;
		const char *json;
	} rows[] = {
	    {PG_TYPE_BOOLEAN, BYTES("\1"), "true"},
	    {PG_TYPE_BOOLEAN, BYTES("\0"), "false"},
	    {PG_TYPE_SMALLINT, BYTES("\x7f\xff"), "32767"},
	    {PG_TYPE_SMALLINT, BYTES("\x80\0"), "-32768"},
	    {PG_TYPE_INTEGER, BYTES("\0\0\0\0"), "0"},
	    {PG_TYPE_INTEGER, BYTES("\0\0\1\0"), "256"},
	    {PG_TYPE_INTEGER, BYTES("\xff\xff\xff\xff"), "-1"},
	    {PG_TYPE_INTEGER, BYTES("\x80\0\0\0"), "-2147483648"},
	    {PG_TYPE_BIGINT, big_endian(INT64_MAX), "9223372036854775807"},
	    {PG_TYPE_BIGINT, big_endian(INT64_MIN), "-9223372036854775808"},
	    {PG_TYPE_DOUBLE, big_endian_double(0.1), "0.1"},
	    {PG_TYPE_DOUBLE, big_endian_double(-2), "-2"},
	    {PG_TYPE_DOUBLE, big_endian_double(1e300), "1e+300"},
	    {PG_TYPE_DOUBLE, big_endian_double(0.1 + 0.2), "0.30000000000000004"},
	    {PG_TYPE_DOUBLE, big_endian_double(__builtin_inf()), "null"},
	    {PG_TYPE_DOUBLE, big_endian_double(__builtin_nan("")), "null"},
	    {PG_TYPE_TEXT, BYTES("a\"b"), "\"a\\\"b\""},
	    {PG_TYPE_TEXT, BYTES(""), "\"\""},
	    {PG_TYPE_VARCHAR, BYTES("x"), "\"x\""},
	    {PG_TYPE_NAME, BYTES("x"), "\"x\""},
	    {PG_TYPE_TEXT, NONE, "null"},
	    {PG_TYPE_TEXT_ARRAY, NONE, "null"},
	    {PG_TYPE_TIMESTAMPTZ, big_endian(0), "\"2000-01-01T00:00:00.000Z\""},
	    {PG_TYPE_TIMESTAMPTZ, big_endian(-1), "\"1999-12-31T23:59:59.999Z\""},
	    {PG_TYPE_TIMESTAMPTZ, big_endian(MICROSECONDS_PER_HOUR + 1999), "\"2000-01-01T01:00:00.001Z\""},
	    {PG_TYPE_TIMESTAMPTZ, big_endian(INT64_MAX), "\"9999-12-31T23:59:59.999Z\""},
	    {PG_TYPE_TIMESTAMPTZ, big_endian(INT64_MIN), "\"0000-01-01T00:00:00.000Z\""},
	    {PG_TYPE_JSON, BYTES("{\"b\":[1]}"), "{\"b\":[1]}"},
	    {PG_TYPE_JSONB, BYTES("\1{\"b\":[1]}"), "{\"b\":[1]}"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *expected = arena_printf(memory.req.arena, "{\"a\":%s}", rows[i].json);

		assert_string_equal(json_of(rows[i].type, rows[i].value), expected);
	}
}

TEST(a_list_of_texts_is_an_array)
{
	/* dimensions, has NULL, type of the items; then count and lower bound; then each item with its length */
	assert_string_equal(json_of(PG_TYPE_TEXT_ARRAY, BYTES("\0\0\0\0"
	                                                      "\0\0\0\0"
	                                                      "\0\0\0\x19")),
	                    "{\"a\":[]}");
	assert_string_equal(json_of(PG_TYPE_TEXT_ARRAY, BYTES("\0\0\0\1"
	                                                      "\0\0\0\1"
	                                                      "\0\0\0\x19"
	                                                      "\0\0\0\4"
	                                                      "\0\0\0\1"
	                                                      "\0\0\0\1x"
	                                                      "\xff\xff\xff\xff"
	                                                      "\0\0\0\0"
	                                                      "\0\0\0\3y\"z")),
	                    "{\"a\":[\"x\",null,\"\",\"y\\\"z\"]}");
}

static void
write_numeric(const void *subject)
{
	(void)subject;
	json_of(PG_TYPE_NUMERIC, BYTES(""));
}

static void
write_table_of_texts(const void *subject)
{
	(void)subject;
	json_of(PG_TYPE_TEXT_ARRAY, BYTES("\0\0\0\2\0\0\0\0\0\0\0\x19\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
}

TEST(what_has_no_form_ends_the_process)
{
	char errors[500];

	assert_int_equal(run_apart(write_numeric, NULL, errors, sizeof errors), EX_SOFTWARE);
	assert_non_null(strstr(errors, "\"column\":\"a\""));
	assert_int_equal(run_apart(write_table_of_texts, NULL, errors, sizeof errors), EX_SOFTWARE);
}

/* The JSON of a row whose columns all are the integer 1; `names` ends with NULL. */
static const char *
json_of_columns(const char *const *names)
{
	struct column columns[8];
	struct value values[8];
	struct buffer out = buffer_in(memory.req.arena);
	size_t count = 0;

	for (; names[count] != NULL; count++) {
		columns[count] = (struct column){names[count], PG_TYPE_INTEGER};
		values[count] = BYTES("\0\0\0\1");
	}
	json_row(&out, make_rows(memory.req.arena, columns, count, values, 1), 0);
	return out.data;
}

TEST(a_dot_nests)
{
	static const struct {
		const char *names[8];
		const char *json;
	} rows[] = {
	    {{"a", "b"}, "{'a':1,'b':1}"},
	    {{"a", "b.c"}, "{'a':1,'b':{'c':1}}"},
	    {{"b.c", "a"}, "{'b':{'c':1},'a':1}"},
	    {{"b.c", "b.d", "a"}, "{'b':{'c':1,'d':1},'a':1}"},
	    {{"a.b.c", "a.b.d", "a.e", "f"}, "{'a':{'b':{'c':1,'d':1},'e':1},'f':1}"},
	    {{"a.b.c", "f.g"}, "{'a':{'b':{'c':1}},'f':{'g':1}}"},
	    {{"a.b", "a.c.d", "a.e.f"}, "{'a':{'b':1,'c':{'d':1},'e':{'f':1}}}"},
	    {{"ab", "a.b", "abc.d"}, "{'ab':1,'a':{'b':1},'abc':{'d':1}}"},
	    {{"_id", "a", "_b", "c"}, "{'a':1,'c':1}"},
	    {{"a.b", "_c", "a.d"}, "{'a':{'b':1,'d':1}}"},
	    {{"_id"}, "{}"},
	    {{"a\"b", "c"}, "{'a\\\"b':1,'c':1}"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *expected = arena_printf(memory.req.arena, "%s", rows[i].json);

		for (char *quote = expected; (quote = strchr(quote, '\'')) != NULL;)
			*quote = '"';
		assert_string_equal(json_of_columns(rows[i].names), expected);
	}
}

static void
write_columns(const void *names)
{
	json_of_columns(names);
}

TEST(a_key_that_would_come_twice_ends_the_process)
{
	static const char *const rows[][5] = {
	    {"a", "a"}, {"a.b", "c", "a.d"}, {"a.b.c", "a.d", "a.b.e"}, {"a.b", "c", "a.b"}, {"a.b", "_c", "d", "a.e"},
	};
	char errors[500];

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(run_apart(write_columns, rows[i], errors, sizeof errors), EX_SOFTWARE);
	assert_non_null(strstr(errors, "\"column\":\"a.e\""));
}

static const struct column page_columns[] = {
    {"_id", PG_TYPE_INTEGER}, {"name", PG_TYPE_TEXT}, {"_total", PG_TYPE_BIGINT}};

static const struct value page_values[] = {
    {"\0\0\0\7", 4}, {"x", 1}, {"\0\0\0\0\0\0\1\0", 8}, {"\0\0\0\x8", 4}, {"y", 1}, {"\0\0\0\0\0\0\1\0", 8},
};

static const struct value empty_page_values[] = {{NULL, -1}, {NULL, -1}, {"\0\0\0\0\0\0\0\x9", 8}};

TEST(a_row_is_answered_under_its_name)
{
	assert_int_equal(respond_row(&memory.res, HTTP_CREATED, "thing",
	                             make_rows(memory.req.arena, page_columns, 3, page_values, 2)),
	                 HTTP_CREATED);
	assert_int_equal(memory.res.status, HTTP_CREATED);
	assert_string_equal(memory.res.content_type, CONTENT_TYPE_JSON);
	assert_string_equal(memory_text(&memory), "{\"thing\":{\"name\":\"x\"}}");
}

static void
respond_without_row(const void *subject)
{
	(void)subject;
	respond_row(&memory.res, HTTP_OK, "thing", make_rows(memory.req.arena, page_columns, 3, NULL, 0));
}

TEST(an_answer_without_its_row_ends_the_process)
{
	char errors[500];

	assert_int_equal(run_apart(respond_without_row, NULL, errors, sizeof errors), EX_SOFTWARE);
	assert_non_null(strstr(errors, "\"name\":\"thing\""));
}

TEST(rows_are_answered_as_a_list)
{
	respond_rows(&memory.res, HTTP_OK, "things", make_rows(memory.req.arena, page_columns, 3, page_values, 2));
	assert_string_equal(memory_text(&memory), "{\"things\":[{\"name\":\"x\"},{\"name\":\"y\"}]}");
	respond_rows(&memory.res, HTTP_OK, "things", make_rows(memory.req.arena, page_columns, 3, NULL, 0));
	assert_string_equal(memory_text(&memory), "{\"things\":[]}");
	respond_rows(&memory.res, HTTP_OK, "things",
	             make_rows(memory.req.arena, page_columns, 3, empty_page_values, 1));
	assert_string_equal(memory_text(&memory), "{\"things\":[]}");
	respond_rows(&memory.res, HTTP_OK, "things",
	             make_rows(memory.req.arena, &(struct column){"a", PG_TYPE_TEXT}, 1, &NONE, 1));
	assert_string_equal(memory_text(&memory), "{\"things\":[{\"a\":null}]}");
}

TEST(a_page_has_the_total_of_all_pages)
{
	respond_page(&memory.res, HTTP_OK, "things", make_rows(memory.req.arena, page_columns, 3, page_values, 2),
	             "thingsCount");
	assert_string_equal(memory_text(&memory),
	                    "{\"things\":[{\"name\":\"x\"},{\"name\":\"y\"}],\"thingsCount\":256}");
	respond_page(&memory.res, HTTP_OK, "things", make_rows(memory.req.arena, page_columns, 3, empty_page_values, 1),
	             "thingsCount");
	assert_string_equal(memory_text(&memory), "{\"things\":[],\"thingsCount\":9}");
	respond_page(&memory.res, HTTP_OK, "things", make_rows(memory.req.arena, page_columns, 3, NULL, 0),
	             "thingsCount");
	assert_string_equal(memory_text(&memory), "{\"things\":[],\"thingsCount\":0}");
}

TEST(texts_of_a_column_are_answered_as_a_list)
{
	respond_texts(&memory.res, HTTP_OK, "names", make_rows(memory.req.arena, page_columns, 3, page_values, 2),
	              "name");
	assert_string_equal(memory_text(&memory), "{\"names\":[\"x\",\"y\"]}");
	respond_texts(&memory.res, HTTP_OK, "names", make_rows(memory.req.arena, page_columns, 3, NULL, 0), "name");
	assert_string_equal(memory_text(&memory), "{\"names\":[]}");
}

TEST(nothing_is_an_answer_without_a_body)
{
	buffer_add_text(response_json(&memory.res, HTTP_OK), "{}");
	assert_int_equal(respond_nothing(&memory.res), HTTP_NO_CONTENT);
	assert_int_equal(memory.res.body.length, 0);
	assert_null(memory.res.content_type);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(texts_are_escaped_as_little_as_may_be, start, stop),
	    cmocka_unit_test_setup_teardown(every_byte_reads_back, start, stop),
	    cmocka_unit_test_setup_teardown(each_type_has_its_form, start, stop),
	    cmocka_unit_test_setup_teardown(a_list_of_texts_is_an_array, start, stop),
	    cmocka_unit_test_setup_teardown(what_has_no_form_ends_the_process, start, stop),
	    cmocka_unit_test_setup_teardown(a_dot_nests, start, stop),
	    cmocka_unit_test_setup_teardown(a_key_that_would_come_twice_ends_the_process, start, stop),
	    cmocka_unit_test_setup_teardown(a_row_is_answered_under_its_name, start, stop),
	    cmocka_unit_test_setup_teardown(an_answer_without_its_row_ends_the_process, start, stop),
	    cmocka_unit_test_setup_teardown(rows_are_answered_as_a_list, start, stop),
	    cmocka_unit_test_setup_teardown(a_page_has_the_total_of_all_pages, start, stop),
	    cmocka_unit_test_setup_teardown(texts_of_a_column_are_answered_as_a_list, start, stop),
	    cmocka_unit_test_setup_teardown(nothing_is_an_answer_without_a_body, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
