#include "prose.h"

#include <sodium.h>
#include <string.h>

#include "input.h"

#define SUBMISSION_MAX 64 /* characters, see page_submission */
#define DIGEST_BYTES   16

struct prose
input_markdown(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max,
               unsigned flags)
{
	const char *text = input_prose(req, in, key, min, max);
	const char *html = *text != '\0' ? markdown_html(req->arena, text, flags) : "";

	if (html != NULL)
		return (struct prose){text, html};
	input_error(req, key, "is too intricate to be shown");
	return (struct prose){"", ""};
}

const char *
input_submission(struct request *req, const struct json_object *in, const char *written)
{
	const char *submission = input_text_or_null(req, in, "submission", SUBMISSION_MAX);
	unsigned char digest[DIGEST_BYTES];
	char *name = arena_alloc(req->arena, 2 * sizeof digest + 1);
	const char *text;

	if (submission == NULL)
		return NULL;
	text = arena_printf(req->arena, "%s\n%s", submission, written);
	crypto_generichash(digest, sizeof digest, (const unsigned char *)text, strlen(text), NULL, 0);
	return sodium_bin2hex(name, 2 * sizeof digest + 1, digest, sizeof digest);
}
