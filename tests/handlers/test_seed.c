/* The content of `quire seed` without a database; tests/sql/test_seed.py loads it. */
#include "../unit/unit.h"
#include "seed.h"
#include "seed_rows.h"
#include "slug.h"
#include "username.h"
#include "utf8.h"

#define HOUR (3600 * INT64_C(1000000))

static const struct seed_plan small = {.seed = 7,
                                       .users = 60,
                                       .articles = 90,
                                       .comments = 500,
                                       .favorites = 900,
                                       .follows = 600,
                                       .tags = 30,
                                       .until = 9000000 * HOUR};

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
assert_all_differ(const char **texts, size_t count)
{
	qsort(texts, count, sizeof *texts, compare_texts);
	for (size_t i = 1; i < count; i++)
		assert_string_not_equal(texts[i - 1], texts[i]);
}

/* Empties the buffer; a later text begins where the earlier one did. */
static struct buffer *
emptied(struct buffer *buffer)
{
	buffer_add_byte(buffer, ' ');
	buffer->length = 0;
	return buffer;
}

TEST(the_generator_is_splitmix64)
{
	struct dice dice = {1234567};

	assert_true(dice_roll(&dice) == UINT64_C(6457827717110365317));
	assert_true(dice_roll(&dice) == UINT64_C(3203168211198807973));
	assert_true(dice_roll(&dice) == UINT64_C(9817491932198370423));
}

TEST(shuffling_is_a_permutation)
{
	static const uint64_t counts[] = {1, 2, 3, 16, 17, 1000};

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		bool seen[1000] = {false};

		for (uint64_t place = 0; place < counts[i]; place++) {
			uint64_t to = shuffled(5, place, counts[i]);

			assert_true(to < counts[i] && !seen[to]);
			seen[to] = true;
		}
	}
}

TEST(picks_are_different_and_ascending)
{
	static const uint64_t cases[][2] = {{1, 1}, {2, 1}, {5, 5}, {5, 9}, {100, 99}, {1000, 10}, {1000000, 1000}};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (enum curve curve = CURVE_EVEN; curve <= CURVE_ZIPF; curve++) {
			struct dice dice = dice_for(1, 2, i);
			struct picks picks = picks_of(&dice, curve, cases[i][0], cases[i][1]);
			uint64_t number, least = 0, count = 0;

			while (picks_next(&picks, &number)) {
				assert_true(number >= least && number < cases[i][0]);
				least = number + 1;
				count++;
			}
			assert_int_equal(count, cases[i][1] < cases[i][0] ? cases[i][1] : cases[i][0]);
		}
	}
}

TEST(low_numbers_are_picked_more_often_on_a_steep_curve)
{
	struct dice dice = dice_for(1, 2, 3);
	size_t low[CURVE_ZIPF + 1] = {0};

	for (enum curve curve = CURVE_EVEN; curve <= CURVE_ZIPF; curve++) {
		for (int i = 0; i < 10000; i++)
			low[curve] += pick(&dice, curve, 1000) < 10;
	}
	assert_in_range(low[CURVE_EVEN], 60, 140);
	assert_in_range(low[CURVE_GENTLE], 150, 250);
	assert_in_range(low[CURVE_STEEP], 2000, 2300);
	assert_in_range(low[CURVE_ZIPF], 3000, 4000);
}

TEST(shares_add_up)
{
	struct shares shares = shares_of(1000, 1 + 2 + 3 + 900 + 94);

	assert_int_equal(shares_next(&shares, 1, 50), 1);
	assert_int_equal(shares_next(&shares, 2, 50), 2);
	assert_int_equal(shares_next(&shares, 3, 50), 3);
	assert_int_equal(shares_next(&shares, 900, 50), 50);
	assert_int_equal(shares_next(&shares, 94, 5000), 944);
}

TEST(titles_differ_and_fit_a_slug)
{
	enum { ARTICLES = 100000 };
	struct arena *arena = arena_new();
	const char **titles = test_malloc(ARTICLES * sizeof *titles);
	struct buffer title = buffer_in(arena);

	for (uint64_t article = 1; article <= ARTICLES; article++) {
		struct piece piece = piece_of(1, article);

		assert_int_equal(piece.edition, 0);
		text_title(emptied(&title), &piece);
		if (title.length > SLUG_MAX)
			fail_msg("too long: %s", title.data);
		titles[article - 1] = arena_copy(arena, title.data, title.length);
	}
	assert_all_differ(titles, ARTICLES);
	test_free(titles);
	arena_free(arena);
}

TEST(a_title_that_comes_again_is_another_edition)
{
	assert_int_equal(piece_of(1, 10000000).edition > 10, 1);
}

TEST(usernames_differ_and_may_be_used)
{
	enum { USERS = 50000 };
	struct arena *arena = arena_new();
	const char **names = test_malloc(USERS * sizeof *names);
	struct buffer name = buffer_in(arena);

	for (uint64_t user = 1; user <= USERS; user++) {
		text_username(emptied(&name), 1, user);
		assert_true(utf8_valid(name.data, name.length));
		assert_in_range(utf8_length(name.data), 2, 64);
		assert_ptr_equal(username_fault(name.data), NULL);
		assert_string_equal(utf8_normalize(arena, name.data), name.data);
		names[user - 1] = arena_copy(arena, name.data, name.length);
	}
	assert_string_equal(names[0], "demo");
	assert_all_differ(names, USERS);
	test_free(names);
	arena_free(arena);
}

