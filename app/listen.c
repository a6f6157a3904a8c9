#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define SOCKET_FLAGS (SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)
#define PAUSE_NS     10000000

static bool
failed(const char *address, const char *reason)
{
	log_error("cannot listen", LOG_TEXT("address", address), LOG_TEXT("reason", reason));
	return false;
}

static bool
failed_errno(const char *address)
{
	return failed(address, strerror(errno));
}

/* The next listener, still without a descriptor; NULL, with a log line, when there are too many. */
static struct listener *
append(struct listeners *listeners, const char *address)
{
	struct listener *listener;

	if (listeners->count == LISTEN_MAX) {
		failed(address, "too many sockets");
		return NULL;
	}
	listener = &listeners->list[listeners->count++];
	*listener = (struct listener){.descriptor = -1};
	return listener;
}

/* Is the path free, or can it be freed: does nobody answer on the socket there? */
static bool
make_room(const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	struct stat status;
	int probe, answered;

	if (lstat(path, &status) < 0)
		return errno == ENOENT || failed_errno(path);
	if (!S_ISSOCK(status.st_mode))
		return failed(path, "there is a file that is not a socket");

	probe = socket(AF_UNIX, SOCKET_FLAGS, 0);
	answered = connect(probe, (const struct sockaddr *)address, sizeof *address);
	if (answered < 0 && errno == ECONNREFUSED) {
		close(probe);
		return unlink(path) == 0 || failed_errno(path);
	}
	if (answered == 0 || errno == EAGAIN) /* EAGAIN: its backlog is full */
		failed(path, "another process answers there");
	else
		failed_errno(path);
	close(probe);
	return false;
}

static bool
bind_unix(int descriptor, const struct sockaddr_un *address, unsigned mode)
{
	mode_t before = umask(~mode & 0777); /* the socket must never be wider open than it is to be */
	int bound = bind(descriptor, (const struct sockaddr *)address, sizeof *address);

	umask(before);
	return bound == 0;
}

static bool
open_unix(struct listeners *listeners, const char *path, unsigned mode, int backlog)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct listener *listener;
	struct stat status;

	if (strlen(path) >= sizeof address.sun_path)
		return failed(path, "the path is too long for a unix socket, at most 107 bytes");
	memcpy(address.sun_path, path, strlen(path));
	if (!make_room(&address) || (listener = append(listeners, path)) == NULL)
		return false;

	listener->descriptor = socket(AF_UNIX, SOCKET_FLAGS, 0);
	if (listener->descriptor < 0 || !bind_unix(listener->descriptor, &address, mode) || stat(path, &status) < 0)
		return failed_errno(path);
	memcpy(listener->path, path, strlen(path) + 1);
	listener->device = status.st_dev;
	listener->inode = status.st_ino;
	return listen(listener->descriptor, backlog) == 0 || failed_errno(path);
}

static bool
open_address(struct listeners *listeners, const char *name, const struct addrinfo *address, int backlog)
{
	struct listener *listener = append(listeners, name);
	int descriptor, on = 1;

	if (listener == NULL)
		return false;
	listener->descriptor = descriptor = socket(address->ai_family, SOCKET_FLAGS, 0);
	if (descriptor < 0)
		return failed_errno(name);
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted ones inherit it */
	if (address->ai_family == AF_INET6)
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	return (bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 && listen(descriptor, backlog) == 0) ||
	       failed_errno(name);
}

/* Opens every address that host:port stands for. */
static bool
open_tcp(struct listeners *listeners, const char *name, int backlog)
{
	const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM};
	const char *colon = strrchr(name, ':');
	char host[256];
	struct addrinfo *addresses;
	size_t length;
	bool bracketed, opened = true;
	int error;

	if (colon == NULL || colon[1] == '\0')
		return failed(name, "neither an absolute path nor host:port");
	bracketed = name[0] == '[' && colon[-1] == ']';
	length = (size_t)(colon - name) - (bracketed ? 2 : 0);
	if (length >= sizeof host)
		return failed(name, "the host name is too long");
	memcpy(host, name + bracketed, length);
	host[length] = '\0';

	error = getaddrinfo(length > 0 ? host : NULL, colon + 1, &hints, &addresses);
	if (error != 0)
		return failed(name, gai_strerror(error));
	for (struct addrinfo *address = addresses; address != NULL && opened; address = address->ai_next)
		opened = open_address(listeners, name, address, backlog);
	freeaddrinfo(addresses);
	return opened;
}

static bool
open_all(struct listeners *listeners, const char *addresses, unsigned mode, int backlog)
{
	char names[4096], *rest, *name;

	snprintf(names, sizeof names, "%s", addresses);
	for (name = strtok_r(names, " \t", &rest); name != NULL; name = strtok_r(NULL, " \t", &rest)) {
		if (name[0] == '/' ? !open_unix(listeners, name, mode, backlog) : !open_tcp(listeners, name, backlog))
			return false;
	}
	return listeners->count > 0 || failed(addresses, "no address");
}

static bool
inherit(struct listeners *listeners, int count)
{
	listeners->inherited = true;
	for (int i = 0; i < count; i++) {
		struct listener *listener = append(listeners, "systemd");
		int descriptor = SD_LISTEN_FDS_START + i;

		if (listener == NULL)
			return false;
		listener->descriptor = descriptor;
		if (sd_is_socket(descriptor, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			return failed("systemd", "passed something that is not a listening stream socket");
		if (fcntl(descriptor, F_SETFL, O_NONBLOCK) < 0)
			return failed_errno("systemd");
	}
	return true;
}

bool
listen_open(struct listeners *listeners, const char *addresses, unsigned mode, int backlog)
{
	int passed = sd_listen_fds(1);
	bool opened;

	*listeners = (struct listeners){.count = 0};
	opened = passed > 0 ? inherit(listeners, passed) : open_all(listeners, addresses, mode, backlog);
	if (!opened) {
		listen_unlink(listeners);
		listen_close(listeners);
	}
	return opened;
}

int
listen_accept(const struct listeners *listeners)
{
	static size_t next; /* every socket has its turn */

	for (size_t i = 0; i < listeners->count; i++) {
		const struct listener *listener = &listeners->list[next++ % listeners->count];
		int descriptor = accept4(listener->descriptor, NULL, NULL, SOCK_CLOEXEC);

		if (descriptor >= 0)
			return descriptor;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			log_error("cannot accept", LOG_TEXT("reason", strerror(errno)));
			nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL); /* the connection goes on waiting */
		}
	}
	return -1;
}

bool
listen_waiting(const struct listeners *listeners)
{
	struct pollfd sockets[LISTEN_MAX];

	for (size_t i = 0; i < listeners->count; i++)
		sockets[i] = (struct pollfd){.fd = listeners->list[i].descriptor, .events = POLLIN};
	return poll(sockets, listeners->count, 0) > 0;
}

void
listen_unlink(struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++) {
		struct listener *listener = &listeners->list[i];
		struct stat status;

		if (listener->path[0] == '\0' || lstat(listener->path, &status) < 0)
			continue;
		if (status.st_dev == listener->device && status.st_ino == listener->inode)
			unlink(listener->path);
	}
}

void
listen_close(struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++) {
		if (listeners->list[i].descriptor >= 0)
			close(listeners->list[i].descriptor);
	}
	listeners->count = 0;
}
