#include "view_internal.h"

#include <json-c/json.h>
#include <string.h>

#include "log.h"

#define BUCKETS 8

/* A name of view_data. */
struct entry {
	struct entry *next;
	struct view_part name;
	struct view_node node;
};

struct view_data {
	struct arena *arena;
	struct entry *buckets[BUCKETS]; /* by hash; newest first */
};

struct item {
	struct item *next;
	struct view_node node;
	struct view_data data;
};

struct view_list {
	struct item *first, *last;
};

static const struct view_node absent = {.kind = NODE_ABSENT};
static const struct view_node nothing = {.kind = NODE_NOTHING};

struct view_data *
view_data(struct arena *arena)
{
	struct view_data *data = arena_alloc(arena, sizeof *data);

	data->arena = arena;
	return data;
}

static struct view_part
part_of(const char *text, size_t length)
{
	return (struct view_part){text, (uint32_t)length, view_hash(VIEW_HASH_START, text, length)};
}

static const struct view_node *
find_entry(const struct view_data *data, const struct view_part *name)
{
	for (const struct entry *entry = data->buckets[name->hash % BUCKETS]; entry != NULL; entry = entry->next) {
		if (entry->name.hash == name->hash && entry->name.length == name->length &&
		    memcmp(entry->name.text, name->text, name->length) == 0)
			return &entry->node;
	}
	return NULL;
}

static void
add_part(struct view_data *data, struct view_part name, struct view_node node)
{
	struct entry *entry = arena_take(data->arena, sizeof *entry);
	struct entry **bucket = &data->buckets[name.hash % BUCKETS];

	*entry = (struct entry){*bucket, name, node};
	*bucket = entry;
}

static void
add(struct view_data *data, const char *name, struct view_node node)
{
	add_part(data, part_of(name, strlen(name)), node);
}

static struct view_node
value_node(enum view_kind kind, const char *text, size_t length, int64_t number)
{
	return (struct view_node){NODE_VALUE, .value = {kind, text, length, number}};
}

void
view_text(struct view_data *data, const char *name, const char *text)
{
	if (text != NULL)
		add(data, name, value_node(VIEW_TEXT, text, strlen(text), 0));
}

void
view_integer(struct view_data *data, const char *name, int64_t number)
{
	add(data, name, value_node(VIEW_INTEGER, NULL, 0, number));
}

void
view_boolean(struct view_data *data, const char *name, bool value)
{
	add(data, name, value_node(VIEW_BOOLEAN, NULL, 0, value));
}

void
view_time(struct view_data *data, const char *name, int64_t microseconds_since_1970)
{
	add(data, name, value_node(VIEW_TIME, NULL, 0, microseconds_since_1970));
}

/* As a text: what formats are given has no fractions. Zero is false as that of an integer is. */
static struct view_node
double_node(struct arena *arena, double number)
{
	const char *text = arena_printf(arena, "%.15g", number);

	return number == 0 ? value_node(VIEW_INTEGER, NULL, 0, 0) : value_node(VIEW_TEXT, text, strlen(text), 0);
}

static struct view_node
json_node(struct arena *arena, struct json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_boolean:
		return value_node(VIEW_BOOLEAN, NULL, 0, json_object_get_boolean(json));
	case json_type_int:
		return value_node(VIEW_INTEGER, NULL, 0, json_object_get_int64(json));
	case json_type_double:
		return double_node(arena, json_object_get_double(json));
	case json_type_string:
		return value_node(VIEW_TEXT, json_object_get_string(json), (size_t)json_object_get_string_len(json), 0);
	case json_type_object:
		return (struct view_node){NODE_JSON_OBJECT, .json = json};
	case json_type_array:
		return (struct view_node){NODE_JSON_LIST, .json = json};
	case json_type_null:
		break;
	}
	return nothing;
}

void
view_json(struct view_data *data, const char *name, struct json_object *value)
{
	add(data, name, json_node(data->arena, value));
}

