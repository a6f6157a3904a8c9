#include <string.h>

#include "address.h"
#include "clock.h"
#include "handlers.h"
#include "json_text.h"
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
	static const char *const names[] = {"unavailable", "read-only", "ok"};
	enum database_readiness database = database_ready(req);
	bool redis = redis_ready(req, REDIS_MAIN), ready = database != DATABASE_UNAVAILABLE && redis;
	enum http_status status = ready ? HTTP_OK : HTTP_UNAVAILABLE;

	if (!ready)
		response_header(res, "Retry-After", "1");
	buffer_printf(response_json(res, status), "{\"status\":\"%s\",\"database\":\"%s\",\"redis\":\"%s\"}",
	              ready ? "ok" : "unavailable", names[database], redis ? "ok" : "unavailable");
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

/* How many workers are connected to a node. */
static size_t
connections(const struct scoreboard *board, enum node_list list, size_t index)
{
	size_t count = 0;

	for (size_t i = 0; i < board->workers; i++)
		count += board->slot[i].connected[list] >> index & 1;
	return count;
}

static void
add_node(struct buffer *out, const struct scoreboard *board, enum node_list list, size_t index)
{
	struct node_state state = nodes_state(list, index);
	const char *name = addresses()->of[list][index].name;
	char position[POSITION_LENGTH + 1];

	position_format(state.position, position);
	buffer_add_text(out, "{\"name\":");
	json_text(out, name, strlen(name));
	buffer_printf(out, ",\"list\":\"%s\",\"role\":\"%s\",\"inRotation\":%s,\"lagMs\":",
	              list == NODES_PRIMARY ? "primary" : "replicas", node_role_name(state.role),
	              list == NODES_REPLICAS && nodes_may_be_read(index) ? "true" : "false");
	if (list == NODES_PRIMARY || state.lag == NODE_LAG_UNKNOWN)
		buffer_add_text(out, "null");
	else
		buffer_add_integer(out, state.lag / 1000);
	buffer_printf(out, ",\"position\":\"%s\",\"connections\":%zu}", position, connections(board, list, index));
}

/* PostgreSQL's servers, as the monitor sees them. */
static void
add_nodes(struct buffer *out, const struct scoreboard *board)
{
	const char *separator = "";

	for (enum node_list list = 0; list < NODE_LISTS; list++) {
		for (size_t i = 0; i < board->nodes.count[list]; i++) {
			buffer_add_text(out, separator);
			add_node(out, board, list, i);
			separator = ",";
		}
	}
}

/* Of all workers: the counter that stands at that offset in a route's. */
static uint64_t
sum(const struct scoreboard *board, int index, size_t offset)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < board->workers; i++)
		sum += *(const _Atomic uint64_t *)((const char *)&board->slot[i].routes[index] + offset);
	return sum;
}

static void
add_counters(struct buffer *out, const struct scoreboard *board, int index)
{
	static const struct {
		const char *name;
		size_t offset;
	} members[] = {
	    {"requests", offsetof(struct route_counters, requests)},
	    {"errors", offsetof(struct route_counters, server_errors)},
	    {"databaseTrips", offsetof(struct route_counters, database_trips)},
	    {"replicaTrips", offsetof(struct route_counters, replica_trips)},
	    {"redisTrips", offsetof(struct route_counters, redis_trips)},
	    {"cacheHits", offsetof(struct route_counters, cache_hits)},
	    {"cacheMisses", offsetof(struct route_counters, cache_misses)},
	    {"microseconds", offsetof(struct route_counters, microseconds)},
	};

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		buffer_printf(out, "\"%s\":%llu,", members[i].name,
		              (unsigned long long)sum(board, index, members[i].offset));
	buffer_add_text(out, "\"histogram\":[");
	for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
		buffer_printf(
		    out, "%s%llu", bucket > 0 ? "," : "",
		    (unsigned long long)sum(board, index, offsetof(struct route_counters, histogram[bucket])));
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
	buffer_printf(out, "],\"monitor\":%s,\"nodes\":[", nodes_watched() ? "true" : "false");
	add_nodes(out, board);
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
