/* The pages on which one registers, signs in and changes one's account. Their forms are handled in users.c; no password is shown again. */
#include "handlers.h"
#include "pages.h"
#include "texts.h"

/* A page for those who have no session. Who has one is sent on. */
static enum http_status
respond_entrance(struct request *req, struct response *res, const char *view, const char *flag, enum text title)
{
	if (req->user != NULL)
		return see_other(req, res, next_path(req, "/"));

	struct view_data *data = page_data(req);

	page_head(req, data, text_in(page_language(req), title), NULL, NULL);
	page_field(req, data, "username", NULL);
	page_field(req, data, "email", NULL);
	view_text(data, "next", next_path(req, NULL));
	view_boolean(data, "noindex", true);
	view_boolean(data, flag, true);
	return respond_view(req, res, HTTP_OK, view, data);
}

/* GET /register */
enum http_status
register_page(struct request *req, struct response *res)
{
	return respond_entrance(req, res, "register", "isRegister", TEXT_title_register);
}

/* GET /login */
enum http_status
login_page(struct request *req, struct response *res)
{
	return respond_entrance(req, res, "login", "isLogin", TEXT_title_login);
}

static const char *
stored(const struct rows *user, const char *column)
{
	return user != NULL ? rows_text(user, 0, column) : NULL;
}

/* GET /settings */
enum http_status
settings_page(struct request *req, struct response *res)
{
	static const char *const fields[] = {"username", "email", "bio", "image"};
	struct view_data *data = page_data(req);
	struct rows *user = NULL;

	if (req->failure == NULL && rows_count(user = user_by_id(req, req->user->id)) == 0)
		fail(req, HTTP_UNAUTHORIZED, "token", "is invalid");
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		page_field(req, data, fields[i], stored(user, fields[i]));
	page_head(req, data, text_in(page_language(req), TEXT_title_settings), NULL, NULL);
	view_boolean(data, "saved", req->failure == NULL && query_text(req, "saved") != NULL);
	return respond_view(req, res, HTTP_OK, "settings", data);
}
