#include "monitor.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "clock.h"
#include "connection.h"
#include "freshness.h"
#include "log.h"
#include "rotation.h"
#include "scoreboard.h"
#include "settings.h"

#define MILLISECOND  INT64_C(1000)
#define PROBES_MAX   (NODE_LISTS * NODES_MAX)
/* A server that cannot be reached is tried again after a pause, which doubles up to this. */
#define PAUSE_MAX_US (500 * MILLISECOND)
/* Workers that use every core must not keep the monitor from noticing what goes on. */
#define PRIORITY     (-5)

enum step { CLOSED, CONNECTING, RESTING, ASKED };

/* The conversation with one server. */
struct probe {
	enum node_list list;
	size_t index;
	const struct address *address;
	PGconn *postgres;
	enum step step;
	short events;     /* that its socket is polled for */
	int64_t due;      /* when it is connected to, or asked, next */
	int64_t deadline; /* of what is under way */
	int64_t pause;
	int64_t asked;    /* when the answer that came last was asked for */
	char reason[200]; /* why it is away */
};

static struct {
	struct rotation rotation;
	struct probe probe[PROBES_MAX];
	size_t count;
	int host; /* the primary that was told of last */
	struct position position;
	bool in_rotation[NODES_MAX]; /* the replicas that were told of */
	struct arena *arena;
	int64_t watch_due;
	sigset_t open_mask;
} monitor;

static volatile sig_atomic_t stopping;

static void
stop(int signal)
{
	(void)signal;
	stopping = 1;
}

/* TERM is blocked but while the monitor waits. */
static void
set_signals(void)
{
	struct sigaction action = {.sa_handler = stop};
	sigset_t mask;

	sigaction(SIGTERM, &action, NULL);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&monitor.open_mask);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void
start(void)
{
	const struct addresses *all = addresses();

	prctl(PR_SET_NAME, "quire-monitor");
	setpriority(PRIO_PROCESS, 0, PRIORITY); /* which takes a privilege; it does without */
	set_signals();
	/* in this process only: whatever workers may wait for Redis, PostgreSQL is not left out of sight so long */
	if (setting_redis_timeout_ms > setting_monitor_timeout_ms)
		setting_redis_timeout_ms = setting_monitor_timeout_ms;
	monitor.arena = arena_new();
	monitor.host = -1;
	rotation_init(&monitor.rotation, all->count[NODES_PRIMARY], all->count[NODES_REPLICAS],
	              setting_replica_lag_max_ms * MILLISECOND);
	for (enum node_list list = 0; list < NODE_LISTS; list++) {
		for (size_t i = 0; i < all->count[list]; i++)
			monitor.probe[monitor.count++] =
			    (struct probe){.list = list, .index = i, .address = &all->of[list][i]};
	}
}

static void
close_probe(struct probe *probe, const char *reason, int64_t due)
{
	snprintf(probe->reason, sizeof probe->reason, "%s", reason);
	PQfinish(probe->postgres);
	probe->postgres = NULL;
	probe->step = CLOSED;
	probe->due = due;
}

/* It cannot be reached, or is too slow. */
static void
away(struct probe *probe, const char *reason, int64_t now)
{
	int64_t pause = probe->pause == 0 ? setting_monitor_interval_ms * MILLISECOND : probe->pause * 2;

	probe->pause = pause < PAUSE_MAX_US ? pause : PAUSE_MAX_US;
	close_probe(probe, reason, now + probe->pause);
	rotation_away(&monitor.rotation, probe->list, probe->index);
}

/* It closed a connection on which it had answered before: a new one will show whether that means anything. */
static void
lost(struct probe *probe, int64_t now)
{
	if (probe->pause == 0)
		close_probe(probe, PQerrorMessage(probe->postgres), now);
	else
		away(probe, PQerrorMessage(probe->postgres), now);
	probe->pause = probe->pause == 0 ? MILLISECOND : probe->pause;
}

static void
begin_connecting(struct probe *probe, int64_t now)
{
	probe->postgres = connection_begin(probe->address, NULL);
	probe->deadline = now + setting_monitor_timeout_ms * MILLISECOND;
	if (probe->postgres == NULL || PQstatus(probe->postgres) == CONNECTION_BAD) {
		away(probe, probe->postgres == NULL ? "out of memory" : PQerrorMessage(probe->postgres), now);
		return;
	}
	probe->step = CONNECTING;
	probe->events = POLLOUT;
}

