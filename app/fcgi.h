/* FastCGI over libfcgi; the only file that includes fcgiapp.h. One struct per connection.
 *
 * libfcgi is asked for the protocol alone: sockets are accepted, timed out and closed here, see the notes in fcgi.c. */
#ifndef QUIRE_FCGI_H
#define QUIRE_FCGI_H

#include <stdbool.h>

#include "request.h"
#include "response.h"

struct fcgi_connection;

/* Once per process, before any connection. libfcgi takes over SIGPIPE, SIGUSR1 and SIGTERM: install own handlers afterwards. */
void fcgi_init(void);

struct fcgi_connection *fcgi_connection_new(void) __attribute__((returns_nonnull, warn_unused_result));
void fcgi_connection_free(struct fcgi_connection *connection);

/* Takes over an accepted, blocking descriptor; reads and writes on it wait QUIRE_READ_TIMEOUT_MS at most. The connection must be
 * closed. */
void fcgi_open(struct fcgi_connection *connection, int descriptor);
bool fcgi_is_open(const struct fcgi_connection *connection);
int fcgi_descriptor(const struct fcgi_connection *connection);

enum fcgi_result {
	FCGI_REQUEST, /* a whole request is in *req */
	FCGI_REFUSED, /* one that must not reach a handler: *res holds the finished answer (400, 413), which is to be sent */
	FCGI_CLOSED, /* the peer closed, was too slow, or does not speak FastCGI; the connection is closed */
};

/* Reads one request with its whole body, exactly CONTENT_LENGTH bytes. All that it sets in *req lives in the request's arena. A
 * signal that interrupts it cuts the request off: block those that have a handler. */
enum fcgi_result fcgi_read(struct fcgi_connection *connection, struct request *req, struct response *res)
    __attribute__((warn_unused_result));

/* Sends the finished answer and ends the request. False when the client is gone (the connection is then closed). Afterwards the
 * connection is still open only if `keep` says so, the peer asked for it, and nothing of its request was left unread. */
bool fcgi_write(struct fcgi_connection *connection, const struct response *res, bool keep);

/* Closes without waiting for the peer. Nothing happens to one that is closed. */
void fcgi_close(struct fcgi_connection *connection);

#endif
