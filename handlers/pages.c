#include "pages.h"

#include <json-c/json.h>
#include <string.h>

#include "body.h"
#include "cookie.h"
#include "csrf.h"
#include "handlers.h"
#include "language.h"
#include "texts.h"

#define PAGE_USUAL 16000 /* bytes, rarely more */

static const char *
cookie(struct request *req, const char *name)
{
	const char *value = cookie_value(req->arena, request_header(req, "Cookie"), name);

	return value != NULL ? value : "";
}

size_t
page_language(struct request *req)
{
	const char *chosen = cookie(req, "language");

	for (size_t i = 0; i < LANGUAGES; i++) {
		if (strcmp(chosen, language_tags[i]) == 0)
			return i;
	}
	return language_choose(request_header(req, "Accept-Language"), language_tags, LANGUAGES);
}

static void
add_languages(struct view_data *data, size_t current)
{
	view_text(data, "language", language_tags[current]);
	for (size_t i = 0; i < LANGUAGES; i++) {
		struct view_data *language = view_item(data, "languages");

		view_text(language, "tag", language_tags[i]);
		view_text(language, "name", language_names[i]);
		view_boolean(language, "current", i == current);
	}
}

static void
add_theme(struct view_data *data, const char *chosen)
{
	bool light = strcmp(chosen, "light") == 0, dark = strcmp(chosen, "dark") == 0;

	view_text(data, "theme", light || dark ? chosen : "");
	view_boolean(data, "themeLight", light);
	view_boolean(data, "themeDark", dark);
	view_boolean(data, "themeAuto", !light && !dark);
}

static void
add_site(struct request *req, struct view_data *data)
{
	struct view_data *site = view_object(data, "site");

	view_text(site, "name", setting_site_name);
	view_text(site, "url", public_address(req, ""));
}

/* Is something wrong with what was typed, rather than with who sent it, when or how? */
static bool
is_about_fields(enum http_status status)
{
	return status == HTTP_UNPROCESSABLE || status == HTTP_CONFLICT;
}

static void
add_field_errors(struct request *req, struct view_data *data, size_t language)
{
	struct json_object *errors = body_keep(req, json_object_new_object());

	for (const struct input_error *error = req->failure; error != NULL; error = error->next) {
		const char *text = text_of_message(req->arena, language, error->message);
		struct json_object *list;

		if (!json_object_object_get_ex(errors, error->key, &list))
			json_object_object_add(errors, error->key, list = json_object_new_array());
		json_object_array_add(list, json_object_new_string(text));
	}
	view_json(data, "errors", errors);
}

/* What the form that is shown again failed with. */
static void
add_failure(struct request *req, struct view_data *data, size_t language)
{
	if (req->failure == NULL)
		return;
	if (is_about_fields(req->failure_status)) {
		add_field_errors(req, data, language);
		return;
	}
	view_boolean(data, "noticeSignIn", strcmp(req->failure->key, "token") == 0);
	view_text(data, "notice",
	          req->session_ended ? text_in(language, TEXT_signed_out)
	                             : text_of_message(req->arena, language, req->failure->message));
}

struct view_data *
page_data(struct request *req)
{
	struct view_data *data = view_data(req->arena);
	size_t language = page_language(req);

	add_languages(data, language);
	add_theme(data, cookie(req, "theme"));
	add_site(req, data);
	if (req->user != NULL)
		view_text(view_object(data, "viewer"), "username", req->user->badge);
	view_text(data, "csrf", csrf_token(req));
	view_text(data, "here", page_path(req));
	add_failure(req, data, language);
	return data;
}

void
page_head(struct request *req, struct view_data *data, const char *title, const char *description, const char *path)
{
	view_text(data, "title", title);
	view_text(data, "description", description);
	view_text(data, "canonical", path != NULL ? public_address(req, path) : NULL);
}

enum http_status
respond_view(struct request *req, struct response *res, enum http_status status, const char *view,
             const struct view_data *data)
{
	size_t language = page_language(req);
	struct buffer *out = response_body(res, status, CONTENT_TYPE_HTML);

	response_header(res, "Content-Language", language_tags[language]);
	buffer_reserve(out, PAGE_USUAL);
	view_render(out, view, (unsigned)language, data);
	return status;
}
