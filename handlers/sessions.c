#include "handlers.h"
#include "pages.h"
#include "session.h"

/* GET /api/user/sessions */
enum http_status
sessions_show(struct request *req, struct response *res)
{
	return session_list(req, res);
}

/* DELETE /api/user/sessions */
enum http_status
sessions_end(struct request *req, struct response *res)
{
	session_end_all(req, req->user->id, NULL);
	return respond_nothing(res);
}

/* DELETE /api/user/sessions/:id */
enum http_status
sessions_end_one(struct request *req, struct response *res)
{
	if (!session_end(req, req->user->id, path_param(req, "id")))
		return not_found(res, "session");
	return respond_nothing(res);
}

/* POST /api/user/logout */
enum http_status
user_logout(struct request *req, struct response *res)
{
	session_end(req, req->user->id, req->user->session);
	return respond_nothing(res);
}

/* POST /logout: whose session has ended meanwhile is signed out as well. */
enum http_status
logout_post(struct request *req, struct response *res)
{
	if (req->user != NULL)
		session_end(req, req->user->id, req->user->session);
	session_clear_cookie(res);
	return see_other(req, res, "/");
}
