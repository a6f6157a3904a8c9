/* Scopes: what routes read and queries write, in names that both have in common, such as "article:a-slug" or "tag:c".
 *
 * The tables are handlers/scopes.def. A declaration is a list of words, each a name in which one part may stand in braces:
 *   {name}    for a route: the path's or the query string's parameter; for a query: the column of its first row
 *   {$name}   for a query: the argument
 * A word whose part is not there (NULL, or not in the request) is left out; one whose column is a list gives a scope for each item. Of
 * alternatives, "a:{x}|b:{y}|c", the first counts that is there. Scopes are alike if they differ in case only, because usernames are.
 */
#ifndef QUIRE_SCOPES_H
#define QUIRE_SCOPES_H

#include "database.h"
#include "router.h"

/* Who gets the answer that is kept. */
enum audience {
	NOBODY,
	ANONYMOUS, /* a reader's own answer differs */
	EVERYBODY,
};

/* A GET that a replica may answer. */
struct scope_read {
	handler *handler;
	const char *scopes;
	enum audience kept_for;
	const char
	    *parameters; /* what the answer depends on beside its handler, separated by spaces; for one that is kept */
};

struct scope_change {
	const char *query;
	const char *scopes;
};

struct scopes {
	const char **names;
	size_t count, size;
};

/* The tables in use, once the router and the database have theirs: they stay the caller's. A write query without a row, a row without
 * its query or route, or a malformed declaration ends the process with a log line that names it. */
void scopes_init(const struct scope_read *reads, size_t reads_count, const struct scope_change *changes,
                 size_t changes_count, const struct query *queries, size_t queries_count);

/* The declaration of a route; NULL if it has none. */
const struct scope_read *scopes_route(const struct route *route);

/* Adds the scopes that the request reads. */
void scopes_add_reads(struct scopes *scopes, struct request *req, const struct scope_read *read);

/* Adds the scopes that a query has changed, going by its arguments and its first row; none if it returned no row, or one whose column "_mine"
 * is false: it was not the writer's to change. */
void scopes_add_changes(struct scopes *scopes, struct request *req, const struct query *query,
                        const char *const values[], const struct rows *rows);

#endif
