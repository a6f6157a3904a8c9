#include "fcgi.h"

#include <fcgiapp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "settings.h"

/* libfcgi speaks the protocol and nothing else. What it does to sockets is kept from it, through fields of FCGX_Request that its
 * header calls private: it would accept without a deadline, and read from each connection that it closes until the peer is silent
 * for two seconds. So FCGX_Accept_r finds an open connection in ipcFd that is to be kept, and FCGX_Detach has it close one that
 * fails without reading on. */
struct fcgi_connection {
	FCGX_Request request;
	bool reusable; /* the request in hand was read to its end, and the peer asked to keep the connection */
};

void
fcgi_init(void)
{
	if (FCGX_Init() != 0)
		log_fatal("libfcgi does not start", LOG_TEXT("reason", "FCGX_Init"));
}

struct fcgi_connection *
fcgi_connection_new(void)
{
	struct fcgi_connection *connection = calloc(1, sizeof *connection);

	if (connection == NULL)
		log_fatal("out of memory", LOG_NUMBER("bytes", sizeof *connection));
	FCGX_InitRequest(&connection->request, -1, 0); /* no listening socket */
	return connection;
}

void
fcgi_connection_free(struct fcgi_connection *connection)
{
	fcgi_close(connection);
	free(connection);
}

void
fcgi_open(struct fcgi_connection *connection, int descriptor)
{
	const struct timeval limit = {.tv_sec = setting_read_timeout_ms / 1000,
	                              .tv_usec = setting_read_timeout_ms % 1000 * 1000};

	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	connection->request.ipcFd = descriptor;
	connection->request.keepConnection = 1;
	FCGX_Detach(&connection->request);
}

bool
fcgi_is_open(const struct fcgi_connection *connection)
{
	return connection->request.ipcFd >= 0;
}

int
fcgi_descriptor(const struct fcgi_connection *connection)
{
	return connection->request.ipcFd;
}

void
fcgi_close(struct fcgi_connection *connection)
{
	FCGX_Free(&connection->request, 0);
	if (fcgi_is_open(connection))
		close(connection->request.ipcFd);
	connection->request.ipcFd = -1;
}

/* libfcgi frees its strings with the request; the arena's live until the request has been accounted for. */
static const char *const *
copy_parameters(struct arena *arena, char **parameters)
{
	size_t count = 0;
	const char **copies;

	while (parameters[count] != NULL)
		count++;
	copies = arena_alloc(arena, (count + 1) * sizeof *copies);
	for (size_t i = 0; i < count; i++)
		copies[i] = arena_copy(arena, parameters[i], strlen(parameters[i]));
	return copies;
}

static const char *
parameter_or_empty(const struct request *req, const char *name)
{
	const char *value = request_parameter(req, name);

	return value != NULL ? value : "";
}

static void
read_head(struct request *req, char **parameters)
{
	const char *uri, *question;

	req->parameters = copy_parameters(req->arena, parameters);
	req->method = http_method_of(parameter_or_empty(req, "REQUEST_METHOD"));
	uri = parameter_or_empty(req, "REQUEST_URI");
	question = strchr(uri, '?');
	req->path = question != NULL ? arena_copy(req->arena, uri, (size_t)(question - uri)) : uri;
	req->query = question != NULL ? question + 1 : "";
}

/* The length that CONTENT_LENGTH announces, 0 when it is empty or absent, -1 when it is no number. One over the limit may come out
 * as any other over the limit. */
static long
announced_length(const struct request *req)
{
	const char *text = parameter_or_empty(req, "CONTENT_LENGTH");
	long length = 0;

	if (text[strspn(text, "0123456789")] != '\0')
		return -1;
	for (; *text != '\0' && length <= setting_body_max; text++)
		length = length * 10 + (*text - '0');
	return length;
}

/* Is this the end of the body, as the protocol marks it? A connection that broke or timed out ends in an error instead. */
static bool
at_end(FCGX_Stream *in)
{
	return FCGX_GetChar(in) == EOF && FCGX_GetError(in) == 0;
}

/* Reads on to the end of the body, but no more than one that could have been accepted: then the connection is closed. */
static bool
skip_rest(FCGX_Stream *in)
{
	char waste[4096];
	long left = setting_body_max;

	while (left > 0) {
		int count = FCGX_GetStr(waste, sizeof waste, in);

		if (count < (int)sizeof waste)
			return FCGX_GetError(in) == 0;
		left -= count;
	}
	return false;
}

static enum fcgi_result
refuse(struct request *req, struct response *res, enum http_status status, const char *message)
{
	response_error(res, status, "body", message);
	response_finish(res, req);
	return FCGI_REFUSED;
}

/* Reads the body; sets *ended when the stream was read to its end. */
static enum fcgi_result
read_body(struct request *req, struct response *res, FCGX_Stream *in, bool *ended)
{
	long length = announced_length(req);
	char *body;
	int got;

	if (length < 0 || length > setting_body_max) {
		*ended = skip_rest(in);
		return length < 0 ? refuse(req, res, HTTP_BAD_REQUEST, "has an invalid Content-Length")
		                  : refuse(req, res, HTTP_CONTENT_TOO_LARGE, "is too large");
	}
	body = arena_alloc(req->arena, (size_t)length + 1);
	got = FCGX_GetStr(body, (int)length, in);
	*ended = at_end(in);
	if (got < length || !*ended) {
		log_info("body incomplete", LOG_TEXT("id", request_id(req)), LOG_TEXT("path", req->path),
		         LOG_NUMBER("bytes", got), LOG_NUMBER("announced", length));
		return refuse(req, res, HTTP_BAD_REQUEST,
		              got < length ? "is incomplete" : "does not end where Content-Length says");
	}
	req->body = body;
	req->body_length = (size_t)length;
	return FCGI_REQUEST;
}

enum fcgi_result
fcgi_read(struct fcgi_connection *connection, struct request *req, struct response *res)
{
	FCGX_Request *request = &connection->request;
	enum fcgi_result result;
	bool ended = false;

	req->arrived = clock_monotonic();
	if (FCGX_Accept_r(request) != 0)
		return FCGI_CLOSED; /* it has closed the descriptor */
	read_head(req, request->envp);
	result = read_body(req, res, request->in, &ended);
	connection->reusable = request->keepConnection && ended;
	return result;
}

bool
fcgi_write(struct fcgi_connection *connection, const struct response *res, bool keep)
{
	FCGX_Request *request = &connection->request;
	struct buffer head = buffer_in(res->body.arena);
	bool sent;

	response_head(res, &head);
	FCGX_FClose(request->err); /* first, so that the end of the request leaves together with the answer */
	sent = FCGX_PutStr(head.data, (int)head.length, request->out) >= 0 &&
	       FCGX_PutStr(res->body.data, (int)res->body.length, request->out) >= 0 && FCGX_FClose(request->out) == 0;

	FCGX_Free(request, 0);
	if (!sent || !keep || !connection->reusable)
		fcgi_close(connection);
	return sent;
}
