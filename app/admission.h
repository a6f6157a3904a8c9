/* What is admitted when there is more to do than can be done: everything else is refused at once, 503 with Retry-After, so that
 * what is admitted is answered in time.
 *
 * Everything is decided by a look at the scoreboard: no lock, no question to a server. */
#ifndef QUIRE_ADMISSION_H
#define QUIRE_ADMISSION_H

#include "request.h"

/* Says that the request is about to be served the expensive way: from the primary for want of a replica, or without Redis. Until
 * its end it counts as one of those. Ends it with 503 when more than QUIRE_FALLBACK_PERCENT of the pool's workers would serve such
 * requests; one always may. Saying so twice is the same as once. */
void admission_fallback(struct request *req);

#endif
