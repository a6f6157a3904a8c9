#include "unit.h"

#include "handling.h"
#include "input.h"
#include "settings.h"

static void
take_text_of_thing(struct request *req)
{
	const struct json_object *in = input_object(req, "thing");

	assert_string_equal(input_text(req, in, "name", 1, 5), "");
	assert_string_equal(input_prose(req, in, "name", 1, 5), "");
	assert_null(input_text_if_there(req, in, "name", 1, 5));
	assert_null(input_text_or_null(req, in, "name", 5));
	assert_null(input_texts(req, in, "name", 1, 5));
	input_check(req);
}

TEST(a_wrapper_that_is_no_object_is_one_error)
{
	static const char *const bodies[] = {"{\"thing\":null}", "{\"thing\":[]}", "{\"thing\":\"x\"}",
	                                     "{\"thing\":1}"};

	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		receive(JSON, bodies[i]);
		assert_outcome(bodies[i], outcome_of(take_text_of_thing),
		               "422 {'errors':{'thing':['must be an object']}}");
	}
}

/* The texts */

static const char *taken;

static void
take_text(struct request *req)
{
	taken = input_text(req, input_object(req, "thing"), "a", 2, 5);
	input_check(req);
}

static void
take_text_if_there(struct request *req)
{
	taken = input_text_if_there(req, input_object(req, "thing"), "a", 2, 5);
	input_check(req);
}

static void
take_prose(struct request *req)
{
	taken = input_prose(req, input_object(req, "thing"), "a", 2, 5);
	input_check(req);
}

static void
take_secret(struct request *req)
{
	taken = input_secret(req, input_object(req, "thing"), "a", 2, 5);
	input_check(req);
}

static void
take_text_or_null(struct request *req)
{
	taken = input_text_or_null(req, input_object(req, "thing"), "a", 5);
	input_check(req);
}

static void
take_any_text(struct request *req)
{
	taken = input_text(req, input_object(req, "thing"), "a", 0, 5);
	input_check(req);
}

#define BLANK   "422 {'errors':{'a':['can't be blank']}}"
#define SHORT   "422 {'errors':{'a':['is too short (minimum is 2 characters)']}}"
#define LONG    "422 {'errors':{'a':['is too long (maximum is 5 characters)']}}"
#define STRING  "422 {'errors':{'a':['must be a string']}}"
#define NUL     "422 {'errors':{'a':['must not contain NUL']}}"
#define INVALID "422 {'errors':{'a':['is invalid']}}"

TEST(texts_are_taken_or_complained_about)
{
	static const struct {
		void (*take)(struct request *req);
		const char *members, *outcome, *text;
	} rows[] = {
	    {take_text, "'a':'abc'", "", "abc"},
	    {take_text, "'a':' ab\\t'", "", "ab"},
	    {take_text, "'a':'a b'", "", "a b"},
	    {take_text, "'a':'\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\\u0085\u200bab\u3000'", "",
	     "ab"},
	    {take_text, "'a':'ééééé'", "", "ééééé"},
	    {take_text, "'a':'😀😀😀😀😀'", "", "😀😀😀😀😀"},
	    {take_text, "'a':'\\ud800b'", "", "\ufffdb"},
	    {take_text, "'a':' 12345 '", "", "12345"},
	    {take_text, "", BLANK, ""},
	    {take_text, "'a':null", BLANK, ""},
	    {take_text, "'a':''", BLANK, ""},
	    {take_text, "'a':' \\n\\u00a0\u200b'", BLANK, ""},
	    {take_text, "'a':' x '", SHORT, ""},
	    {take_text, "'a':'😀'", SHORT, ""},
	    {take_text, "'a':'123456'", LONG, ""},
	    {take_text, "'a':'éééééé'", LONG, ""},
	    {take_text, "'a':1", STRING, ""},
	    {take_text, "'a':false", STRING, ""},
	    {take_text, "'a':['abc']", STRING, ""},
	    {take_text, "'a':{}", STRING, ""},
	    {take_text, "'a':'a\\u0000b'", NUL, ""},
	    {take_text, "'a':'\\u0000'", NUL, ""},
	    {take_text, "'a':'a\\nb'", INVALID, ""},
	    {take_text, "'a':'a\\u001fb'", INVALID, ""},
	    {take_text, "'a':'a\\u007fb'", INVALID, ""},
	    {take_text, "'a':'a\\u009fb'", INVALID, ""},
	    {take_text, "'a':'a\u2028b'", INVALID, ""},
	    {take_text, "'b':'abc'", BLANK, ""},
	    {take_text, "'a':'Zoe\u0308 '", "", "Zoë"},
	    {take_text, "'a':'\u1112\u1161\u11ab\u1112\u1161\u11ab\u1112\u1161\u11ab'", "", "한한한"},
	    {take_text, "'a':'e\u0301'", SHORT, ""},
	    {take_text, "'a':'\u0958\u0958\u0958'", LONG, ""}, /* becomes six */

	    {take_any_text, "", "", ""},
	    {take_any_text, "'a':' '", "", ""},

	    {take_text_if_there, "", "", NULL},
	    {take_text_if_there, "'a':' ab '", "", "ab"},
	    {take_text_if_there, "'a':null", BLANK, ""},
	    {take_text_if_there, "'a':''", BLANK, ""},

	    {take_prose, "'a':' a\\nb'", "", " a\nb"},
	    {take_prose, "'a':'\\u0001\\u007f'", "", "\x01\x7f"},
	    {take_prose, "'a':'e\u0301'", "", "e\u0301"},
	    {take_prose, "'a':' \\n '", BLANK, ""},
	    {take_prose, "", BLANK, ""},
	    {take_prose, "'a':'x'", SHORT, ""},
	    {take_prose, "'a':'  x   '", LONG, ""},
	    {take_prose, "'a':'a\\u0000b'", NUL, ""},
	    {take_prose, "'a':1", STRING, ""},

	    {take_secret, "'a':'  '", "", "  "},
	    {take_secret, "'a':' a\\n\\u0001'", "", " a\n\x01"},
	    {take_secret, "'a':'e\u0301'", "", "e\u0301"},
	    {take_secret, "'a':''", BLANK, ""},
	    {take_secret, "", BLANK, ""},
	    {take_secret, "'a':'x'", SHORT, ""},
	    {take_secret, "'a':'123456'", LONG, ""},
	    {take_secret, "'a':'a\\u0000b'", NUL, ""},

	    {take_text_or_null, "", "", NULL},
	    {take_text_or_null, "'a':null", "", NULL},
	    {take_text_or_null, "'a':''", "", NULL},
	    {take_text_or_null, "'a':' \\n'", "", NULL},
	    {take_text_or_null, "'a':' x\\ny '", "", "x\ny"},
	    {take_text_or_null, "'a':'123456'", LONG, NULL},
	    {take_text_or_null, "'a':1", STRING, NULL},
	    {take_text_or_null, "'a':'\\u0000'", NUL, NULL},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[500];

		snprintf(body, sizeof body, "{'thing':{%s}}", rows[i].members);
		replace(body, '\'', '"');
		receive(JSON, body);
		assert_outcome(body, outcome_of(rows[i].take), rows[i].outcome);
		if (rows[i].text == NULL)
			assert_null(taken);
		else
			assert_string_equal(taken, rows[i].text);
	}
}

