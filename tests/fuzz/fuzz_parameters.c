/* The parameters and the body of a FastCGI request. An input is readable: lines of NAME=value, an empty line, the body. */
#include <fastcgi.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi.h"
#include "fuzz.h"
#include "settings.h"

#define INPUT_MAX 60000 /* one record each, and within what a socket takes before somebody reads */

int
LLVMFuzzerInitialize(int *argc __attribute__((unused)), char ***argv __attribute__((unused)))
{
	fcgi_init();
	log_set_level("error");
	setting_body_max = 1024;
	return 0;
}

static void
add_record(struct buffer *out, int type, const void *content, size_t length)
{
	FCGI_Header header = {
	    .version = FCGI_VERSION_1,
	    .type = (unsigned char)type,
	    .requestIdB0 = 1,
	    .contentLengthB1 = (unsigned char)(length >> 8),
	    .contentLengthB0 = (unsigned char)length,
	};

	buffer_add(out, (const char *)&header, sizeof header);
	buffer_add(out, content, length);
}

static void
add_length(struct buffer *out, size_t length)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buffer_add_byte(out, (char)(length >> shift | (shift == 24 ? 0x80 : 0)));
}

/* Writes the lines as name-value pairs; returns what follows the empty line. */
static const char *
add_pairs(struct buffer *out, const char *text, const char *end)
{
	while (text < end && *text != '\n') {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = stop != NULL ? stop : end;
		const char *equals = memchr(text, '=', (size_t)(line_end - text));
		const char *name_end = equals != NULL ? equals : line_end;
		const char *value = equals != NULL ? equals + 1 : line_end;

		add_length(out, (size_t)(name_end - text));
		add_length(out, (size_t)(line_end - value));
		buffer_add(out, text, (size_t)(name_end - text));
		buffer_add(out, value, (size_t)(line_end - value));
		text = stop != NULL ? stop + 1 : end;
	}
	return text < end ? text + 1 : end;
}

/* The stream of a whole request. Sets *body to where the body begins in the input. */
static struct buffer
make_stream(struct arena *arena, const char *input, size_t size, const char **body)
{
	struct buffer stream = buffer_in(arena), pairs = buffer_in(arena);
	FCGI_BeginRequestBody begin = {.roleB0 = FCGI_RESPONDER, .flags = FCGI_KEEP_CONN};

	*body = add_pairs(&pairs, input, input + size);
	add_record(&stream, FCGI_BEGIN_REQUEST, &begin, sizeof begin);
	if (pairs.length > 0)
		add_record(&stream, FCGI_PARAMS, pairs.data, pairs.length);
	add_record(&stream, FCGI_PARAMS, "", 0);
	if (*body < input + size)
		add_record(&stream, FCGI_STDIN, *body, (size_t)(input + size - *body));
	add_record(&stream, FCGI_STDIN, "", 0);
	return stream;
}

static void
check_request(const struct request *req, const char *body, size_t length)
{
	const char *announced = request_parameter(req, "CONTENT_LENGTH");

	PROMISE(strchr(req->path, '?') == NULL);
	PROMISE(req->body_length == length);
	PROMISE(memcmp(req->body, body, length) == 0);
	PROMISE(length <= (size_t)setting_body_max);
	PROMISE((announced != NULL ? strtoul(announced, NULL, 10) : 0) == length);
	for (const char *const *parameter = req->parameters; *parameter != NULL; parameter++) {
		size_t name_length = strcspn(*parameter, "=");

		/* a NUL in the name ends the parameter there: then it is none that anybody asks for */
		if ((*parameter)[name_length] == '=')
			PROMISE(request_parameter(req, arena_copy(req->arena, *parameter, name_length)) != NULL);
	}
	request_header(req, "If-None-Match");
	request_header(req, "Content-Type");
}

/* Reads the one request that waits, answers it, and finds the end of the connection. */
static void
serve(struct fcgi_connection *connection, const char *body, size_t length)
{
	struct memory memory;

	memory_start(&memory, "GET", "/");
	enum fcgi_result result = fcgi_read(connection, &memory.req, &memory.res);

	PROMISE(result != FCGI_CLOSED);
	if (result == FCGI_REQUEST) {
		check_request(&memory.req, body, length);
		buffer_add_text(response_json(&memory.res, HTTP_OK), "{}");
		response_finish(&memory.res, &memory.req);
	} else {
		PROMISE(memory.res.status == HTTP_BAD_REQUEST || memory.res.status == HTTP_CONTENT_TOO_LARGE);
	}
	PROMISE(fcgi_write(connection, &memory.res, true));
	PROMISE(result == FCGI_REFUSED || fcgi_is_open(connection));
	if (fcgi_is_open(connection))
		PROMISE(fcgi_read(connection, &memory.req, &memory.res) == FCGI_CLOSED);
	memory_end(&memory);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct fcgi_connection *connection = fcgi_connection_new();
	const char *body;
	int sockets[2];

	if (size > INPUT_MAX)
		size = INPUT_MAX;

	struct buffer stream = make_stream(arena, (const char *)data, size, &body);

	PROMISE(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	PROMISE(write(sockets[0], stream.data, stream.length) == (ssize_t)stream.length);
	shutdown(sockets[0], SHUT_WR);
	fcgi_open(connection, sockets[1]);
	serve(connection, body, (size_t)((const char *)data + size - body));
	fcgi_connection_free(connection);
	close(sockets[0]);
	arena_free(arena);
	return 0;
}
