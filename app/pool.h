/* The master of a pool: forks the workers, watches them, replaces those that die, stops them.
 *
 * Signals: TERM, INT and QUIT stop gracefully, HUP replaces the workers one by one. */
#ifndef QUIRE_POOL_H
#define QUIRE_POOL_H

/* Serves until it is told to stop; returns the exit status. */
int pool_run(void);

#endif
