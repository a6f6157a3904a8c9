/* What `quire seed` reads and says, without a database. */
#include "../unit/unit.h"
#include "seed.h"
#include "seed_progress.h"

/* Half of a part that is two fifths of everything, after ten seconds. */
static void
show_progress(const void *quiet)
{
	struct progress progress = progress_new(*(const bool *)quiet, 10);

	progress_begin(&progress, "users", 100, 4);
	progress.begun -= 10000000;
	progress.part_begun -= 10000000;
	progress.shown -= 10000000;
	progress_rows(&progress, 50);
	progress_rows(&progress, 51); /* too soon to be shown */
	_exit(0);
}

TEST(progress_has_a_rate_and_the_time_left)
{
	char said[200];

	assert_int_equal(run_apart(show_progress, &(bool){false}, said, sizeof said), 0);
	assert_string_equal(said, "  20 %  users, 5 rows a second, 40 s left\n");
	assert_int_equal(run_apart(show_progress, &(bool){true}, said, sizeof said), 0);
	assert_string_equal(said, "");
}

/* Reads words up to a NULL, as main() would pass them. */
static bool
read_words(struct seed_options *options, const char *const *words)
{
	int count = 0;

	while (words[count] != NULL)
		count++;
	return seed_options_read(options, count, (char **)words);
}

TEST(options_have_defaults)
{
	static const char *const many[] = {"--users", "1000", "--until", "2024-02-29", "--quiet", NULL};
	static const char *const few[] = {"--users", "3", NULL};
	struct seed_options options;

	assert_true(read_words(&options, many));
	assert_true(options.quiet && !options.help);
	assert_int_equal(options.plan.users, 1000);
	assert_int_equal(options.plan.articles, 1000);
	assert_int_equal(options.plan.comments, 3000);
	assert_int_equal(options.plan.favorites, 5000);
	assert_int_equal(options.plan.follows, 20000);
	assert_int_equal(options.plan.tags, 144);
	assert_int_equal(options.plan.seed, 1);
	assert_true(options.plan.until == INT64_C(1709164800) * 1000000);

	assert_true(read_words(&options, few));
	assert_int_equal(options.plan.favorites, 2);
	assert_int_equal(options.plan.follows, 1);
	assert_int_equal(options.plan.tags, 12);
}

static void
read_options(const void *words)
{
	struct seed_options options;

	_exit(read_words(&options, words) ? 0 : 1);
}

TEST(wrong_options_are_named)
{
	static const struct {
		const char *words[3], *message;
	} cases[] = {
	    {{"--users", "0"}, "quire seed: --users must be a number from 1 to 10000000, not \"0\"\n"},
	    {{"--users", "ten"}, "quire seed: --users must be a number from 1 to 10000000, not \"ten\"\n"},
	    {{"--users", "-1"}, "quire seed: --users must be a number from 1 to 10000000, not \"-1\"\n"},
	    {{"--users", ""}, "quire seed: --users must be a number from 1 to 10000000, not \"\"\n"},
	    {{"--tags", "99999999999999999999"},
	     "quire seed: --tags must be a number from 0 to 5000, not \"99999999999999999999\"\n"},
	    {{"--follows", "2476"}, "quire seed: --follows must be a number from 0 to 2475, not \"2476\"\n"},
	    {{"--favorites", "2501"}, "quire seed: --favorites must be a number from 0 to 2500, not \"2501\"\n"},
	    {{"--until", "2023-02-29"},
	     "quire seed: --until must be a date like 2025-12-31, from 1980 on, not \"2023-02-29\"\n"},
	    {{"--until", "today"}, "quire seed: --until must be a date like 2025-12-31, from 1980 on, not \"today\"\n"},
	    {{"--users"}, "quire seed: --users needs a value, see quire seed --help\n"},
	    {{"--people"}, "quire seed: --people is not an option, see quire seed --help\n"},
	    {{"12"}, "quire seed: 12 is not an option, see quire seed --help\n"},
	};
	char said[200];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(run_apart(read_options, cases[i].words, said, sizeof said), 1);
		assert_string_equal(said, cases[i].message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(progress_has_a_rate_and_the_time_left),
	    cmocka_unit_test(options_have_defaults),
	    cmocka_unit_test(wrong_options_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
