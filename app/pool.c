#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "listen.h"
#include "log.h"
#include "monitor.h"
#include "nodes.h"
#include "router.h"
#include "scoreboard.h"
#include "settings.h"
#include "worker.h"

#define MILLISECOND    INT64_C(1000)
#define TICK_NS        100000000
/* A worker that dies younger than this is followed by the next one after a pause, which doubles each time. */
#define YOUNG_US       (1000 * MILLISECOND)
#define PAUSE_FIRST_US (100 * MILLISECOND)
#define PAUSE_LAST_US  (5000 * MILLISECOND)
/* A worker that was told to cut its peer off and did not in this time is stuck. */
#define CUT_GRACE_US   (1000 * MILLISECOND)

struct child {
	pid_t pid; /* 0 for none */
	int64_t started;
	int64_t start_after; /* the next one is not started before */
	int64_t pause;
	int64_t cut;         /* when the stage began whose peer was cut off last */
	unsigned generation; /* the pool's when it was started */
	bool told;           /* to stop */
	bool killed;
};

struct pool {
	struct listeners listeners;
	struct scoreboard *scoreboard;
	struct child *children; /* the workers, and behind them the monitor */
	size_t count;           /* of the workers */
	pid_t pid;
	sigset_t signals;
	unsigned generation; /* counts HUPs */
	bool stopping;
	int64_t stop_by;
	uint64_t watchdog_us; /* 0 for none */
	int64_t watchdog_fed;
};

/* The master takes its signals with sigtimedwait, and forks with all of them blocked. */
static void
block_signals(struct pool *pool)
{
	static const int wanted[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD};

	sigemptyset(&pool->signals);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		signal(wanted[i], SIG_DFL);
		sigaddset(&pool->signals, wanted[i]);
	}
	sigprocmask(SIG_BLOCK, &pool->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
}

static struct child *
monitor_of(const struct pool *pool)
{
	return &pool->children[pool->count];
}

/* Starts a worker, or the monitor, in its slot. */
static void
start_child(struct pool *pool, size_t slot)
{
	struct child *child = &pool->children[slot];
	int64_t now = clock_monotonic();
	pid_t pid = fork();

	if (pid == 0) {
		scoreboard_attach(pool->scoreboard, slot);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != pool->pid)
			_exit(EXIT_FAILURE); /* the master died before it could be asked to tell */
		if (slot == scoreboard_monitor_slot(pool->scoreboard))
			monitor_run();
		worker_run(&pool->listeners);
	}
	if (pid < 0) {
		log_error("cannot fork", LOG_TEXT("reason", strerror(errno)));
		child->start_after = now + PAUSE_LAST_US;
		return;
	}
	*child = (struct child){.pid = pid, .started = now, .pause = child->pause, .generation = pool->generation};
}

static void
tell_to_stop(struct child *child)
{
	if (child->pid == 0)
		return; /* kill() would take 0 for the whole process group */
	child->told = true;
	kill(child->pid, SIGTERM);
}

static size_t
workers_alive(const struct pool *pool)
{
	size_t alive = 0;

	for (size_t i = 0; i < pool->count; i++)
		alive += pool->children[i].pid != 0;
	return alive;
}

/* The fields that say what a worker does, or did. */
#define LOG_DOING(slot, now)                                                                                           \
	LOG_TEXT("stage", stage_name((slot)->stage)), LOG_TEXT("route", route_of(slot)),                               \
	    LOG_TEXT("path", path_of(slot)), LOG_MILLISECONDS("ms", (now) - (slot)->since)

static const char *
route_of(const struct worker_slot *slot)
{
	const struct route *route = slot->stage == STAGE_IDLE ? NULL : route_at(slot->route);

	return route != NULL ? route->pattern : NULL;
}

static const char *
path_of(const struct worker_slot *slot)
{
	return slot->stage == STAGE_IDLE || slot->path[0] == '\0' ? NULL : slot->path;
}

