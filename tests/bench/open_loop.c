/* Requests at a given rate, whether or not the last ones were answered: what a crowd does, and what a load generator that waits for
 * answers cannot do. Latency counts from the moment at which a request was due, so that no answer hides those behind it.
 *
 *   open_loop PORT SECONDS CONNECTIONS RATE FILE [RATE FILE]…
 *
 * FILE has requests as they go over the wire, each preceded by a line with its length; they are sent in turns. Prints for each
 * file a line: sent, answered 2xx or 3xx, refused by nginx (Retry-After: 1), refused by a worker (another Retry-After), other, failed
 * (no answer, no connection left, or answered only after the end), then the 50th and the 99th percentile of those answered and of those refused, in ms. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define CLASSES_MAX 8
#define ANSWER_MAX  (1 << 20)
#define GRACE_S     5
#define BUCKETS     60000 /* of 0.1 ms */

enum outcome { GOOD, REFUSED_BY_NGINX, REFUSED_BY_WORKER, OTHER, LATE, FAILED, OUTCOMES };

struct text {
	char *data;
	size_t length;
};

struct class
{
	double rate, due; /* seconds since the start */
	struct text *requests;
	size_t count, next;
	long sent, outcomes[OUTCOMES];
	uint32_t good[BUCKETS], refused[BUCKETS];
};

struct connection {
	int descriptor;
	struct class *class; /* of the request in hand, NULL when idle */
	double due;
	size_t got;
	long expected; /* bytes of the whole answer, 0 before its head is complete */
	int status, retry_after;
	char head[8192];
	struct connection *next; /* idle one */
};

static struct class classes[CLASSES_MAX];
static int classes_count, epoll;
static struct connection *idle;
static struct sockaddr_in server = {.sin_family = AF_INET};
static struct timespec start;
static double seconds; /* that requests are sent for */

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)(time.tv_sec - start.tv_sec) + (double)(time.tv_nsec - start.tv_nsec) / 1e9;
}

static void
read_requests(struct class *class, const char *path)
{
	FILE *file = fopen(path, "r");
	size_t length;

	if (file == NULL)
		exit(66);
	while (fscanf(file, "%zu\n", &length) == 1) {
		struct text request = {malloc(length), length};

		if (fread(request.data, 1, length, file) != length)
			exit(65);
		class->requests = realloc(class->requests, (class->count + 1) * sizeof request);
		class->requests[class->count++] = request;
	}
	fclose(file);
}

/* Before the clock starts: how soon nginx accepts is not what is measured. */
static void
connect_one(void)
{
	struct connection *connection = calloc(1, sizeof *connection);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
	int on = 1;

	connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
	if (connection->descriptor < 0 ||
	    connect(connection->descriptor, (struct sockaddr *)&server, sizeof server) < 0) {
		perror("open_loop: connect");
		exit(69);
	}
	setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	epoll_ctl(epoll, EPOLL_CTL_ADD, connection->descriptor, &event);
	connection->next = idle;
	idle = connection;
}

static void
count(struct connection *connection, enum outcome outcome)
{
	struct class *class = connection->class;
	double tenths = (now() - connection->due) * 1e4;
	size_t bucket = tenths < BUCKETS - 1 ? (size_t)tenths : BUCKETS - 1;

	class->outcomes[now() < seconds ? outcome : LATE]++;
	if (outcome == GOOD)
		class->good[bucket]++;
	else if (outcome == REFUSED_BY_NGINX || outcome == REFUSED_BY_WORKER)
		class->refused[bucket]++;
	connection->class = NULL;
}

static void
drop(struct connection *connection)
{
	if (connection->class != NULL)
		count(connection, FAILED);
	close(connection->descriptor);
	free(connection);
}

static void
send_one(struct class *class, double due)
{
	const struct text *request = &class->requests[class->next++ % class->count];
	struct connection *connection = idle;

	class->sent++;
	if (connection == NULL) {
		class->outcomes[FAILED]++;
		return;
	}
	idle = connection->next;
	connection->class = class;
	connection->due = due;
	connection->got = 0;
	connection->expected = 0;
	if (send(connection->descriptor, request->data, request->length, MSG_NOSIGNAL) != (ssize_t)request->length)
		drop(connection);
}

static long
header(const char *head, const char *name)
{
	const char *found = strcasestr(head, name);

	return found != NULL ? atol(found + strlen(name)) : 0;
}

/* Reads the head; does the connection still hold what can be understood? */
static void
read_head(struct connection *connection)
{
	char *end;

	connection->head[connection->got < sizeof connection->head ? connection->got : sizeof connection->head - 1] =
	    '\0';
	if ((end = strstr(connection->head, "\r\n\r\n")) == NULL)
		return;
	*end = '\0';
	connection->status = atoi(connection->head + strlen("HTTP/1.1 "));
	connection->retry_after = (int)header(connection->head, "\r\nRetry-After: ");
	connection->expected = end + 4 - connection->head + header(connection->head, "\r\nContent-Length: ");
}

