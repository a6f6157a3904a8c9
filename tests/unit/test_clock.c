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

TEST(the_time_zone_does_not_matter)
{
	char text[CLOCK_TEXT_SIZE];

	setenv("TZ", "America/New_York", 1);
	tzset();
	clock_format(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
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
	    cmocka_unit_test(the_time_zone_does_not_matter),
	    cmocka_unit_test(clocks_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
