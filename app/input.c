#include "input.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "body.h"
#include "response.h"
#include "settings.h"
#include "utf8.h"

/* Errors */

void
input_error(struct request *req, const char *key, const char *message)
{
	struct input_error *error = arena_alloc(req->arena, sizeof *error);

	*error = (struct input_error){.key = key, .message = message};
	*req->errors_end = error;
	req->errors_end = &error->next;
}

bool
input_failed(const struct request *req)
{
	return req->errors != NULL;
}

void
input_check(struct request *req)
{
	if (!input_failed(req))
		return;
	if (req->response != NULL)
		response_errors(req->response, HTTP_UNPROCESSABLE, req->errors);
	fail_answered(req);
}

/* Objects */

const struct json_object *
input_object(struct request *req, const char *wrapper)
{
	const struct json_object *body = body_object(req);
	struct json_object *object;

	if (body_is_form(req))
		return body;
	if (!json_object_object_get_ex(body, wrapper, &object))
		return body_keep(req, json_object_new_object());
	if (!json_object_is_type(object, json_type_object)) {
		input_error(req, wrapper, "must be an object");
		return NULL;
	}
	return object;
}

bool
input_has(const struct json_object *in, const char *key)
{
	return json_object_object_get_ex(in, key, NULL);
}

/* Texts */

/* Takes the next code point of valid UTF-8. */
static int32_t
next_code_point(const char **text)
{
	utf8proc_int32_t code_point;

	*text += utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &code_point);
	return code_point;
}

static bool
breaks_line(int32_t code_point)
{
	utf8proc_category_t category = utf8proc_category(code_point);

	return category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/* White space as Unicode has it, and what is as invisible: zero width space and byte order mark. */
static bool
is_space(int32_t code_point)
{
	return utf8proc_category(code_point) == UTF8PROC_CATEGORY_ZS || breaks_line(code_point) ||
	       (code_point >= '\t' && code_point <= '\r') || code_point == 0x85 || code_point == 0x200B ||
	       code_point == 0xFEFF;
}

static bool
has_control_character(const char *text)
{
	while (*text != '\0') {
		int32_t code_point = next_code_point(&text);

		if (utf8proc_category(code_point) == UTF8PROC_CATEGORY_CC || breaks_line(code_point))
			return true;
	}
	return false;
}

/* Where the text begins that is left without the space before it. */
static const char *
skip_space(const char *text)
{
	for (const char *next = text; *next != '\0' && is_space(next_code_point(&next));)
		text = next;
	return text;
}

static const char *
trim(struct arena *arena, const char *text)
{
	const char *start = skip_space(text), *end = start;

	for (const char *next = start; *next != '\0';) {
		if (!is_space(next_code_point(&next)))
			end = next;
	}
	return arena_copy(arena, start, (size_t)(end - start));
}

/* The text that `value` is; NULL after an error. */
static const char *
text_of(struct request *req, const char *key, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string)) {
		input_error(req, key, "must be a string");
		return NULL;
	}

	const char *text = json_object_get_string(value);

	if (strlen(text) != (size_t)json_object_get_string_len(value)) {
		input_error(req, key, "must not contain NUL");
		return NULL;
	}
	return text;
}

/* Trimmed and in normalization form C, unless it is so long that it would still be longer than `max` characters: each may have come as
 * four. */
static const char *
tidy(struct arena *arena, const char *text, size_t max)
{
	text = trim(arena, text);
	return utf8_length(text) <= max * 4 ? utf8_normalize(arena, text) : text;
}

/* The text of that key, "" if there is none; NULL after an error. */
static const char *
member_text(struct request *req, const struct json_object *in, const char *key)
{
	struct json_object *value;

	if (in == NULL)
		return NULL;
	json_object_object_get_ex(in, key, &value);
	return value != NULL ? text_of(req, key, value) : "";
}

static bool
length_fits(struct request *req, const char *key, const char *text, size_t min, size_t max)
{
	size_t length = utf8_length(text);

	if (length >= min && length <= max)
		return true;
	input_error(req, key,
	            length < min ? arena_printf(req->arena, "is too short (minimum is %zu characters)", min)
	                         : arena_printf(req->arena, "is too long (maximum is %zu characters)", max));
	return false;
}

static bool
is_one_line(struct request *req, const char *key, const char *text)
{
	if (!has_control_character(text))
		return true;
	input_error(req, key, "is invalid");
	return false;
}

/* Blank is an error of its own where something must be there. */
static bool
is_there(struct request *req, const char *key, const char *text, size_t min)
{
	if (*text != '\0' || min == 0)
		return true;
	input_error(req, key, "can't be blank");
	return false;
}

const char *
input_text(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max)
{
	const char *text = member_text(req, in, key);

	if (text == NULL)
		return "";
	text = tidy(req->arena, text, max);
	if (is_there(req, key, text, min) && length_fits(req, key, text, min, max) && is_one_line(req, key, text))
		return text;
	return "";
}

