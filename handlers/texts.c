#include "texts.h"

#include <string.h>

#include "assets.h"
#include "settings.h"

const char *const language_tags[LANGUAGES] = {"en", "de"};
const char *const language_names[LANGUAGES] = {"English", "Deutsch"};

static const struct {
	const char *name;
	const char *in[LANGUAGES];
} texts[] = {
#define TEXT(name, english, german) {#name, {english, german}},
#include "texts.def"
#undef TEXT
};

static const struct {
	const char *one[LANGUAGES], *more[LANGUAGES];
} counts[] = {
#define COUNT(name, english_one, english_more, german_one, german_more)                                                \
	{{english_one, german_one}, {english_more, german_more}},
#define MESSAGE(message, english, german)
#include "messages.def"
#undef COUNT
#undef MESSAGE
};

static const struct {
	const char *message;
	const char *in[LANGUAGES];
} messages[] = {
#define COUNT(name, english_one, english_more, german_one, german_more)
#define MESSAGE(message, english, german) {message, {english, german}},
#include "messages.def"
#undef COUNT
#undef MESSAGE
};

const char *
text_in(size_t language, enum text text)
{
	return texts[text].in[language];
}

void
text_number(struct buffer *out, size_t language, int64_t number)
{
	static const char separators[LANGUAGES] = {',', '.'};
	char digits[INTEGER_TEXT_SIZE];
	size_t length = integer_format(number, digits);

	for (size_t i = 0; i < length; i++) {
		size_t left = length - i;

		if (left % 3 == 0 && i > 0 && digits[i - 1] != '-')
			buffer_add_byte(out, separators[language]);
		buffer_add_byte(out, digits[i]);
	}
}

void
text_count(struct buffer *out, size_t language, enum count_text count, int64_t number)
{
	const char *text = number == 1 ? counts[count].one[language] : counts[count].more[language];
	const char *place = strstr(text, "%s");

	buffer_add(out, text, (size_t)(place - text));
	text_number(out, language, number);
	buffer_add_text(out, place + strlen("%s"));
}

/* Copies the digits at the start of *text, and sets it to what follows. */
static void
take_digits(const char **text, struct buffer *out)
{
	size_t length = strspn(*text, "0123456789");

	buffer_add(out, *text, length);
	buffer_add_byte(out, '\0');
	*text += length;
}

/* Does the message follow the pattern, in which %d stands for digits? They are then in `numbers`, each with a NUL at its end. */
static bool
follows(const char *message, const char *pattern, struct buffer *numbers)
{
	numbers->length = 0;
	while (*pattern != '\0') {
		if (strncmp(pattern, "%d", 2) == 0 && *message >= '0' && *message <= '9') {
			take_digits(&message, numbers);
			pattern += 2;
		} else if (*message++ != *pattern++) {
			return false;
		}
	}
	return *message == '\0';
}

/* The text with the numbers in the places of its %d. */
static const char *
fill_in(struct arena *arena, const char *text, const char *number)
{
	struct buffer out = buffer_in(arena);

	for (const char *place; (place = strstr(text, "%d")) != NULL; text = place + 2) {
		buffer_add(&out, text, (size_t)(place - text));
		buffer_add_text(&out, number);
		number += strlen(number) + 1;
	}
	buffer_add_text(&out, text);
	return out.data;
}

const char *
text_of_message(struct arena *arena, size_t language, const char *message)
{
	struct buffer numbers = buffer_in(arena);

	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		if (follows(message, messages[i].message, &numbers))
			return fill_in(arena, messages[i].in[language], numbers.data);
	}
	return message;
}

static const char *
find_text(const char *name, unsigned language)
{
	for (size_t i = 0; i < TEXTS; i++) {
		if (strcmp(texts[i].name, name) == 0)
			return texts[i].in[language];
	}
	return NULL;
}

static const char *
find_asset(const char *name)
{
	for (size_t i = 0; i < assets_count; i++) {
		/* templates that are worked on go with sources that are: nginx serves those under their own names */
		if (strcmp(assets[i].name, name) == 0)
			return *setting_views != '\0' ? assets[i].source : assets[i].address;
	}
	return NULL;
}

bool
text_constant(const char *name, unsigned language, const char **text)
{
	if (strncmp(name, "text.", 5) == 0)
		*text = find_text(name + 5, language);
	else if (strncmp(name, "asset.", 6) == 0)
		*text = find_asset(name + 6);
	else
		return false;
	return true;
}
