/* What people are shown when their request has failed. */
#include <json-c/json.h>
#include <string.h>

#include "body.h"
#include "csrf.h"
#include "handlers.h"
#include "pages.h"
#include "texts.h"

struct explanation {
	enum http_status status;
	enum text heading;
	enum text text;
};

static const struct explanation *
explanation_of(enum http_status status)
{
	static const struct explanation explanations[] = {
	    {HTTP_BAD_REQUEST, TEXT_error_400, TEXT_error_400_why},
	    {HTTP_UNAUTHORIZED, TEXT_error_401, TEXT_error_401_why},
	    {HTTP_FORBIDDEN, TEXT_error_403, TEXT_error_403_why},
	    {HTTP_NOT_FOUND, TEXT_error_404, TEXT_error_404_why},
	    {HTTP_METHOD_NOT_ALLOWED, TEXT_error_405, TEXT_error_405_why},
	    {HTTP_CONTENT_TOO_LARGE, TEXT_error_413, TEXT_error_413_why},
	    {HTTP_UNPROCESSABLE, TEXT_error_422, TEXT_error_422_why},
	    {HTTP_TOO_MANY_REQUESTS, TEXT_error_429, TEXT_error_429_why},
	    {HTTP_SERVER_ERROR, TEXT_error_500, TEXT_error_500_why},
	    {HTTP_UNAVAILABLE, TEXT_error_503, TEXT_error_503_why},
	};

	for (size_t i = 0; i < sizeof explanations / sizeof explanations[0]; i++) {
		if (explanations[i].status == status)
			return &explanations[i];
	}
	return &explanations[0]; /* the rest is the request's fault as well */
}

static bool
passes(enum http_status status)
{
	return status == HTTP_TOO_MANY_REQUESTS || status == HTTP_SERVER_ERROR || status == HTTP_UNAVAILABLE;
}

/* The fields of a form whose own page cannot be shown: what was typed is not lost, and can be sent again from here. */
static void
add_form(struct request *req, struct view_data *data)
{
	if (req->method != HTTP_POST || req->route == NULL || csrf_foreign(req))
		return;

	struct view_data *again = view_object(data, "again");

	view_text(again, "action", req->path);
	json_object_object_foreach(body_object(req), name, value)
	{
		struct view_data *field;

		(void)value;
		if (strcmp(name, CSRF_FIELD) == 0 || strcmp(name, "password") == 0)
			continue;
		field = view_item(again, "fields");
		view_text(field, "name", name);
		view_text(field, "value", posted_text(req, name));
		view_boolean(field, "prose", strcmp(name, "body") == 0);
	}
}

static enum http_status
sign_in_first(struct request *req, struct response *res)
{
	const char *next = page_path(req);

	if (strlen(next) > NEXT_MAX)
		return see_other(req, res, "/login");
	return see_other(req, res, arena_printf(req->arena, "/login?next=%s", percent_encode(req->arena, next)));
}

enum http_status
error_page(struct request *req, struct response *res)
{
	enum http_status status = req->failure_status;
	const struct explanation *explanation = explanation_of(status);
	struct view_data *data = page_data(req);
	size_t language = page_language(req);

	if (status == HTTP_UNAUTHORIZED && req->user == NULL && req->method != HTTP_POST)
		return sign_in_first(req, res);
	page_head(req, data, text_in(language, explanation->heading), NULL, NULL);
	view_boolean(data, "noindex", true);
	view_integer(data, "status", status);
	view_text(data, "heading", text_in(language, explanation->heading));
	view_text(data, "explanation", text_in(language, explanation->text));
	view_boolean(data, "retry", passes(status));
	add_form(req, data);
	return respond_view(req, res, HTTP_OK, "error", data);
}
