/* The tables of routes.def, scopes.def, conflicts.def and limits.def. */
#include "handlers.h"

#include "assets.h"
#include "dispatch.h"
#include "formats.h"
#include "pages.h"
#include "scopes.h"
#include "texts.h"

const struct route routes[] = {
#define ROUTE(method, pattern, name, flags)   {HTTP_##method, pattern, name, #name, flags, NULL},
#define VIEW(pattern, name, flags)            {HTTP_GET, pattern, name, #name, PAGE | (flags), NULL},
#define FORM(pattern, name, page_name, flags) {HTTP_POST, pattern, name, #name, PAGE | (flags), page_name},
#include "routes.def"
#undef ROUTE
#undef VIEW
#undef FORM
};
const size_t routes_count = sizeof routes / sizeof routes[0];

static const struct scope_read scope_reads[] = {
#define READS(name, scopes)                       {name, scopes, NOBODY, ""},
#define KEEPS(name, audience, parameters, scopes) {name, scopes, audience, parameters},
#define CHANGES(query, scopes)
#include "scopes.def"
#undef READS
#undef KEEPS
#undef CHANGES
};

static const struct scope_change scope_changes[] = {
#define READS(name, scopes)
#define KEEPS(name, audience, parameters, scopes)
#define CHANGES(query, scopes) {#query, scopes},
#include "scopes.def"
#undef READS
#undef KEEPS
#undef CHANGES
};

const struct conflict conflicts[] = {
#define CONFLICT(constraint, field) {constraint, field},
#include "conflicts.def"
#undef CONFLICT
};
const size_t conflicts_count = sizeof conflicts / sizeof conflicts[0];

#define SETTINGS_FILE  "limits.def"
#define SETTINGS_TABLE business_settings
#include "settings_rows.h"

static void
init_views(void)
{
	const struct view_setup setup = {
	    .sources = view_sources,
	    .sources_count = view_sources_count,
	    .formats = formats,
	    .formats_count = formats_count,
	    .variants = LANGUAGES,
	    .constant = text_constant,
	};

	view_init(&setup, setting_views);
}

void
handlers_init(void)
{
	router_init(routes, routes_count);
	database_init(queries, queries_count, conflicts, conflicts_count, &database_statements);
	scopes_init(scope_reads, sizeof scope_reads / sizeof scope_reads[0], scope_changes,
	            sizeof scope_changes / sizeof scope_changes[0], queries, queries_count);
	init_views();
	dispatch_init(error_page);
}
