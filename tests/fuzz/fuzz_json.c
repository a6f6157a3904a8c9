/* A JSON body, from which a handler takes its input. */
#include "fuzz.h"
#include "input.h"
#include "json.h"

/* A text, written as JSON, reads back as itself. */
static void
write_and_read(struct arena *arena, const char *text)
{
	struct buffer out = buffer_in(arena);

	json_text(&out, text, strlen(text));

	struct json_object *read = json_tokener_parse(out.data);

	PROMISE_EQUAL(json_object_get_string(read), text);
	json_object_put(read);
}

static void
check_text(struct request *req, const char *text, size_t max)
{
	PROMISE_VALID_UTF8(text);
	PROMISE(utf8_length(text) <= max);
	write_and_read(req->arena, text);
}

static void
take_input(struct request *req)
{
	const struct json_object *in = input_object(req, "article");
	const char *image = input_text_or_null(req, in, "image", 10);
	const struct text_list *tags = input_texts(req, in, "tagList", 5, 10);

	check_text(req, input_text(req, in, "title", 1, 10), 10);
	check_text(req, input_prose(req, in, "body", 1, 20), 20);
	check_text(req, input_secret(req, in, "password", 8, 12), 12);
	if (image != NULL)
		check_text(req, image, 10);
	PROMISE(tags == NULL || tags->count <= 5);
	for (size_t i = 0; tags != NULL && i < tags->count; i++) {
		check_text(req, tags->items[i], 10);
		PROMISE(i == 0 || strcmp(tags->items[i - 1], tags->items[i]) < 0);
	}
}

/* What was accepted is accepted again in json-c's own writing. */
static void
take_again(const struct memory *memory)
{
	const char *body = json_object_to_json_string_ext(memory->req.input, JSON_C_TO_STRING_PLAIN);
	struct memory again;

	PROMISE_VALID_UTF8(body);
	memory_start(&again, "POST", "/api/articles");
	memory_body(&again, NULL, body);
	if (MEMORY_TRY(&again)) {
		take_input(&again.req);
		PROMISE(input_failed(&again.req) == input_failed(&memory->req));
	} else {
		PROMISE(!"accepted again");
	}
	memory_end(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory;

	memory_start(&memory, "POST", "/api/articles");
	memory_body_bytes(&memory, (const char *)data, size);
	memory_header(&memory, "Content-Type", "application/json");
	if (MEMORY_TRY(&memory)) {
		take_input(&memory.req);
		take_again(&memory);
		input_check(&memory.req);
	} else {
		PROMISE(memory.res.status == HTTP_BAD_REQUEST || memory.res.status == HTTP_UNPROCESSABLE);
		PROMISE(utf8_valid(memory.res.body.data, memory.res.body.length));
		PROMISE(memory_json(&memory) != NULL);
	}
	memory_end(&memory);
	return 0;
}
