/* A form: as such, and as a body from which a handler takes its input. */
#include "fuzz.h"
#include "input.h"
#include "settings.h"
#include "urlencoded.h"

/* Parses the form that has the same fields as `form`, written anew. */
static void
parse_again(struct arena *arena, const struct form *form)
{
	struct buffer text = buffer_in(arena);
	struct form again;

	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];

		PROMISE_VALID_UTF8(field->name);
		PROMISE_VALID_UTF8(field->value);
		buffer_printf(&text, "%s%s=%s", i > 0 ? "&" : "", percent_encode(arena, field->name),
		              percent_encode(arena, field->value));
	}
	PROMISE(form_parse(arena, text.data, text.length, form->count, &again) == FORM_OK);
	PROMISE(again.count == form->count);
	for (size_t i = 0; i < form->count; i++) {
		PROMISE_EQUAL(again.fields[i].name, form->fields[i].name);
		PROMISE_EQUAL(again.fields[i].value, form->fields[i].value);
	}
}

static void
take_input(struct request *req)
{
	const struct json_object *in = input_object(req, "article");
	const struct text_list *tags = input_texts(req, in, "tagList", 5, 10);

	PROMISE(utf8_length(input_text(req, in, "title", 1, 10)) <= 10);
	for (size_t i = 0; tags != NULL && i < tags->count; i++) {
		PROMISE(utf8_length(tags->items[i]) <= 10);
		PROMISE(i == 0 || strcmp(tags->items[i - 1], tags->items[i]) < 0);
	}
	PROMISE(tags == NULL || tags->count <= 5);
	input_check(req);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory;
	struct form form;

	memory_start(&memory, "POST", "/api/articles");
	memory_body_bytes(&memory, (const char *)data, size);
	memory_header(&memory, "Content-Type", "application/x-www-form-urlencoded");

	enum form_result result =
	    form_parse(memory.req.arena, memory.req.body, size, (size_t)setting_query_parameters_max, &form);

	if (result == FORM_OK && form.count > 0)
		parse_again(memory.req.arena, &form);
	if (MEMORY_TRY(&memory))
		take_input(&memory.req);
	else
		PROMISE(memory.res.status == (result == FORM_OK || size == 0 ? HTTP_UNPROCESSABLE : HTTP_BAD_REQUEST));
	memory_end(&memory);
	return 0;
}
