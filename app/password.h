/* Passwords: argon2id (RFC 9106) at OWASP's minimum, one hash per core at a time.
 *
 * A hash costs 15 ms of a core and 19 MiB. nginx lets few a second through (nginx/quire/limits.conf). Behind the gate in the scoreboard
 * they use one worker per core and a few that wait; all others are turned away at once. A hash runs in a thread of its own with
 * less of the processor than who reads.
 */
#ifndef QUIRE_PASSWORD_H
#define QUIRE_PASSWORD_H

#include <stdbool.h>

#include "request.h"

/* The hash of a password, as crypt(5) writes it ("$argon2id$…"). 503 when the gate is full. */
const char *password_hash(struct request *req, const char *password) __attribute__((returns_nonnull));

/* Is it the password of `hash`? With a NULL hash takes as long and answers false, so that nobody learns which accounts exist. */
bool password_verify(struct request *req, const char *hash, const char *password);

/* A new hash of a password whose old one was made with other parameters than those in force. NULL if it was not, or if it would have
 * to wait: the next login will do. */
const char *password_rehash(struct request *req, const char *hash, const char *password);

#endif
