#include "markdown_html.h"

#include <cmark-gfm-core-extensions.h>
#include <stdint.h>
#include <string.h>

#include "markdown.h"
#include "markdown_text.h"

#define LANGUAGE_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+#._-"

/* An id that was given, and what the next heading of the same text gets. */
struct anchor {
	const char *id;
	unsigned next;
};

struct page {
	struct buffer *html;
	struct arena *work;
	unsigned flags;
	cmark_node *image; /* whose alternative text is being written, NULL outside of images */
	struct anchor anchors[MARKDOWN_ANCHORS_MAX];
	size_t anchors_count;
	size_t column;   /* of the table's row */
	const char *dir; /* attribute of the node that is entered, "" for none */
	int outline[6];  /* levels, as written, of the heading that was last and of those that it is under */
	size_t outline_depth;
};

/* A node's user data is its direction of writing, by the attribute for it: first that of the text within, while
 * writing that which the node gets. */
static const char left_to_right[] = " dir=\"ltr\"", right_to_left[] = " dir=\"rtl\"";

/* NULL if none is known. */
static const char *
direction(cmark_node *node)
{
	return node != NULL ? cmark_node_get_user_data(node) : NULL;
}

static void
set_direction(cmark_node *node, const char *attribute)
{
	cmark_node_set_user_data(node, (void *)attribute);
}

/* Gives each node the direction of the text within. One that has it has been climbed through: all of those above it
 * have theirs. */
static void
find_directions(cmark_node *document)
{
	cmark_iter *iter = cmark_iter_new(document);

	while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		const char *literal = cmark_node_get_literal(node);
		enum direction found = DIRECTION_NONE;

		if (literal != NULL && direction(cmark_node_parent(node)) == NULL)
			found = markdown_direction(literal);
		for (; found != DIRECTION_NONE && node != NULL && direction(node) == NULL;
		     node = cmark_node_parent(node))
			set_direction(node, found == DIRECTION_LEFT_TO_RIGHT ? left_to_right : right_to_left);
	}
	cmark_iter_free(iter);
}

/* Settles a node's direction when its turn has come: blocks have their own, what is within a line that of its block.
 * Code is written from left to right. Gives the attribute that a node needs which differs from what is around it. */
static const char *
settle_direction(cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	const char *around = direction(cmark_node_parent(node)), *own = direction(node);

	if (type == CMARK_NODE_CODE_BLOCK || type == CMARK_NODE_CODE)
		own = left_to_right;
	else if ((type & CMARK_NODE_TYPE_MASK) != CMARK_NODE_TYPE_BLOCK || own == NULL)
		own = around;
	set_direction(node, own);
	return around == NULL || own == around ? "" : own;
}

static void
add_title(struct page *page, cmark_node *node)
{
	const char *title = cmark_node_get_title(node);

	if (title != NULL && *title != '\0') {
		buffer_add_text(page->html, " title=\"");
		markdown_escape(page->html, title);
		buffer_add_byte(page->html, '"');
	}
}

static void
enter_link(struct page *page, cmark_node *node)
{
	const char *address = cmark_node_get_url(node);
	enum markdown_target target = markdown_target(address);

	if (target == TARGET_REFUSED)
		return;
	buffer_add_text(page->html, "<a href=\"");
	markdown_address(page->html, address);
	buffer_add_byte(page->html, '"');
	add_title(page, node);
	if (target == TARGET_OTHER_SITE)
		buffer_add_text(page->html,
		                page->flags & MARKDOWN_UGC ? " rel=\"nofollow ugc noopener\"" : " rel=\"noopener\"");
	buffer_add_byte(page->html, '>');
	if (cmark_node_first_child(node) == NULL)
		markdown_escape(page->html, address); /* a link without a name is lost on who cannot see it */
}

static void
leave_link(struct page *page, cmark_node *node)
{
	if (markdown_target(cmark_node_get_url(node)) != TARGET_REFUSED)
		buffer_add_text(page->html, "</a>");
}

