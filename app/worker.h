/* One worker: serves a request at a time until it is told to stop.
 *
 * It keeps one connection, and only while nobody waits whom no other worker is free to serve: otherwise it closes it with the
 * answer, and who waits in the backlog is served in order. While the kept one is idle the worker takes a visitor from the
 * backlog, answers, and closes that; if the visitor's handler takes long, the kept one is given up, so that its peer tries
 * elsewhere. So light load runs on kept connections, overload is a fair queue, nobody starves whatever the peers keep, and a slow
 * handler delays nobody while some other worker is idle.
 *
 * Signals: TERM stops it once the request in hand has been answered. The master sends USR2 when a peer has been sending its request
 * or taking its answer for longer than QUIRE_READ_TIMEOUT_MS: the peer is cut off, whatever trickle of bytes it keeps up. */
#ifndef QUIRE_WORKER_H
#define QUIRE_WORKER_H

#include "listen.h"

/* Runs in the forked process, whose slot of the scoreboard is set, and never returns. Once told to stop it also answers what has
 * already arrived on its connection and, when the scoreboard says `draining`, what waits in the backlog. */
void worker_run(const struct listeners *listeners) __attribute__((noreturn));

#endif
