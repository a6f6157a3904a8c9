/* Loads the demonstration content into a database. */
#ifndef QUIRE_SEED_LOAD_H
#define QUIRE_SEED_LOAD_H

#include "seed_plan.h"

/* Loads everything into the database setting_database_owner in one transaction, and says on standard error how far it is unless
 * `quiet`. Returns 0, or 1 with a line on standard error: not reachable, not migrated, not empty, or what PostgreSQL said. Nothing has
 * been loaded then. */
int seed_load(const struct seed_plan *plan, bool quiet);

/* Every user's password. */
#define SEED_PASSWORD "quire-demo"

#endif