static void
log_death(const struct pool *pool, const struct child *child, int status, int64_t now)
{
	const struct worker_slot *slot = &pool->scoreboard->slot[child - pool->children];
	char signal_name[32] = "";

	if (WIFSIGNALED(status))
		snprintf(signal_name, sizeof signal_name, "SIG%s", sigabbrev_np(WTERMSIG(status)));
	log_error(child == monitor_of(pool) ? "monitor died" : "worker died", LOG_NUMBER("pid", child->pid),
	          WIFSIGNALED(status) ? LOG_TEXT("signal", signal_name) : LOG_NUMBER("status", WEXITSTATUS(status)),
	          LOG_DOING(slot, now), LOG_MILLISECONDS("pause", child->pause));
}

static void
bury(struct pool *pool, struct child *child, int status)
{
	int64_t now = clock_monotonic();
	/* whoever stops the master may tell its children too */
	bool expected = (child->told || pool->stopping) && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;

	if (expected || now - child->started >= YOUNG_US)
		child->pause = 0;
	else if (child->pause == 0)
		child->pause = PAUSE_FIRST_US;
	else
		child->pause = child->pause * 2 < PAUSE_LAST_US ? child->pause * 2 : PAUSE_LAST_US;
	if (!expected) {
		pool->scoreboard->deaths += child != monitor_of(pool);
		log_death(pool, child, status, now);
	}
	child->start_after = now + child->pause;
	child->pid = 0;
	scoreboard_vacate(pool->scoreboard, (size_t)(child - pool->children));
}

static void
bury_the_dead(struct pool *pool)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i <= pool->count; i++) {
			if (pool->children[i].pid == pid)
				bury(pool, &pool->children[i], status);
		}
	}
}

static void
kill_stuck(struct child *child, const struct worker_slot *slot, int64_t now)
{
	if (!child->killed)
		log_error("worker stuck", LOG_NUMBER("pid", child->pid), LOG_DOING(slot, now));
	child->killed = true;
	kill(child->pid, SIGKILL);
}

static void
cut_off_peer(struct child *child, const struct worker_slot *slot, int64_t now)
{
	if (child->cut != slot->since)
		log_warning("peer too slow", LOG_NUMBER("pid", child->pid), LOG_DOING(slot, now));
	child->cut = slot->since;
	kill(child->pid, SIGUSR2);
}

/* Ends what takes too long: the peer's part by cutting it off, the handler's part with the worker. */
static void
watch_worker(struct child *child, const struct worker_slot *slot, int64_t now)
{
	int stage = slot->stage;
	int64_t age = now - slot->since;

	if (stage == STAGE_HANDLING) {
		if (age > setting_request_timeout_ms * MILLISECOND)
			kill_stuck(child, slot, now);
	} else if (stage == STAGE_READING || stage == STAGE_WRITING) {
		if (age > setting_read_timeout_ms * MILLISECOND + CUT_GRACE_US)
			kill_stuck(child, slot, now);
		else if (age > setting_read_timeout_ms * MILLISECOND)
			cut_off_peer(child, slot, now);
	}
}

static void
watch_workers(struct pool *pool)
{
	int64_t now = clock_monotonic();

	for (size_t i = 0; i <= pool->count; i++) {
		if (pool->children[i].pid != 0)
			watch_worker(&pool->children[i], &pool->scoreboard->slot[i], now);
	}
}

static void
start_missing(struct pool *pool)
{
	int64_t now = clock_monotonic();

	for (size_t i = 0; i <= pool->count; i++) {
		if (pool->children[i].pid == 0 && pool->children[i].start_after <= now)
			start_child(pool, i);
	}
}

/* After a HUP: tells the next old worker to stop, once all others are up. */
static void
replace_next(struct pool *pool)
{
	struct child *next = NULL;

	for (size_t i = 0; i <= pool->count; i++) {
		struct child *child = &pool->children[i];

		if (child->told || pool->scoreboard->slot[i].stage == STAGE_NONE)
			return;
		if (next == NULL && child->generation != pool->generation)
			next = child;
	}
	if (next != NULL)
		tell_to_stop(next);
}

