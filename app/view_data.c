#include "view_internal.h"

#include <json-c/json.h>
#include <string.h>

#include "log.h"

/* A name of view_data. */
struct entry {
	struct entry *next;
	const char *name;
	uint32_t hash;
	struct view_node node;
};

struct view_data {
	struct arena *arena;
	struct entry *entries; /* newest first */
};

struct item {
	struct item *next;
	struct view_data data;
};

struct view_list {
	struct item *first, *last;
};

/* What a column's name, or a part of it that ends at a dot, stands for. */
struct path {
	uint32_t hash;
	uint32_t length;
	size_t column;
	bool whole;
};

/* The columns of a result. */
struct view_table {
	const struct rows *rows;
	bool has_id;
	size_t id_column;
	size_t count;
	struct path paths[];
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

static struct view_node *
find_entry(const struct view_data *data, const char *name, uint32_t hash)
{
	for (struct entry *entry = data->entries; entry != NULL; entry = entry->next) {
		if (entry->hash == hash && strcmp(entry->name, name) == 0)
			return &entry->node;
	}
	return NULL;
}

static uint32_t
hash_of(const char *name)
{
	return view_hash(VIEW_HASH_START, name, strlen(name));
}

static void
add(struct view_data *data, const char *name, struct view_node node)
{
	struct entry *entry = arena_take(data->arena, sizeof *entry);

	*entry = (struct entry){data->entries, name, hash_of(name), node};
	data->entries = entry;
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

static const struct path *
find_path(const struct view_table *table, uint32_t hash, size_t length, const char *prefix, size_t prefix_length,
          const char *rest)
{
	for (const struct path *path = table->paths; path < table->paths + table->count; path++) {
		const char *name;

		if (path->hash != hash || path->length != length)
			continue;
		name = rows_column_name(table->rows, path->column);
		if (memcmp(name + prefix_length, rest, length - prefix_length) == 0 &&
		    memcmp(name, prefix, prefix_length) == 0)
			return path;
	}
	return NULL;
}

/* Adds the column's name and what comes before each of its dots, once. */
static void
add_paths(struct view_table *table, size_t column, const char *name)
{
	uint32_t hash = VIEW_HASH_START;
	size_t length = 0;

	for (;; length++) {
		if (name[length] == '.' || name[length] == '\0') {
			if (find_path(table, hash, length, "", 0, name) == NULL)
				table->paths[table->count++] =
				    (struct path){hash, (uint32_t)length, column, name[length] == '\0'};
		}
		if (name[length] == '\0')
			break;
		hash = view_hash(hash, name + length, 1);
	}
}

static const struct view_table *
table_of(struct arena *arena, const struct rows *rows)
{
	size_t columns = rows_columns(rows), paths = 0;
	struct view_table *table;

	for (size_t i = 0; i < columns; i++) {
		paths++;
		for (const char *dot = rows_column_name(rows, i); (dot = strchr(dot, '.')) != NULL; dot++)
			paths++;
	}
	table = arena_alloc(arena, sizeof *table + paths * sizeof table->paths[0]);
	table->rows = rows;
	for (size_t i = 0; i < columns; i++) {
		const char *name = rows_column_name(rows, i);

		add_paths(table, i, name);
		if (strcmp(name, "_id") == 0) {
			table->has_id = true;
			table->id_column = i;
		}
	}
	return table;
}

static struct view_node
row_node(const struct view_table *table, size_t row)
{
	return (struct view_node){NODE_ROW, .table = table, .row = row, .prefix = ""};
}

void
view_row(struct view_data *data, const char *name, const struct rows *rows, size_t row)
{
	if (row < rows_count(rows))
		add(data, name, row_node(table_of(data->arena, rows), row));
}

void
view_rows(struct view_data *data, const char *name, const struct rows *rows)
{
	add(data, name, (struct view_node){NODE_ROWS, .table = table_of(data->arena, rows)});
}

struct view_data *
view_object(struct view_data *data, const char *name)
{
	struct view_node *node = find_entry(data, name, hash_of(name));
	struct view_data *object;

	if (node != NULL && node->kind == NODE_OBJECT)
		return (struct view_data *)node->object;
	object = view_data(data->arena);
	add(data, name, (struct view_node){NODE_OBJECT, .object = object});
	return object;
}

struct view_data *
view_item(struct view_data *data, const char *list_name)
{
	struct view_node *node = find_entry(data, list_name, hash_of(list_name));
	struct item *item = arena_alloc(data->arena, sizeof *item);
	struct view_list *list;

	if (node != NULL && node->kind == NODE_LIST) {
		list = node->list;
		list->last->next = item;
	} else {
		list = arena_alloc(data->arena, sizeof *list);
		list->first = item;
		add(data, list_name, (struct view_node){NODE_LIST, .list = list});
	}
	list->last = item;
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

static struct view_node
row_member(struct arena *arena, const struct view_node *node, const struct view_part *part)
{
	const struct view_table *table = node->table;
	size_t length = node->prefix_length + part->length;
	uint32_t hash = length > part->length ? view_hash(node->hash, part->text, part->length) : part->hash;
	const struct path *path = find_path(table, hash, length, node->prefix, node->prefix_length, part->text);

	if (path == NULL)
		return absent;
	if (path->whole)
		return column_node(arena, table->rows, node->row, path->column);
	return (struct view_node){NODE_ROW,
	                          .table = table,
	                          .row = node->row,
	                          .prefix = rows_column_name(table->rows, path->column),
	                          .prefix_length = length + 1,
	                          .hash = view_hash(hash, ".", 1)};
}

/* NODE_ABSENT if `node` holds nothing of that name. */
static struct view_node
member(struct arena *arena, const struct view_node *node, const struct view_part *part)
{
	const struct view_node *entry;
	struct json_object *json;

	switch (node->kind) {
	case NODE_OBJECT:
		entry = find_entry(node->object, part->text, part->hash);
		if (entry != NULL)
			return *entry;
		break;
	case NODE_JSON_OBJECT:
		if (json_object_object_get_ex(node->json, part->text, &json))
			return json_node(arena, json);
		break;
	case NODE_ROW:
		return row_member(arena, node, part);
	default:
		break;
	}
	return absent;
}

struct view_node
view_find(struct arena *arena, const struct view_frame *frame, const struct view_name *name,
          const struct view_format **format)
{
	struct view_node node = frame->node;
	size_t i = 0;

	*format = NULL;
	if (!name->here) {
		node = member(arena, &frame->node, &name->parts[i]);
		while (node.kind == NODE_ABSENT && (frame = frame->outer) != NULL)
			node = member(arena, &frame->node, &name->parts[i]);
		i++;
	}
	for (; i < name->count; i++) {
		if (node.kind == NODE_VALUE && i == name->count - 1 && name->format != NULL) {
			*format = name->format;
			return node;
		}
		node = name->here ? absent : member(arena, &node, &name->parts[i]);
	}
	return node;
}

static bool
is_true(const struct view_value *value)
{
	return value->kind == VIEW_TEXT ? value->length > 0 : value->kind == VIEW_TIME || value->number != 0;
}

/* The next row that is an item. */
static bool
next_row(struct view_items *items, struct view_node *item)
{
	const struct view_table *table = items->of.table;
	size_t row, length;

	do {
		row = items->index++;
		if (row >= rows_count(table->rows))
			return false;
	} while (table->has_id && rows_value(table->rows, row, table->id_column, &length) == NULL);
	*item = row_node(table, row);
	return true;
}

static bool
next_text(struct view_items *items, struct view_node *item)
{
	const char *text = items->next != NULL ? items->next : items->of.texts;
	int64_t length;

	if (text == items->of.texts_end)
		return false;
	length = binary_integer(text, 4);
	text += 4;
	*item = nothing;
	if (length >= 0) {
		*item = value_node(VIEW_TEXT, text, (size_t)length, 0);
		text += length;
	}
	items->next = text;
	return true;
}

static bool
next_object(struct view_items *items, struct view_node *item)
{
	const struct item *next = items->index++ == 0 ? items->of.list->first : items->next;

	if (next == NULL)
		return false;
	items->next = next->next;
	*item = (struct view_node){NODE_OBJECT, .object = &next->data};
	return true;
}

bool
view_next_item(struct arena *arena, struct view_items *items, struct view_node *item)
{
	switch (items->of.kind) {
	case NODE_ABSENT:
	case NODE_NOTHING:
		return false;
	case NODE_VALUE:
		*item = items->of;
		return items->index++ == 0 && is_true(&items->of.value);
	case NODE_LIST:
		return next_object(items, item);
	case NODE_JSON_LIST:
		if (items->index >= json_object_array_length(items->of.json))
			return false;
		*item = json_node(arena, json_object_array_get_idx(items->of.json, items->index++));
		return true;
	case NODE_ROWS:
		return next_row(items, item);
	case NODE_TEXTS:
		return next_text(items, item);
	default: /* an object */
		*item = items->of;
		return items->index++ == 0;
	}
}
