#include "seed_plan.h"

#include <stdlib.h>

#define MINUTE (INT64_C(1000000) * 60)
#define HOUR   (MINUTE * 60)
#define SPAN   (HOUR * 24 * 365 * 3)

#define FOUNDERS  ((uint64_t)10) /* users who are there from the first hour */
#define DEMO_RANK ((uint64_t)8)  /* PLAN_DEMO is popular but not the star */

#define HEADS          (1 + PLAN_KNOWN) /* the star and the known authors */
#define READER_FOLLOWS ((uint64_t)5000)

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* From the middle: early users are popular themselves. */
uint64_t
plan_reader(const struct seed_plan *plan)
{
	return plan->users < 16 ? 0 : plan->users / 2;
}

uint64_t
plan_ordinary(const struct seed_plan *plan)
{
	return plan->users < 16 ? 0 : plan->users / 2 + 1;
}

void
plan_username(const struct seed_plan *plan, uint64_t user, struct buffer *out)
{
	static const char *const first[] = {"demo", "calliope", "clio", "erato", "thalia", "urania"};

	if (user <= PLAN_STAR + PLAN_KNOWN)
		buffer_add_text(out, first[user - 1]);
	else if (user == plan_reader(plan))
		buffer_add_text(out, "argus");
	else if (user == plan_ordinary(plan))
		buffer_add_text(out, "echo");
	else
		text_username(out, plan->seed, user);
}

/* When the site has `part` of its users or articles: at the end they come four times as fast as at first. */
static int64_t
moment(const struct seed_plan *plan, double part)
{
	return plan->until - SPAN + HOUR * 2 + (int64_t)((double)(SPAN - HOUR * 2) * part * (1.6 - 0.6 * part));
}

int64_t
plan_user_created(const struct seed_plan *plan, uint64_t user)
{
	struct dice dice = dice_for(plan->seed, DICE_USER, user);

	if (user <= FOUNDERS)
		return plan->until - SPAN + (int64_t)user * 7 * MINUTE + (int64_t)dice_below(&dice, MINUTE);
	return moment(plan, ((double)(user - 1) + dice_unit(&dice)) / (double)plan->users);
}

size_t
plan_user_subject(const struct seed_plan *plan, uint64_t user)
{
	struct dice dice = dice_for(plan->seed, DICE_USER, user);

	dice_roll(&dice); /* was for the time */
	return dice_below(&dice, SUBJECTS);
}

/* A time after `since`, soon rather than late; `wait` is 0 to 1. */
static int64_t
soon_after(const struct seed_plan *plan, int64_t since, double wait)
{
	return since + (int64_t)((double)(plan->until - since) * wait * wait * wait);
}

/* The user of a rank, of `users`: those who came early are the popular ones. */
static uint64_t
user_of_rank(uint64_t rank, uint64_t users)
{
	uint64_t demo = DEMO_RANK < users ? DEMO_RANK : users - 1;

	return rank == demo ? 1 : rank < demo ? rank + 2 : rank + 1;
}

static uint64_t
rank_of_user(uint64_t user, uint64_t users)
{
	uint64_t demo = DEMO_RANK < users ? DEMO_RANK : users - 1;

	return user == 1 ? demo : user - 2 < demo ? user - 2 : user - 1;
}

/* How many users there are at a time when there is one at least. */
static uint64_t
users_at(const struct seed_plan *plan, int64_t time)
{
	uint64_t here = 1, not_yet = plan->users + 1;

	while (not_yet - here > 1) {
		uint64_t middle = here + (not_yet - here) / 2;

		if (plan_user_created(plan, middle) <= time)
			here = middle;
		else
			not_yet = middle;
	}
	return here;
}

struct seed_article
plan_article(const struct seed_plan *plan, uint64_t number)
{
	struct dice dice = dice_for(plan->seed, DICE_ARTICLE, number);
	struct seed_article article = {.number = number, .piece = piece_of(plan->seed, number)};

	article.created = moment(plan, ((double)(number - 1) + dice_unit(&dice)) / (double)plan->articles);
	article.updated = article.created;
	if (dice_once_in(&dice, 6))
		article.updated = soon_after(plan, article.created, dice_unit(&dice));

	uint64_t users = users_at(plan, article.created);

	/* Somebody who knows the subject, if one of a few has it. */
	for (int attempts = 0; attempts < 8; attempts++) {
		article.author = user_of_rank(pick(&dice, CURVE_STEEP, users), users);
		if (plan_user_subject(plan, article.author) == article.piece.subject)
			break;
	}
	return article;
}

