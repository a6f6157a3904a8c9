/* Every handler of routes.def, the limits of limits.def, and what the handlers share. */
#ifndef QUIRE_HANDLERS_H
#define QUIRE_HANDLERS_H

#include "answers.h"
#include "database.h"
#include "input.h"
#include "json.h"
#include "queries.h"
#include "request.h"
#include "response.h"
#include "router.h"
#include "settings.h"

#define ROUTE(method, pattern, name, flags)   handler name;
#define VIEW(pattern, name, flags)            handler name;
#define FORM(pattern, name, page_name, flags) handler name;
#include "routes.def"
#undef ROUTE
#undef VIEW
#undef FORM

#define SETTINGS_FILE "limits.def"
#include "settings_rows.h"

/* What main.c gives to the runtime at its start, and a test that calls handlers as well. */
extern const struct route routes[];
extern const size_t routes_count;
extern const struct conflict conflicts[];
extern const size_t conflicts_count;
extern const struct settings_table business_settings;

/* Makes the runtime know routes, queries, conflicts, templates and the page of errors. */
void handlers_init(void);

#endif