TEST(tags_differ_and_need_no_quotes)
{
	struct arena *arena = arena_new();
	const char *tags[TEXT_TAGS_MAX];
	struct buffer tag = buffer_in(arena);

	for (size_t i = 0; i < TEXT_TAGS_MAX; i++) {
		text_tag(emptied(&tag), i);
		assert_int_equal(strspn(tag.data, "abcdefghijklmnopqrstuvwxyz-"), tag.length);
		assert_in_range(tag.length, 2, 50);
		tags[i] = arena_copy(arena, tag.data, tag.length);
	}
	assert_all_differ(tags, TEXT_TAGS_MAX);
	arena_free(arena);
}

TEST(subjects_have_the_same_shape)
{
	for (size_t i = 0; i < SUBJECTS; i++) {
		const struct subject *subject = subject_of(i);

		assert_int_equal(subject->topics.count, subject_of(0)->topics.count);
		assert_int_equal(subject->acts.count, subject_of(0)->acts.count);
		assert_int_equal(subject->tags.count, TAGS_PER_SUBJECT);
	}
}

static void
assert_prose(const struct buffer *text, size_t most)
{
	assert_in_range(text->length, 8, most);
	assert_true(utf8_valid(text->data, text->length));
	for (const char *at = text->data; (at = strpbrk(at, "{[|]")) != NULL; at++) {
		if (at[0] != '{' || at[1] != '\n') /* CSS in a code block */
			fail_msg("a slot or a choice is left: %s", text->data);
	}
}

/* Paragraphs, headings, lists, quotes and blocks are what blank lines separate. */
static size_t
parts_of(const char *text)
{
	size_t parts = 1;

	for (const char *at = text; (at = strstr(at, "\n\n")) != NULL; at++)
		parts++;
	return parts;
}

TEST(articles_read_like_articles)
{
	enum { ARTICLES = 3000 };
	struct arena *arena = arena_new();
	struct buffer text = buffer_in(arena);
	size_t headings = 0, lists = 0, quotes = 0, blocks = 0;

	for (uint64_t article = 1; article <= ARTICLES; article++) {
		struct piece piece = piece_of(1, article);
		struct dice dice = dice_for(1, 2, article);

		text_article(emptied(&text), &piece, &dice);
		assert_prose(&text, 10000);
		assert_in_range(parts_of(text.data), 3, 30);
		assert_int_equal(text.data[text.length - 1], '\n');
		headings += strstr(text.data, "\n\n## ") != NULL;
		lists += strstr(text.data, "\n\n- ") != NULL || strstr(text.data, "\n\n1. ") != NULL;
		quotes += strstr(text.data, "\n\n> ") != NULL;
		blocks += strstr(text.data, "\n\n```") != NULL;
	}
	assert_in_range(headings, ARTICLES / 2, ARTICLES - 1);
	assert_in_range(lists, ARTICLES / 5, ARTICLES - 1);
	assert_in_range(quotes, ARTICLES / 5, ARTICLES - 1);
	assert_in_range(blocks, ARTICLES / 10, ARTICLES / 2);
	arena_free(arena);
}

TEST(short_texts_have_no_holes)
{
	struct arena *arena = arena_new();
	struct buffer text = buffer_in(arena);

	for (uint64_t number = 1; number <= 3000; number++) {
		struct piece piece = piece_of(1, number);
		struct dice dice = dice_for(1, 2, number);

		text_description(emptied(&text), &piece, &dice);
		assert_prose(&text, 300);
		text_comment(emptied(&text), &piece, number / 20, number, number % 2 ? "demo" : NULL, &dice);
		assert_prose(&text, 600);
		text_bio(emptied(&text), number % SUBJECTS, &dice);
		assert_prose(&text, 300);
	}
	arena_free(arena);
}

TEST(nothing_happens_before_its_time)
{
	struct article_walk articles = article_walk(&small);
	struct follow_walk follows = follow_walk(&small);
	int64_t before = 0;

	for (uint64_t user = 1; user <= small.users; user++) {
		assert_true(plan_user_created(&small, user) > before);
		before = plan_user_created(&small, user);
	}
	assert_true(before < small.until);
	while (follow_walk_next(&follows)) {
		assert_true(follows.follower != follows.followed && follows.created < small.until);
		assert_true(follows.created >= plan_user_created(&small, follows.follower));
		assert_true(follows.created >= plan_user_created(&small, follows.followed));
	}
	before = 0;
	while (article_walk_next(&articles)) {
		const struct seed_article *article = &articles.article;
		struct favorite_walk favorites;
		struct comment_walk comments;

		assert_true(article->created > before &&
		            article->created >= plan_user_created(&small, article->author));
		before = article->created;
		assert_true(article->updated >= before && article->updated < small.until);
		favorite_walk_start(&favorites, &small, article, articles.favorites_count);
		while (favorite_walk_next(&favorites)) {
			assert_true(favorites.created >= before && favorites.created < small.until);
			assert_true(favorites.created >= plan_user_created(&small, favorites.user));
		}
		comment_walk_start(&comments, &small, article, articles.comments_count);
		while (comment_walk_next(&comments)) {
			assert_true(comments.created >= before && comments.created < small.until);
			assert_true(comments.created >= plan_user_created(&small, comments.author));
			before = comments.created;
		}
		before = article->created;
	}
}

