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

size_t
clock_format(int64_t microseconds_since_1970, char text[CLOCK_TEXT_SIZE])
{
	int64_t time = microseconds_since_1970;
	if (time < YEAR_0000)
		time = YEAR_0000;
	if (time > YEAR_9999_END)
		time = YEAR_9999_END;

	/* Counted from the year 0000, no remainder is negative. */
	int milliseconds = (int)((time - YEAR_0000) % MICROSECONDS / 1000);
	time_t seconds = (time - YEAR_0000) / MICROSECONDS + YEAR_0000 / MICROSECONDS;
	struct tm utc;
	gmtime_r(&seconds, &utc);

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
