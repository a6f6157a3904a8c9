/* The path of a request. */
#include "fuzz.h"
#include "router.h"
#include "urlencoded.h"

static const struct route routes[] = {
    {HTTP_GET, "/", NULL, "root", 0, NULL},
    {HTTP_GET, "/api/articles", NULL, "articles", 0, NULL},
    {HTTP_GET, "/api/articles/feed", NULL, "feed", 0, NULL},
    {HTTP_GET, "/api/articles/:slug", NULL, "article", 0, NULL},
    {HTTP_POST, "/api/articles/feed/comments", NULL, "feed comments", 0, NULL},
    {HTTP_GET, "/api/articles/:slug/comments/:id", NULL, "comment", 0, NULL},
    {HTTP_GET, "/:a/:b", NULL, "two", 0, NULL},
};

int
LLVMFuzzerInitialize(int *argc __attribute__((unused)), char ***argv __attribute__((unused)))
{
	router_init(routes, sizeof routes / sizeof *routes);
	return 0;
}

/* The path that leads to the route of `req`, from its pattern and the values that were found. */
static const char *
path_again(const struct request *req)
{
	struct buffer path = buffer_in(req->arena);
	size_t parameter = 0;

	for (const char *rest = req->route->pattern; *rest != '\0';) {
		if (*rest == ':') {
			buffer_add_text(&path, percent_encode(req->arena, req->path_parameters[parameter++].value));
			rest += strcspn(rest, "/");
		} else {
			buffer_add_byte(&path, *rest++);
		}
	}
	PROMISE(parameter == req->path_parameters_count);
	return path.data;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory, again;

	memory_start(&memory, "GET", "");
	memory.req.path = input_string(memory.req.arena, data, size);
	if (route_match(&memory.req) == ROUTE_FOUND) {
		memory_start(&again, "GET", path_again(&memory.req));
		PROMISE(route_match(&again.req) == ROUTE_FOUND);
		PROMISE(again.req.route == memory.req.route);
		for (size_t i = 0; i < memory.req.path_parameters_count; i++) {
			const char *value = memory.req.path_parameters[i].value;

			PROMISE(*value != '\0');
			PROMISE_VALID_UTF8(value);
			PROMISE_EQUAL(again.req.path_parameters[i].value, value);
		}
		memory_end(&again);
	}
	memory_end(&memory);
	return 0;
}