const char *
input_text_if_there(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max)
{
	return input_has(in, key) ? input_text(req, in, key, min, max) : NULL;
}

const char *
input_prose(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max)
{
	const char *text = member_text(req, in, key);

	if (text != NULL && is_there(req, key, skip_space(text), min) && length_fits(req, key, text, min, max))
		return text;
	return "";
}

const char *
input_secret(struct request *req, const struct json_object *in, const char *key, size_t min, size_t max)
{
	const char *text = member_text(req, in, key);

	if (text != NULL && is_there(req, key, text, min) && length_fits(req, key, text, min, max))
		return text;
	return "";
}

const char *
input_text_or_null(struct request *req, const struct json_object *in, const char *key, size_t max)
{
	const char *text = member_text(req, in, key);

	if (text == NULL)
		return NULL;
	text = trim(req->arena, text);
	return *text != '\0' && length_fits(req, key, text, 0, max) ? text : NULL;
}

/* Lists */

/* The list that a form gave as one text: "a, b". */
static struct json_object *
split_at_commas(struct request *req, struct json_object *value)
{
	struct json_object *list = body_keep(req, json_object_new_array());

	for (const char *text = json_object_get_string(value); text != NULL;) {
		size_t length = strcspn(text, ",");

		json_object_array_add(list, json_object_new_string_len(text, (int)length));
		text = text[length] == ',' ? text + length + 1 : NULL;
	}
	return list;
}

static int
compare_texts(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Sorts the texts and drops doubles; returns how many are left. */
static size_t
sort_texts(const char **texts, size_t count)
{
	size_t kept = 0;

	qsort(texts, count, sizeof *texts, compare_texts);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
			texts[kept++] = texts[i];
	}
	return kept;
}

/* Fills *list, which is long enough, with what is not blank in `value`; stops at the first error. */
static bool
collect_texts(struct request *req, const char *key, struct json_object *value, size_t text_max, const char **texts,
              size_t *count)
{
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		struct json_object *item = json_object_array_get_idx(value, i);

		if (!json_object_is_type(item, json_type_string)) {
			input_error(req, key, "must be a list of strings");
			return false;
		}

		const char *text = text_of(req, key, item);

		if (text == NULL)
			return false;
		text = tidy(req->arena, text, text_max);
		if (!length_fits(req, key, text, 0, text_max) || !is_one_line(req, key, text))
			return false;
		if (*text != '\0')
			texts[(*count)++] = text;
	}
	return true;
}

const struct text_list *
input_texts(struct request *req, const struct json_object *in, const char *key, size_t count_max, size_t text_max)
{
	struct text_list *list = arena_alloc(req->arena, sizeof *list);
	struct json_object *value;
	size_t count = 0;

	if (!json_object_object_get_ex(in, key, &value))
		return NULL;
	if (body_is_form(req) && json_object_is_type(value, json_type_string))
		value = split_at_commas(req, value);
	if (!json_object_is_type(value, json_type_array)) {
		input_error(req, key, "must be a list of strings");
		return list;
	}

	const char **texts = arena_alloc(req->arena, json_object_array_length(value) * sizeof *texts);

	if (!collect_texts(req, key, value, text_max, texts, &count))
		return list;
	count = sort_texts(texts, count);
	if (count > count_max)
		input_error(req, key, arena_printf(req->arena, "has too many items (maximum is %zu)", count_max));
	else
		*list = (struct text_list){texts, count};
	return list;
}

/* The query string */

static const struct form *
query_form(struct request *req)
{
	if (req->query_form != NULL)
		return req->query_form;

	struct form *form = arena_alloc(req->arena, sizeof *form);
	enum form_result result =
	    form_parse(req->arena, req->query, strlen(req->query), (size_t)setting_query_parameters_max, form);

	if (result != FORM_OK)
		fail(req, HTTP_BAD_REQUEST, "query",
		     result == FORM_TOO_MANY ? "has too many parameters" : "is invalid");
	return req->query_form = form;
}

int32_t
query_number(struct request *req, const char *key, int32_t standard, int32_t min, int32_t max)
{
	const char *text = form_value(query_form(req), key);
	int64_t number = 0;
	size_t digits = 0;

	if (text == NULL)
		return standard;
	for (; text[digits] >= '0' && text[digits] <= '9' && number <= max; digits++)
		number = number * 10 + (text[digits] - '0');
	if (digits > 0 && text[digits] == '\0' && number >= min && number <= max)
		return (int32_t)number;
	input_error(req, key, arena_printf(req->arena, "must be a number between %" PRId32 " and %" PRId32, min, max));
	return standard;
}

const char *
query_value(struct request *req, const char *key)
{
	return form_value(query_form(req), key);
}

const char *
query_text(struct request *req, const char *key)
{
	const char *text = query_value(req, key);

	return text != NULL && *text != '\0' ? utf8_normalize(req->arena, text) : NULL;
}
