#include "unit.h"

#include "body.h"
#include "handling.h"
#include "input.h"
#include "settings.h"

static void
take_object(struct request *req)
{
	input_object(req, "thing");
	input_check(req);
}

TEST(bodies_that_are_fine)
{
	static const struct {
		const char *type, *body;
		bool has_name;
	} rows[] = {
	    {JSON, "{\"thing\":{\"name\":\"x\"}}", true},
	    {JSON, " \r\n\t{ \"thing\" : { \"name\" : null } } \n", true},
	    {JSON, "{\"thing\":{\"name\":1,\"more\":[1.5,-0,1e999,99999999999999999999,true,\"\"]},\"x\":1}", true},
	    {JSON, "{\"thing\":{\"\\u006eame\":\"\\ud83d\\ude00\"}}", true},
	    {JSON, "{\"thing\":{},\"thing\":{\"name\":1}}", true},
	    {JSON, "{\"thing\":{}}", false},
	    {JSON, "{}", false},
	    {JSON, "{\"name\":1}", false},
	    {JSON, "", false},
	    {NULL, "{\"thing\":{\"name\":\"x\"}}", true},
	    {"", "{\"thing\":{\"name\":\"x\"}}", true},
	    {"Application/JSON; charset=utf-8", "{\"thing\":{\"name\":\"x\"}}", true},
	    {"application/json;x", "{\"thing\":{\"name\":\"x\"}}", true},
	    {"text/plain", "", false},
	    {FORM, "name=x", true},
	    {FORM "; charset=UTF-8", "a=b&name", true},
	    {FORM, "name[]=x", true},
	    {FORM, "", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		receive(rows[i].type, rows[i].body);
		assert_outcome(rows[i].body, outcome_of(take_object), "");
		assert_int_equal(input_has(input_object(&memory.req, "thing"), "name"), rows[i].has_name);
	}
}

TEST(bodies_that_are_malformed)
{
	static const char not_json[] = "400 {'errors':{'body':['is not valid JSON']}}";
	static const char not_utf8[] = "400 {'errors':{'body':['is not valid UTF-8']}}";
	static const char not_object[] = "400 {'errors':{'body':['must be a JSON object']}}";
	static const char not_form[] = "400 {'errors':{'body':['is not a valid form']}}";
	static const char other_type[] = "415 {'errors':{'body':['must be application/json']}}";
	static const struct {
		const char *type, *body, *expected;
	} rows[] = {
	    {JSON, " ", not_json},
	    {JSON, "{", not_json},
	    {JSON, "{\"a\":1", not_json},
	    {JSON, "{\"a\":1}x", not_json},
	    {JSON, "{\"a\":1} {}", not_json},
	    {JSON, "{}}", not_json},
	    {JSON, "{\"a\":1,}", not_json},
	    {JSON, "{a:1}", not_json},
	    {JSON, "{'a':1}", not_json},
	    {JSON, "{\"a\":'x'}", not_json},
	    {JSON, "{\"a\":NaN}", not_json},
	    {JSON, "{\"a\":-Infinity}", not_json},
	    {JSON, "{\"a\":01}", not_json},
	    {JSON, "{\"a\":+1}", not_json},
	    {JSON, "{\"a\":TRUE}", not_json},
	    {JSON, "{\"a\":\"x\ny\"}", not_json},
	    {JSON, "{\"a\":\"\\x\"}", not_json},
	    {JSON, "{\"a\":\"\\", not_json},
	    {JSON, "{\"a\":1}//", not_json},
	    {JSON, "/**/{}", not_json},
	    {JSON, "\xef\xbb\xbf{}", not_json},
	    {JSON, "name=x", not_json},
	    {JSON, "{\"a\":\"\xff\"}", not_utf8},
	    {JSON, "{\"a\":\"\xc0\x80\"}", not_utf8},
	    {JSON, "{\"a\":\"\xed\xa0\x80\"}", not_utf8},
	    {JSON, "[]", not_object},
	    {JSON, "\"thing\"", not_object},
	    {FORM, "a=%", not_form},
	    {FORM, "a=%ff", not_form},
	    {FORM, "a=%00", not_form},
	    {"text/plain", "{}", other_type},
	    {"application/jsonp", "{}", other_type},
	    {"application/json, text/html", "{}", other_type},
	    {"multipart/form-data; boundary=x", "--x--", other_type},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		receive(rows[i].type, rows[i].body);
		assert_outcome(rows[i].body, outcome_of(take_object), rows[i].expected);
	}
}

TEST(a_nul_in_a_body_is_malformed)
{
	static const char *const bodies[] = {"{}\0x", "{\"a\":\"\0\"}x", "{\"a\":\"\\\0\"}", "{\0}xx", "\0xxx"};

	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		receive(JSON, "");
		memory_body_bytes(&memory, bodies[i], strlen(bodies[i]) + 2);
		assert_outcome(bodies[i], outcome_of(take_object), "400 {'errors':{'body':['is not valid JSON']}}");
	}
}

/* {"a":…} with so many containers in each other, around `inmost`. */
static const char *
nested(size_t depth, const char *inmost)
{
	static char text[1000];
	size_t length = 0;

	length += (size_t)sprintf(text, "{\"a\":");
	for (size_t i = 1; i < depth; i++)
		text[length++] = '[';
	length += (size_t)sprintf(text + length, "%s", inmost);
	for (size_t i = 1; i < depth; i++)
		text[length++] = ']';
	sprintf(text + length, "}");
	return text;
}

TEST(depth_is_bounded_exactly)
{
	static const char *const inmost[] = {"1", "\"[[[[[[[[[[[[[[[[[[[[\"", "\"\\\"[[[[[[[[[[[[[[[[[[[[\"", "null"};
	size_t limit = (size_t)setting_json_depth_max;

	for (size_t i = 0; i < COUNT_OF(inmost); i++) {
		receive(JSON, nested(limit, inmost[i]));
		assert_outcome(inmost[i], outcome_of(take_object), "");
		receive(JSON, nested(limit + 1, inmost[i]));
		assert_outcome(inmost[i], outcome_of(take_object), "400 {'errors':{'body':['is nested too deeply']}}");
	}
	receive(JSON, nested(limit - 1, "{}"));
	assert_outcome("{}", outcome_of(take_object), "");
	receive(JSON, nested(limit, "{}"));
	assert_outcome("{}", outcome_of(take_object), "400 {'errors':{'body':['is nested too deeply']}}");
}

TEST(a_form_has_so_many_fields_at_most)
{
	char body[1000] = "", *end = body;

	for (long i = 0; i < setting_query_parameters_max; i++)
		end += sprintf(end, "%sa=b", i > 0 ? "&" : "");
	receive(FORM, body);
	assert_outcome(body, outcome_of(take_object), "");
	sprintf(end, "&c");
	receive(FORM, body);
	assert_outcome(body, outcome_of(take_object), "400 {'errors':{'body':['has too many fields']}}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(bodies_that_are_fine, stop),
	    cmocka_unit_test_teardown(bodies_that_are_malformed, stop),
	    cmocka_unit_test_teardown(a_nul_in_a_body_is_malformed, stop),
	    cmocka_unit_test_teardown(depth_is_bounded_exactly, stop),
	    cmocka_unit_test_teardown(a_form_has_so_many_fields_at_most, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
