#include <string.h>

#include "cookie.h"
#include "handlers.h"
#include "pages.h"
#include "texts.h"

#define CHOICE_MAX   20
#define YEAR_SECONDS (365L * 24 * 60 * 60)

/* Has the browser keep the choice that the form makes under this name, or forget it for "auto". Scripts may read it: it is no secret. */
static void
keep_choice(struct request *req, struct response *res, const char *name, const char *const *choices, size_t count)
{
	const char *choice = input_text_if_there(req, input_object(req, "preferences"), name, 1, CHOICE_MAX);
	unsigned flags = strncmp(setting_url, "https:", strlen("https:")) == 0 ? COOKIE_SECURE : 0;
	size_t i = 0;

	if (choice == NULL)
		return;
	while (i < count && strcmp(choice, choices[i]) != 0)
		i++;
	if (i < count)
		cookie_set(res, name, choices[i], YEAR_SECONDS, flags);
	else if (strcmp(choice, "auto") == 0)
		cookie_set(res, name, "", 0, flags);
	else
		input_error(req, name, "is invalid");
}

/* POST /preferences */
enum http_status
preferences_post(struct request *req, struct response *res)
{
	static const char *const themes[] = {"light", "dark"};

	keep_choice(req, res, "theme", themes, sizeof themes / sizeof themes[0]);
	keep_choice(req, res, "language", language_tags, LANGUAGES);
	input_check(req);

	return see_other(req, res, next_path(req, "/"));
}
