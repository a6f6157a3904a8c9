/* Rate limits by GCRA, the generic cell rate algorithm (ITU-T I.371; as a limiter: brandur.org/rate-limiting): one key per limit and
 * subject, limit:<name>:<subject>, that holds the theoretical arrival time, decided in Redis by one script. */
#ifndef QUIRE_RATE_LIMIT_H
#define QUIRE_RATE_LIMIT_H

#include "request.h"
#include "response.h"
#include "settings.h"

struct rate_limit {
	const char *name;
	const char *subject; /* an address, a token's hash, an e-mail address */
	const struct rate *rate;
};

/* Counts the request under all of the limits in one round trip, and ends it with 429 and Retry-After when one of them is used up
 * (then none is counted), with 503 when Redis is away. */
void require_rate_limits(struct request *req, const struct rate_limit *limits, size_t count);

/* An address as limits count it: IPv4 as it is, IPv6 by its /64. */
const char *rate_limit_address(struct request *req);

/* GCRA in Lua: a function to be put ahead of a script that calls it (entrance.c, rate_limit.c). */
extern const char rate_limit_lua[];

/* Ends the request with 429 and Retry-After. */
void fail_too_many(struct request *req, long retry_after_seconds) __attribute__((noreturn));

#endif
