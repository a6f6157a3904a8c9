#include "handler.h"

/* A query that PostgreSQL answers together with a warning. */
static const struct query warned[] = {
    {"warned", __FILE__, __LINE__, "SELECT pg_terminate_backend(0)", QUERY_READ, 0, NULL},
};

static void
run_warned(const void *unused)
{
	(void)unused;
	database_close();
	database_init(warned, COUNT_OF(warned), NULL, 0);
	memory_start(&memory, "GET", "/");
	database_run(&memory.req, &warned[0], NULL);
}

TEST(a_warning_of_the_database_is_a_line_of_the_log)
{
	char said[1000];

	assert_int_equal(run_apart(run_warned, NULL, said, sizeof said), 0);
	assert_non_null(strstr(said, "{\"time\":\""));
	assert_ptr_equal(said, strstr(said, "{\"time\":\""));
	assert_non_null(strstr(said, "\"event\":\"database warning\",\"reason\":\"PID 0 is not"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_warning_of_the_database_is_a_line_of_the_log),
	};

	return HANDLER_TESTS(tests);
}