static void
take_three(struct request *req)
{
	const struct json_object *in = input_object(req, "thing");

	input_text(req, in, "b", 1, 5);
	input_text(req, in, "a", 1, 1);
	assert_true(input_failed(req));
	input_error(req, "b", "is odd");
	input_check(req);
}

TEST(all_errors_are_told_at_once)
{
	receive(JSON, "{\"thing\":{\"a\":\"xy\"}}");
	assert_outcome(
	    "", outcome_of(take_three),
	    "422 {'errors':{'b':['can't be blank','is odd'],'a':['is too long (maximum is 1 characters)']}}");
}

TEST(a_form_gives_texts)
{
	receive(FORM, "a=+x%C3%A9+&b[]=1&c=1&c=2");
	assert_outcome("a", outcome_of(take_text), "");
	assert_string_equal(taken, "xé");

	const struct json_object *in = input_object(&memory.req, "other");

	assert_string_equal(input_text(&memory.req, in, "c", 1, 5), "");
	assert_true(input_failed(&memory.req));
}

/* The lists */

static void
take_texts(struct request *req)
{
	const struct text_list *list = input_texts(req, input_object(req, "thing"), "a", 3, 5);
	struct buffer joined = buffer_in(req->arena);

	for (size_t i = 0; list != NULL && i < list->count; i++)
		buffer_printf(&joined, "%s|", list->items[i]);
	taken = list == NULL ? NULL : joined.length > 0 ? joined.data : "";
	input_check(req);
}

#define LIST     "422 {'errors':{'a':['must be a list of strings']}}"
#define TOO_MANY "422 {'errors':{'a':['has too many items (maximum is 3)']}}"

