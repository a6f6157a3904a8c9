/* Whole answers, kept in Redis for a while: cache-aside, for the routes that handlers/scopes.def says are kept.
 *
 * An entry counts only if none of its route's scopes was told of since it was made (see freshness.h): so it never hides a write. One
 * request at a time makes an answer that is missing; others wait for it, or are given the one there is when it is merely old. Old ones are
 * renewed early by chance, the more likely the longer they take (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede
 * Prevention, VLDB 2015; beta is 1). That something is not there is kept briefly, too.
 *
 * The keys are cache:<version>:<handler>:<parameters>, and lock:<key> of who makes one. An entry:
 *   "<epoch><turn> <milliseconds that it took> <when it is old, in milliseconds since 1970> <status>\n" headers "\n" body
 */
#ifndef QUIRE_CACHE_H
#define QUIRE_CACHE_H

#include "redis.h"
#include "request.h"
#include "response.h"
#include "scopes.h"

/* An entry that is old is there for so long yet, for those who need not wait while another is made; and its life may be a tenth longer. */
#define CACHE_GRACE_MS 10000

/* Lua for entrance.c: lookup(key, oldest, now, luck, milliseconds, name) gives an entry that is marked with the epoch of `oldest` and its turn or a
 * later one; and 1 if the caller, of that name, is to make one, which nobody else does for so long. */
extern const char cache_lua[];

/* What a request has to do with the cache. */
struct cached;

/* Begins to look for the answer; NULL if it is not one that is kept. */
struct cached *cache_begin(struct request *req, const struct scope_read *read);
const char *cache_key(const struct cached *cached);

/* The name of this request, for its lock. */
const char *cache_name(const struct cached *cached);

/* A number for lookup(): how early this request would renew an entry. */
const char *cache_luck(struct request *req);

/* Is the cache in a Redis of its own? */
bool cache_apart(void);

/* Opens the cache to the request: `oldest` is the mark that an entry must have at least, `mark` what the request puts on its own. */
void cache_open(struct request *req, const struct redisReply *oldest, const struct redisReply *mark);

/* Takes what lookup() gave; of a Redis of its own what GET gave, to be judged here, NULL if it could not be asked. */
void cache_found(struct request *req, const struct redisReply *entry, const struct redisReply *make);
void cache_found_apart(struct request *req, const struct redisReply *entry);

/* Answers with the entry, if there is one. */
bool cache_answer(struct request *req, struct response *res);

/* Waits while another request makes the entry, as long as QUIRE_CACHE_WAIT_MS. */
void cache_wait(struct request *req);

/* Keeps the answer, if it was for this request to make. Nobody waits for that. Does not fail. */
void cache_keep(struct request *req, struct response *res);

#endif
