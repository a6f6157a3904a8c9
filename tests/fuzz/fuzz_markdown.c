/* A Markdown text: the HTML has nothing but what Markdown has, and is there in time (libFuzzer's -timeout). */
#include "../html_flaw.h"
#include "fuzz.h"
#include "markdown.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = input_string(arena, data, size);

	for (unsigned flags = 0; flags <= MARKDOWN_UGC && utf8_valid(text, strlen(text)); flags++) {
		const char *html = markdown_html(arena, text, flags);
		if (html != NULL) {
			PROMISE_VALID_UTF8(html);
			PROMISE(html_flaw(html) == NULL);
		}
	}
	arena_free(arena);
	return 0;
}
