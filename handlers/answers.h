/* Answers that several handlers give. */
#ifndef QUIRE_ANSWERS_H
#define QUIRE_ANSWERS_H

#include "database.h"
#include "request.h"
#include "response.h"

/* 404 {"errors":{thing:["not found"]}} */
enum http_status not_found(struct response *res, const char *thing);

/* 301 to `prefix` and `name`, which is percent-encoded. */
enum http_status moved_to(struct request *req, struct response *res, const char *prefix, const char *name);

/* The slug that an article has now which had this one before; NULL if there is none. */
const char *slug_now(struct request *req, const char *slug);

/* Ends the handler with 404 unless there is a row. */
void require_found(struct request *req, const struct rows *rows, const char *thing);

/* Ends the handler with 404 unless there is a row, and with 403 unless its column "_mine" is true. */
void require_owner(struct request *req, const struct rows *rows, const char *thing);

#endif
