/* The monitor: one process of each pool that asks every PostgreSQL server how it is, a few times a second, and writes what it finds to the
 * scoreboard (nodes.h). It also looks after what readers find in Redis (freshness_watch()). The master starts, watches and stops it as it
 * does a worker.
 *
 * All servers are asked at the same time with libpq's asynchronous functions, so one that hangs delays no other. Only the names of hosts are
 * looked up while the others wait: where DNS may be slow, connection strings better say hostaddr. */
#ifndef QUIRE_MONITOR_H
#define QUIRE_MONITOR_H

/* Runs in the forked process, whose slot of the scoreboard is set, and never returns. */
void monitor_run(void) __attribute__((noreturn));

#endif
