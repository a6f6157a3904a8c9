#include "rate_limit.h"

#include <arpa/inet.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "redis.h"

/* Times are milliseconds since 1970 and come from the caller: asking Redis for the time would cost as much as the limit itself.
 * Hosts whose clocks differ count a burst by that much too early or too late. A count of 0 is no limit. */
const char rate_limit_lua[] =
    "local call = redis.call\n"
    /* the theoretical arrival time after this request, and the seconds until it would be allowed */
    "local function arrive(key, now, count, period)\n"
    "  if count == 0 then return nil, 0 end\n"
    "  local arrival = math.max(tonumber(call('GET', key) or now), now) + period / count\n"
    "  return arrival, math.max(0, math.ceil((arrival - period - now) / 1000))\n"
    "end\n"
    "local function admit(key, now, arrival)\n"
    "  if arrival then call('SET', key, arrival, 'PX', math.ceil(arrival - now)) end\n"
    "end\n";

/* KEYS: one per limit; ARGV: now, and count and period of each. The longest wait in seconds; 0 when all admit the request. */
#define COUNT_UNDER_ALL                                                                                                \
	"local now, arrivals, longest = tonumber(ARGV[1]), {}, 0\n"                                                    \
	"for i, key in ipairs(KEYS) do\n"                                                                              \
	"  local arrival, wait = arrive(key, now, tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1]))\n"                 \
	"  arrivals[i] = arrival or false\n"                                                                           \
	"  longest = math.max(longest, wait)\n"                                                                        \
	"end\n"                                                                                                        \
	"if longest == 0 then\n"                                                                                       \
	"  for i, key in ipairs(KEYS) do admit(key, now, arrivals[i]) end\n"                                           \
	"end\n"                                                                                                        \
	"return longest\n"

#define LIMITS_MAX 4

void
fail_too_many(struct request *req, long retry_after_seconds)
{
	response_error(req->response, HTTP_TOO_MANY_REQUESTS, "limit", "too many requests, try again later");
	response_header(req->response, "Retry-After", arena_printf(req->arena, "%ld", retry_after_seconds));
	fail_answered(req);
}

void
require_rate_limits(struct request *req, const struct rate_limit *limits, size_t count)
{
	static struct redis_script script = {.name = "rate limits"};
	struct redis_argument arguments[3 * LIMITS_MAX + 1];
	redisReply *wait;

	if (count > LIMITS_MAX)
		log_fatal("too many rate limits at once", LOG_NUMBER("limits", count));
	if (script.text == NULL)
		script.text = redis_script_text("%s%s", rate_limit_lua, COUNT_UNDER_ALL);
	arguments[count] = redis_number(req, clock_now() / 1000);
	for (size_t i = 0; i < count; i++) {
		arguments[i] = redis_text(arena_printf(req->arena, "limit:%s:%s", limits[i].name, limits[i].subject));
		arguments[count + 1 + 2 * i] = redis_number(req, limits[i].rate->count);
		arguments[count + 2 + 2 * i] = redis_number(req, limits[i].rate->seconds * 1000LL);
	}
	wait = redis_run(req, &script, count, arguments, 3 * count + 1);
	if (wait == NULL)
		fail_unavailable(req);
	if (wait->integer > 0)
		fail_too_many(req, (long)wait->integer);
}

const char *
rate_limit_address(struct request *req)
{
	const char *address = request_address(req);
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET6, address, &six) != 1)
		return address;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return arena_printf(req->arena, "%s", inet_ntop(AF_INET, &six.s6_addr[12], text, sizeof text));
	/* whoever has one IPv6 address has the /64 around it */
	memset(&six.s6_addr[8], 0, 8);
	return arena_printf(req->arena, "%s/64", inet_ntop(AF_INET6, &six, text, sizeof text));
}
