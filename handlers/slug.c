#include "slug.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "utf8.h"

#define SUFFIX_LENGTH 8

static bool
letter_or_digit(utf8proc_int32_t point)
{
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MC: /* vowel signs of the Indic scripts are part of their words */
	case UTF8PROC_CATEGORY_ND:
		return true;
	default:
		return false;
	}
}

static bool
apostrophe(utf8proc_int32_t point)
{
	return point == '\'' || point == 0x2019;
}

const char *
slug_of(struct request *req, const char *title)
{
	utf8proc_uint8_t *folded = NULL;
	char *slug = arena_alloc(req->arena, SLUG_MAX + 8);
	size_t length = 0;
	utf8proc_int32_t point;
	bool gap = false;

	if (utf8proc_map((const utf8proc_uint8_t *)title, 0, &folded,
	                 UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD |
	                     UTF8PROC_STRIPMARK | UTF8PROC_IGNORE) < 0)
		return "article";
	for (const utf8proc_uint8_t *at = folded; *at != '\0' && length < SLUG_MAX;) {
		at += utf8proc_iterate(at, -1, &point);
		if (letter_or_digit(point)) {
			if (gap && length > 0)
				slug[length++] = '-';
			gap = false;
			length += (size_t)utf8proc_encode_char(point, (utf8proc_uint8_t *)slug + length);
		} else if (!apostrophe(point)) {
			gap = true;
		}
	}
	free(folded);
	if (strcmp(slug, "feed") == 0)
		return "feed-article"; /* /api/articles/feed is something else */
	/* what was left out may have kept two from being composed, and the slug in a path is */
	return length > 0 ? utf8_normalize(req->arena, slug) : "article";
}

const char *
slug_suffix(struct request *req)
{
	static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* no l, o, 0 or 1 to mistake */
	char *suffix = arena_alloc(req->arena, SUFFIX_LENGTH + 1);

	for (size_t i = 0; i < SUFFIX_LENGTH; i++)
		suffix[i] = alphabet[randombytes_uniform(sizeof alphabet - 1)];
	return suffix;
}
