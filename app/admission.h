/* What is admitted when there is more to do than can be done: everything else is refused at once, 503 with Retry-After, so that
 * what is admitted is answered in time. nginx refuses most of it, for a few microseconds (nginx/quire/sockets.conf); this is for what
 * nginx cannot know: how long a request has waited, and what the workers are doing.
 *
 * The first to be refused are readers without a session, then those with one, then writers, and last the routes with CRITICAL:
 *   - While requests queue, none that has waited too long is served: its client may be gone, and others wait behind it. Too long is
 *     QUIRE_QUEUE_MS, 4 times that, 10 times and 20 times. They queue when for 100 ms no worker has found the backlog empty: a burst
 *     may wait. (Controlled delay: Maurer, "Fail at Scale", ACM Queue 2015; Nichols and Jacobson, "Controlling Queue Delay", 2012. Their
 *     5 ms are for servers that refuse for next to nothing. Here that is for nginx to do: what waits behind its bounds waits longer.)
 *   - QUIRE_RESERVE_PERCENT of the workers are left to CRITICAL, 1.5 times as many to writers too and 2 times to all but readers without
 *     a session. Who finds no worker left waits for one, no longer than that.
 *
 * Everything is decided by a look at the scoreboard: no lock, no question to a server. */
#ifndef QUIRE_ADMISSION_H
#define QUIRE_ADMISSION_H

#include "listen.h"
#include "request.h"

/* Ends the request with 503 when it must make room. To be asked once, when the session is known and the handler is to begin. */
void admission_check(struct request *req);

/* Notes on the scoreboard whether anybody waits to be accepted, unless that was noted a moment ago. */
void admission_look(const struct listeners *listeners);

/* Says that the request is about to be served the expensive way: from the primary for want of a replica, or without Redis. Until
 * its end it counts as one of those. Ends it with 503 when more than QUIRE_FALLBACK_PERCENT of the pool's workers would serve such
 * requests; one always may. Saying so twice is the same as once. */
void admission_fallback(struct request *req);

#endif
