#include "article_lists.h"
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

/* The row of a profile and one page of the articles that `tab` has. */
static enum http_status
respond_profile_page(struct request *req, struct response *res, const char *tab, const char *below,
                     struct filter filter)
{
	struct page page = page_asked(req, setting_page_size);
	struct view_data *data = page_data(req);

	database_together(req);
	struct rows *profile = profile_for_page(req, viewer_id(req), path_param(req, "username"));
	struct rows *articles = find_articles(req, filter, part_of_page(page));
	database_together_end(req);
	require_found(req, profile, "profile");

	const char *username = rows_text(profile, 0, "username"), *path = profile_path(req, username);

	page_head(req, data, username, rows_text(profile, 0, "bio"),
	          list_path(req, arena_printf(req->arena, "%s%s", path, below), page));
	view_text(data, "feed", arena_printf(req->arena, "%s/feed.atom", path));
	view_row(data, "profile", profile, 0);
	view_boolean(data, tab, true);
	show_articles(req, data, page, articles);
	return respond_view(req, res, HTTP_OK, "profile", data);
}

/* GET /profiles/:username */
enum http_status
profile_page(struct request *req, struct response *res)
{
	return respond_profile_page(req, res, "tabArticles", "",
	                            (struct filter){.author = path_param(req, "username")});
}

/* GET /profiles/:username/favorites */
enum http_status
profile_favorites_page(struct request *req, struct response *res)
{
	return respond_profile_page(req, res, "tabFavorites", "/favorites",
	                            (struct filter){.favorited = path_param(req, "username")});
}

static enum http_status
back_to_profile(struct request *req, struct response *res, const struct rows *profile)
{
	require_found(req, profile, "profile");
	return see_other(req, res, next_path(req, profile_path(req, rows_text(profile, 0, "username"))));
}

/* POST /profiles/:username/follow */
enum http_status
follow_post(struct request *req, struct response *res)
{
	return back_to_profile(req, res, profile_follow(req, req->user->id, path_param(req, "username")));
}

/* POST /profiles/:username/unfollow */
enum http_status
unfollow_post(struct request *req, struct response *res)
{
	return back_to_profile(req, res, profile_unfollow(req, req->user->id, path_param(req, "username")));
}
