/* The addresses of pages: pages.h. */
#include <string.h>

#include "body.h"
#include "handlers.h"
#include "pages.h"

const char *
article_path(struct request *req, const char *slug)
{
	return arena_printf(req->arena, "/articles/%s", percent_encode(req->arena, slug));
}

const char *
profile_path(struct request *req, const char *username)
{
	return arena_printf(req->arena, "/profiles/%s", percent_encode(req->arena, username));
}

const char *
public_address(struct request *req, const char *path)
{
	size_t length = strlen(setting_url);

	while (length > 0 && setting_url[length - 1] == '/')
		length--;
	return arena_printf(req->arena, "%.*s%s", (int)length, setting_url, path);
}

enum http_status
see_other(struct request *req, struct response *res, const char *path)
{
	(void)req;
	response_header(res, "Location", path);
	return HTTP_SEE_OTHER;
}

/* The pattern of the page that a form is on. */
static const char *
pattern_of_page(const struct route *form)
{
	for (size_t i = 0; i < routes_count; i++) {
		if (routes[i].method == HTTP_GET && routes[i].handler == form->again)
			return routes[i].pattern;
	}
	return "/";
}

/* Puts the request's path parameters into the places that a pattern has for them. */
static const char *
fill_in(struct request *req, const char *pattern)
{
	struct buffer path = buffer_in(req->arena);

	while (*pattern != '\0') {
		size_t length = strcspn(pattern + 1, "/") + 1;
		const char *segment = arena_copy(req->arena, pattern + 1, length - 1);

		if (*segment == ':')
			segment = percent_encode(req->arena, path_param(req, segment + 1));
		buffer_add_byte(&path, '/');
		buffer_add_text(&path, segment);
		pattern += length;
	}
	return path.data;
}

const char *
page_path(struct request *req)
{
	if (req->method == HTTP_POST && req->route != NULL && req->route->again != NULL)
		return fill_in(req, pattern_of_page(req->route));
	if (!(req->method & (HTTP_GET | HTTP_HEAD)))
		return "/";
	return *req->query == '\0' ? req->path : arena_printf(req->arena, "%s?%s", req->path, req->query);
}

/* Does the path lead to a page of ours, and nowhere else in any browser? Another site's address can begin as a path does ("//host",
 * "/\host", both also behind characters that browsers drop): what the router has no page for is refused. */
static bool
is_page_of_ours(struct request *req, const char *path)
{
	struct request visit = {.arena = req->arena, .method = HTTP_GET};

	if (strlen(path) > NEXT_MAX)
		return false;
	for (const char *byte = path; *byte != '\0'; byte++) {
		if (*byte <= ' ' || *byte > '~' || *byte == '\\')
			return false;
	}
	visit.path = arena_copy(req->arena, path, strcspn(path, "?#"));
	return route_match(&visit) == ROUTE_FOUND && visit.route->flags & PAGE;
}

const char *
next_path(struct request *req, const char *otherwise)
{
	const char *next = req->method == HTTP_POST ? posted_text(req, "next") : query_text(req, "next");

	return next != NULL && is_page_of_ours(req, next) ? next : otherwise;
}
