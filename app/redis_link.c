#include "redis_link.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "settings.h"

#define READ_SIZE  65536
#define COUNT_SIZE (INTEGER_TEXT_SIZE + 2) /* as put_count writes it */
#define TIMED_OUT  "no answer in time"

struct redis_argument
redis_text(const char *text)
{
	return (struct redis_argument){text, strlen(text)};
}

/* Writes what says how many words or bytes follow. */
static char *
put_count(char *to, char kind, size_t count)
{
	*to++ = kind;
	to += integer_format((int64_t)count, to);
	*to++ = '\r';
	*to++ = '\n';
	return to;
}

void
redis_format_start(struct buffer *out, size_t count)
{
	char *start = buffer_reserve(out, COUNT_SIZE);

	out->length += (size_t)(put_count(start, '*', count) - start);
}

void
redis_format_word(struct buffer *out, struct redis_argument word)
{
	char *start = buffer_reserve(out, COUNT_SIZE + word.length + 2), *end = put_count(start, '$', word.length);

	memcpy(end, word.data, word.length);
	end += word.length;
	*end++ = '\r';
	*end++ = '\n';
	out->length += (size_t)(end - start);
}

void
redis_format(struct buffer *out, const struct redis_argument *words, size_t count)
{
	redis_format_start(out, count);
	for (size_t i = 0; i < count; i++)
		redis_format_word(out, words[i]);
}

void
redis_link_close(struct redis_link *link, const char *error)
{
	snprintf(link->error, sizeof link->error, "%s", error);
	if (link->context != NULL)
		redisFree(link->context);
	link->context = NULL;
}

static bool
lost(struct redis_link *link, const char *error, bool ended)
{
	redis_link_close(link, error);
	link->ended = ended;
	return false;
}

static bool
lost_by_errno(struct redis_link *link)
{
	return lost(link, errno == EAGAIN ? TIMED_OUT : strerror(errno), errno == EPIPE || errno == ECONNRESET);
}

static struct timeval
time_of(int64_t microseconds)
{
	return (struct timeval){.tv_sec = microseconds / 1000000, .tv_usec = microseconds % 1000000};
}

static redisContext *
connect_to(const struct redis_host *host, int64_t deadline)
{
	int64_t left = deadline - clock_monotonic();
	struct timeval timeout = time_of(left > 1000 ? left : 1000);
	sigset_t signals, before;
	redisContext *context;

	/* hiredis takes a connect that a signal interrupts for one that failed */
	sigemptyset(&signals);
	sigaddset(&signals, SIGALRM);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(SIG_BLOCK, &signals, &before);
	context = host->port == 0 ? redisConnectUnixWithTimeout(host->name, timeout)
	                          : redisConnectWithTimeout(host->name, host->port, timeout);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return context;
}

bool
redis_link_open(struct redis_link *link, const struct redis_host *host, int64_t deadline)
{
	link->ended = false;
	link->context = connect_to(host, deadline);
	if (link->context == NULL)
		return lost(link, "out of memory", false);
	if (link->context->err != 0 ||
	    redisSetTimeout(link->context, time_of(setting_redis_timeout_ms * 1000)) != REDIS_OK)
		return lost(link, link->context->errstr, false);
	return true;
}

/* Waits until the socket is ready for `events`; at the deadline the connection is lost. */
static bool
wait_for_socket(struct redis_link *link, short events, struct redis_patience *patience)
{
	struct pollfd socket = {.fd = link->context->fd, .events = events};
	int ready;

	patience->whole = false;
	do {
		int64_t left = patience->deadline - clock_monotonic();

		if (left <= 0)
			return lost(link, TIMED_OUT, false);
		ready = poll(&socket, 1, (int)(left / 1000 + 1));
	} while (ready == 0 || (ready < 0 && errno == EINTR)); /* the worker has signals */
	return ready > 0 || lost_by_errno(link);
}

bool
redis_link_send(struct redis_link *link, const char *bytes, size_t length, struct redis_patience *patience)
{
	while (length > 0) {
		ssize_t sent = send(link->context->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			bytes += sent;
			length -= (size_t)sent;
		} else if (errno == EAGAIN) {
			if (!wait_for_socket(link, POLLOUT, patience))
				return false;
		} else if (errno != EINTR) {
			return lost_by_errno(link);
		}
	}
	return true;
}

/* Reads what has come, or waits for it. */
static bool
read_more(struct redis_link *link, struct redis_patience *patience)
{
	static char bytes[READ_SIZE];
	bool waits = patience->whole;
	ssize_t length = recv(link->context->fd, bytes, sizeof bytes, waits ? 0 : MSG_DONTWAIT);

	patience->whole = false;
	if (length > 0)
		return redisReaderFeed(link->context->reader, bytes, (size_t)length) == REDIS_OK ||
		       lost(link, link->context->reader->errstr, false);
	if (length == 0)
		return lost(link, "the server closed the connection", true);
	if (errno == EINTR) /* a read with a time-out is never restarted by itself, see signal(7) */
		return true;
	if (errno == EAGAIN && !waits)
		return wait_for_socket(link, POLLIN, patience);
	return lost_by_errno(link);
}

redisReply *
redis_link_receive(struct redis_link *link, struct redis_patience *patience)
{
	void *reply = NULL;

	while (link->context != NULL) {
		if (redisReaderGetReply(link->context->reader, &reply) != REDIS_OK) {
			lost(link, "the server's reply is malformed", false);
		} else if (reply != NULL) {
			return reply;
		} else {
			read_more(link, patience);
		}
	}
	return NULL;
}
