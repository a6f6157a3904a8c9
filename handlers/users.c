#include "handlers.h"

#include <json-c/json_object.h>
#include <string.h>
#include <utf8proc.h>

#include "pages.h"
#include "password.h"
#include "rate_limit.h"
#include "session.h"
#include "username.h"

/* Something on both sides of one '@', and no white space: whether mail arrives is for a mail to find out. */
static bool
looks_like_email(const char *text)
{
	const char *at = strchr(text, '@');

	return at != NULL && at != text && at[1] != '\0' && strchr(at + 1, '@') == NULL && strpbrk(text, " \t") == NULL;
}

static const char *
input_email(struct request *req, const struct json_object *in)
{
	const char *email = input_text(req, in, "email", 1, (size_t)setting_email_max);

	if (email[0] != '\0' && !looks_like_email(email))
		input_error(req, "email", "is invalid");
	return email;
}

static bool
is_own_name(const struct request *req, const char *username)
{
	return req->user != NULL && strcmp(username, req->user->badge) == 0;
}

/* A name that somebody has already is not judged again. */
static const char *
input_username(struct request *req, const struct json_object *in)
{
	const char *username = input_text(req, in, "username", 1, (size_t)setting_username_max), *fault;

	if (username[0] != '\0' && !is_own_name(req, username) && (fault = username_fault(username)) != NULL)
		input_error(req, "username", fault);
	return username;
}

static const char *
input_new_password(struct request *req, const struct json_object *in)
{
	return input_secret(req, in, "password", (size_t)setting_password_min, (size_t)setting_password_max);
}

/* {"user":{…}} of the row, with the token that it is seen by. */
static enum http_status
respond_user(struct response *res, enum http_status status, const struct rows *user, const char *token)
{
	respond_row(res, status, "user", user);
	res->body.length -= strlen("}}"); /* opened again for what the database does not know */
	buffer_add_text(&res->body, ",\"token\":");
	json_text(&res->body, token, strlen(token));
	buffer_add_text(&res->body, "}}");
	return status;
}

/* Registers whom the body describes. */
static struct rows *
user_add(struct request *req)
{
	const struct json_object *in = input_object(req, "user");
	const char *username = input_username(req, in);
	const char *email = input_email(req, in);
	const char *password = input_new_password(req, in);

	input_check(req);

	return user_insert(req, username, email, password_hash(req, password));
}

/* Signs the user of the row in; gives the token. */
static const char *
user_enter(struct request *req, const struct rows *user)
{
	return session_create(req, rows_integer(user, 0, "_id"), rows_text(user, 0, "username"));
}

/* POST /api/users */
enum http_status
user_register(struct request *req, struct response *res)
{
	struct rows *user = user_add(req);

	return respond_user(res, HTTP_CREATED, user, user_enter(req, user));
}

/* POST /register */
enum http_status
register_post(struct request *req, struct response *res)
{
	session_set_cookie(res, user_enter(req, user_add(req)));
	return see_other(req, res, next_path(req, "/"));
}

/* As PostgreSQL's lower() has it, by which user_for_login finds the address: no way to write one has a limit of its own. */
static const char *
lower_case(struct request *req, const char *text)
{
	struct buffer lower = buffer_in(req->arena);
	utf8proc_int32_t point;

	while (*text != '\0') {
		text += utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &point);
		char *end = buffer_reserve(&lower, 4); /* the longest code point */
		lower.length += (size_t)utf8proc_encode_char(utf8proc_tolower(point), (utf8proc_uint8_t *)end);
	}
	buffer_add_byte(&lower, '\0');
	return lower.data;
}

/* Finds the user whose e-mail address and password the body has. */
static struct rows *
user_recognise(struct request *req)
{
	const struct json_object *in = input_object(req, "user");
	const char *email = input_text(req, in, "email", 1, (size_t)setting_email_max);
	const char *password = input_secret(req, in, "password", 1, (size_t)setting_password_max);

	input_check(req);

	const struct rate_limit limits[] = {
	    {"login-address", rate_limit_address(req), &setting_limit_login_address},
	    {"login-email", lower_case(req, email), &setting_limit_login_email},
	};
	require_rate_limits(req, limits, 2);

	struct rows *user = user_for_login(req, email);
	const char *hash = rows_count(user) == 1 ? rows_text(user, 0, "_password") : NULL;
	const char *fresh;

	if (!password_verify(req, hash, password))
		fail(req, HTTP_UNAUTHORIZED, "credentials", "invalid");
	if ((fresh = password_rehash(req, hash, password)) != NULL)
		user_rehash(req, rows_integer(user, 0, "_id"), hash, fresh);
	return user;
}

/* POST /api/users/login */
enum http_status
user_login(struct request *req, struct response *res)
{
	struct rows *user = user_recognise(req);

	return respond_user(res, HTTP_OK, user, user_enter(req, user));
}

/* POST /login */
enum http_status
login_post(struct request *req, struct response *res)
{
	session_set_cookie(res, user_enter(req, user_recognise(req)));
	return see_other(req, res, next_path(req, "/"));
}

/* GET /api/user */
enum http_status
user_show(struct request *req, struct response *res)
{
	struct rows *user = user_by_id(req, req->user->id);

	if (rows_count(user) == 0)
		return response_error(res, HTTP_UNAUTHORIZED, "token", "is invalid");
	return respond_user(res, HTTP_OK, user, session_token(req));
}

static bool
is_empty(const struct json_object *in, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(in, key, &value) && json_object_is_type(value, json_type_string) &&
	       json_object_get_string_len(value) == 0;
}

/* Changes what the body has of the viewer. A page's form sends all fields: a password that was left empty stays as it is. */
static struct rows *
user_edit(struct request *req, bool from_page)
{
	const struct json_object *in = input_object(req, "user");
	const char *email = input_has(in, "email") ? input_email(req, in) : NULL;
	const char *username = input_has(in, "username") ? input_username(req, in) : NULL;
	bool has_password = input_has(in, "password") && !(from_page && is_empty(in, "password"));
	const char *password = has_password ? input_new_password(req, in) : NULL;
	bool has_bio = input_has(in, "bio"), has_image = input_has(in, "image");
	const char *bio = input_text_or_null(req, in, "bio", (size_t)setting_bio_max);
	const char *image = input_text_or_null(req, in, "image", (size_t)setting_image_max);

	if (in != NULL && email == NULL && username == NULL && password == NULL && !has_bio && !has_image)
		input_error(req, "user", "can't be blank");
	input_check(req);

	struct rows *user = user_update(req, req->user->id, email, username,
	                                password ? password_hash(req, password) : NULL, has_bio, bio, has_image, image);
	if (rows_count(user) == 0)
		fail(req, HTTP_UNAUTHORIZED, "token", "is invalid");
	if (username != NULL && !is_own_name(req, username))
		session_set_badge(req, req->user->id, username);
	if (password != NULL)
		session_end_all(req, req->user->id, req->user->session);
	return user;
}

/* PUT /api/user */
enum http_status
user_change(struct request *req, struct response *res)
{
	return respond_user(res, HTTP_OK, user_edit(req, false), session_token(req));
}

/* POST /settings */
enum http_status
settings_post(struct request *req, struct response *res)
{
	user_edit(req, true);
	return see_other(req, res, "/settings?saved=1");
}
