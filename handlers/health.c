#include "clock.h"
#include "handlers.h"
#include "redis.h"
#include "scoreboard.h"

/* GET /healthz: the process answers. */
enum http_status
health_alive(struct request *req, struct response *res)
{
	(void)req;
	buffer_add_text(response_json(res, HTTP_OK), "{\"status\":\"ok\"}");
	return HTTP_OK;
}

/* GET /readyz: what it depends on does. */
enum http_status
health_ready(struct request *req, struct response *res)
{
	bool database = database_ready(req), redis = redis_ready(req, REDIS_MAIN), ready = database && redis;

	enum http_status status = ready ? HTTP_OK : HTTP_UNAVAILABLE;

	if (!ready)
		response_header(res, "Retry-After", "1");
	buffer_printf(response_json(res, status), "{\"status\":\"%s\",\"database\":\"%s\",\"redis\":\"%s\"}",
	              ready ? "ok" : "unavailable", database ? "ok" : "unavailable", redis ? "ok" : "unavailable");
	return status;
}

static void
add_workers(struct buffer *out, const struct scoreboard *board)
{
	int64_t now = clock_monotonic();

	for (size_t i = 0; i < board->workers; i++) {
		const struct worker_slot *slot = &board->slot[i];
		const struct route *route = route_at(slot->route);
		int64_t since = slot->request_since;

		buffer_printf(out, "%s{\"pid\":%d,\"stage\":\"%s\",\"route\":", i > 0 ? "," : "", (int)slot->pid,
		              stage_name(slot->stage));
		if (route == NULL)
			buffer_add_text(out, "null");
		else
			buffer_printf(out, "\"%s %s\"", http_method_name(route->method), route->pattern);
		buffer_printf(out, ",\"ms\":%lld,\"served\":%llu}", since == 0 ? 0 : (long long)(now - since) / 1000,
		              (unsigned long long)slot->served);
	}
}

static void
add_breakers(struct buffer *out, const struct scoreboard *board)
{
	for (size_t i = 0; i < DEPENDENCIES; i++) {
		const struct breaker *breaker = &board->breaker[i];

		buffer_printf(out, "%s{\"dependency\":\"%s\",\"state\":\"%s\",\"opened\":%llu,\"refused\":%llu}",
		              i > 0 ? "," : "", breaker->name, breaker_state_name(breaker_state(breaker)),
		              (unsigned long long)breaker->opened, (unsigned long long)breaker->refused);
	}
}

static void
add_counters(struct buffer *out, const struct scoreboard *board, int index)
{
	uint64_t requests = 0, errors = 0, database_trips = 0, redis_trips = 0, microseconds = 0;
	uint64_t histogram[HISTOGRAM_BUCKETS] = {0};

	for (size_t i = 0; i < board->workers; i++) {
		const struct route_counters *counters = &board->slot[i].routes[index];

		requests += counters->requests;
		errors += counters->server_errors;
		database_trips += counters->database_trips;
		redis_trips += counters->redis_trips;
		microseconds += counters->microseconds;
		for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
			histogram[bucket] += counters->histogram[bucket];
	}
	buffer_printf(
	    out,
	    "\"requests\":%llu,\"errors\":%llu,\"databaseTrips\":%llu,\"redisTrips\":%llu,\"microseconds\":%llu,"
	    "\"histogram\":[",
	    (unsigned long long)requests, (unsigned long long)errors, (unsigned long long)database_trips,
	    (unsigned long long)redis_trips, (unsigned long long)microseconds);
	for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
		buffer_printf(out, "%s%llu", bucket > 0 ? "," : "", (unsigned long long)histogram[bucket]);
	buffer_add_text(out, "]}");
}

/* GET /statusz: the scoreboard of the pool that answers. */
enum http_status
health_status(struct request *req, struct response *res)
{
	const struct scoreboard *board = scoreboard_mine();
	struct buffer *out = response_json(res, HTTP_OK);
	char started[CLOCK_TEXT_SIZE];

	(void)req;
	clock_format(board->started, started);
	buffer_printf(out, "{\"started\":\"%s\",\"deaths\":%llu,\"workers\":[", started,
	              (unsigned long long)board->deaths);
	add_workers(out, board);
	buffer_add_text(out, "],\"breakers\":[");
	add_breakers(out, board);
	buffer_add_text(out, "],\"routes\":[");
	for (size_t i = 0; i < route_count(); i++) {
		const struct route *route = route_at((int)i);

		buffer_printf(out, "%s{\"method\":\"%s\",\"route\":\"%s\",", i > 0 ? "," : "",
		              http_method_name(route->method), route->pattern);
		add_counters(out, board, (int)i);
	}
	buffer_add_text(out, "],\"unrouted\":{"); /* what matched no route, or was refused before one was looked for */
	add_counters(out, board, SCOREBOARD_NO_ROUTE);
	buffer_add_byte(out, '}');
	return HTTP_OK;
}
