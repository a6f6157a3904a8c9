#include "formats.h"

#include <string.h>
#include <strings.h>
#include <time.h>
#include <utf8proc.h>

#include "clock.h"
#include "texts.h"
#include "urlencoded.h"

#define HUES   12
#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static void
write_url(struct buffer *out, const struct view_value *value, unsigned language)
{
	(void)language;
	buffer_add_text(out, percent_encode(out->arena, arena_copy(out->arena, value->text, value->length)));
}

/* Other schemes are nothing to fetch an image by, and some are harmful as links. */
static void
write_link(struct buffer *out, const struct view_value *value, unsigned language)
{
	const char *text = arena_copy(out->arena, value->text, value->length);

	(void)language;
	if (strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0)
		buffer_add_text(out, text);
}

static void
write_initial(struct buffer *out, const struct view_value *value, unsigned language)
{
	utf8proc_int32_t point;

	(void)language;
	if (value->length == 0 ||
	    utf8proc_iterate((const utf8proc_uint8_t *)value->text, (utf8proc_ssize_t)value->length, &point) <= 0)
		return;

	char *end = buffer_reserve(out, 5); /* the longest code point and a NUL */
	utf8proc_ssize_t length = utf8proc_encode_char(utf8proc_toupper(point), (utf8proc_uint8_t *)end);

	end[length] = '\0';
	out->length += (size_t)length;
}

/* FNV-1a (Fowler, Noll, Vo), 32 bits: spreads names evenly. */
static void
write_hue(struct buffer *out, const struct view_value *value, unsigned language)
{
	uint32_t hash = 2166136261U;

	(void)language;
	for (size_t i = 0; i < value->length; i++)
		hash = (hash ^ (unsigned char)value->text[i]) * 16777619U;
	buffer_add_integer(out, hash % HUES);
}

static void
write_count(struct buffer *out, const struct view_value *value, unsigned language)
{
	text_number(out, language, value->number);
}

static void
write_articles(struct buffer *out, const struct view_value *value, unsigned language)
{
	text_count(out, language, COUNT_articles, value->number);
}

static void
write_comments(struct buffer *out, const struct view_value *value, unsigned language)
{
	text_count(out, language, COUNT_comments, value->number);
}

static void
write_favorites(struct buffer *out, const struct view_value *value, unsigned language)
{
	text_count(out, language, COUNT_favorites, value->number);
}

static void
write_followers(struct buffer *out, const struct view_value *value, unsigned language)
{
	text_count(out, language, COUNT_followers, value->number);
}

static void
write_iso(struct buffer *out, const struct view_value *value, unsigned language)
{
	char text[CLOCK_TEXT_SIZE];

	(void)language;
	buffer_add(out, text, clock_format(value->number, text));
}

/* The month's name, from 0 for January, in a text of twelve separated by spaces. */
static const char *
month_name(size_t language, int month, size_t *length)
{
	const char *name = text_in(language, TEXT_months);

	for (; month > 0; month--)
		name += strcspn(name, " ") + 1;
	*length = strcspn(name, " ");
	return name;
}

static void
write_date(struct buffer *out, const struct view_value *value, unsigned language)
{
	static const char *const after_day[LANGUAGES] = {" ", ". "};
	time_t seconds = value->number / 1000000;
	size_t length;
	struct tm utc;

	if (gmtime_r(&seconds, &utc) == NULL)
		return;

	const char *month = month_name(language, utc.tm_mon, &length);

	buffer_add_integer(out, utc.tm_mday);
	buffer_add_text(out, after_day[language]);
	buffer_add(out, month, length);
	buffer_add_byte(out, ' ');
	buffer_add_integer(out, utc.tm_year + 1900);
}

/* A time ahead of ours is another machine's clock: it is now. */
static void
write_ago(struct buffer *out, const struct view_value *value, unsigned language)
{
	int64_t seconds = (clock_now() - value->number) / 1000000;

	if (seconds < MINUTE)
		buffer_add_text(out, text_in(language, TEXT_just_now));
	else if (seconds < HOUR)
		text_count(out, language, COUNT_minutes_ago, seconds / MINUTE);
	else if (seconds < DAY)
		text_count(out, language, COUNT_hours_ago, seconds / HOUR);
	else if (seconds < 7 * DAY)
		text_count(out, language, COUNT_days_ago, seconds / DAY);
	else
		write_date(out, value, language);
}

const struct view_format formats[] = {
    {"url", write_url},           {"link", write_link},           {"initial", write_initial},
    {"hue", write_hue},           {"count", write_count},         {"articles", write_articles},
    {"comments", write_comments}, {"favorites", write_favorites}, {"followers", write_followers},
    {"iso", write_iso},           {"date", write_date},           {"ago", write_ago},
};
const size_t formats_count = sizeof formats / sizeof formats[0];