/* Of an image that is refused, the alternative text remains. */
static void
enter_image(struct page *page, cmark_node *node)
{
	const char *address = cmark_node_get_url(node);
	enum markdown_target target = markdown_target(address);

	if (*address == '\0' || (target != TARGET_THIS_SITE && target != TARGET_OTHER_SITE))
		return;
	buffer_add_text(page->html, "<img src=\"");
	markdown_address(page->html, address);
	buffer_add_text(page->html, "\" alt=\"");
	page->image = node;
}

static void
leave_image(struct page *page, cmark_node *node)
{
	if (page->image != node)
		return;
	page->image = NULL;
	buffer_add_byte(page->html, '"');
	add_title(page, node);
	buffer_add_text(page->html, " loading=\"lazy\" referrerpolicy=\"no-referrer\" decoding=\"async\">");
}

static void
add_alternative(struct page *page, cmark_node *node)
{
	const char *literal = cmark_node_get_literal(node);
	cmark_node_type type = cmark_node_get_type(node);

	if (literal != NULL)
		markdown_escape(page->html, literal);
	else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
		buffer_add_byte(page->html, ' ');
}

/* The id of a text that has not been given yet. */
static const char *
unique_anchor(struct page *page, const char *text)
{
	const char *id = text;
	size_t found = 0;

	for (;;) {
		struct anchor *anchors = page->anchors;
		size_t same = 0;

		while (same < page->anchors_count && strcmp(anchors[same].id, id) != 0)
			same++;
		if (same == page->anchors_count)
			break;
		if (id == text)
			found = same;
		id = arena_printf(page->work, "%s-%u", text, anchors[found].next++);
	}
	page->anchors[page->anchors_count++] = (struct anchor){id, 2};
	return id;
}

static const char *
heading_text(struct page *page, cmark_node *heading)
{
	struct buffer text = buffer_in(page->work);
	cmark_iter *iter = cmark_iter_new(heading);

	buffer_add_text(&text, "");
	while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
		const char *literal = cmark_node_get_literal(cmark_iter_get_node(iter));
		buffer_add_text(&text, literal != NULL ? literal : "");
	}
	cmark_iter_free(iter);
	return text.data;
}

/* Puts the heading into the outline, under the last one that is above it. */
static void
outline_heading(struct page *page, cmark_node *node)
{
	int level = cmark_node_get_heading_level(node);

	while (page->outline_depth > 0 && page->outline[page->outline_depth - 1] >= level)
		page->outline_depth--;
	page->outline[page->outline_depth++] = level;
}

/* By its depth in the outline, whatever was written: no level is left out (WCAG 1.3.1). The page's own headings are above: the title as
 * h1, and of comments their h2. */
static size_t
heading_level(const struct page *page)
{
	size_t level = page->outline_depth + (page->flags & MARKDOWN_UGC ? 2 : 1);
	return level < 6 ? level : 6;
}

static void
enter_heading(struct page *page, cmark_node *node)
{
	if (cmark_node_first_child(node) == NULL)
		return;
	outline_heading(page, node);
	buffer_printf(page->html, "<h%zu%s", heading_level(page), page->dir);
	if (!(page->flags & MARKDOWN_UGC) && page->anchors_count < MARKDOWN_ANCHORS_MAX) {
		buffer_add_text(page->html, " id=\"");
		markdown_escape(page->html, unique_anchor(page, markdown_anchor(page->work, heading_text(page, node))));
		buffer_add_byte(page->html, '"');
	}
	buffer_add_byte(page->html, '>');
}

static void
leave_heading(struct page *page, cmark_node *node)
{
	if (cmark_node_first_child(node) != NULL)
		buffer_printf(page->html, "</h%zu>\n", heading_level(page));
}

static bool
is_task(cmark_node *node)
{
	return strcmp(cmark_node_get_type_string(node), "tasklist") == 0;
}

/* A paragraph of a list whose items are one line each has no tag of its own. */
static bool
is_bare(cmark_node *paragraph)
{
	cmark_node *list = cmark_node_parent(cmark_node_parent(paragraph));
	return list != NULL && cmark_node_get_list_tight(list);
}

/* The first paragraph of a task is the label of its checkbox. */
static bool
is_label(cmark_node *paragraph)
{
	return cmark_node_previous(paragraph) == NULL && is_task(cmark_node_parent(paragraph));
}

