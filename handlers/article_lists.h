/* Lists of articles: what the API and the pages share. */
#ifndef QUIRE_ARTICLE_LISTS_H
#define QUIRE_ARTICLE_LISTS_H

#include "cursor.h"
#include "pages.h"

/* What a list is filtered by; NULL for any. */
struct filter {
	const char *tag;
	const char *author;
	const char *favorited;
};

/* Finds them with the cheapest query for what was asked: most lists have one filter or none. */
struct rows *find_articles(struct request *req, struct filter filter, struct part part);

/* The articles of those whom the user follows, who is there. */
struct rows *find_feed(struct request *req, struct part part);

/* A numbered page as a part of the list. */
struct part part_of_page(struct page page);

/* Sets articles and the links to the other pages of the list. */
void show_articles(struct request *req, struct view_data *data, struct page page, const struct rows *articles);

/* The path of this page of the list that begins at `path`. */
const char *list_path(struct request *req, const char *path, struct page page);

#endif