static void
ask(struct probe *probe, int64_t now)
{
	probe->asked = now;
	probe->deadline = now + setting_monitor_timeout_ms * MILLISECOND;
	probe->due = now + setting_monitor_interval_ms * MILLISECOND;
	if (PQsendQueryParams(probe->postgres, connection_statements()->probe, 0, NULL, NULL, NULL, NULL, 1) != 1 ||
	    PQflush(probe->postgres) < 0) {
		lost(probe, now);
		return;
	}
	probe->step = ASKED;
	probe->events = POLLIN;
}

static void
go_on_connecting(struct probe *probe, int64_t now)
{
	switch (PQconnectPoll(probe->postgres)) {
	case PGRES_POLLING_READING:
		probe->events = POLLIN;
		break;
	case PGRES_POLLING_OK:
		PQsetnonblocking(probe->postgres, 1);
		ask(probe, now);
		break;
	case PGRES_POLLING_FAILED:
		away(probe, PQerrorMessage(probe->postgres), now);
		break;
	default:
		probe->events = POLLOUT;
	}
}

enum { RECOVERING, OFFSET, RECEIVED, FILE_NAME, RECEIVER_TIMELINE, CHECKPOINT_TIMELINE, STARTED };

static void
take_answer(struct probe *probe, const PGresult *result)
{
	struct probe_answer answer = {
	    .recovering = connection_read_number(result, RECOVERING) != 0,
	    .offset = connection_read_number(result, OFFSET),
	    .received = connection_read_number(result, RECEIVED),
	    .timeline = connection_read_timeline(result, FILE_NAME),
	    .receiver_timeline = (uint32_t)connection_read_number(result, RECEIVER_TIMELINE),
	    .checkpoint_timeline = (uint32_t)connection_read_number(result, CHECKPOINT_TIMELINE),
	    .started = (int64_t)connection_read_number(result, STARTED),
	};

	probe->pause = 0;
	/* what it says may be as old as the question */
	rotation_answer(&monitor.rotation, probe->list, probe->index, &answer, probe->asked);
}

static void
go_on_reading(struct probe *probe, int64_t now)
{
	if (!PQconsumeInput(probe->postgres)) {
		lost(probe, now);
		return;
	}
	while (probe->step == ASKED && !PQisBusy(probe->postgres)) {
		PGresult *result = PQgetResult(probe->postgres);

		if (result == NULL)
			probe->step = RESTING;
		else if (PQresultStatus(result) == PGRES_TUPLES_OK)
			take_answer(probe, result);
		else if (PQstatus(probe->postgres) == CONNECTION_BAD)
			lost(probe, now);
		else
			away(probe, PQresultErrorMessage(result), now);
		PQclear(result);
	}
}

/* Does what is due, and waits until something can be gone on with. */
static void
wait_for_answers(struct pollfd sockets[])
{
	int64_t now = clock_monotonic(), until = monitor.watch_due;

	for (size_t i = 0; i < monitor.count; i++) {
		struct probe *probe = &monitor.probe[i];

		if (probe->step == CLOSED && probe->due <= now)
			begin_connecting(probe, now);
		else if (probe->step == RESTING && probe->due <= now)
			ask(probe, now);

		int64_t next = probe->step == CLOSED || probe->step == RESTING ? probe->due : probe->deadline;

		until = next < until ? next : until;
		sockets[i] = (struct pollfd){.fd = probe->postgres != NULL ? PQsocket(probe->postgres) : -1,
		                             .events = probe->events};
	}

	int64_t left = until > now ? until - now : 0;
	struct timespec timeout = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};

	scoreboard_stage(STAGE_IDLE); /* who waits is not stuck */
	if (ppoll(sockets, monitor.count, &timeout, &monitor.open_mask) < 0)
		memset(sockets, 0, monitor.count * sizeof *sockets);
	scoreboard_stage(STAGE_HANDLING);
}

/* Goes on with those that can be gone on with. `before` is when the others were last looked at: only who had said nothing by then, after
 * its deadline, is too late. So a monitor that was kept from running blames nobody for it. */
