#include "body.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "log.h"
#include "settings.h"
#include "utf8.h"

static void
release(void *object)
{
	json_object_put(object);
}

struct json_object *
body_keep(struct request *req, struct json_object *object)
{
	if (object != NULL)
		arena_on_reset(req->arena, release, object);
	return object;
}

/* Is the request's Content-Type `type`, whatever its parameters? A missing one is "". */
static bool
body_is(const struct request *req, const char *type)
{
	const char *given = request_header(req, "Content-Type");
	size_t length = given != NULL ? strcspn(given, "; \t") : 0;

	return length == strlen(type) && (length == 0 || strncasecmp(given, type, length) == 0);
}

bool
body_is_form(const struct request *req)
{
	return body_is(req, "application/x-www-form-urlencoded");
}

/* What is wrong with a JSON text that json-c would let pass even when it is strict: strings in single quotes, control characters in
 * strings, NaN and Infinity. Also counts the depth, to be exact: json-c does not count an empty object. NULL if nothing is. */
static const char *
json_fault(const char *json, size_t length)
{
	bool in_string = false;
	long depth = 0;

	for (size_t i = 0; i < length; i++) {
		char byte = json[i];

		if (in_string && (unsigned char)byte < 0x20)
			return "is not valid JSON";
		if (in_string && byte == '\\')
			i++;
		else if (byte == '"')
			in_string = !in_string;
		else if (in_string)
			continue;
		else if (byte == '{' || byte == '[')
			depth++;
		else if (byte == '}' || byte == ']')
			depth--;
		else if (byte == '\0' || byte == '\'' || byte == 'N' || byte == 'I')
			return "is not valid JSON";
		if (depth > setting_json_depth_max)
			return "is nested too deeply";
	}
	return NULL;
}

static struct json_object *
read_json(struct request *req)
{
	const char *fault = json_fault(req->body, req->body_length);

	if (fault == NULL && !utf8_valid(req->body, req->body_length))
		fault = "is not valid UTF-8";
	if (fault != NULL)
		fail(req, HTTP_BAD_REQUEST, "body", fault);

	struct json_tokener *tokener = json_tokener_new_ex((int)setting_json_depth_max + 1);

	if (tokener == NULL)
		log_fatal("out of memory", LOG_TEXT("for", "JSON"));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);

	struct json_object *object = json_tokener_parse_ex(tokener, req->body, (int)req->body_length);
	bool whole = json_tokener_get_error(tokener) == json_tokener_success;

	json_tokener_free(tokener);
	body_keep(req, object);
	if (!whole)
		fail(req, HTTP_BAD_REQUEST, "body", "is not valid JSON");
	if (!json_object_is_type(object, json_type_object))
		fail(req, HTTP_BAD_REQUEST, "body", "must be a JSON object");
	return object;
}

/* Adds a field to the object: a text, or a list of texts when the name ends with "[]" or comes again. */
static void
add_field(struct request *req, struct json_object *object, const struct form_field *field)
{
	struct json_object *value = json_object_new_string(field->value), *known, *list;
	size_t length = strlen(field->name);
	bool is_list = length > 2 && strcmp(field->name + length - 2, "[]") == 0;
	const char *name = is_list ? arena_copy(req->arena, field->name, length - 2) : field->name;

	json_object_object_get_ex(object, name, &known);
	if (known == NULL && !is_list) {
		json_object_object_add(object, name, value);
		return;
	}
	if (json_object_is_type(known, json_type_array)) {
		json_object_array_add(known, value);
		return;
	}
	list = json_object_new_array();
	if (known != NULL)
		json_object_array_add(list, json_object_get(known));
	json_object_array_add(list, value);
	json_object_object_add(object, name, list);
}

static struct json_object *
read_form(struct request *req)
{
	struct form form;
	enum form_result result =
	    form_parse(req->arena, req->body, req->body_length, (size_t)setting_query_parameters_max, &form);

	if (result != FORM_OK)
		fail(req, HTTP_BAD_REQUEST, "body",
		     result == FORM_TOO_MANY ? "has too many fields" : "is not a valid form");

	struct json_object *object = body_keep(req, json_object_new_object());

	for (size_t i = 0; i < form.count; i++)
		add_field(req, object, &form.fields[i]);
	return object;
}

static struct json_object *
read_body(struct request *req)
{
	if (req->body_length == 0)
		return body_keep(req, json_object_new_object());
	if (body_is(req, "") || body_is(req, "application/json"))
		return read_json(req);
	if (body_is_form(req))
		return read_form(req);
	fail(req, HTTP_UNSUPPORTED_MEDIA_TYPE, "body", "must be application/json");
}

const struct json_object *
body_object(struct request *req)
{
	if (req->input == NULL)
		req->input = read_body(req);
	return req->input;
}
