#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "admission.h"
#include "clock.h"
#include "dispatch.h"
#include "fcgi.h"
#include "log.h"
#include "scoreboard.h"
#include "settings.h"

/* A visitor may take so long before the kept connection is given up. */
#define PATIENCE_MS 25

struct worker {
	const struct listeners *listeners;
	struct arena *arena;
	struct fcgi_connection *kept;
	struct fcgi_connection *visitor; /* served while the kept one is idle */
	bool watched;                    /* the kept one is in the epoll set */
	int epoll;
	sigset_t open_mask; /* with TERM let through */
};

static volatile sig_atomic_t stopping;
static volatile sig_atomic_t peer = -1;     /* the descriptor of a request or an answer under way */
static volatile sig_atomic_t deferred = -1; /* the kept connection's, while a visitor is served */

static void
stop(int signal)
{
	(void)signal;
	stopping = 1;
}

/* The master asks for this with what it saw in the scoreboard a moment ago; what counts is what is true now. */
static void
cut_off_peer(int signal)
{
	const struct worker_slot *slot = scoreboard_slot();
	int errno_before = errno;

	(void)signal;
	if (peer >= 0 && clock_monotonic() - slot->since > setting_read_timeout_ms * 1000)
		shutdown(peer, slot->stage == STAGE_READING ? SHUT_RD
		                                            : SHUT_RDWR); /* who sent too little can still be told */
	errno = errno_before;
}

/* The visitor is slow: whoever sends a request on the kept connection must not wait for that. It tries again elsewhere. */
static void
give_up_deferred(int signal)
{
	int errno_before = errno;

	(void)signal;
	if (deferred >= 0)
		shutdown(deferred, SHUT_RDWR);
	deferred = -1;
	errno = errno_before;
}

static void
handle(int signal, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

/* TERM is blocked but where the worker waits for work: a request that it interrupted would be cut short. The signals of a terminal
 * reach the workers as well, but they are the master's. */
static void
set_signals(struct worker *worker)
{
	sigset_t mask;

	handle(SIGTERM, stop);
	handle(SIGUSR2, cut_off_peer);
	handle(SIGALRM, give_up_deferred);
	handle(SIGINT, SIG_IGN);
	handle(SIGQUIT, SIG_IGN);
	handle(SIGHUP, SIG_IGN);
	handle(SIGUSR1, SIG_IGN);
	handle(SIGPIPE, SIG_IGN);
	handle(SIGCHLD, SIG_DFL);
	sigemptyset(&worker->open_mask);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void
watch(struct worker *worker, int descriptor, uint32_t events, void *subject)
{
	struct epoll_event event = {.events = events, .data.ptr = subject};

	if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, descriptor, &event) < 0)
		log_fatal("cannot watch a socket", LOG_TEXT("reason", strerror(errno)));
}

static void
start(struct worker *worker)
{
	fcgi_init();
	set_signals(worker);
	worker->arena = arena_new();
	worker->kept = fcgi_connection_new();
	worker->visitor = fcgi_connection_new();
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	/* EPOLLEXCLUSIVE wakes one idle worker for a connection, not all of them. */
	for (size_t i = 0; i < worker->listeners->count; i++)
		watch(worker, worker->listeners->list[i].descriptor, EPOLLIN | EPOLLEXCLUSIVE, NULL);
	scoreboard_stage(STAGE_IDLE);
}

static enum fcgi_result
read_request(struct fcgi_connection *connection, struct request *req, struct response *res)
{
	enum fcgi_result result;

	scoreboard_stage(STAGE_READING);
	peer = fcgi_descriptor(connection);
	result = fcgi_read(connection, req, res);
	peer = -1;
	scoreboard_path(req->path);
	return result;
}

static void
set_alarm(int milliseconds)
{
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = milliseconds * 1000L}, NULL);
}

/* SIGALRM can only come while the handler runs, where whatever waits goes on waiting when it is interrupted. */
static void
handle_request(const struct worker *worker, struct request *req, struct response *res)
{
	bool alarmed = deferred >= 0;

	scoreboard_stage(STAGE_HANDLING);
	admission_look(worker->listeners);
	if (alarmed)
		set_alarm(PATIENCE_MS);
	dispatch(req, res);
	if (alarmed)
		set_alarm(0);
}

