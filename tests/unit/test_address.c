#include "unit.h"

#include "address.h"
#include "arena_fixture.h"
#include "settings.h"

static struct address found[NODES_MAX];

static const char *
value(const struct address *address, const char *keyword)
{
	for (size_t i = 0; i < address->count; i++) {
		if (strcmp(address->keywords[i], keyword) == 0)
			return address->values[i];
	}
	return "(none)";
}

TEST(lists_are_split_as_libpq_does)
{
	static const struct {
		const char *connection;
		size_t count;
		const char *names[3];
	} rows[] = {
	    {"dbname=quire user=quire", 1, {"local:5432"}},
	    {"host=/run/postgresql port=5433", 1, {"/run/postgresql:5433"}},
	    {"host=a,b,c dbname=quire", 3, {"a:5432", "b:5432", "c:5432"}},
	    {"host=a,b port=1,2", 2, {"a:1", "b:2"}},
	    {"host=a,b port=6432", 2, {"a:6432", "b:6432"}},
	    {"host=a,b port=1,", 2, {"a:1", "b:5432"}},
	    {"host=a, port=7", 2, {"a:7", "local:7"}},
	    {"hostaddr=10.0.0.1,10.0.0.2", 2, {"10.0.0.1:5432", "10.0.0.2:5432"}},
	    {"host=a,b hostaddr=10.0.0.1,10.0.0.2", 2, {"a:5432", "b:5432"}},
	    {"postgresql://quire:secret@a:1,b:2/quire", 2, {"a:1", "b:2"}},
	    {"host=a,b,c port=1,2", 0, {0}},
	    {"host=a,b hostaddr=10.0.0.1", 0, {0}},
	    {"no connection string", 0, {0}},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(address_split(arena, rows[i].connection, found, NODES_MAX), rows[i].count);
		for (size_t n = 0; n < rows[i].count; n++)
			assert_string_equal(found[n].name, rows[i].names[n]);
	}
}

TEST(each_leads_to_one_host_whatever_it_is)
{
	assert_int_equal(address_split(arena,
	                               "host=a,b hostaddr=10.0.0.1,10.0.0.2 port=5432,5433 user=quire password=secret "
	                               "target_session_attrs=read-write",
	                               found, NODES_MAX),
	                 2);
	assert_string_equal(value(&found[1], "host"), "b");
	assert_string_equal(value(&found[1], "hostaddr"), "10.0.0.2");
	assert_string_equal(value(&found[1], "port"), "5433");
	assert_string_equal(value(&found[1], "user"), "quire");
	assert_string_equal(value(&found[1], "password"), "secret");
	assert_string_equal(value(&found[1], "target_session_attrs"), "(none)");
	assert_null(strstr(found[1].name, "secret"));
}

TEST(several_strings_are_one_list)
{
	assert_int_equal(address_split_all(arena, "", found, NODES_MAX), 0);
	assert_int_equal(address_split_all(arena, " ; ", found, NODES_MAX), 0);
	assert_int_equal(address_split_all(arena, "host=a; host=b,c;", found, NODES_MAX), 3);
	assert_string_equal(found[2].name, "c:5432");
}

TEST(more_than_there_is_room_for_are_counted)
{
	assert_int_equal(address_split_all(arena, "host=a,b;host=c,d;host=e", found, 3), 5);
	assert_string_equal(found[2].name, "c:5432");
}

/* A connection string of so many hosts. */
static const char *
hosts(size_t count)
{
	char *text = arena_printf(arena, "host=h");

	for (size_t i = 1; i < count; i++)
		text = arena_printf(arena, "%s,h", text);
	return text;
}

static void
check(const void *unused)
{
	(void)unused;
	addresses_check();
}

TEST(too_many_are_refused_at_start)
{
	const char *primary = setting_database_primary;
	char said[1000];

	setting_database_primary = hosts(NODES_MAX);
	setting_database_replicas = hosts(NODES_MAX);
	assert_int_equal(run_apart(check, NULL, said, sizeof said), 0);
	setting_database_replicas = hosts(NODES_MAX + 1);
	assert_int_not_equal(run_apart(check, NULL, said, sizeof said), 0);
	assert_non_null(strstr(said, "too many replicas in QUIRE_DATABASE_REPLICAS\",\"replicas\":17,\"most\":16"));
	setting_database_replicas = "";
	setting_database_primary = hosts(NODES_MAX + 1);
	assert_int_not_equal(run_apart(check, NULL, said, sizeof said), 0);
	assert_non_null(strstr(said, "too many hosts in QUIRE_DATABASE_PRIMARY"));
	setting_database_primary = "host=a,b port=1,2,3";
	assert_int_not_equal(run_apart(check, NULL, said, sizeof said), 0);
	assert_non_null(strstr(said, "do not match"));
	setting_database_primary = primary;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lists_are_split_as_libpq_does, start, stop),
	    cmocka_unit_test_setup_teardown(each_leads_to_one_host_whatever_it_is, start, stop),
	    cmocka_unit_test_setup_teardown(several_strings_are_one_list, start, stop),
	    cmocka_unit_test_setup_teardown(more_than_there_is_room_for_are_counted, start, stop),
	    cmocka_unit_test_setup_teardown(too_many_are_refused_at_start, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
