/* The content of `quire seed` without a database; tests/sql/test_seed.py loads it. */
#include "../unit/unit.h"
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
		for (enum curve curve = CURVE_EVEN; curve <= CURVE_TAIL; curve++) {
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
	size_t low[CURVE_TAIL + 1] = {0};

	for (enum curve curve = CURVE_EVEN; curve <= CURVE_TAIL; curve++) {
		for (int i = 0; i < 10000; i++)
			low[curve] += pick(&dice, curve, 1000) < 10;
	}
	assert_in_range(low[CURVE_EVEN], 60, 140);
	assert_in_range(low[CURVE_GENTLE], 150, 250);
	assert_in_range(low[CURVE_STEEP], 2000, 2300);
	assert_in_range(low[CURVE_ZIPF], 3000, 4000);
	assert_in_range(low[CURVE_TAIL], 450, 600);
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
	const struct seed_plan plan = {.seed = 1, .users = USERS};
	struct arena *arena = arena_new();
	const char **names = test_malloc(USERS * sizeof *names);
	struct buffer name = buffer_in(arena);

	for (uint64_t user = 1; user <= USERS; user++) {
		plan_username(&plan, user, emptied(&name));
		assert_true(utf8_valid(name.data, name.length));
		assert_in_range(utf8_length(name.data), 2, 64);
		assert_ptr_equal(username_fault(name.data), NULL);
		assert_string_equal(utf8_normalize(arena, name.data), name.data);
		names[user - 1] = arena_copy(arena, name.data, name.length);
	}
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

TEST(the_graph_of_follows_is_skewed)
{
	struct seed_plan plan = small;

	plan.users = 20000;
	plan.follows = 400000;
	struct user_counts *counts = plan_count(&plan);
	uint32_t few = 0;

	assert_int_equal(counts[PLAN_STAR].followers, plan.users - 1);
	for (uint64_t user = PLAN_STAR + 1; user <= PLAN_STAR + PLAN_KNOWN; user++)
		assert_in_range(counts[user].followers, plan.users / 10 - 200, plan.users / 10 + 200);
	for (uint64_t user = PLAN_STAR + PLAN_KNOWN + 1; user <= plan.users; user++) {
		assert_in_range(counts[user].followers, 0, plan.users / 15);
		few += counts[user].followers < 20;
	}
	assert_in_range(few, plan.users / 2, plan.users - 1000);
	assert_int_equal(counts[plan_reader(&plan)].following, 5000);
	assert_in_range(counts[plan_ordinary(&plan)].following, 10, 30);
	free(counts);
}

TEST(the_reader_of_a_small_site_follows_all)
{
	struct user_counts *counts = plan_count(&small);

	assert_int_equal(counts[plan_reader(&small)].following, small.users - 1);
	assert_int_equal(counts[PLAN_STAR].followers, small.users - 1);
	free(counts);
}

TEST(some_names_are_the_same_in_all_sizes)
{
	static const char *const names[] = {"demo", "calliope", "clio", "erato", "thalia", "urania"};
	struct arena *arena = arena_new();
	struct buffer name = buffer_in(arena);

	for (uint64_t user = 1; user <= COUNT_OF(names); user++) {
		plan_username(&small, user, emptied(&name));
		assert_string_equal(name.data, names[user - 1]);
	}
	plan_username(&small, plan_reader(&small), emptied(&name));
	assert_string_equal(name.data, "argus");
	plan_username(&small, plan_ordinary(&small), emptied(&name));
	assert_string_equal(name.data, "echo");
	arena_free(arena);
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
	    {.users = 16, .follows = 3},
	    {.users = 16, .follows = 60},
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
	    cmocka_unit_test(the_graph_of_follows_is_skewed),
	    cmocka_unit_test(the_reader_of_a_small_site_follows_all),
	    cmocka_unit_test(some_names_are_the_same_in_all_sizes),
	    cmocka_unit_test(equal_numbers_give_equal_rows),
	    cmocka_unit_test(odd_sizes_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
