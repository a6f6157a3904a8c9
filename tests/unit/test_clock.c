#include "unit.h"

#include <time.h>

#include "clock.h"

#define SECOND INT64_C(1000000)

TEST(times_are_formatted)
{
	static const struct {
		int64_t time;
		const char *text;
	} rows[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {999, "1970-01-01T00:00:00.000Z"},
	    {1000, "1970-01-01T00:00:00.001Z"},
	    {-1, "1969-12-31T23:59:59.999Z"},
	    {-1000, "1969-12-31T23:59:59.999Z"},
	    {-1001, "1969-12-31T23:59:59.998Z"},
	    {951782400 * SECOND, "2000-02-29T00:00:00.000Z"},
	    {1709251199 * SECOND + 999999, "2024-02-29T23:59:59.999Z"},
	    {4107542400 * SECOND, "2100-03-01T00:00:00.000Z"},
	    {-62167219200 * SECOND, "0000-01-01T00:00:00.000Z"},
	    {-62167219200 * SECOND - 1, "0000-01-01T00:00:00.000Z"},
	    {253402300800 * SECOND - 1, "9999-12-31T23:59:59.999Z"},
	    {253402300800 * SECOND, "9999-12-31T23:59:59.999Z"},
	    {INT64_MIN, "0000-01-01T00:00:00.000Z"},
	    {INT64_MAX, "9999-12-31T23:59:59.999Z"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[CLOCK_TEXT_SIZE];
		assert_int_equal(clock_format(rows[i].time, text), 24);
		assert_string_equal(text, rows[i].text);
	}
}

TEST(http_dates_are_written_and_read)
{
	static const struct {
		int64_t time;
		const char *text;
	} rows[] = {
	    {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
	    {784111777 * SECOND, "Sun, 06 Nov 1994 08:49:37 GMT"},
	    {951782400 * SECOND, "Tue, 29 Feb 2000 00:00:00 GMT"},
	    {253402300799 * SECOND, "Fri, 31 Dec 9999 23:59:59 GMT"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[CLOCK_TEXT_SIZE];
		int64_t time = -1;

		clock_http_date(rows[i].time + 999999, text);
		assert_string_equal(text, rows[i].text);
		assert_true(clock_read_http_date(text, &time));
		assert_int_equal(time, rows[i].time);
	}
}

TEST(what_is_no_http_date_is_not_read)
{
	static const char *const texts[] = {
	    "",
	    "x",
	    "Sun, 06 Nov 1994 08:49:37",
	    "Sun, 06 Nov 1994 08:49:37 GMT ",
	    "Sun, 6 Nov 1994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMT",
	    "Sun Nov  6 08:49:37 1994",
	    "Mon, 06 Nov 1994 08:49:37 GMT",
	    "Thu, 31 Feb 1994 08:49:37 GMT",
	    "Sun, 06 Nov 1994 08:49:61 GMT",
	    "Sun, 06 Nov 99999 08:49:37 GMT",
	};

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		int64_t time;

		if (clock_read_http_date(texts[i], &time))
			fail_msg("%s", texts[i]);
	}
}

TEST(the_time_zone_does_not_matter)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t time;

	setenv("TZ", "America/New_York", 1);
	tzset();
	clock_format(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	clock_http_date(0, text);
	assert_true(clock_read_http_date(text, &time));
	assert_int_equal(time, 0);
}

TEST(clocks_go_on)
{
	int64_t monotonic = clock_monotonic(), now = clock_now();

	assert_true(now / SECOND >= time(NULL) - 1 && now / SECOND <= time(NULL) + 1);
	usleep(2000);
	assert_true(clock_monotonic() >= monotonic + 2000);
	assert_true(clock_monotonic() < monotonic + 60 * SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_formatted),
	    cmocka_unit_test(http_dates_are_written_and_read),
	    cmocka_unit_test(what_is_no_http_date_is_not_read),
	    cmocka_unit_test(the_time_zone_does_not_matter),
	    cmocka_unit_test(clocks_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
