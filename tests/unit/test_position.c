#include "unit.h"

#include "position.h"

static struct position
at(uint32_t timeline, uint64_t offset)
{
	return (struct position){timeline, offset};
}

TEST(texts_are_written_and_read)
{
	static const struct position rows[] = {
	    {0, 0}, {1, 0x1000028}, {1, UINT64_C(0xFFFFFFFF00000000)}, {UINT32_MAX, UINT64_MAX}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[POSITION_LENGTH + 1];
		struct position read;

		position_format(rows[i], text);
		assert_int_equal(strlen(text), POSITION_LENGTH);
		assert_true(position_parse(text, POSITION_LENGTH, &read));
		assert_int_equal(position_compare(read, rows[i]), 0);
	}
}

TEST(other_texts_are_refused)
{
	static const char *const texts[] = {"",
	                                    "00000001000000000100002",
	                                    "0000000100000000010000280",
	                                    "00000001 000000001000028",
	                                    "0000000100000000010000 8",
	                                    "00000001-000000000100028",
	                                    "0000000g0000000001000028"};

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_false(position_parse(texts[i], strlen(texts[i]), &(struct position){0}));
	assert_false(position_parse("00000001000000000100\0 28", POSITION_LENGTH, &(struct position){0}));
}

/* Redis compares the texts. */
TEST(texts_compare_as_positions_do)
{
	static const struct position rows[] = {{0, 0}, {0, 9}, {1, 1}, {1, 0x10}, {1, UINT64_MAX}, {2, 0}, {10, 3}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t j = 0; j < COUNT_OF(rows); j++) {
			char a[POSITION_LENGTH + 1], b[POSITION_LENGTH + 1];

			position_format(rows[i], a);
			position_format(rows[j], b);
			assert_int_equal(position_compare(rows[i], rows[j]), (i > j) - (i < j));
			assert_int_equal(strcmp(a, b) > 0, i > j);
			assert_int_equal(position_compare(position_newer(rows[i], rows[j]), rows[i > j ? i : j]), 0);
		}
	}
}

TEST(a_position_counts_on_its_own_timeline_only)
{
	assert_true(position_covers(at(1, 100), at(1, 100)));
	assert_true(position_covers(at(1, 101), at(1, 100)));
	assert_false(position_covers(at(1, 99), at(1, 100)));
	assert_false(position_covers(at(2, 1000), at(1, 100)));
	assert_false(position_covers(at(1, 1000), at(2, 100)));
	assert_false(position_covers(at(0, 0), at(1, 1)));
	assert_true(position_covers(at(0, 0), at(0, 0)));
}

TEST(the_header_of_the_next_page_is_not_waited_for)
{
	assert_int_equal(position_of_log(3, 0x2002018).timeline, 3);
	assert_int_equal(position_of_log(3, 0x2002018).offset, 0x2002000);
	assert_int_equal(position_of_log(3, 0x2002020).offset, 0x2002020);
	assert_int_equal(position_of_log(3, 0x2002000).offset, 0x2002000);
	assert_int_equal(position_of_log(3, 0x2000028).offset, 0x2000028);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_are_written_and_read),
	    cmocka_unit_test(other_texts_are_refused),
	    cmocka_unit_test(texts_compare_as_positions_do),
	    cmocka_unit_test(a_position_counts_on_its_own_timeline_only),
	    cmocka_unit_test(the_header_of_the_next_page_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
