/* A template and, after its first NUL, the JSON that it is rendered with. */
#include "fuzz.h"
#include "view.h"

/* Sections in each other multiply what their lists hold: only so much of that is tried. */
#define SECTIONS_MAX 5
#define COMMAS_MAX   5

static void
write_count(struct buffer *out, const struct view_value *value, unsigned variant)
{
	buffer_printf(out, "<%zu %u>", value->kind == VIEW_TEXT ? value->length : 0, variant);
}

static bool
constant(const char *name, unsigned variant, const char **text)
{
	(void)variant;
	*text = strcmp(name, "text.a") == 0 ? "<constant>\n" : NULL;
	return strncmp(name, "text.", 5) == 0;
}

static size_t
count_of(const char *text, char byte)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == byte;
	return count;
}

/* No tag can name the template that is looked at as its partial: nothing within a name is a space. */
static void
try(struct arena *arena, const char *template, struct json_object *json)
{
	static const char partial[] = "{{a}}\n{{#b}}\n  {{>other}}\n{{/b}}\n", other[] = "[{{.}}\n\n{{a.count}}]";
	static const struct view_format formats[] = {{"count", write_count}};
	const struct view_source sources[] = {{"the template", "template", template, strlen(template)},
	                                      {"part", "part", partial, sizeof partial - 1},
	                                      {"other", "other", other, sizeof other - 1}};
	const struct view_setup setup = {sources, 3, formats, 1, 1, constant};
	struct view_data *data = view_data(arena);
	struct buffer out = buffer_in(arena), again = buffer_in(arena);
	char *error = view_compile(&setup, "");

	PROMISE(error == NULL || strncmp(error, "template:", 9) == 0);
	if (error == NULL) {
		json_object_object_foreach(json, key, value) view_json(data, key, value);
		view_render(&out, "the template", 0, data);
		view_render(&again, "the template", 0, data);
		PROMISE(out.length == again.length);
		PROMISE(out.length == 0 || memcmp(out.data, again.data, out.length) == 0);
		PROMISE(strstr(template, "{{") != NULL || (out.length == strlen(template)));
	}
	free(error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *template = input_string(arena, data, size);
	size_t used = strlen(template) + 1;
	const char *text = used < size ? input_string(arena, data + used, size - used) : "{}";
	struct json_object *json = json_tokener_parse(text);

	if (json_object_is_type(json, json_type_object) && count_of(template, '#') <= SECTIONS_MAX &&
	    count_of(text, ',') <= COMMAS_MAX)
		try(arena, template, json);
	json_object_put(json);
	arena_free(arena);
	return 0;
}
