#include "markdown_cost.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* Nanoseconds. */
#define COST_OPEN_BLOCK 30 /* of each line, for each quote or list that is open */
#define COST_AT         4  /* of each '@', for each byte of its line */
#define COST_ADDRESS    6  /* of each "://" or "www.", for each byte of its word */
#define COST_BRACKET    1  /* of each ')' after such an address, the same */
#define COST_DECLARED   2  /* of each "<!" or "<?", for each byte of its stretch */
#define COST_IMAGE      3  /* of each "![", for each ']' of its stretch */
#define COST_LINK       40 /* of each ']', for each delimiter of emphasis of its stretch */
#define COST_EMPHASIS   1  /* of each such delimiter, for each other */
#define COST_COLUMN     3  /* of each column of a table, for each other */
#define COST_UNDERLINE  1  /* of what may underline a table's head, for each line and byte of the stretch above */

#define AT_MAX 1000 /* cmark-gfm looks at no more in one line */

#define COLUMNS_OF_TAB    4
#define COLUMNS_OF_INDENT 2 /* the least that a list's content is indented */

/* Lines without a blank one or a new item between them: no paragraph or table is longer. */
struct stretch {
	uint64_t bytes, lines, declared, images, closings, emphasis, columns, underlines;
};

struct tally {
	uint64_t cost;
	uint64_t nesting; /* at most so many blocks are open */
	struct stretch stretch;
};

static bool
is_space(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* The length of a list item's marker at the start of `text`, 0 if there is none. */
static size_t
list_marker(const char *text)
{
	size_t length = strspn(text, "0123456789");

	if (length > 0 ? text[length] != '.' && text[length] != ')' : strchr("-+*", *text) == NULL)
		return 0;
	length += *text != '\0';
	return strchr(" \t\r\n", text[length]) != NULL ? length : 0;
}

/* Counts what a line that is not blank leaves open. Its markers open or continue a quote or list each, its
 * indentation continues lists, and if it only goes on with a paragraph, all stays open that was. */
static void
count_nesting(struct tally *tally, const char *line)
{
	uint64_t markers = 0, columns = 0, continued;

	for (;;) {
		size_t length = *line == '>' ? 1 : list_marker(line);

		if (length > 0)
			markers++;
		else if (is_space(*line))
			columns += *line == '\t' ? COLUMNS_OF_TAB : 1;
		else
			break;
		line += length > 0 ? length : 1;
	}
	continued = columns / COLUMNS_OF_INDENT < tally->nesting ? columns / COLUMNS_OF_INDENT : tally->nesting;
	if (tally->stretch.lines == 0 || continued + markers > tally->nesting)
		tally->nesting = continued + markers;
}

static void
count_words(struct tally *tally, const char *line, const char *end)
{
	for (const char *word = line, *next; word < end; word = next + 1) {
		uint64_t addresses = 0, brackets = 0;

		for (next = word; next < end && !isspace((unsigned char)*next); next++) {
			addresses += strncmp(next, "://", 3) == 0 || strncmp(next, "www.", 4) == 0;
			brackets += *next == ')';
		}
		if (addresses > 0)
			tally->cost += (uint64_t)(next - word) * (addresses * COST_ADDRESS + brackets * COST_BRACKET);
	}
}

/* Tells whether a run of '*', '_' or '~' starts `at` which may be a delimiter of emphasis: not one with a space on
 * both sides, and no '_' within a word. */
static bool
is_delimiter(const char *line, const char *at)
{
	unsigned char mark = (unsigned char)*at, before = at > line ? (unsigned char)at[-1] : '\n', after;

	if (strchr("*_~", mark) == NULL || before == mark)
		return false;
	after = (unsigned char)at[strspn(at, (const char[]){*at, '\0'})];
	return !(isspace(before) && isspace(after)) && !(mark == '_' && isalnum(before) && isalnum(after));
}

static void
count_line(struct tally *tally, const char *line, size_t length)
{
	struct stretch *stretch = &tally->stretch;
	uint64_t ats = 0, columns = 1, colons = 0, dashes = 0;

	for (const char *at = line; at < line + length; at++) {
		ats += *at == '@';
		columns += *at == '|';
		colons += *at == ':';
		dashes += *at == '-';
		stretch->closings += *at == ']';
		stretch->emphasis += is_delimiter(line, at);
		stretch->images += at[0] == '!' && at[1] == '[';
		stretch->declared += at[0] == '<' && (at[1] == '!' || at[1] == '?');
	}
	count_words(tally, line, line + length);
	tally->cost += (ats < AT_MAX ? ats : AT_MAX) * length * COST_AT;
	if (dashes > 0 && columns + colons > 1 && strspn(line, " \t\v\f>|:-") >= length) {
		stretch->underlines++;
		tally->cost += stretch->bytes * stretch->lines * COST_UNDERLINE;
	}
	stretch->columns += columns * columns;
	stretch->bytes += length;
	stretch->lines++;
}

static void
end_stretch(struct tally *tally)
{
	const struct stretch *stretch = &tally->stretch;

	tally->cost += stretch->declared * stretch->bytes * COST_DECLARED;
	tally->cost += stretch->images * stretch->closings * COST_IMAGE;
	tally->cost += stretch->emphasis * (stretch->closings * COST_LINK + stretch->emphasis * COST_EMPHASIS);
	if (stretch->underlines > 0)
		tally->cost += stretch->columns * COST_COLUMN;
	tally->stretch = (struct stretch){0};
}

/* A bullet at the very start of a line begins an item, whatever was open; but a table looks at the line first. */
static bool
is_item(const char *line)
{
	return strchr("-+*", *line) != NULL && is_space(line[1]) && strchr(" \t\r\n", line[2]) == NULL;
}

bool
markdown_too_costly(const char *text)
{
	struct tally tally = {0};

	while (*text != '\0') {
		size_t length = strcspn(text, "\r\n");
		bool blank = strspn(text, " \t") >= length;

		if (blank || (is_item(text) && tally.stretch.underlines == 0))
			end_stretch(&tally);
		if (!blank) {
			count_nesting(&tally, text);
			count_line(&tally, text, length);
		}
		tally.cost += tally.nesting * COST_OPEN_BLOCK;
		if (tally.nesting > MARKDOWN_NESTING_MAX || tally.cost > MARKDOWN_COST_MAX)
			return true;

		text += length;
		text += text[0] == '\r' && text[1] == '\n' ? 2 : text[0] != '\0';
	}
	end_stretch(&tally);
	return tally.cost > MARKDOWN_COST_MAX;
}
