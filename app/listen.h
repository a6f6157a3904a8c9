/* Listening sockets: from systemd (sd_listen_fds(3)) or opened here. */
#ifndef QUIRE_LISTEN_H
#define QUIRE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/un.h>

#define LISTEN_MAX 8

struct listener {
	int descriptor; /* O_NONBLOCK, FD_CLOEXEC */
	/* of a unix socket opened here, otherwise path is "": */
	char path[sizeof((struct sockaddr_un){0}.sun_path)];
	dev_t device;
	ino_t inode;
};

struct listeners {
	struct listener list[LISTEN_MAX];
	size_t count;
	bool inherited; /* systemd holds them: they outlive this process */
};

/* Takes systemd's sockets, or opens those of `addresses` (QUIRE_LISTEN): absolute paths of unix sockets, which get `mode`, and
 * host:port, [IPv6]:port or :port, separated by spaces. A unix socket that another process answers on is an error; one that
 * nobody answers on is replaced; a file that is no socket is never touched. On failure writes a log line that names the address,
 * closes what was opened and returns false. */
bool listen_open(struct listeners *listeners, const char *addresses, unsigned mode, int backlog)
    __attribute__((warn_unused_result));

/* Accepts one connection that waits on any of them, with FD_CLOEXEC; -1 if nobody waits. */
int listen_accept(const struct listeners *listeners);

/* Does a connection wait to be accepted? */
bool listen_waiting(const struct listeners *listeners);

/* Unlinks the unix sockets opened here, so that no new connection can arrive; what waits in the backlog can still be accepted.
 * A path that somebody else has taken over meanwhile is left alone. */
void listen_unlink(struct listeners *listeners);

void listen_close(struct listeners *listeners);

#endif