static void
enter_paragraph(struct page *page, cmark_node *node)
{
	if (!is_bare(node))
		buffer_printf(page->html, "<p%s>", page->dir);
	if (is_label(node))
		buffer_printf(page->html, "<label><input type=\"checkbox\"%s disabled> ",
		              cmark_gfm_extensions_get_tasklist_item_checked(cmark_node_parent(node)) ? " checked"
		                                                                                      : "");
}

static void
leave_paragraph(struct page *page, cmark_node *node)
{
	if (is_label(node))
		buffer_add_text(page->html, "</label>");
	if (!is_bare(node))
		buffer_add_text(page->html, "</p>\n");
}

static void
enter_list(struct page *page, cmark_node *node)
{
	int start = cmark_node_get_list_start(node);

	if (cmark_node_get_list_type(node) == CMARK_BULLET_LIST)
		buffer_printf(page->html, "<ul%s>\n", page->dir);
	else if (start == 1)
		buffer_printf(page->html, "<ol%s>\n", page->dir);
	else
		buffer_printf(page->html, "<ol%s start=\"%d\">\n", page->dir, start);
}

static void
leave_list(struct page *page, cmark_node *node)
{
	buffer_add_text(page->html, cmark_node_get_list_type(node) == CMARK_BULLET_LIST ? "</ul>\n" : "</ol>\n");
}

static void
enter_item(struct page *page, cmark_node *node)
{
	buffer_printf(page->html, "<li%s%s>", page->dir, is_task(node) ? " class=\"task\"" : "");
}

static void
enter_code(struct page *page, cmark_node *node)
{
	buffer_printf(page->html, "<code%s>", page->dir);
	markdown_escape(page->html, cmark_node_get_literal(node));
	buffer_add_text(page->html, "</code>");
}

/* What scrolls sideways must be reachable by the keyboard. */
static void
enter_code_block(struct page *page, cmark_node *node)
{
	const char *language = cmark_node_get_fence_info(node);
	size_t length = strcspn(language, " \t");

	buffer_printf(page->html, "<pre%s tabindex=\"0\"><code", page->dir);
	if (length > 0 && strspn(language, LANGUAGE_BYTES) == length)
		buffer_printf(page->html, " class=\"language-%.*s\"", (int)length, language);
	buffer_add_byte(page->html, '>');
	markdown_escape(page->html, cmark_node_get_literal(node));
	buffer_add_text(page->html, "</code></pre>\n");
}

static void
enter_text(struct page *page, cmark_node *node)
{
	markdown_escape(page->html, cmark_node_get_literal(node));
}

static void
enter_html_block(struct page *page, cmark_node *node)
{
	buffer_printf(page->html, "<p%s>", page->dir);
	markdown_escape(page->html, cmark_node_get_literal(node));
	buffer_add_text(page->html, "</p>\n");
}

static void
enter_table(struct page *page, cmark_node *node __attribute__((unused)))
{
	buffer_printf(page->html, "<div class=\"table\" tabindex=\"0\"><table%s>\n", page->dir);
}

static void
leave_table(struct page *page, cmark_node *node)
{
	bool has_body = cmark_node_next(cmark_node_first_child(node)) != NULL;
	buffer_add_text(page->html, has_body ? "</tbody>\n</table></div>\n" : "</table></div>\n");
}

static void
enter_row(struct page *page, cmark_node *node)
{
	page->column = 0;
	buffer_printf(page->html, "%s<tr%s>", cmark_gfm_extensions_get_table_row_is_header(node) ? "<thead>\n" : "",
	              page->dir);
}

static void
leave_row(struct page *page, cmark_node *node)
{
	buffer_add_text(page->html, "</tr>\n");
	if (cmark_gfm_extensions_get_table_row_is_header(node))
		buffer_add_text(page->html, cmark_node_next(node) != NULL ? "</thead>\n<tbody>\n" : "</thead>\n");
}

/* An empty cell is no heading of a column. */
static bool
is_heading(cmark_node *cell)
{
	return cmark_gfm_extensions_get_table_row_is_header(cmark_node_parent(cell)) &&
	       cmark_node_first_child(cell) != NULL;
}