TEST(lists_are_taken_or_complained_about)
{
	static const struct {
		const char *type, *body, *outcome, *texts;
	} rows[] = {
	    {JSON, "{'thing':{}}", "", NULL},
	    {JSON, "{'thing':{'a':[]}}", "", ""},
	    {JSON, "{'thing':{'a':['x']}}", "", "x|"},
	    {JSON, "{'thing':{'a':['é','b',' a ','B','b']}}", TOO_MANY, ""},
	    {JSON, "{'thing':{'a':['b',' a ','B','b','','  ']}}", "", "B|a|b|"},
	    {JSON, "{'thing':{'a':['a, b']}}", "", "a, b|"},
	    {JSON, "{'thing':{'a':['e\u0301','é']}}", "", "é|"},
	    {JSON, "{'thing':{'a':['éé','z']}}", "", "z|éé|"},
	    {JSON, "{'thing':{'a':null}}", LIST, ""},
	    {JSON, "{'thing':{'a':'x'}}", LIST, ""},
	    {JSON, "{'thing':{'a':{}}}", LIST, ""},
	    {JSON, "{'thing':{'a':['x',1]}}", LIST, ""},
	    {JSON, "{'thing':{'a':[null]}}", LIST, ""},
	    {JSON, "{'thing':{'a':[['x']]}}", LIST, ""},
	    {JSON, "{'thing':{'a':['x','123456']}}", LONG, ""},
	    {JSON, "{'thing':{'a':['a\\u0000']}}", NUL, ""},
	    {JSON, "{'thing':{'a':['a\\nb']}}", INVALID, ""},
	    {FORM, "b=1", "", NULL},
	    {FORM, "a=", "", ""},
	    {FORM, "a=x", "", "x|"},
	    {FORM, "a=b,+a,,b", "", "a|b|"},
	    {FORM, "a=b&x=1&a=a", "", "a|b|"},
	    {FORM, "a[]=b&a[]=a", "", "a|b|"},
	    {FORM, "a[]=b", "", "b|"},
	    {FORM, "a=c&a[]=b,d&a=a", "", "a|b,d|c|"},
	    {FORM, "a=1,2,3,4", TOO_MANY, ""},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[200];

		snprintf(body, sizeof body, "%s", rows[i].body);
		replace(body, '\'', '"');
		receive(rows[i].type, body);
		assert_outcome(body, outcome_of(take_texts), rows[i].outcome);
		if (rows[i].texts == NULL)
			assert_null(taken);
		else
			assert_string_equal(taken, rows[i].texts);
	}
}

/* The query string */

static int32_t number;

static void
take_number(struct request *req)
{
	number = query_number(req, "limit", 20, 1, 100);
	input_check(req);
}

TEST(numbers_of_the_query_are_bounded)
{
	static const char fault[] = "422 {'errors':{'limit':['must be a number between 1 and 100']}}";
	static const struct {
		const char *query, *outcome;
		int32_t number;
	} rows[] = {
	    {"", "", 20},
	    {"offset=3", "", 20},
	    {"limit=1", "", 1},
	    {"limit=100", "", 100},
	    {"limit=007", "", 7},
	    {"limit=%35", "", 5},
	    {"limit=5&limit=x", "", 5},
	    {"limit=0", fault, 20},
	    {"limit=101", fault, 20},
	    {"limit=", fault, 20},
	    {"limit", fault, 20},
	    {"limit=-1", fault, 20},
	    {"limit=+1", fault, 20},
	    {"limit=%2B1", fault, 20},
	    {"limit=1.0", fault, 20},
	    {"limit=1e1", fault, 20},
	    {"limit=x", fault, 20},
	    {"limit=5%20", fault, 20},
	    {"limit=4294967301", fault, 20},
	    {"limit=18446744073709551621", fault, 20},
	    {"limit=%D9%A1", fault, 20},
	    {"limit=%zz", "400 {'errors':{'query':['is invalid']}}", 20},
	    {"a=%ff", "400 {'errors':{'query':['is invalid']}}", 20},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		receive(NULL, "");
		memory.req.query = rows[i].query;
		number = 20;
		assert_outcome(rows[i].query, outcome_of(take_number), rows[i].outcome);
		assert_int_equal(number, rows[i].number);
	}
}

TEST(the_query_has_so_many_parameters_at_most)
{
	char query[1000] = "", *end = query;

	for (long i = 0; i <= setting_query_parameters_max; i++)
		end += sprintf(end, "&a");
	receive(NULL, "");
	memory.req.query = query;
	assert_outcome(query, outcome_of(take_number), "400 {'errors':{'query':['has too many parameters']}}");
}

TEST(a_text_of_the_query_is_there_or_not)
{
	receive(NULL, "");
	memory.req.query = "tag=a%26b+c&author=&x=1&name=Zoe%CC%88";
	assert_string_equal(query_text(&memory.req, "tag"), "a&b c");
	assert_string_equal(query_text(&memory.req, "name"), "Zoë");
	assert_null(query_text(&memory.req, "author"));
	assert_null(query_text(&memory.req, "favorited"));
	assert_string_equal(query_value(&memory.req, "name"), "Zoe\u0308");
	assert_string_equal(query_value(&memory.req, "author"), "");
	assert_null(query_value(&memory.req, "favorited"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_wrapper_that_is_no_object_is_one_error, stop),
	    cmocka_unit_test_teardown(texts_are_taken_or_complained_about, stop),
	    cmocka_unit_test_teardown(all_errors_are_told_at_once, stop),
	    cmocka_unit_test_teardown(a_form_gives_texts, stop),
	    cmocka_unit_test_teardown(lists_are_taken_or_complained_about, stop),
	    cmocka_unit_test_teardown(numbers_of_the_query_are_bounded, stop),
	    cmocka_unit_test_teardown(the_query_has_so_many_parameters_at_most, stop),
	    cmocka_unit_test_teardown(a_text_of_the_query_is_there_or_not, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