size_t
plan_tags(const struct seed_plan *plan, const struct seed_article *article, size_t tags[PLAN_TAGS_MAX])
{
	struct dice dice = dice_for(plan->seed, DICE_TAGS, article->number);
	size_t subject = article->piece.subject, count = 0;
	uint64_t choice = plan->tags > subject ? (plan->tags - subject - 1) / SUBJECTS + 1 : 0;
	uint64_t wanted = dice_below(&dice, PLAN_TAGS_MAX + 1), tag;
	struct picks picks = picks_of(&dice, CURVE_ZIPF, choice, wanted);

	while (picks_next(&picks, &tag))
		tags[count++] = tag * SUBJECTS + subject;
	return count;
}

/* How much an article is read: a few very much, those of well-known authors more, and what is new not yet. */
static double
article_weight(const struct seed_plan *plan, const struct seed_article *article)
{
	struct dice dice = dice_for(plan->seed, DICE_WEIGHT, article->number);
	double fame = 1 + 8.0 / (1 + (double)rank_of_user(article->author, plan->users));
	double age = (double)(plan->until - article->created);

	return fame * (0.05 + 0.1 / (0.002 + dice_unit(&dice))) * age / (age + (double)(HOUR * 48));
}

/* It is easier to favourite what everybody does than to add to a hundred comments. */
static double
comment_weight(double weight)
{
	return weight / (4 + weight);
}

struct article_walk
article_walk(const struct seed_plan *plan)
{
	struct article_walk walk = {.plan = plan};
	double favorites = 0, comments = 0;

	for (uint64_t number = 1; number <= plan->articles; number++) {
		struct seed_article article = plan_article(plan, number);
		double weight = article_weight(plan, &article);

		favorites += weight;
		comments += comment_weight(weight);
	}
	walk.favorites = shares_of(plan->favorites, favorites);
	walk.comments = shares_of(plan->comments, comments);
	return walk;
}

bool
article_walk_next(struct article_walk *walk)
{
	if (walk->article.number == walk->plan->articles)
		return false;
	walk->article = plan_article(walk->plan, walk->article.number + 1);

	double weight = article_weight(walk->plan, &walk->article);

	walk->favorites_count = shares_next(&walk->favorites, weight, walk->plan->users);
	walk->comments_count = shares_next(&walk->comments, comment_weight(weight), UINT32_MAX);
	return true;
}

static double
follower_weight(const struct seed_plan *plan, uint64_t user)
{
	struct dice dice = dice_for(plan->seed, DICE_READER, user);

	if (user == plan_reader(plan))
		return 0; /* follows as many as reader_follows() says */
	return user == PLAN_DEMO ? 2 : user == plan_ordinary(plan) ? 1 : 0.3 + 0.2 / (0.02 + dice_unit(&dice));
}

static uint64_t
reader_follows(const struct seed_plan *plan)
{
	if (plan_reader(plan) == 0)
		return 0;
	return smaller(READER_FOLLOWS, smaller(plan->users - 1, plan->follows / 4));
}

struct follow_walk
follow_walk(const struct seed_plan *plan)
{
	struct follow_walk walk = {.plan = plan};
	double weights = 0;

	for (uint64_t user = 1; user <= plan->users; user++)
		weights += follower_weight(plan, user);
	walk.shares = shares_of(plan->follows - reader_follows(plan), weights);
	walk.place = HEADS;
	return walk;
}

static void
next_follower(struct follow_walk *walk)
{
	const struct seed_plan *plan = walk->plan;

	walk->follower++;
	walk->dice = dice_for(plan->seed, DICE_FOLLOW, walk->follower);
	walk->place = 0;
	if (walk->follower == plan_reader(plan))
		walk->wanted = reader_follows(plan);
	else
		walk->wanted = shares_next(&walk->shares, follower_weight(plan, walk->follower), plan->users - 1);
}