static struct view_data *
object_within(struct view_data *data, struct view_part name)
{
	const struct view_node *node = find_entry(data, &name);
	struct view_data *object;

	if (node != NULL && node->kind == NODE_OBJECT)
		return (struct view_data *)node->object;
	object = view_data(data->arena);
	add_part(data, name, (struct view_node){NODE_OBJECT, .object = object});
	return object;
}

struct view_data *
view_object(struct view_data *data, const char *name)
{
	return object_within(data, part_of(name, strlen(name)));
}

struct view_data *
view_item(struct view_data *data, const char *list_name)
{
	struct view_part name = part_of(list_name, strlen(list_name));
	const struct view_node *node = find_entry(data, &name);
	struct item *item = arena_alloc(data->arena, sizeof *item);
	struct view_list *list;

	if (node != NULL && node->kind == NODE_LIST) {
		list = node->list;
		list->last->next = item;
	} else {
		list = arena_alloc(data->arena, sizeof *list);
		list->first = item;
		add_part(data, name, (struct view_node){NODE_LIST, .list = list});
	}
	list->last = item;
	item->node = (struct view_node){NODE_OBJECT, .object = &item->data};
	item->data.arena = data->arena;
	return &item->data;
}

static struct view_node
texts_node(const char *value, size_t length)
{
	int64_t dimensions = binary_integer(value, 4);
	const char *end = value + length;

	if (dimensions > 1)
		log_fatal("array of several dimensions in a view", LOG_NUMBER("dimensions", dimensions));
	return (struct view_node){NODE_TEXTS, .texts = dimensions == 1 ? value + PG_ARRAY_HEADER_SIZE : end,
	                          .texts_end = end};
}

static struct view_node
column_node(struct arena *arena, const struct rows *rows, size_t row, size_t column)
{
	uint32_t type = rows_column_type(rows, column);
	size_t length;
	const char *value = rows_value(rows, row, column, &length);
	double number;
	int64_t bits;

	if (value == NULL)
		return nothing;
	switch (type) {
	case PG_TYPE_BOOLEAN:
		return value_node(VIEW_BOOLEAN, NULL, 0, *value != 0);
	case PG_TYPE_SMALLINT:
	case PG_TYPE_INTEGER:
	case PG_TYPE_BIGINT:
		return value_node(VIEW_INTEGER, NULL, 0, binary_integer(value, length));
	case PG_TYPE_DOUBLE:
		bits = binary_integer(value, length);
		memcpy(&number, &bits, sizeof number);
		return double_node(arena, number);
	case PG_TYPE_TEXT:
	case PG_TYPE_VARCHAR:
	case PG_TYPE_NAME:
		return value_node(VIEW_TEXT, value, length, 0);
	case PG_TYPE_TIMESTAMPTZ:
		return value_node(VIEW_TIME, NULL, 0, binary_time(value, length));
	case PG_TYPE_TEXT_ARRAY:
		return texts_node(value, length);
	default:
		log_fatal("column of a type that no view shows", LOG_TEXT("column", rows_column_name(rows, column)),
		          LOG_NUMBER("type", type));
	}
}

/* The row as an object, with an object within for each part of a column's name that ends at a dot. */
static struct view_node
row_node(struct arena *arena, const struct rows *rows, size_t row)
{
	struct view_data *object = view_data(arena);

	for (size_t column = 0; column < rows_columns(rows); column++) {
		const char *name = rows_column_name(rows, column), *dot;
		struct view_data *within = object;

		for (; (dot = strchr(name, '.')) != NULL; name = dot + 1)
			within = object_within(within, part_of(name, (size_t)(dot - name)));
		add(within, name, column_node(arena, rows, row, column));
	}
	return (struct view_node){NODE_OBJECT, .object = object};
}

