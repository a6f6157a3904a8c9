/* Looks for whatever the HTML of a Markdown text must not have. */
#ifndef QUIRE_TESTS_HTML_FLAW_H
#define QUIRE_TESTS_HTML_FLAW_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HTML_FLAW_LISTED(list, name, length) html_flaw_listed(list, sizeof(list) / sizeof *(list), name, length)

static inline bool
html_flaw_listed(const char *const *list, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == length && strncmp(list[i], name, length) == 0)
			return true;
	return false;
}

/* A value of href or src, up to its quote. */
static inline bool
html_flaw_safe_address(const char *value, size_t length, bool image)
{
	size_t scheme = strcspn(value, ":/?#\"");

	for (size_t i = 0; i < length; i++)
		if (value[i] <= ' ' || value[i] > '~' || value[i] == '\\')
			return false;
	if (value[scheme] != ':')
		return true;
	return (scheme == 4 && strncasecmp(value, "http", 4) == 0) ||
	       (scheme == 5 && strncasecmp(value, "https", 5) == 0) ||
	       (scheme == 6 && !image && strncasecmp(value, "mailto", 6) == 0);
}

/* What is wrong with the attributes at *at, NULL if nothing is; moves *at past the tag. */
static inline const char *
html_flaw_of_attributes(const char **at)
{
	static const char *const names[] = {"href",  "src",      "title",   "rel",           "alt",   "id",
	                                    "class", "tabindex", "dir",     "type",          "scope", "align",
	                                    "start", "decoding", "loading", "referrerpolicy"};
	static const char *const bare[] = {"checked", "disabled"};

	while (**at == ' ') {
		const char *name = ++*at;
		size_t length = strcspn(name, "= >\"");

		*at += length;
		if (HTML_FLAW_LISTED(bare, name, length))
			continue;
		if (!HTML_FLAW_LISTED(names, name, length))
			return "unknown attribute";
		if (strncmp(*at, "=\"", 2) != 0)
			return "unquoted value";
		const char *value = *at += 2;
		*at += strcspn(value, "\"<>");
		if (*(*at)++ != '"')
			return "value that does not end";
		if ((strncmp(name, "href=", 5) == 0 || strncmp(name, "src=", 4) == 0) &&
		    !html_flaw_safe_address(value, (size_t)(*at - 1 - value), *name == 's'))
			return "unsafe address";
	}
	return *(*at)++ == '>' ? NULL : "tag that does not end";
}

/* Says what is wrong, NULL if nothing is: each tag and attribute is one that Markdown has, addresses are safe,
 * elements end in their order, and all else is text. */
static inline const char *
html_flaw(const char *html)
{
	static const char *const tags[] = {"p",     "h2", "h3",   "h4",  "h5",  "h6",         "em",    "strong",
	                                   "del",   "a",  "code", "pre", "ul",  "ol",         "li",    "label",
	                                   "table", "tr", "th",   "td",  "div", "blockquote", "thead", "tbody"};
	static const char *const voids[] = {"br", "hr", "img", "input"};
	static const char *const entities[] = {"amp", "lt", "gt", "quot", "#39"};
	const char **open = malloc((strlen(html) + 1) * sizeof *open), *flaw = NULL;
	size_t depth = 0;

	while (flaw == NULL && *html != '\0') {
		if (*html == '>') {
			flaw = "'>' in a text";
		} else if (*html == '&') {
			if (!HTML_FLAW_LISTED(entities, html + 1, strcspn(html + 1, ";")))
				flaw = "unknown entity";
			html++;
		} else if (*html != '<') {
			if ((unsigned char)*html < ' ' && strchr("\t\n\r", *html) == NULL)
				flaw = "control character";
			html++;
		} else if (html[1] == '/') {
			size_t length = strcspn(html + 2, ">");
			if (depth == 0 || strncmp(open[--depth], html + 2, length) != 0)
				flaw = "element that ends out of order";
			html += length + 3;
		} else {
			const char *name = html + 1;
			size_t length = strcspn(name, " >");
			html = name + length;
			if (HTML_FLAW_LISTED(tags, name, length))
				open[depth++] = name;
			else if (!HTML_FLAW_LISTED(voids, name, length))
				flaw = "unknown tag";
			if (flaw == NULL)
				flaw = html_flaw_of_attributes(&html);
		}
	}
	free(open);
	return flaw != NULL ? flaw : depth > 0 ? "element that does not end" : NULL;
}

#endif