TEST(one_author_is_followed_by_nearly_all)
{
	struct seed_plan plan = small;

	plan.users = 1000;
	plan.follows = 10000;
	struct user_counts *counts = plan_count(&plan);
	uint32_t most[3] = {0}, followed_by_few = 0;

	for (uint64_t user = 1; user <= plan.users; user++) {
		uint32_t followers = counts[user].followers;

		followed_by_few += followers <= 5;
		for (size_t i = 0; i < COUNT_OF(most); i++) {
			uint32_t other = most[i];

			if (followers > other) {
				most[i] = followers;
				followers = other;
			}
		}
	}
	assert_in_range(most[0], 950, 999);
	assert_in_range(most[1], 300, 700);
	assert_in_range(most[2], 150, 500);
	assert_in_range(followed_by_few, 500, 950);
	free(counts);
}

static void
keep(struct row_sink *sink)
{
	if (sink->rows.length > 0)
		buffer_add(sink->context, sink->rows.data, sink->rows.length);
	sink->rows.length = 0;
}

/* All rows of a plan. */
static struct buffer
rows_of(const struct seed_plan *plan, struct arena *arena, const uint64_t expected[SEED_TABLES])
{
	struct buffer all = buffer_in(arena);
	struct row_sink sink = row_sink_in(arena, keep, &all);
	struct user_counts *counts = plan_count(plan);
	struct seed_content content = {plan, counts, "hash"};

	for (size_t i = 0; i < SEED_TABLES; i++) {
		seed_table_make(&seed_tables[i], &content, &sink);
		assert_int_equal(sink.count, expected[i]);
	}
	free(counts);
	return all;
}

TEST(equal_numbers_give_equal_rows)
{
	const uint64_t expected[SEED_TABLES] = {small.users, small.follows, small.articles, small.favorites,
	                                        small.comments};
	struct arena *arena = arena_new();
	struct seed_plan other = small;

	other.seed++;
	struct buffer once = rows_of(&small, arena, expected), again = rows_of(&small, arena, expected);
	struct buffer different = rows_of(&other, arena, expected);

	assert_int_equal(once.length, again.length);
	assert_memory_equal(once.data, again.data, once.length);
	assert_true(different.length != once.length || memcmp(different.data, once.data, once.length) != 0);
	assert_true(utf8_valid(once.data, once.length));
	arena_free(arena);
}

TEST(odd_sizes_are_exact)
{
	static const struct seed_plan plans[] = {
	    {.users = 1},
	    {.users = 1, .articles = 5, .comments = 9, .tags = 1},
	    {.users = 2, .articles = 1},
	    {.users = 4, .articles = 3, .favorites = 3, .follows = 3, .comments = 3000},
	    {.users = 5, .articles = 40, .favorites = 50, .follows = 5, .tags = 5000},
	    {.users = 12, .articles = 1, .favorites = 3, .follows = 33},
	    {.users = 40, .articles = 300, .favorites = 3000, .follows = 390, .tags = 11},
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT_OF(plans); i++) {
		struct seed_plan plan = plans[i];

		plan.until = small.until;
		rows_of(&plan, arena,
		        (uint64_t[]){plan.users, plan.follows, plan.articles, plan.favorites, plan.comments});
	}
	arena_free(arena);
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
	assert_int_equal(options.plan.comments, 4000);
	assert_int_equal(options.plan.favorites, 10000);
	assert_int_equal(options.plan.follows, 10000);
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
	    cmocka_unit_test(the_generator_is_splitmix64),
	    cmocka_unit_test(shuffling_is_a_permutation),
	    cmocka_unit_test(picks_are_different_and_ascending),
	    cmocka_unit_test(low_numbers_are_picked_more_often_on_a_steep_curve),
	    cmocka_unit_test(shares_add_up),
	    cmocka_unit_test(titles_differ_and_fit_a_slug),
	    cmocka_unit_test(a_title_that_comes_again_is_another_edition),
	    cmocka_unit_test(usernames_differ_and_may_be_used),
	    cmocka_unit_test(tags_differ_and_need_no_quotes),
	    cmocka_unit_test(subjects_have_the_same_shape),
	    cmocka_unit_test(articles_read_like_articles),
	    cmocka_unit_test(short_texts_have_no_holes),
	    cmocka_unit_test(nothing_happens_before_its_time),
	    cmocka_unit_test(one_author_is_followed_by_nearly_all),
	    cmocka_unit_test(equal_numbers_give_equal_rows),
	    cmocka_unit_test(odd_sizes_are_exact),
	    cmocka_unit_test(options_have_defaults),
	    cmocka_unit_test(wrong_options_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
