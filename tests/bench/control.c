/* The control of the benchmark: what one Redis GET and one prepared one-row SELECT cost in a bare libfcgi program.
 *
 * usage: control SOCKET PROCESSES REDIS-SOCKET POSTGRESQL-CONNECTION KEY SLUG */
#include <fcgiapp.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
stop(const char *what, const char *why)
{
	fprintf(stderr, "control: %s: %s\n", what, why);
	exit(1);
}

static void
serve(int descriptor, char **argv)
{
	redisContext *redis = redisConnectUnix(argv[3]);
	PGconn *database = PQconnectdb(argv[4]);
	const char *values[] = {argv[6]};
	FCGX_Request request;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (redis == NULL || redis->err)
		stop("redis", redis ? redis->errstr : "no memory");
	if (PQstatus(database) != CONNECTION_OK)
		stop("postgresql", PQerrorMessage(database));
	PQclear(PQprepare(database, "article", "SELECT slug, title, description, body FROM articles WHERE slug = $1", 1,
	                  NULL));
	FCGX_Init();
	FCGX_InitRequest(&request, descriptor, 0);
	while (FCGX_Accept_r(&request) == 0) {
		redisReply *reply = redisCommand(redis, "GET %s", argv[5]);
		PGresult *row = PQexecPrepared(database, "article", 1, values, NULL, NULL, 0);

		if (reply == NULL || PQntuples(row) != 1)
			stop("article", PQerrorMessage(database));
		FCGX_FPrintF(
		    request.out, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s%s%s%s",
		    PQgetlength(row, 0, 0) + PQgetlength(row, 0, 1) + PQgetlength(row, 0, 2) + PQgetlength(row, 0, 3),
		    PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 2), PQgetvalue(row, 0, 3));
		PQclear(row);
		freeReplyObject(reply);
		FCGX_Finish_r(&request);
	}
}

int
main(int argc, char **argv)
{
	int descriptor;

	if (argc != 7)
		stop("usage", "control SOCKET PROCESSES REDIS-SOCKET POSTGRESQL-CONNECTION KEY SLUG");
	FCGX_Init();
	descriptor = FCGX_OpenSocket(argv[1], 1024);
	chmod(argv[1], 0666);
	for (int i = atoi(argv[2]); i > 0; i--) {
		if (fork() == 0) {
			serve(descriptor, argv);
			return 0;
		}
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
