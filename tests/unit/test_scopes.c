#include "unit.h"

#include "../memory.h"
#include "rows.h"
#include "scopes.h"

static enum http_status
show(struct request *req, struct response *res)
{
	(void)req;
	(void)res;
	return HTTP_OK;
}

static enum http_status
list(struct request *req, struct response *res)
{
	return show(req, res) +
	       (req->path == NULL); /* another function than show, which a linker may not fold into it */
}

static const struct route routes[] = {
    {HTTP_GET, "/things/:slug", show, "show", 0, NULL},
    {HTTP_PUT, "/things/:slug", show, "change", 0, NULL},
    {HTTP_GET, "/things", list, "list", 0, NULL},
};

static const struct scope_read reads[] = {
    {show, "thing:{slug} all", NOBODY, ""},
    {list, "author:{author}|tag:{tag}|things liked:{liked} all", ANONYMOUS, "tag author liked"},
};

static const char *const names[] = {"viewer", "slug"};
static const uint32_t types[] = {PG_TYPE_BIGINT, PG_TYPE_TEXT};
static const struct query queries[] = {
    {"thing_change", "things.sql", 1, "", QUERY_WRITE, 2, types, names},
    {"thing_read", "things.sql", 2, "", QUERY_READ, 2, types, names},
    {"thing_touch", "things.sql", 3, "", QUERY_WRITE, 2, types, names},
};
static const struct scope_change changes[] = {
    {"thing_change", "thing:{slug} thing:{$slug} tag:{tags} user:{_id} {_also} things"},
    {"thing_touch", ""},
};

static int
start(void **state __attribute__((unused)))
{
	router_init(routes, COUNT_OF(routes));
	scopes_init(reads, COUNT_OF(reads), changes, COUNT_OF(changes), queries, COUNT_OF(queries));
	return 0;
}

/* Names separated by spaces. */
static const char *
joined(struct arena *arena, const struct scopes *scopes)
{
	const char *text = "";

	for (size_t i = 0; i < scopes->count; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? " " : "", scopes->names[i]);
	return text;
}

static void
assert_reads(const char *target, const char *expected)
{
	struct memory memory;
	struct scopes scopes = {0};

	memory_start(&memory, "GET", target);
	assert_int_equal(route_match(&memory.req), ROUTE_FOUND);
	scopes_add_reads(&scopes, &memory.req, scopes_route(memory.req.route));
	assert_string_equal(joined(memory.req.arena, &scopes), expected);
	memory_end(&memory);
}

TEST(a_route_reads_what_its_parameters_name)
{
	assert_reads("/things/one", "thing:one all");
	assert_reads("/things", "things all");
	assert_reads("/things?tag=c&liked=ada", "tag:c liked:ada all");
	assert_reads("/things?tag=c&author=bob", "author:bob all");
	assert_reads("/things?tag=", "things all");
}

TEST(names_are_alike_in_any_case)
{
	assert_reads("/things/One", "thing:one all");
	assert_reads("/things?author=%C3%84NNE", "author:\xc3\xa4nne all");
	assert_reads("/things?author=%C4%B0", "author:i all"); /* İ, as PostgreSQL's lower() has it */
}

TEST(long_names_are_shortened)
{
	struct memory memory;
	struct scopes scopes = {0};
	char target[400] = "/things/";

	memset(target + strlen(target), 'a', 300);
	memory_start(&memory, "GET", target);
	assert_int_equal(route_match(&memory.req), ROUTE_FOUND);
	scopes_add_reads(&scopes, &memory.req, scopes_route(memory.req.route));
	assert_int_equal(strlen(scopes.names[0]), 33);
	memory_end(&memory);
}

TEST(only_declared_routes_are_known)
{
	assert_ptr_equal(scopes_route(&routes[0]), &reads[0]);
	assert_null(scopes_route(&routes[1]));
	assert_null(scopes_route(NULL));
}

#define TAGS "\0\0\0\1\0\0\0\0\0\0\0\31\0\0\0\2\0\0\0\1\0\0\0\1A\0\0\0\2bc"

static const struct column columns[] = {
    {"slug", PG_TYPE_TEXT}, {"tags", PG_TYPE_TEXT_ARRAY}, {"_id", PG_TYPE_BIGINT}, {"_also", PG_TYPE_TEXT}};

static void
assert_changes(const struct query *query, const struct value *values, size_t rows, const char *expected)
{
	const char *const arguments[] = {"7", "Old"};
	struct memory memory;
	struct scopes scopes = {0};

	memory_start(&memory, "PUT", "/things/Old");
	scopes_add_changes(&scopes, &memory.req, query, arguments,
	                   make_rows(memory.req.arena, columns, COUNT_OF(columns), values, rows));
	assert_string_equal(joined(memory.req.arena, &scopes), expected);
	memory_end(&memory);
}

TEST(a_query_changes_what_its_row_and_arguments_name)
{
	const struct value all[] = {BYTES("new"), BYTES(TAGS), BYTES("\0\0\0\0\0\0\0\11"), BYTES("more")};
	const struct value few[] = {BYTES("old"), BYTES("\0\0\0\0\0\0\0\0\0\0\0\31"), NONE, NONE};

	assert_changes(&queries[0], all, 1, "thing:new thing:old tag:a tag:bc user:9 more things");
	assert_changes(&queries[0], few, 1, "thing:old things");
	assert_changes(&queries[0], NULL, 0, "");
	assert_changes(&queries[2], all, 1, "");
}

static void
init_with(const void *subject)
{
	const struct scope_read *read = subject;

	scopes_init(read, 1, changes, COUNT_OF(changes), queries, COUNT_OF(queries));
}

TEST(malformed_declarations_are_fatal)
{
	static const char *const texts[] = {"a:{b", "a:b}", "a:{b}{c}", "a:{{b}}", "a:{b c}", "a:{b|c}"};

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const struct scope_read read = {show, texts[i], NOBODY, ""};
		char errors[400];

		assert_int_not_equal(run_apart(init_with, &read, errors, sizeof errors), 0);
		assert_non_null(strstr(errors, "malformed scopes"));
	}
}

static void
init_without_change(const void *subject)
{
	(void)subject;
	scopes_init(reads, COUNT_OF(reads), changes, 1, queries, COUNT_OF(queries));
}

static void
init_with_surplus(const void *subject)
{
	const struct scope_change surplus[] = {changes[0], changes[1], {"thing_read", "things"}};

	(void)subject;
	scopes_init(reads, COUNT_OF(reads), surplus, COUNT_OF(surplus), queries, COUNT_OF(queries));
}

TEST(each_write_says_what_it_changes)
{
	char errors[400];

	assert_int_not_equal(run_apart(init_without_change, NULL, errors, sizeof errors), 0);
	assert_non_null(strstr(errors, "thing_touch"));
	assert_int_not_equal(run_apart(init_with_surplus, NULL, errors, sizeof errors), 0);
	assert_non_null(strstr(errors, "more changes are declared"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_route_reads_what_its_parameters_name),
	    cmocka_unit_test(names_are_alike_in_any_case),
	    cmocka_unit_test(long_names_are_shortened),
	    cmocka_unit_test(only_declared_routes_are_known),
	    cmocka_unit_test(a_query_changes_what_its_row_and_arguments_name),
	    cmocka_unit_test(malformed_declarations_are_fatal),
	    cmocka_unit_test(each_write_says_what_it_changes),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
