#include "handlers.h"

/* GET /api/tags: the popular ones and the most recent. */
enum http_status
tags_show(struct request *req, struct response *res)
{
	return respond_texts(res, HTTP_OK, "tags", tag_list(req, (int32_t)setting_tags_shown), "tag");
}
