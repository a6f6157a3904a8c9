/* The connection of the commands that write the database as its owner: migrate and seed. The request path has its own, of another
 * role. */
#ifndef QUIRE_OWNER_H
#define QUIRE_OWNER_H

struct pg_conn;

/* Connects to setting_database_owner under a name for pg_stat_activity. The caller asks PQstatus whether that worked, and PQfinishes it
 * in any case. */
struct pg_conn *owner_connect(const char *program);

#endif
