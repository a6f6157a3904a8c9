/* What was typed, shown again: pages.h. */
#include <json-c/json.h>
#include <sodium.h>

#include "body.h"
#include "handlers.h"
#include "pages.h"

#define SUBMISSION_BYTES 16

const char *
list_typed(struct request *req, const struct json_object *list)
{
	struct buffer text = buffer_in(req->arena);

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		buffer_add_text(&text, i > 0 ? ", " : "");
		buffer_add_text(&text, json_object_get_string(json_object_array_get_idx(list, i)));
	}
	return text.data;
}

const char *
posted_text(struct request *req, const char *name)
{
	struct json_object *value;

	if (req->method != HTTP_POST || !json_object_object_get_ex(body_object(req), name, &value))
		return NULL;
	return json_object_is_type(value, json_type_array) ? list_typed(req, value) : json_object_get_string(value);
}

void
page_field(struct request *req, struct view_data *data, const char *name, const char *value)
{
	const char *posted = posted_text(req, name);

	view_text(view_object(data, "form"), name, posted != NULL ? posted : value);
}

const char *
page_submission(struct request *req)
{
	const char *posted = posted_text(req, "submission");
	unsigned char random[SUBMISSION_BYTES];
	char *text = arena_alloc(req->arena, 2 * sizeof random + 1);

	if (posted != NULL)
		return posted;
	randombytes_buf(random, sizeof random);
	return sodium_bin2hex(text, 2 * sizeof random + 1, random, sizeof random);
}

enum http_status
respond_question(struct request *req, struct response *res, const char *kind, enum text question, const char *excerpt,
                 const char *cancel)
{
	const char *text = text_in(page_language(req), question);
	struct view_data *data = page_data(req);

	page_head(req, data, text, NULL, NULL);
	view_boolean(data, "noindex", true);
	view_boolean(data, kind, true);
	view_text(data, "question", text);
	view_text(data, "excerpt", excerpt);
	view_text(data, "action", page_path(req));
	view_text(data, "cancel", cancel);
	return respond_view(req, res, HTTP_OK, "delete", data);
}
