/* What a handler takes from a request: typed, bounded, and complained about all at once.
 *
 * Each input_… function that finds a fault adds it to the request's errors and returns a harmless value; input_check ends
 * the handler with 422 and all of them. Lengths are counted in characters (code points). White space around a text is
 * removed, and a text of one line is in Unicode's normalization form C; prose and secrets stay as they were typed.
 */
#ifndef QUIRE_INPUT_H
#define QUIRE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "database.h"
#include "request.h"

/* The body's object under `wrapper` ({"article":{…}}), or for a form its fields themselves. An empty body, or one without the
 * wrapper, is an empty object. A wrapper that is no object is an error under its name: the result is then NULL, in which the
 * functions below find nothing and no further fault. Malformed JSON or forms end the handler with 400, an unknown Content-Type
 * with 415. */
const struct json_object *input_object(struct request *req, const char *wrapper);

/* Is the key there, even as null? */
bool input_has(const struct json_object *in, const char *key);

/* A text that must be there: "can't be blank", "is too short (minimum is N characters)", "is too long (maximum is N characters)",
 * "must be a string", "is invalid" for control characters. "" on error. */
const char *input_text(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max);

/* As input_text, but NULL when the key is absent. */
const char *input_text_if_there(struct request *req, const struct json_object *in, const char *key, size_t min,
                                size_t max);

/* As input_text, but several lines, kept as typed. */
const char *input_prose(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max);

/* As input_text, but nothing is removed or refused except NUL: for passwords. */
const char *input_secret(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max);

/* A text that may be set to nothing: NULL when absent, null, or blank. See input_has for which. Several lines are fine. */
const char *input_text_or_null(struct request *req, const struct json_object *in, const char *key, size_t max);

/* A list of texts, trimmed, sorted by bytes, without doubles; blank ones are left out. NULL when the key is absent; null is an error,
 * as are more than count_max items: the list is empty then. A form gives a list as name[]=a&name[]=b, name=a&name=b or name=a,b. */
const struct text_list *input_texts(struct request *req, const struct json_object *in, const char *key,
                                    size_t count_max, size_t text_max);

/* A number of the query string: `standard` when absent; otherwise decimal digits within min and max, or an error
 * "must be a number between MIN and MAX". */
int32_t query_number(struct request *req, const char *key, int32_t standard, int32_t min, int32_t max);

/* A text of the query string in normalization form C, NULL when absent or empty. A malformed query string ends the handler with 400. */
const char *query_text(struct request *req, const char *key);

/* A value of the query string as it came, NULL when absent. */
const char *query_value(struct request *req, const char *key);

/* Adds an error. `message` is kept by reference. */
void input_error(struct request *req, const char *key, const char *message);

/* Have there been errors so far? */
bool input_failed(const struct request *req);

/* Ends the handler with 422 if there were errors. */
void input_check(struct request *req);

#endif
