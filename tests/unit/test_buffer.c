#include "unit.h"

#include "buffer.h"

TEST(an_empty_buffer_has_nothing)
{
	struct arena *arena = arena_new();
	struct buffer buffer = buffer_in(arena);

	assert_null(buffer.data);
	assert_int_equal(buffer.length, 0);
	buffer_add(&buffer, NULL, 0);
	assert_string_equal(buffer.data, "");
	arena_free(arena);
}

TEST(everything_that_is_added_is_there)
{
	struct arena *arena = arena_new();
	struct buffer buffer = buffer_in(arena);

	buffer_add_byte(&buffer, 'a');
	assert_string_equal(buffer.data, "a");
	buffer_add_text(&buffer, "bc");
	buffer_add_text(&buffer, "");
	buffer_printf(&buffer, "%d%s", 12, "x");
	buffer_printf(&buffer, "%s", "");
	assert_string_equal(buffer.data, "abc12x");
	buffer_add(&buffer, "\0z", 2);
	assert_int_equal(buffer.length, 8);
	assert_memory_equal(buffer.data, "abc12x\0z", 9);
	arena_free(arena);
}

TEST(it_grows_byte_by_byte)
{
	struct arena *arena = arena_new();
	struct buffer buffer = buffer_in(arena);

	for (size_t i = 0; i < 100000; i++) {
		buffer_add_byte(&buffer, (char)('a' + i % 26));
		assert_int_equal(buffer.data[i + 1], '\0');
	}
	assert_int_equal(buffer.length, 100000);
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(buffer.data[i], 'a' + i % 26);
	arena_free(arena);
}

TEST(it_grows_at_the_edge_of_its_capacity)
{
	static char text[5000];
	memset(text, 'x', sizeof text);

	for (size_t length = 250; length < 260; length++) {
		struct arena *arena = arena_new();
		struct buffer buffer = buffer_in(arena);
		buffer_add(&buffer, text, length);
		assert_int_equal(strlen(buffer.data), length);
		buffer_printf(&buffer, "%.*s", (int)length, text);
		assert_int_equal(strlen(buffer.data), 2 * length);
		buffer_add(&buffer, text, sizeof text);
		assert_int_equal(strlen(buffer.data), 2 * length + sizeof text);
		assert_true(buffer.capacity > buffer.length);
		arena_free(arena);
	}
}

TEST(reserved_room_can_be_written)
{
	struct arena *arena = arena_new();
	struct buffer buffer = buffer_in(arena);

	buffer_add_text(&buffer, "ab");
	char *room = buffer_reserve(&buffer, 1000);
	assert_ptr_equal(room, buffer.data + 2);
	assert_int_equal(buffer.length, 2);
	memset(room, 'y', 1000);
	buffer.length += 1000;
	assert_int_equal(strlen(buffer.data), 1002);
	arena_free(arena);
}

TEST(a_shortened_buffer_ends_where_it_says)
{
	struct arena *arena = arena_new();
	struct buffer buffer = buffer_in(arena);

	buffer_add_text(&buffer, "a long text");
	buffer.length = 2;
	buffer_add_byte(&buffer, 'x');
	assert_string_equal(buffer.data, "a x");
	buffer.length = 0;
	buffer_add_text(&buffer, "yz");
	assert_string_equal(buffer.data, "yz");
	arena_free(arena);
}

TEST(integers_are_written_in_decimal)
{
	static const struct {
		int64_t number;
		const char *text;
	} rows[] = {{0, "0"},
	            {7, "7"},
	            {-1, "-1"},
	            {1000000, "1000000"},
	            {INT64_MAX, "9223372036854775807"},
	            {INT64_MIN, "-9223372036854775808"}};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buffer buffer = buffer_in(arena);
		char text[INTEGER_TEXT_SIZE];

		buffer_add_integer(&buffer, rows[i].number);
		assert_string_equal(buffer.data, rows[i].text);
		assert_int_equal(integer_format(rows[i].number, text), strlen(rows[i].text));
		assert_string_equal(text, rows[i].text);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(integers_are_written_in_decimal),       cmocka_unit_test(an_empty_buffer_has_nothing),
	    cmocka_unit_test(everything_that_is_added_is_there),     cmocka_unit_test(it_grows_byte_by_byte),
	    cmocka_unit_test(it_grows_at_the_edge_of_its_capacity),  cmocka_unit_test(reserved_room_can_be_written),
	    cmocka_unit_test(a_shortened_buffer_ends_where_it_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
