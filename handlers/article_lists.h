/* What the pages share that list articles. */
#ifndef QUIRE_ARTICLE_LISTS_H
#define QUIRE_ARTICLE_LISTS_H

#include "pages.h"

/* Sets articles and the links to the other pages of the list. */
void show_articles(struct request *req, struct view_data *data, struct page page, const struct rows *articles);

/* The path of this page of the list that begins at `path`. */
const char *list_path(struct request *req, const char *path, struct page page);

#endif