/* Whether the follower wants who stands at walk->place. */
static bool
wants_head(struct follow_walk *walk, uint64_t others)
{
	bool always = walk->place == 0 || walk->follower == plan_reader(walk->plan);

	return walk->wanted > 0 && (always || walk->wanted >= others - walk->place || dice_once_in(&walk->dice, 10));
}

/* The next one whom the follower follows, among the ranks without the follower's own: the best-known first. */
static bool
next_place(struct follow_walk *walk, uint64_t *place)
{
	uint64_t others = walk->plan->users - 1, heads = smaller(HEADS, others);

	while (walk->place < heads) {
		bool wanted = wants_head(walk, others);

		*place = walk->place++;
		walk->wanted -= wanted;
		if (walk->place == heads)
			walk->picks = picks_of(&walk->dice, CURVE_TAIL, others - heads, walk->wanted);
		if (wanted)
			return true;
	}
	if (!picks_next(&walk->picks, place))
		return false;
	*place += heads;
	return true;
}

bool
follow_walk_next(struct follow_walk *walk)
{
	const struct seed_plan *plan = walk->plan;
	uint64_t rank;

	while (!next_place(walk, &rank)) {
		if (walk->follower == plan->users)
			return false;
		next_follower(walk);
	}
	rank += rank >= rank_of_user(walk->follower, plan->users);
	walk->followed = user_of_rank(rank, plan->users);

	int64_t since = plan_user_created(plan, walk->follower > walk->followed ? walk->follower : walk->followed);

	walk->created = since + (int64_t)((double)(plan->until - since) * dice_unit(&walk->dice));
	return true;
}

void
favorite_walk_start(struct favorite_walk *walk, const struct seed_plan *plan, const struct seed_article *article,
                    uint64_t count)
{
	walk->plan = plan;
	walk->article = article;
	walk->dice = dice_for(plan->seed, DICE_FAVORITE, article->number);
	walk->picks = picks_of(&walk->dice, CURVE_GENTLE, plan->users, count);
}

bool
favorite_walk_next(struct favorite_walk *walk)
{
	if (!picks_next(&walk->picks, &walk->user))
		return false;
	walk->user++;

	int64_t since = plan_user_created(walk->plan, walk->user);

	if (since < walk->article->created)
		since = walk->article->created;
	walk->created = soon_after(walk->plan, since, dice_unit(&walk->dice));
	return true;
}

void
comment_walk_start(struct comment_walk *walk, const struct seed_plan *plan, const struct seed_article *article,
                   uint64_t count)
{
	*walk = (struct comment_walk){.plan = plan, .article = article, .count = count, .created = article->created};
}

bool
comment_walk_next(struct comment_walk *walk)
{
	const struct seed_plan *plan = walk->plan;
	uint64_t before = walk->author;

	if (walk->written == walk->count)
		return false;
	walk->dice = dice_for(plan->seed, DICE_COMMENT, walk->article->number << 32 | walk->written);

	double wait = ((double)walk->written + dice_unit(&walk->dice)) / (double)walk->count;

	walk->created = soon_after(plan, walk->article->created, wait);

	uint64_t users = users_at(plan, walk->created);

	walk->author = user_of_rank(pick(&walk->dice, CURVE_GENTLE, users), users);
	walk->reply_to = before != walk->author && dice_once_in(&walk->dice, 3) ? before : 0;
	walk->written++;
	return true;
}

struct user_counts *
plan_count(const struct seed_plan *plan)
{
	struct user_counts *counts = calloc(plan->users + 1, sizeof *counts);
	struct article_walk articles = article_walk(plan);
	struct follow_walk follows = follow_walk(plan);
	struct favorite_walk favorites;

	if (counts == NULL)
		abort();
	while (article_walk_next(&articles)) {
		counts[articles.article.author].articles++;
		favorite_walk_start(&favorites, plan, &articles.article, articles.favorites_count);
		while (favorite_walk_next(&favorites))
			counts[favorites.user].favorites++;
	}
	while (follow_walk_next(&follows)) {
		counts[follows.follower].following++;
		counts[follows.followed].followers++;
	}
	return counts;
}
