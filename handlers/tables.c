/* The tables of routes.def, conflicts.def and limits.def. */
#include "handlers.h"

const struct route routes[] = {
#define ROUTE(method, pattern, name, flags) {HTTP_##method, pattern, name, #name, flags},
#include "routes.def"
#undef ROUTE
};
const size_t routes_count = sizeof routes / sizeof routes[0];

const struct conflict conflicts[] = {
#define CONFLICT(constraint, field) {constraint, field},
#include "conflicts.def"
#undef CONFLICT
};
const size_t conflicts_count = sizeof conflicts / sizeof conflicts[0];

#define SETTINGS_FILE  "limits.def"
#define SETTINGS_TABLE business_settings
#include "settings_rows.h"

void
handlers_init(void)
{
	router_init(routes, routes_count);
	database_init(queries, queries_count, conflicts, conflicts_count);
}
