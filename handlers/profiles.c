#include "handlers.h"

static enum http_status
respond_profile(struct response *res, const struct rows *profile)
{
	if (rows_count(profile) == 0)
		return not_found(res, "profile");
	return respond_row(res, HTTP_OK, "profile", profile);
}

/* GET /api/profiles/:username */
enum http_status
profile_show(struct request *req, struct response *res)
{
	return respond_profile(res, profile_by_username(req, viewer_id(req), path_param(req, "username")));
}

/* POST /api/profiles/:username/follow */
enum http_status
profile_follow_user(struct request *req, struct response *res)
{
	return respond_profile(res, profile_follow(req, req->user->id, path_param(req, "username")));
}

/* DELETE /api/profiles/:username/follow */
enum http_status
profile_unfollow_user(struct request *req, struct response *res)
{
	return respond_profile(res, profile_unfollow(req, req->user->id, path_param(req, "username")));
}
