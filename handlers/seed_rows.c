#include "seed_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "markdown.h"
#include "queries.h"
#include "slug.h"

#define CHUNK ((size_t)256 * 1024) /* bytes of rows that are sent at once */

struct row_sink
row_sink_in(struct arena *arena, void (*flush)(struct row_sink *sink), void *context)
{
	return (struct row_sink){buffer_in(arena), buffer_in(arena), 0, flush, context};
}

static void
separate(struct row_sink *sink)
{
	if (sink->rows.length > 0 && sink->rows.data[sink->rows.length - 1] != '\n')
		buffer_add_byte(&sink->rows, '\t');
}

static void
add_integer(struct row_sink *sink, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	separate(sink);
	buffer_add(&sink->rows, digits + at, sizeof digits - at);
}

static void
add_time(struct row_sink *sink, int64_t time)
{
	char text[CLOCK_TEXT_SIZE];

	separate(sink);
	buffer_add(&sink->rows, text, clock_format(time, text));
}

static void
add_text(struct row_sink *sink, const char *text)
{
	separate(sink);
	for (;;) {
		size_t plain = strcspn(text, "\\\n\t\r");

		buffer_add(&sink->rows, text, plain);
		text += plain;
		if (*text == '\0')
			return;
		buffer_add_text(&sink->rows, *text == '\n'   ? "\\n"
		                             : *text == '\t' ? "\\t"
		                             : *text == '\r' ? "\\r"
		                                             : "\\\\");
		text++;
	}
}

static void
add_null(struct row_sink *sink)
{
	separate(sink);
	buffer_add_text(&sink->rows, "\\N");
}

/* The text in sink->text, and behind it its HTML. */
static void
add_markdown(struct row_sink *sink, struct arena *arena, unsigned flags)
{
	const char *html = markdown_html(arena, sink->text.data, flags);

	add_text(sink, sink->text.data);
	if (html != NULL)
		add_text(sink, html);
	else
		add_null(sink);
	arena_reset(arena);
}

/* Empties sink->text for the next field. */
static struct buffer *
fresh_text(struct row_sink *sink)
{
	buffer_add_byte(&sink->text, '\0'); /* so that there is memory */
	sink->text.length = 0;
	sink->text.data[0] = '\0';
	return &sink->text;
}

static void
end_row(struct row_sink *sink)
{
	buffer_add_byte(&sink->rows, '\n');
	sink->count++;
	if (sink->rows.length >= CHUNK)
		sink->flush(sink);
}

/* Mail systems prefer Latin letters: whose name has others gets a number. */
static void
add_email(struct row_sink *sink, uint64_t user)
{
	if ((unsigned char)sink->text.data[0] >= 0x80)
		buffer_printf(fresh_text(sink), "reader-%llu", (unsigned long long)user);
	buffer_add_text(&sink->text, "@quire.example");
	add_text(sink, sink->text.data);
}

static void
add_bio(struct row_sink *sink, size_t subject, struct dice *dice)
{
	if (dice_once_in(dice, 4)) {
		add_null(sink);
		return;
	}
	text_bio(fresh_text(sink), subject, dice);
	add_text(sink, sink->text.data);
}

static void
add_image(struct row_sink *sink, struct dice *dice)
{
	if (dice_once_in(dice, 3))
		add_text(sink, "/quire.svg"); /* the edge has it, see nginx/static */
	else
		add_null(sink);
}

static void
make_users(const struct seed_content *content, struct row_sink *sink)
{
	const struct seed_plan *plan = content->plan;

	for (uint64_t user = 1; user <= plan->users; user++) {
		const struct user_counts *counts = &content->counts[user];
		struct dice dice = dice_for(plan->seed, DICE_PROFILE, user);
		int64_t created = plan_user_created(plan, user);

		add_integer(sink, user);
		add_time(sink, created);
		add_time(sink, created);
		plan_username(plan, user, fresh_text(sink));
		add_text(sink, sink->text.data);
		add_email(sink, user);
		add_text(sink, content->password);
		add_bio(sink, plan_user_subject(plan, user), &dice);
		add_image(sink, &dice);
		add_integer(sink, counts->articles);
		add_integer(sink, counts->favorites);
		add_integer(sink, counts->followers);
		add_integer(sink, counts->following);
		end_row(sink);
	}
}

static void
make_follows(const struct seed_content *content, struct row_sink *sink)
{
	struct follow_walk walk = follow_walk(content->plan);

	while (follow_walk_next(&walk)) {
		add_integer(sink, walk.follower);
		add_integer(sink, walk.followed);
		add_time(sink, walk.created);
		end_row(sink);
	}
}