static void
enter_cell(struct page *page, cmark_node *node)
{
	uint8_t alignment =
	    cmark_gfm_extensions_get_table_alignments(cmark_node_parent(cmark_node_parent(node)))[page->column++];

	buffer_printf(page->html, is_heading(node) ? "<th%s scope=\"col\"" : "<td%s", page->dir);
	if (alignment != 0)
		buffer_printf(page->html, " align=\"%s\"",
		              alignment == 'l'   ? "left"
		              : alignment == 'c' ? "center"
		                                 : "right");
	buffer_add_byte(page->html, '>');
}

static void
leave_cell(struct page *page, cmark_node *node)
{
	buffer_add_text(page->html, is_heading(node) ? "</th>" : "</td>");
}

static void
enter_quote(struct page *page, cmark_node *node __attribute__((unused)))
{
	buffer_printf(page->html, "<blockquote%s>\n", page->dir);
}

/* What becomes of each kind of node: what is written before and after its content, or who writes it. Leaves have no
 * after. */
static const struct element {
	const char *type;
	const char *before, *after;
	void (*enter)(struct page *page, cmark_node *node);
	void (*leave)(struct page *page, cmark_node *node);
} elements[] = {
    {"document", "", "", NULL, NULL}, /* and whatever else there may be */
    {"table_cell", NULL, NULL, enter_cell, leave_cell},
    {"table_row", NULL, NULL, enter_row, leave_row},
    {"table_header", NULL, NULL, enter_row, leave_row},
    {"table", NULL, NULL, enter_table, leave_table},
    {"tasklist", NULL, "</li>\n", enter_item, NULL},
    {"item", NULL, "</li>\n", enter_item, NULL},
    {"list", NULL, NULL, enter_list, leave_list},
    {"block_quote", NULL, "</blockquote>\n", enter_quote, NULL},
    {"thematic_break", "<hr>\n", NULL, NULL, NULL},
    {"heading", NULL, NULL, enter_heading, leave_heading},
    {"code_block", NULL, NULL, enter_code_block, NULL},
    {"html_block", NULL, NULL, enter_html_block, NULL},
    {"html_inline", NULL, NULL, enter_text, NULL},
    {"image", NULL, NULL, enter_image, leave_image},
    {"link", NULL, NULL, enter_link, leave_link},
    {"strikethrough", "<del>", "</del>", NULL, NULL},
    {"strong", "<strong>", "</strong>", NULL, NULL},
    {"emph", "<em>", "</em>", NULL, NULL},
    {"code", NULL, NULL, enter_code, NULL},
    {"paragraph", NULL, NULL, enter_paragraph, leave_paragraph},
    {"linebreak", "<br>\n", NULL, NULL, NULL},
    {"softbreak", "\n", NULL, NULL, NULL},
    {"text", NULL, NULL, enter_text, NULL},
};

static const struct element *
element_of(cmark_node *node)
{
	const char *type = cmark_node_get_type_string(node);
	size_t i = sizeof elements / sizeof *elements - 1;

	while (i > 0 && strcmp(elements[i].type, type) != 0)
		i--;
	return &elements[i];
}

static void
enter(struct page *page, cmark_node *node)
{
	const struct element *element = element_of(node);

	page->dir = settle_direction(node);
	if (element->enter != NULL)
		element->enter(page, node);
	else
		buffer_add_text(page->html, element->before);
}

static void
leave(struct page *page, cmark_node *node)
{
	const struct element *element = element_of(node);

	if (element->leave != NULL)
		element->leave(page, node);
	else
		buffer_add_text(page->html, element->after);
}

bool
markdown_write(struct buffer *html, struct arena *work, cmark_node *document, unsigned flags)
{
	struct page page = {.html = html, .work = work, .flags = flags};
	cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;

	find_directions(document);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE && html->length <= MARKDOWN_HTML_MAX) {
		cmark_node *node = cmark_iter_get_node(iter);

		if (page.image != NULL && node != page.image)
			add_alternative(&page, node);
		else if (event == CMARK_EVENT_ENTER)
			enter(&page, node);
		else
			leave(&page, node);
	}
	cmark_iter_free(iter);
	return html->length <= MARKDOWN_HTML_MAX;
}