static enum outcome
outcome_of(const struct connection *connection)
{
	if (connection->status < 400)
		return GOOD;
	if (connection->status != 503)
		return OTHER;
	return connection->retry_after == 1 ? REFUSED_BY_NGINX : REFUSED_BY_WORKER;
}

static void
receive(struct connection *connection)
{
	static char waste[ANSWER_MAX];
	size_t room = sizeof connection->head - 1;
	bool in_head = connection->expected == 0 && connection->got < room;
	ssize_t got = in_head
	                  ? recv(connection->descriptor, connection->head + connection->got, room - connection->got, 0)
	                  : recv(connection->descriptor, waste, sizeof waste, 0);

	if (got <= 0 || connection->class == NULL) {
		/* an idle one that the server closes is still in the list: it fails when it is used */
		if (connection->class != NULL)
			drop(connection);
		else
			epoll_ctl(epoll, EPOLL_CTL_DEL, connection->descriptor, NULL);
		return;
	}
	connection->got += (size_t)got;
	if (connection->expected == 0)
		read_head(connection);
	if (connection->expected > 0 && (long)connection->got >= connection->expected) {
		count(connection, outcome_of(connection));
		connection->next = idle;
		idle = connection;
	}
}

static double
percentile(const uint32_t *histogram, double share)
{
	uint64_t all = 0, below = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		all += histogram[i];
	for (size_t i = 0; i < BUCKETS; i++) {
		below += histogram[i];
		if (all > 0 && (double)below >= share * (double)all)
			return (double)(i + 1) / 10;
	}
	return 0;
}

/* Arrivals of independent people: the gaps are exponential. */
static double
gap(double rate)
{
	return -log((rand() + 1.0) / (RAND_MAX + 2.0)) / rate;
}

static void
send_what_is_due(void)
{
	double time = now();

	for (int i = 0; i < classes_count; i++) {
		struct class *class = &classes[i];

		for (int burst = 0; class->due <= time && class->due < seconds && burst < 64; burst++) {
			send_one(class, class->due);
			class->due += gap(class->rate);
		}
	}
}

static bool
busy(void)
{
	double time = now();

	if (time < seconds)
		return true;
	for (int i = 0; i < classes_count; i++) {
		long answered = 0;

		for (int j = 0; j < OUTCOMES; j++)
			answered += classes[i].outcomes[j];
		if (answered < classes[i].sent)
			return time < seconds + GRACE_S;
	}
	return false;
}

static void
run(void)
{
	struct itimerspec tick = {.it_interval.tv_nsec = 1000000, .it_value.tv_nsec = 1000000};
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	struct epoll_event event = {.events = EPOLLIN}, events[256];
	uint64_t ticks;

	timerfd_settime(timer, 0, &tick, NULL);
	epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
	while (busy()) {
		int ready = epoll_wait(epoll, events, 256, 100);

		for (int i = 0; i < ready; i++) {
			if (events[i].data.ptr != NULL)
				receive(events[i].data.ptr);
			else if (read(timer, &ticks, sizeof ticks) < 0)
				exit(70);
		}
		send_what_is_due();
	}
}

int
main(int argc, char **argv)
{
	seconds = atof(argv[2]);

	server.sin_port = htons((uint16_t)atoi(argv[1]));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	epoll = epoll_create1(0);
	for (int i = 4; i + 1 < argc && classes_count < CLASSES_MAX; i += 2, classes_count++) {
		classes[classes_count].rate = atof(argv[i]);
		read_requests(&classes[classes_count], argv[i + 1]);
	}
	for (int i = 0; i < atoi(argv[3]); i++)
		connect_one();
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < classes_count; i++)
		classes[i].due = gap(classes[i].rate);
	run();
	for (int i = 0; i < classes_count; i++) {
		const struct class *class = &classes[i];
		const long *outcomes = class->outcomes;
		long lost = class->sent - outcomes[GOOD] - outcomes[REFUSED_BY_NGINX] - outcomes[REFUSED_BY_WORKER] -
		            outcomes[OTHER];

		printf("%ld %ld %ld %ld %ld %ld %.1f %.1f %.1f %.1f\n", class->sent, outcomes[GOOD],
		       outcomes[REFUSED_BY_NGINX], outcomes[REFUSED_BY_WORKER], outcomes[OTHER], lost,
		       percentile(class->good, 0.5), percentile(class->good, 0.99), percentile(class->refused, 0.5),
		       percentile(class->refused, 0.99));
	}
}
