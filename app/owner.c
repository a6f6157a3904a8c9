#include "owner.h"

#include <libpq-fe.h>

#include "settings.h"

struct pg_conn *
owner_connect(const char *program)
{
	/* "dbname" takes the whole connection string, which may say otherwise about what stands before it */
	const char *const names[] = {"connect_timeout", "dbname", "client_encoding", "fallback_application_name", NULL};
	const char *const values[] = {"10", setting_database_owner, "UTF8", program, NULL};

	return PQconnectdbParams(names, values, 1);
}
