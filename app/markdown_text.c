#include "markdown_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#define ANCHOR_PREFIX "section"
#define ANCHOR_MAX    80 /* bytes; the last character may exceed them */

/* What stands for a byte in text and in quoted attributes, NULL if it stands for itself. HTML and XML have no place
 * for control characters. */
static const char *
escape(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
	case '\r':
		return NULL;
	default:
		return (unsigned char)byte < 0x20 ? "\uFFFD" : NULL;
	}
}

void
markdown_escape(struct buffer *html, const char *text)
{
	while (*text != '\0') {
		const char *run = text, *escaped = NULL;

		while (*text != '\0' && (escaped = escape(*text)) == NULL)
			text++;
		buffer_add(html, run, (size_t)(text - run));
		if (*text != '\0')
			buffer_add_text(html, escaped);
		text += *text != '\0';
	}
}

/* Browsers drop tabs and newlines and take '\' for '/': control characters are refused, and markdown_address encodes
 * a '\'. */
enum markdown_target
markdown_target(const char *address)
{
	size_t scheme = strcspn(address, ":/?#");

	for (const char *byte = address; *byte != '\0'; byte++)
		if ((unsigned char)*byte < ' ' || *byte == 0x7F)
			return TARGET_REFUSED;
	if (strncmp(address, "//", 2) == 0)
		return TARGET_OTHER_SITE;
	if (address[scheme] != ':')
		return TARGET_THIS_SITE;
	if ((scheme == 4 && strncasecmp(address, "http", scheme) == 0) ||
	    (scheme == 5 && strncasecmp(address, "https", scheme) == 0))
		return TARGET_OTHER_SITE;
	return scheme == 6 && strncasecmp(address, "mailto", scheme) == 0 ? TARGET_MAIL : TARGET_REFUSED;
}

void
markdown_address(struct buffer *html, const char *address)
{
	for (; *address != '\0'; address++) {
		unsigned char byte = (unsigned char)*address;

		if (byte < 0x80 && (isalnum(byte) || strchr("-._~:/?#@!$&'()*+,;=%", byte) != NULL))
			markdown_escape(html, (const char[]){*address, '\0'});
		else
			buffer_printf(html, "%%%02X", byte);
	}
}

const char *
markdown_anchor(struct arena *arena, const char *heading)
{
	utf8proc_uint8_t *folded = NULL;
	struct buffer anchor = buffer_in(arena);
	utf8proc_int32_t point;
	bool gap = true;

	buffer_add_text(&anchor, ANCHOR_PREFIX);
	if (utf8proc_map((const utf8proc_uint8_t *)heading, 0, &folded,
	                 UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD) <
	    0)
		return anchor.data;
	for (const utf8proc_uint8_t *at = folded; *at != '\0' && anchor.length < ANCHOR_MAX;) {
		utf8proc_ssize_t size = utf8proc_iterate(at, -1, &point);
		utf8proc_category_t category = utf8proc_category(point);

		if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) {
			if (gap)
				buffer_add_byte(&anchor, '-');
			buffer_add(&anchor, (const char *)at, (size_t)size);
		}
		gap = category < UTF8PROC_CATEGORY_LU || category > UTF8PROC_CATEGORY_NO;
		at += size;
	}
	free(folded);
	return anchor.data;
}

enum direction
markdown_direction(const char *text)
{
	utf8proc_int32_t point;

	while (*text != '\0') {
		text += utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &point);
		switch (utf8proc_get_property(point)->bidi_class) {
		case UTF8PROC_BIDI_CLASS_L:
			return DIRECTION_LEFT_TO_RIGHT;
		case UTF8PROC_BIDI_CLASS_R:
		case UTF8PROC_BIDI_CLASS_AL:
			return DIRECTION_RIGHT_TO_LEFT;
		default:
			break;
		}
	}
	return DIRECTION_NONE;
}
