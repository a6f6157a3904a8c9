/* Who writes, follows and favourites what, and when.
 *
 * Users and articles are numbered from 1 in the order in which they came. Over three years the site grows ever faster; a few authors
 * write and are read the most, most people only a little. Nothing is kept in memory but four counters for each user.
 */
#ifndef QUIRE_SEED_PLAN_H
#define QUIRE_SEED_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "seed_random.h"
#include "seed_text.h"

struct seed_plan {
	uint64_t seed;
	uint64_t users, articles, comments, favorites, follows,
	    tags;      /* how many there shall be; tags: to choose from */
	int64_t until; /* microseconds since 1970: nothing is newer */
};

/* Of what the dice of an item are for. */
enum seed_dice {
	DICE_USER,
	DICE_PROFILE,
	DICE_READER, /* how many a user follows */
	DICE_FOLLOW,
	DICE_ARTICLE,
	DICE_TAGS,
	DICE_TEXT,
	DICE_WEIGHT, /* how much an article is read */
	DICE_FAVORITE,
	DICE_COMMENT,
};

/* Everybody follows the star, and each of the known authors is followed by one user in ten. */
#define PLAN_DEMO  ((uint64_t)1)
#define PLAN_STAR  ((uint64_t)2)
#define PLAN_KNOWN ((uint64_t)4) /* those after the star */

/* Two whose feeds are telling: one follows thousands, the other is like most. 0 when there are too few users. */
uint64_t plan_reader(const struct seed_plan *plan);
uint64_t plan_ordinary(const struct seed_plan *plan);

/* A fixed name for each of those above, for all others one of text_username. */
void plan_username(const struct seed_plan *plan, uint64_t user, struct buffer *out);

int64_t plan_user_created(const struct seed_plan *plan, uint64_t user);

/* The subject that a user mostly writes about. */
size_t plan_user_subject(const struct seed_plan *plan, uint64_t user);

struct seed_article {
	uint64_t number;
	uint64_t author;
	int64_t created, updated;
	struct piece piece;
};

struct seed_article plan_article(const struct seed_plan *plan, uint64_t number);

/* The tags of an article, numbers for text_tag, ascending; returns how many. */
#define PLAN_TAGS_MAX 5
size_t plan_tags(const struct seed_plan *plan, const struct seed_article *article, size_t tags[PLAN_TAGS_MAX]);

/* Walks over all articles, with the number of favourites and comments of each. */
struct article_walk {
	const struct seed_plan *plan;
	struct shares favorites, comments;
	struct seed_article article;
	uint64_t favorites_count, comments_count;
};

struct article_walk article_walk(const struct seed_plan *plan);
bool article_walk_next(struct article_walk *walk);

/* Walks over all follows, ordered by the follower. */
struct follow_walk {
	const struct seed_plan *plan;
	struct shares shares;
	struct dice dice;
	struct picks picks;
	uint64_t place;  /* how many of the best-known have had their chance */
	uint64_t wanted; /* how many the follower is still to follow */
	uint64_t follower, followed;
	int64_t created;
};

struct follow_walk follow_walk(const struct seed_plan *plan);
bool follow_walk_next(struct follow_walk *walk);

/* Walks over the favourites of an article, ordered by the user. */
struct favorite_walk {
	const struct seed_plan *plan;
	const struct seed_article *article;
	struct dice dice;
	struct picks picks;
	uint64_t user;
	int64_t created;
};

void favorite_walk_start(struct favorite_walk *walk, const struct seed_plan *plan, const struct seed_article *article,
                         uint64_t count);
bool favorite_walk_next(struct favorite_walk *walk);

/* Walks over the comments of an article in the order in which they were written. */
struct comment_walk {
	const struct seed_plan *plan;
	const struct seed_article *article;
	struct dice dice; /* of the text */
	uint64_t count, written;
	uint64_t author, reply_to; /* reply_to: the user who is answered, 0 for nobody */
	int64_t created;
};

void comment_walk_start(struct comment_walk *walk, const struct seed_plan *plan, const struct seed_article *article,
                        uint64_t count);
bool comment_walk_next(struct comment_walk *walk);

/* What each user has at the end. */
struct user_counts {
	uint32_t articles, favorites, followers, following;
};

/* Counts them all; the result has an element for each user, the first at 1, and is free()d by the caller. */
struct user_counts *plan_count(const struct seed_plan *plan) __attribute__((returns_nonnull));

#endif
