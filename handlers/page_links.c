/* The pages of a list: pages.h. */
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "pages.h"

static int32_t
last_reachable(int32_t limit)
{
	return (int32_t)setting_offset_max / limit + 1;
}

int32_t
page_holding(int64_t position, long limit)
{
	int64_t number = position > 0 ? (position - 1) / limit + 1 : 1;
	int32_t last = last_reachable((int32_t)limit);

	return number < last ? (int32_t)number : last;
}

struct page
page_asked(struct request *req, long limit)
{
	struct page page = {.number = 1, .limit = (int32_t)limit};

	if (req->method != HTTP_POST)
		page.number = query_number(req, "page", 1, 1, last_reachable(page.limit));
	if (input_failed(req))
		fail(req, HTTP_NOT_FOUND, "page", "not found");
	page.offset = (page.number - 1) * page.limit;
	return page;
}

/* The first page has the address of the list itself. */
static const char *
address_of(struct request *req, const char *element, int32_t number)
{
	const char *path = page_path(req);
	int length = (int)strcspn(path, "?");

	return number == 1 ? arena_printf(req->arena, "%.*s%s", length, path, element)
	                   : arena_printf(req->arena, "%.*s?page=%d%s", length, path, number, element);
}

/* The first, the last and the neighbours are named; of what lies between, a single one. */
static bool
is_named(int32_t number, int32_t current, int32_t last)
{
	return number == 1 || number == last || abs(number - current) <= 1 || (number == 2 && current == 4) ||
	       (number == last - 1 && current == last - 3);
}

void
page_links_to(struct request *req, struct view_data *data, const char *name, const char *element, struct page page,
              int64_t total)
{
	int64_t needed = (total + page.limit - 1) / page.limit;
	int32_t last = needed < last_reachable(page.limit) ? (int32_t)needed : last_reachable(page.limit);

	if (page.number > 1 && page.number > last)
		fail(req, HTTP_NOT_FOUND, "page", "not found");
	if (last <= 1)
		return;

	struct view_data *links = view_object(data, name);

	view_text(links, "previous", page.number > 1 ? address_of(req, element, page.number - 1) : NULL);
	view_text(links, "next", page.number < last ? address_of(req, element, page.number + 1) : NULL);
	for (int32_t number = 1, named = 0; number <= last; number++) {
		if (!is_named(number, page.number, last))
			continue;
		if (number > named + 1)
			view_boolean(view_item(links, "items"), "gap", true);

		struct view_data *item = view_item(links, "items");

		view_integer(item, "number", number);
		view_text(item, "address", address_of(req, element, number));
		view_boolean(item, "current", number == page.number);
		named = number;
	}
}

void
page_links(struct request *req, struct view_data *data, struct page page, int64_t total)
{
	page_links_to(req, data, "pages", "", page, total);
}