static void
begin_stop(struct pool *pool)
{
	if (pool->stopping)
		return;
	pool->stopping = true;
	pool->stop_by = clock_monotonic() + setting_stop_timeout_ms * MILLISECOND;
	log_info("stopping", LOG_NUMBER("workers", workers_alive(pool)));
	sd_notify(0, "STOPPING=1");

	listen_unlink(&pool->listeners);
	pool->scoreboard->draining = !pool->listeners.inherited;
	for (size_t i = 0; i < pool->count; i++)
		tell_to_stop(&pool->children[i]);
}

/* Does somebody still wait on a socket whose path is gone? */
static bool
somebody_waits(const struct pool *pool)
{
	for (size_t i = 0; i < pool->listeners.count; i++) {
		const struct listener *listener = &pool->listeners.list[i];
		struct pollfd waiting = {.fd = listener->descriptor, .events = POLLIN};

		if (listener->path[0] != '\0' && poll(&waiting, 1, 0) > 0)
			return true;
	}
	return false;
}

/* Is the stop complete? */
static bool
go_on_stopping(struct pool *pool)
{
	bool late = clock_monotonic() > pool->stop_by;

	if (workers_alive(pool) == 0) {
		if (late || !somebody_waits(pool)) {
			tell_to_stop(monitor_of(pool));
			return late || monitor_of(pool)->pid == 0;
		}
		start_child(pool, 0); /* one may have arrived after the last worker had looked */
		tell_to_stop(&pool->children[0]);
	}
	for (size_t i = 0; late && i < pool->count; i++) {
		if (pool->children[i].pid != 0)
			kill_stuck(&pool->children[i], &pool->scoreboard->slot[i], clock_monotonic());
	}
	return false;
}

static void
take_signal(struct pool *pool, int signal)
{
	if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT) {
		begin_stop(pool);
	} else if (signal == SIGHUP) {
		pool->generation++;
		log_info("replacing workers", LOG_NUMBER("workers", pool->count));
	}
}

static void
feed_watchdog(struct pool *pool)
{
	int64_t now = clock_monotonic();

	if (pool->watchdog_us == 0 || now - pool->watchdog_fed < (int64_t)pool->watchdog_us / 3)
		return;
	pool->watchdog_fed = now;
	sd_notify(0, "WATCHDOG=1");
}

static void
run(struct pool *pool)
{
	for (;;) {
		take_signal(pool, sigtimedwait(&pool->signals, NULL, &(struct timespec){.tv_nsec = TICK_NS}));
		bury_the_dead(pool);
		watch_workers(pool);
		feed_watchdog(pool);
		if (pool->stopping) {
			if (go_on_stopping(pool))
				return;
		} else {
			start_missing(pool);
			replace_next(pool);
		}
	}
}

int
pool_run(void)
{
	struct pool pool = {.count = (size_t)setting_workers, .pid = getpid()};

	addresses_check();
	block_signals(&pool);
	if (!listen_open(&pool.listeners, setting_listen, (unsigned)setting_listen_mode, (int)setting_listen_backlog))
		return EXIT_FAILURE;
	pool.scoreboard = scoreboard_new(pool.count);
	pool.children = calloc(pool.count + 1, sizeof *pool.children);
	if (pool.children == NULL)
		log_fatal("out of memory", LOG_NUMBER("workers", pool.count));
	if (sd_watchdog_enabled(0, &pool.watchdog_us) <= 0)
		pool.watchdog_us = 0;

	nodes_open(&pool.scoreboard->nodes, addresses()->count);
	start_missing(&pool);
	log_info("started", LOG_NUMBER("pid", pool.pid), LOG_NUMBER("workers", pool.count),
	         LOG_TEXT("listen", pool.listeners.inherited ? "sockets of systemd" : setting_listen));
	sd_notify(0, "READY=1");
	run(&pool);

	listen_close(&pool.listeners);
	scoreboard_free(pool.scoreboard);
	free(pool.children);
	log_info("stopped", LOG_NUMBER("pid", pool.pid));
	return EXIT_SUCCESS;
}
