/* What all pages share. */
#ifndef QUIRE_PAGES_H
#define QUIRE_PAGES_H

#include "database.h"
#include "request.h"
#include "response.h"
#include "texts.h"
#include "view.h"

/* Starts what a page is rendered from: language, theme, viewer, the path, and after a failure what is wrong. See views/README. */
struct view_data *page_data(struct request *req);

/* Index in language_tags of the reader's language: what was chosen here, else what the browser prefers. */
size_t page_language(struct request *req);

/* What the form that was posted has under that name, a list as "a, b"; NULL if there is none. A page that is shown after a failure finds a
 * broken form empty; in a handler, one ends the request as in input.h. */
const char *posted_text(struct request *req, const char *name);

/* A list of texts as one types it in a form: "a, b". */
const char *list_typed(struct request *req, const struct json_object *list);

/* Sets form.<name>: what was typed when a form is shown again, else `value` (NULL for none). */
void page_field(struct request *req, struct view_data *data, const char *name, const char *value);

/* The value of the field `submission`, by which a form that is sent twice writes once: random, but kept when the form is shown again. */
const char *page_submission(struct request *req);

/* Sets title, description and canonical address (`path` is percent-encoded already) of the page's head. Each may be NULL. */
void page_head(struct request *req, struct view_data *data, const char *title, const char *description,
               const char *path);

/* A page of a list that ?page= asks for, counted from 1. What cannot be one, or is further than QUIRE_OFFSET_MAX reaches, ends the
 * request with 404. A form that is shown again is on the first one. */
struct page {
	int32_t number;
	int32_t limit;
	int32_t offset;
};
struct page page_asked(struct request *req, long limit);

/* The page of a list on which the item of that position is, counted from 1; the last one that can be asked for if it is behind that. */
int32_t page_holding(int64_t position, long limit);

/* Sets `pages`, the links to the pages of a list of `total` items; nothing when there is but one. A page behind the last ends the
 * request with 404. */
void page_links(struct request *req, struct view_data *data, struct page page, int64_t total);

/* As page_links, for a list that is not all of its page: the name of the links, and the element that each leads to ("#comments"). */
void page_links_to(struct request *req, struct view_data *data, const char *name, const char *element, struct page page,
                   int64_t total);

/* Answers with the view rendered in the reader's language. */
enum http_status respond_view(struct request *req, struct response *res, enum http_status status, const char *view,
                              const struct view_data *data);

/* Asks before something is deleted: an article ("isArticle") or a comment ("isComment"), which the excerpt tells from others. The answer is
 * posted to the page's own path; who thinks better of it goes to `cancel`. */
enum http_status respond_question(struct request *req, struct response *res, const char *kind, enum text question,
                                  const char *excerpt, const char *cancel);

/* 303 to a path of ours. */
enum http_status see_other(struct request *req, struct response *res, const char *path);

#define NEXT_MAX 2000 /* bytes: percent-encoded it still fits into a header that nginx takes */

/* Where the reader wants to be afterwards: the form's field `next`, or ?next= of a page, if it is the path of one of our pages and no
 * longer than NEXT_MAX, else `otherwise`. */
const char *next_path(struct request *req, const char *otherwise);

/* The path and query of this page; of a form that is shown again, the path of its page. */
const char *page_path(struct request *req);

/* "/articles/:slug", "/profiles/:username", percent-encoded. */
const char *article_path(struct request *req, const char *slug);
const char *profile_path(struct request *req, const char *username);

/* The public address of a path of ours. */
const char *public_address(struct request *req, const char *path);

/* The page that says why a request failed; for dispatch_init. Sends a reader who has to sign in for a page to /login. */
enum http_status error_page(struct request *req, struct response *res);

#endif
