/* The body of a request as one JSON object. Handlers use input.h. */
#ifndef QUIRE_BODY_H
#define QUIRE_BODY_H

#include <stdbool.h>

#include "request.h"

/* The body: the object that its JSON is, or one of a form's fields, in which a name that ends with "[]" or comes several times
 * is a list. An empty body is an empty object. Ends the handler with 400 when the body is malformed and with 415 when its
 * Content-Type is neither; none counts as JSON. Parsed once. */
const struct json_object *body_object(struct request *req) __attribute__((returns_nonnull));

/* Did the body come as a form (application/x-www-form-urlencoded)? */
bool body_is_form(const struct request *req);

/* Has a json-c object end with the request. */
struct json_object *body_keep(struct request *req, struct json_object *object);

#endif
