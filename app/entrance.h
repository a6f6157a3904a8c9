/* What stands between a request and its handler: one round trip to Redis that counts the request, fetches its session, finds out how
 * fresh its answer must be, looks for that answer in the cache, or notes that a write is under way. */
#ifndef QUIRE_ENTRANCE_H
#define QUIRE_ENTRANCE_H

#include "request.h"

/* Does what the route's flags and its row in handlers/scopes.def ask for: sets req->user, says which database may be read from, finds
 * what the cache has. Ends the request with 401, 429 or 503. */
void entrance_pass(struct request *req);

#endif