static void
go_on(const struct pollfd sockets[], int64_t before)
{
	int64_t now = clock_monotonic();

	for (size_t i = 0; i < monitor.count; i++) {
		struct probe *probe = &monitor.probe[i];

		if (probe->postgres == NULL)
			continue;
		if (sockets[i].revents != 0) {
			if (probe->step == CONNECTING)
				go_on_connecting(probe, now);
			else
				go_on_reading(probe, now);
		} else if (probe->step != RESTING && before >= probe->deadline) {
			away(probe, "does not answer", now);
		}
	}
}

static const struct probe *
probe_of(enum node_list list, size_t index)
{
	return &monitor.probe[list == NODES_PRIMARY ? index : monitor.rotation.count[NODES_PRIMARY] + index];
}

static void
tell_of_primary(void)
{
	const struct primary_state *primary = &monitor.rotation.primary;
	int before = monitor.host;

	if (primary->host == before && (before < 0 || primary->position.timeline == monitor.position.timeline))
		return;
	monitor.host = primary->host;
	monitor.position = primary->position;
	if (primary->host < 0)
		log_error("primary lost", LOG_TEXT("node", probe_of(NODES_PRIMARY, (size_t)before)->address->name),
		          LOG_TEXT("reason", probe_of(NODES_PRIMARY, (size_t)before)->reason));
	else
		log_info(before < 0 ? "primary found" : "primary changed",
		         LOG_TEXT("node", probe_of(NODES_PRIMARY, (size_t)primary->host)->address->name),
		         LOG_NUMBER("timeline", primary->position.timeline));
}

static void
tell_of_replica(size_t index, const struct node_state *state)
{
	const struct probe *probe = probe_of(NODES_REPLICAS, index);

	if (state->in_rotation == monitor.in_rotation[index])
		return;
	monitor.in_rotation[index] = state->in_rotation;
	if (state->in_rotation)
		log_info("replica joined the rotation", LOG_TEXT("node", probe->address->name),
		         LOG_MILLISECONDS("lag", state->lag));
	else if (state->role == NODE_AWAY)
		log_warning("replica left the rotation", LOG_TEXT("node", probe->address->name),
		            LOG_TEXT("reason", probe->reason));
	else if (state->role == NODE_WRITABLE)
		log_warning("replica left the rotation", LOG_TEXT("node", probe->address->name),
		            LOG_TEXT("reason", "is not in recovery"));
	else
		log_warning("replica left the rotation", LOG_TEXT("node", probe->address->name),
		            LOG_TEXT("reason", "lags"), LOG_MILLISECONDS("lag", state->lag));
}

/* Decides what the answers mean, and tells the workers. */
static void
decide(void)
{
	struct rotation *rotation = &monitor.rotation;

	if (!rotation_complete(rotation))
		return;
	rotation_choose_primary(rotation);
	rotation_judge(rotation);
	for (size_t i = 0; i < monitor.count; i++) {
		const struct probe *probe = &monitor.probe[i];
		const struct node_state *state = &rotation->node[probe->list][probe->index].state;

		nodes_publish(probe->list, probe->index, state);
		if (probe->list == NODES_REPLICAS)
			tell_of_replica(probe->index, state);
		if (probe->list == NODES_REPLICAS && state->role != NODE_AWAY && state->seen >= probe->asked)
			nodes_answered(probe->index, probe->asked);
	}
	nodes_publish_primary(&rotation->primary);
	tell_of_primary();
	if (rotation->primary.host >= 0)
		breaker_close(scoreboard_breaker(DEPENDENCY_PRIMARY));
	nodes_round(clock_monotonic());
}

static void
watch_freshness(void)
{
	struct request req;
	int64_t now = clock_monotonic();

	if (now < monitor.watch_due)
		return;
	monitor.watch_due = now + setting_monitor_interval_ms * MILLISECOND;
	request_init(&req, monitor.arena);
	freshness_watch(&req);
	arena_reset(monitor.arena);
}

void
monitor_run(void)
{
	struct pollfd sockets[PROBES_MAX];

	start();
	while (!stopping) {
		int64_t before = clock_monotonic();

		wait_for_answers(sockets);
		go_on(sockets, before);
		decide();
		watch_freshness();
	}
	exit(EXIT_SUCCESS);
}
