#include "unit.h"

#include "http.h"

TEST(methods_have_names)
{
	static const struct {
		enum http_method method;
		const char *name;
	} rows[] = {
	    {HTTP_GET, "GET"}, {HTTP_HEAD, "HEAD"},     {HTTP_POST, "POST"},
	    {HTTP_PUT, "PUT"}, {HTTP_DELETE, "DELETE"}, {HTTP_OPTIONS, "OPTIONS"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(http_method_of(rows[i].name), rows[i].method);
		assert_string_equal(http_method_name(rows[i].method), rows[i].name);
	}
	assert_string_equal(http_method_name(HTTP_OTHER), "OTHER");
}

TEST(other_names_are_other_methods)
{
	static const char *const names[] = {"", "get", "GET ", "GETS", "GE", "TRACE", "PATCH", "CONNECT", "OTHER"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(http_method_of(names[i]), HTTP_OTHER);
}

TEST(methods_are_listed)
{
	static const struct {
		unsigned methods;
		size_t size;
		const char *list;
	} rows[] = {
	    {0, 64, ""},
	    {HTTP_OPTIONS, 64, "OPTIONS"},
	    {HTTP_GET | HTTP_HEAD | HTTP_OPTIONS, 64, "GET, HEAD, OPTIONS"},
	    {HTTP_PUT | HTTP_DELETE | HTTP_OTHER, 64, "PUT, DELETE"},
	    {127, 64, "GET, HEAD, POST, PUT, DELETE, OPTIONS"},
	    {127, 6, "GET, "},
	    {127, 4, "GET"},
	    {127, 1, ""},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[64];
		memset(text, 'x', sizeof text);
		http_method_list(rows[i].methods, text, rows[i].size);
		assert_string_equal(text, rows[i].list);
	}

	char untouched = 'x';
	http_method_list(127, &untouched, 0);
	assert_int_equal(untouched, 'x');
}

TEST(statuses_have_reasons)
{
	assert_string_equal(http_reason(HTTP_OK), "OK");
	assert_string_equal(http_reason(HTTP_NOT_MODIFIED), "Not Modified");
	assert_string_equal(http_reason(HTTP_UNPROCESSABLE), "Unprocessable Content");
	assert_string_equal(http_reason(HTTP_UNAVAILABLE), "Service Unavailable");
	assert_string_equal(http_reason((enum http_status)299), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(methods_have_names),
	    cmocka_unit_test(other_names_are_other_methods),
	    cmocka_unit_test(methods_are_listed),
	    cmocka_unit_test(statuses_have_reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
