/* The query string of a request. */
#include "fuzz.h"
#include "input.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory;

	memory_start(&memory, "GET", "/api/articles");
	memory.req.query = input_string(memory.req.arena, data, size);
	if (MEMORY_TRY(&memory)) {
		int32_t limit = query_number(&memory.req, "limit", 20, 1, 100);
		const char *tag = query_text(&memory.req, "tag");

		PROMISE(limit >= 1 && limit <= 100);
		if (tag != NULL) {
			PROMISE(*tag != '\0');
			PROMISE_VALID_UTF8(tag);
		}
		input_check(&memory.req);
	} else {
		PROMISE(memory_error(&memory, memory.res.status == HTTP_UNPROCESSABLE ? "limit" : "query") != NULL);
	}
	memory_end(&memory);
	return 0;
}