/* Does somebody wait whom no other worker is free to serve? */
static bool
somebody_waits(const struct worker *worker)
{
	return listen_waiting(worker->listeners) && !scoreboard_another_idle();
}

static void
write_answer(struct worker *worker, struct fcgi_connection *connection, const struct request *req,
             const struct response *res)
{
	/* Decided before the answer, so that it is followed by the end of the connection at once: nginx must not find one that is about
	 * to close among those that it keeps. */
	bool keep = connection == worker->kept && !somebody_waits(worker);

	scoreboard_stage(STAGE_WRITING);
	peer = fcgi_descriptor(connection);
	if (!fcgi_write(connection, res, keep))
		log_info("client gone", LOG_TEXT("id", request_id(req)), LOG_TEXT("path", req->path));
	peer = -1;
	dispatch_account(req, res);
}

/* Serves the request that arrives on the connection. */
static void
answer(struct worker *worker, struct fcgi_connection *connection)
{
	struct request req;
	struct response res;
	enum fcgi_result result;

	request_init(&req, worker->arena);
	response_init(&res, worker->arena);
	result = read_request(connection, &req, &res);
	if (result == FCGI_REQUEST)
		handle_request(worker, &req, &res);
	if (result != FCGI_CLOSED)
		write_answer(worker, connection, &req, &res);
	arena_reset(worker->arena);
	scoreboard_stage(STAGE_IDLE);
}

/* Serves one that waited in the backlog; its connection becomes the kept one. */
static void
answer_next(struct worker *worker, int descriptor)
{
	fcgi_close(worker->kept);
	fcgi_open(worker->kept, descriptor);
	worker->watched = false;
	answer(worker, worker->kept);
}

/* Serves one that waited in the backlog while the kept connection is idle, and then closes it. */
static void
answer_visitor(struct worker *worker, int descriptor)
{
	struct pollfd sent = {.fd = descriptor, .events = POLLIN};

	if (poll(&sent, 1, PATIENCE_MS) == 0) {
		answer_next(worker, descriptor); /* it is silent */
		return;
	}
	fcgi_open(worker->visitor, descriptor);
	deferred = fcgi_descriptor(worker->kept);
	answer(worker, worker->visitor);
	fcgi_close(worker->visitor);
	if (deferred < 0)
		fcgi_close(worker->kept);
	deferred = -1;
}

/* Waits for a connection, a request on the kept one, or TERM. Has the kept one something to say? */
static bool
wait_for_work(struct worker *worker)
{
	struct epoll_event events[LISTEN_MAX + 1];
	int count;

	if (fcgi_is_open(worker->kept) && !worker->watched) {
		watch(worker, fcgi_descriptor(worker->kept), EPOLLIN, worker->kept);
		worker->watched = true;
	}
	count = epoll_pwait(worker->epoll, events, LISTEN_MAX + 1, -1, &worker->open_mask);
	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == worker->kept)
			return true;
	}
	return false;
}

/* The kept connection and the backlog take turns: whoever is ready is served, and a kept one that speaks while others wait is closed
 * with its answer. */
static void
serve(struct worker *worker)
{
	int descriptor;

	while (!stopping) {
		if (wait_for_work(worker))
			answer(worker, worker->kept);
		else if ((descriptor = listen_accept(worker->listeners)) < 0)
			continue; /* another worker was quicker */
		else if (fcgi_is_open(worker->kept))
			answer_visitor(worker, descriptor);
		else
			answer_next(worker, descriptor);
	}
}

/* Answers what can still be answered: what has arrived on the kept connection, and what nobody else would serve. */
static void
finish(struct worker *worker)
{
	struct pollfd kept = {.fd = fcgi_descriptor(worker->kept), .events = POLLIN};
	int descriptor;

	if (poll(&kept, 1, 0) > 0)
		answer(worker, worker->kept);
	if (!scoreboard_mine()->draining)
		return;
	/* Only unix sockets are sure to run dry; the bound is for the others. */
	for (long i = 0; i < setting_listen_backlog && (descriptor = listen_accept(worker->listeners)) >= 0; i++)
		answer_next(worker, descriptor);
}

void
worker_run(const struct listeners *listeners)
{
	struct worker worker = {.listeners = listeners};

	start(&worker);
	serve(&worker);
	finish(&worker);
	fcgi_connection_free(worker.kept);
	fcgi_connection_free(worker.visitor);
	arena_free(worker.arena);
	exit(EXIT_SUCCESS);
}