/* The same title once more gets a number behind it, as slug_suffix does with letters. */
static void
add_slug(struct row_sink *sink, struct arena *arena, const struct piece *piece)
{
	char suffix[16] = "";
	struct request req;

	request_init(&req, arena);
	const char *slug = slug_of(&req, sink->text.data);

	if (piece->edition > 0)
		snprintf(suffix, sizeof suffix, "%u", piece->edition + 1);
	fresh_text(sink);
	buffer_add_text(&sink->text, slug);
	if (piece->edition > 0)
		buffer_printf(&sink->text, "-%s", suffix);
	add_text(sink, sink->text.data);
	add_text(sink, suffix);
	arena_reset(arena);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* As PostgreSQL writes an array, sorted byte by byte. No tag has a character that would need quotes. */
static void
add_tags(struct row_sink *sink, struct arena *arena, const struct seed_plan *plan, const struct seed_article *article)
{
	size_t numbers[PLAN_TAGS_MAX], count = plan_tags(plan, article, numbers);
	const char *tags[PLAN_TAGS_MAX] = {NULL};

	for (size_t i = 0; i < count; i++) {
		text_tag(fresh_text(sink), numbers[i]);
		tags[i] = arena_copy(arena, sink->text.data, sink->text.length);
	}
	qsort(tags, count, sizeof tags[0], compare_texts);
	fresh_text(sink);
	buffer_add_byte(&sink->text, '{');
	for (size_t i = 0; i < count; i++)
		buffer_printf(&sink->text, "%s%s", i > 0 ? "," : "", tags[i]);
	buffer_add_byte(&sink->text, '}');
	add_text(sink, sink->text.data);
	arena_reset(arena);
}

static void
make_article(const struct seed_plan *plan, const struct article_walk *walk, struct arena *arena, struct row_sink *sink)
{
	const struct seed_article *article = &walk->article;
	struct dice dice = dice_for(plan->seed, DICE_TEXT, article->number);

	add_integer(sink, article->number);
	add_integer(sink, article->author);
	add_time(sink, article->created);
	add_time(sink, article->updated);
	text_title(fresh_text(sink), &article->piece);
	add_slug(sink, arena, &article->piece);
	text_title(fresh_text(sink), &article->piece);
	add_text(sink, sink->text.data);
	text_description(fresh_text(sink), &article->piece, &dice);
	add_text(sink, sink->text.data);
	add_tags(sink, arena, plan, article);
	text_article(fresh_text(sink), &article->piece, &dice);
	add_markdown(sink, arena, 0);
	add_integer(sink, walk->favorites_count);
	add_integer(sink, walk->comments_count);
	end_row(sink);
}

static void
make_articles(const struct seed_content *content, struct row_sink *sink)
{
	struct article_walk walk = article_walk(content->plan);
	struct arena *arena = arena_new();

	while (article_walk_next(&walk))
		make_article(content->plan, &walk, arena, sink);
	arena_free(arena);
}

static void
make_favorites(const struct seed_content *content, struct row_sink *sink)
{
	struct article_walk walk = article_walk(content->plan);
	struct favorite_walk favorites;

	while (article_walk_next(&walk)) {
		favorite_walk_start(&favorites, content->plan, &walk.article, walk.favorites_count);
		while (favorite_walk_next(&favorites)) {
			add_integer(sink, walk.article.number);
			add_integer(sink, favorites.user);
			add_time(sink, walk.article.created);
			add_time(sink, favorites.created);
			end_row(sink);
		}
	}
}

/* `name` has room for who is answered. */
static void
make_comment(const struct seed_plan *plan, struct comment_walk *walk, struct buffer *name, struct arena *arena,
             struct row_sink *sink)
{
	add_integer(sink, sink->count + 1);
	add_integer(sink, walk->article->number);
	add_integer(sink, walk->author);
	add_time(sink, walk->created);
	add_time(sink, walk->created);
	if (walk->reply_to > 0) {
		name->length = 0;
		plan_username(plan, walk->reply_to, name);
	}
	text_comment(fresh_text(sink), &walk->article->piece, walk->article->number, walk->written,
	             walk->reply_to > 0 ? name->data : NULL, &walk->dice);
	add_markdown(sink, arena, MARKDOWN_UGC);
	end_row(sink);
}

static void
make_comments(const struct seed_content *content, struct row_sink *sink)
{
	struct article_walk walk = article_walk(content->plan);
	struct buffer name = buffer_in(sink->text.arena);
	struct comment_walk comments;
	struct arena *arena = arena_new();

	while (article_walk_next(&walk)) {
		comment_walk_start(&comments, content->plan, &walk.article, walk.comments_count);
		while (comment_walk_next(&comments))
			make_comment(content->plan, &comments, &name, arena, sink);
	}
	arena_free(arena);
}

const struct seed_table seed_tables[SEED_TABLES] = {
    {"users", step_copy_users, make_users, 12},           {"follows", step_copy_follows, make_follows, 3},
    {"articles", step_copy_articles, make_articles, 170}, {"favorites", step_copy_favorites, make_favorites, 9},
    {"comments", step_copy_comments, make_comments, 16},
};

uint64_t
seed_table_rows(const struct seed_table *table, const struct seed_plan *plan)
{
	const uint64_t rows[SEED_TABLES] = {plan->users, plan->follows, plan->articles, plan->favorites,
	                                    plan->comments};

	return rows[table - seed_tables];
}

void
seed_table_make(const struct seed_table *table, const struct seed_content *content, struct row_sink *sink)
{
	sink->count = 0;
	table->make(content, sink);
	sink->flush(sink);
}
