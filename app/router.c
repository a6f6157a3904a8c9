#include "router.h"

#include <string.h>

#include "arena.h"
#include "log.h"
#include "scoreboard.h"
#include "urlencoded.h"
#include "utf8.h"

#define SEGMENTS_MAX 16 /* of a pattern: a longer path matches none */
#define ROW_METHODS  (HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_DELETE)
#define METHODS_SIZE 5 /* one more than the highest bit of them */

/* A place that a path can lead to, segment by segment. */
struct node {
	const char *text;       /* the segment that leads here, NULL if any does */
	struct node *sibling;   /* the next text segment from the same place */
	struct node *texts;     /* where text segments lead from here */
	struct node *parameter; /* where any segment leads from here */
	unsigned methods;
	const struct route *routes[METHODS_SIZE]; /* by the method's bit */
};

/* Which segment of a path is the value of a parameter. */
struct parameter {
	const char *name;
	size_t segment;
};

static struct {
	struct arena *arena;
	const struct route *routes;
	size_t count;
	struct node *root;
	struct parameter (*parameters)[PATH_PARAMETERS_MAX]; /* of each route, NULL names at the end */
} table;

__attribute__((noreturn)) static void
refuse(const struct route *route, const char *fault)
{
	log_fatal("malformed route", LOG_TEXT("fault", fault), LOG_TEXT("method", http_method_name(route->method)),
	          LOG_TEXT("pattern", route->pattern));
}

static struct node *
step_parameter(struct node *node)
{
	if (node->parameter == NULL)
		node->parameter = arena_alloc(table.arena, sizeof *node);
	return node->parameter;
}

static struct node *
find_text(const struct node *node, const char *text)
{
	for (struct node *child = node->texts; child != NULL; child = child->sibling)
		if (strcmp(child->text, text) == 0)
			return child;
	return NULL;
}

static struct node *
step_text(struct node *node, const char *text)
{
	struct node *child = find_text(node, text);
	if (child == NULL) {
		child = arena_alloc(table.arena, sizeof *child);
		child->text = text;
		child->sibling = node->texts;
		node->texts = child;
	}
	return child;
}

static void
add_parameter(const struct route *route, const char *name, size_t segment)
{
	struct parameter *parameters = table.parameters[route_index(route)];
	size_t count = 0;

	for (; count < PATH_PARAMETERS_MAX && parameters[count].name != NULL; count++)
		if (strcmp(parameters[count].name, name) == 0)
			refuse(route, "a name stands twice");
	if (count == PATH_PARAMETERS_MAX)
		refuse(route, "too many parameters");
	parameters[count] = (struct parameter){name, segment};
}

/* Makes the way to a route's place, as far as it is not there yet. */
static struct node *
add_pattern(const struct route *route)
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	struct node *node = table.root;
	const char *rest = strcmp(route->pattern, "/") == 0 ? "" : route->pattern;

	if (*route->pattern != '/')
		refuse(route, "no / at the beginning");
	for (size_t segment = 0; *rest == '/'; segment++) {
		bool parameter = *++rest == ':';
		rest += parameter;
		size_t length = strspn(rest, unreserved);
		if (length == 0)
			refuse(route, "an empty segment");
		if (segment == SEGMENTS_MAX)
			refuse(route, "too many segments");

		const char *text = arena_copy(table.arena, rest, length);
		if (parameter)
			add_parameter(route, text, segment);
		node = parameter ? step_parameter(node) : step_text(node, text);
		rest += length;
	}
	if (*rest != '\0')
		refuse(route, "a byte that a path does not have as it is");
	return node;
}

void
router_init(const struct route *routes, size_t count)
{
	if (count > SCOREBOARD_NO_ROUTE)
		log_fatal("too many routes", LOG_NUMBER("routes", count), LOG_NUMBER("most", SCOREBOARD_NO_ROUTE));
	if (table.arena == NULL)
		table.arena = arena_new();
	arena_reset(table.arena);

	table.routes = routes;
	table.count = count;
	table.root = arena_alloc(table.arena, sizeof *table.root);
	table.parameters = arena_alloc(table.arena, count * sizeof *table.parameters);

	for (size_t i = 0; i < count; i++) {
		const struct route *route = &routes[i];
		struct node *node = add_pattern(route);
		if (!(route->method & ROW_METHODS))
			refuse(route, "a method that no row can have");
		if (node->methods & route->method)
			refuse(route, "the same method and path stand twice");
		node->methods |= route->method;
		node->routes[__builtin_ctz(route->method)] = route;
	}
}

struct path {
	const char *segments[SEGMENTS_MAX]; /* decoded */
	size_t count;
};

/* Splits the path. ROUTE_FOUND says no more than that a route may be found. */
static enum route_result
split(const struct request *req, struct path *path)
{
	enum route_result result = ROUTE_FOUND;
	const char *rest = req->path;

	path->count = 0;
	while (*rest == '/') {
		size_t length = strcspn(++rest, "/");
		if (*rest == '\0')
			break;

		const char *segment = percent_decode(req->arena, rest, length);
		if (segment == NULL)
			return ROUTE_BAD_PATH;
		if (length > 0 && path->count < SEGMENTS_MAX)
			path->segments[path->count++] = segment;
		else
			result = ROUTE_NO_PATH;
		rest += length;
	}
	return *req->path == '/' ? result : ROUTE_NO_PATH;
}

/* Visits each place that the segments from `index` on lead to. The first one that has the method gives the route. */
static void
visit(const struct node *node, const struct path *path, size_t index, enum http_method method, struct request *req)
{
	if (node == NULL)
		return;
	if (index < path->count) {
		visit(find_text(node, path->segments[index]), path, index + 1, method, req);
		visit(node->parameter, path, index + 1, method, req);
		return;
	}
	req->allowed |= node->methods;
	if (req->route == NULL && node->methods & method)
		req->route = node->routes[__builtin_ctz(method)];
}

enum route_result
route_match(struct request *req)
{
	struct path path;

	req->route = NULL;
	req->allowed = 0;
	req->path_parameters_count = 0;

	enum route_result result = split(req, &path);
	if (result == ROUTE_FOUND)
		visit(table.root, &path, 0, req->method == HTTP_HEAD ? HTTP_GET : req->method, req);
	if (result == ROUTE_FOUND && req->route == NULL)
		result = req->allowed == 0 ? ROUTE_NO_PATH : ROUTE_NO_METHOD;
	req->allowed |= HTTP_OPTIONS | (req->allowed & HTTP_GET ? HTTP_HEAD : 0);
	if (result != ROUTE_FOUND)
		return result;

	const struct parameter *parameter = table.parameters[route_index(req->route)];
	for (; req->path_parameters_count < PATH_PARAMETERS_MAX && parameter->name != NULL; parameter++)
		req->path_parameters[req->path_parameters_count++] = (struct path_parameter){
		    parameter->name, utf8_normalize(req->arena, path.segments[parameter->segment])};
	return ROUTE_FOUND;
}

int
route_index(const struct route *route)
{
	return route == NULL ? SCOREBOARD_NO_ROUTE : (int)(route - table.routes);
}

const struct route *
route_at(int index)
{
	return index >= 0 && (size_t)index < table.count ? &table.routes[index] : NULL;
}

size_t
route_count(void)
{
	return table.count;
}
