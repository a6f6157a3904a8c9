#include "clock.h"

#include <string.h>
#include <time.h>

#define MICROSECONDS  INT64_C(1000000)
#define YEAR_0000     (INT64_C(-62167219200) * MICROSECONDS)
#define YEAR_9999_END (INT64_C(253402300800) * MICROSECONDS - 1)

static int64_t
read_clock(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * MICROSECONDS + time.tv_nsec / 1000;
}

int64_t
clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* Writes `digits` decimal digits of `number`, and what separates them from the next. */
static char *
put(char *text, int number, int digits, char separator)
{
	for (int i = digits - 1; i >= 0; i--) {
		text[i] = (char)('0' + number % 10);
		number /= 10;
	}
	text[digits] = separator;
	return text + digits + 1;
}

/* Takes a time apart, the nearest one within the years 0000 to 9999; returns its milliseconds. */
static int
split(int64_t time, struct tm *utc)
{
	if (time < YEAR_0000)
		time = YEAR_0000;
	if (time > YEAR_9999_END)
		time = YEAR_9999_END;

	/* Counted from the year 0000, no remainder is negative. */
	time_t seconds = (time - YEAR_0000) / MICROSECONDS + YEAR_0000 / MICROSECONDS;

	gmtime_r(&seconds, utc);
	return (int)((time - YEAR_0000) % MICROSECONDS / 1000);
}

size_t
clock_format(int64_t microseconds_since_1970, char text[CLOCK_TEXT_SIZE])
{
	struct tm utc;
	int milliseconds = split(microseconds_since_1970, &utc);
	char *end = text;

	end = put(end, utc.tm_year + 1900, 4, '-');
	end = put(end, utc.tm_mon + 1, 2, '-');
	end = put(end, utc.tm_mday, 2, 'T');
	end = put(end, utc.tm_hour, 2, ':');
	end = put(end, utc.tm_min, 2, ':');
	end = put(end, utc.tm_sec, 2, '.');
	end = put(end, milliseconds, 3, 'Z');
	*end = '\0';
	return (size_t)(end - text);
}

#define HTTP_DATE "%a, %d %b %Y %H:%M:%S GMT"

void
clock_http_date(int64_t microseconds_since_1970, char text[CLOCK_TEXT_SIZE])
{
	struct tm utc;

	split(microseconds_since_1970, &utc);
	strftime(text, CLOCK_TEXT_SIZE, HTTP_DATE, &utc);
}

bool
clock_read_http_date(const char *text, int64_t *microseconds_since_1970)
{
	struct tm utc = {0};
	char again[CLOCK_TEXT_SIZE];

	if (strptime(text, HTTP_DATE, &utc) == NULL)
		return false;
	*microseconds_since_1970 = timegm(&utc) * MICROSECONDS;
	/* strptime() lets much pass that is no such date: names in full, numbers without zeros, a wrong weekday */
	clock_http_date(*microseconds_since_1970, again);
	return strcmp(text, again) == 0;
}
