#include "unit.h"

#include <sanitizer/asan_interface.h>
#include <stdalign.h>
#include <sysexits.h>

#include "arena.h"

TEST(memory_is_zeroed_and_aligned)
{
	static const size_t sizes[] = {0,    1,    7,    8,    15,   16,          17,
	                               1000, 8191, 8192, 8193, 9000, ARENA_BLOCK, 10 * ARENA_BLOCK};
	struct arena *arena = arena_new();

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			unsigned char *memory = arena_alloc(arena, sizes[i]);
			assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
			for (size_t j = 0; j < sizes[i]; j++)
				assert_int_equal(memory[j], 0);
			memset(memory, 0xFF, sizes[i]);
		}
		arena_reset(arena);
	}
	arena_free(arena);
}

TEST(allocations_do_not_overlap)
{
	enum { MANY = 3000 };
	static unsigned char *memory[MANY];
	struct arena *arena = arena_new();

	for (size_t i = 0; i < MANY; i++) {
		memory[i] = arena_alloc(arena, 1 + i % 100);
		memset(memory[i], (int)(i % 251), 1 + i % 100);
	}
	for (size_t i = 0; i < MANY; i++)
		for (size_t j = 0; j < 1 + i % 100; j++)
			assert_int_equal(memory[i][j], i % 251);
	arena_free(arena);
}

TEST(the_first_block_is_kept)
{
	struct arena *arena = arena_new();
	char *first = arena_alloc(arena, 100);

	for (int i = 0; i < 100; i++)
		assert_non_null(arena_alloc(arena, ARENA_BLOCK / 8));
	arena_reset(arena);
	assert_ptr_equal(arena_alloc(arena, 100), first);
	arena_free(arena);
}

TEST(text_is_copied)
{
	struct arena *arena = arena_new();

	assert_string_equal(arena_copy(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_copy(arena, "abc", 0), "");
	assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b", 4);
	arena_free(arena);
}

TEST(text_is_formatted)
{
	struct arena *arena = arena_new();
	char *padded = arena_printf(arena, "%*s", (int)ARENA_BLOCK, "x");

	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	assert_string_equal(arena_printf(arena, "%s", ""), "");
	assert_int_equal(strlen(padded), ARENA_BLOCK);
	assert_int_equal(padded[ARENA_BLOCK - 1], 'x');
	arena_free(arena);
}

static char order[16];
static char letters[] = "abcd";

/* Adds the letter that the subject points to. */
static void
note(void *letter)
{
	size_t length = strlen(order);
	order[length] = *(char *)letter;
	order[length + 1] = '\0';
}

static void
note_and_register(void *arena)
{
	strcat(order, "(");
	arena_on_reset(arena, note, letters);
}

TEST(clean_ups_run_newest_first_and_once)
{
	struct arena *arena = arena_new();

	*order = '\0';
	arena_on_reset(arena, note, &letters[0]);
	arena_on_reset(arena, note, &letters[1]);
	arena_on_reset(arena, note, &letters[2]);
	assert_string_equal(order, "");
	arena_reset(arena);
	assert_string_equal(order, "cba");
	arena_reset(arena);
	assert_string_equal(order, "cba");
	arena_on_reset(arena, note, &letters[3]);
	arena_free(arena);
	assert_string_equal(order, "cbad");
}

TEST(a_clean_up_may_register_another)
{
	struct arena *arena = arena_new();

	*order = '\0';
	arena_on_reset(arena, note, &letters[1]);
	arena_on_reset(arena, note_and_register, arena);
	arena_reset(arena);
	assert_string_equal(order, "(ab");
	arena_free(arena);
}

/* Sees that the memory is still there while clean-ups run. */
static void
check_text(void *text)
{
	assert_string_equal(text, "still here");
	note(letters);
}

TEST(a_clean_up_may_read_the_arena)
{
	struct arena *arena = arena_new();

	*order = '\0';
	arena_on_reset(arena, check_text, arena_printf(arena, "still %s", "here"));
	arena_reset(arena);
	assert_string_equal(order, "a");
	arena_free(arena);
}

static void
take_all_memory(const void *size)
{
	void *memory = arena_alloc(arena_new(), *(const size_t *)size);
	(void)memory;
}

TEST(no_memory_ends_the_process)
{
	char text[1000];
	size_t size = SIZE_MAX;

	assert_int_equal(run_apart(take_all_memory, &size, text, sizeof text), EX_SOFTWARE);
	assert_non_null(strstr(text, "\"out of memory\""));
}

#if defined(__SANITIZE_ADDRESS__)
TEST(address_sanitizer_sees_misuse)
{
	struct arena *arena = arena_new();
	char *sixteen = arena_alloc(arena, 16);

	assert_true(__asan_address_is_poisoned(sixteen + 16));
	assert_false(__asan_address_is_poisoned(sixteen + 15));
	arena_reset(arena);
	assert_true(__asan_address_is_poisoned(sixteen));
	arena_free(arena);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(allocations_do_not_overlap),
		cmocka_unit_test(the_first_block_is_kept),
		cmocka_unit_test(text_is_copied),
		cmocka_unit_test(text_is_formatted),
		cmocka_unit_test(clean_ups_run_newest_first_and_once),
		cmocka_unit_test(a_clean_up_may_register_another),
		cmocka_unit_test(a_clean_up_may_read_the_arena),
		cmocka_unit_test(no_memory_ends_the_process),
#if defined(__SANITIZE_ADDRESS__)
		cmocka_unit_test(address_sanitizer_sees_misuse),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