void
view_row(struct view_data *data, const char *name, const struct rows *rows, size_t row)
{
	if (row < rows_count(rows))
		add(data, name, row_node(data->arena, rows, row));
}

void
view_rows(struct view_data *data, const char *name, const struct rows *rows)
{
	add(data, name, (struct view_node){NODE_ROWS, .rows = rows});
}

/* &absent if `node` holds nothing of that name. */
static const struct view_node *
member(struct arena *arena, const struct view_node *node, const struct view_part *name)
{
	const struct view_node *found = NULL;
	struct json_object *json;

	if (node->kind == NODE_OBJECT) {
		found = find_entry(node->object, name);
	} else if (node->kind == NODE_JSON_OBJECT && json_object_object_get_ex(node->json, name->text, &json)) {
		struct view_node *made = arena_take(arena, sizeof *made);

		*made = json_node(arena, json);
		found = made;
	}
	return found != NULL ? found : &absent;
}

const struct view_node *
view_find(struct arena *arena, const struct view_frame *frame, const struct view_name *name,
          const struct view_format **format)
{
	const struct view_node *node = frame->node;
	size_t i = 0;

	*format = NULL;
	if (!name->here) {
		node = member(arena, frame->node, &name->parts[i]);
		while (node->kind == NODE_ABSENT && (frame = frame->outer) != NULL)
			node = member(arena, frame->node, &name->parts[i]);
		i++;
	}
	for (; i < name->count; i++) {
		if (node->kind == NODE_VALUE && i == name->count - 1 && name->format != NULL) {
			*format = name->format;
			return node;
		}
		node = name->here ? &absent : member(arena, node, &name->parts[i]);
	}
	return node;
}

static bool
is_true(const struct view_value *value)
{
	return value->kind == VIEW_TEXT ? value->length > 0 : value->kind == VIEW_TIME || value->number != 0;
}

/* The next row that is an item. */
static const struct view_node *
next_row(struct arena *arena, struct view_items *items)
{
	const struct view_part id = part_of("_id", 3);
	const struct rows *rows = items->of->rows;

	while (items->index < rows_count(rows)) {
		const struct view_node *found;

		items->made = row_node(arena, rows, items->index++);
		found = find_entry(items->made.object, &id);
		if (found == NULL || found->kind != NODE_NOTHING)
			return &items->made;
	}
	return NULL;
}

static const struct view_node *
next_text(struct view_items *items)
{
	const char *text = items->next != NULL ? items->next : items->of->texts;
	int64_t length;

	if (text == items->of->texts_end)
		return NULL;
	length = binary_integer(text, 4);
	text += 4;
	items->made = nothing;
	if (length >= 0) {
		items->made = value_node(VIEW_TEXT, text, (size_t)length, 0);
		text += length;
	}
	items->next = text;
	return &items->made;
}

static const struct view_node *
next_object(struct view_items *items)
{
	const struct item *next = items->index++ == 0 ? items->of->list->first : items->next;

	if (next == NULL)
		return NULL;
	items->next = next->next;
	return &next->node;
}

static const struct view_node *
next_json(struct arena *arena, struct view_items *items)
{
	if (items->index >= json_object_array_length(items->of->json))
		return NULL;
	items->made = json_node(arena, json_object_array_get_idx(items->of->json, items->index++));
	return &items->made;
}

const struct view_node *
view_next_item(struct arena *arena, struct view_items *items)
{
	switch (items->of->kind) {
	case NODE_ABSENT:
	case NODE_NOTHING:
		return NULL;
	case NODE_VALUE:
		return items->index++ == 0 && is_true(&items->of->value) ? items->of : NULL;
	case NODE_LIST:
		return next_object(items);
	case NODE_JSON_LIST:
		return next_json(arena, items);
	case NODE_ROWS:
		return next_row(arena, items);
	case NODE_TEXTS:
		return next_text(items);
	default: /* an object */
		return items->index++ == 0 ? items->of : NULL;
	}
}
