#include "handler.h"

TEST(show_one_that_was_made_a_moment_ago)
{
	struct person ada = somebody();
	bool found = false;

	publish(&ada, ada.name);
	assert_int_equal(ask(NULL, "GET", "/api/tags", NULL), 200);
	assert_true(json_object_array_length(member("tags")) <= (size_t)setting_tags_shown);
	for (size_t i = 0; i < json_object_array_length(member("tags")); i++)
		found = found || strcmp(text(form("tags.%zu", i)), ada.name) == 0;
	assert_true(found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(show_one_that_was_made_a_moment_ago)};

	return HANDLER_TESTS(tests);
}
