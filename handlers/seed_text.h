/* Text for demonstration: titles, articles, comments, names and bios, made of the phrases in seed_words.h.
 *
 * Everything depends on the seed and on numbers only. Articles and users are numbered from 1.
 */
#ifndef QUIRE_SEED_TEXT_H
#define QUIRE_SEED_TEXT_H

#include <stdint.h>

#include "buffer.h"
#include "seed_random.h"
#include "seed_words.h"

#define SUBJECTS ((size_t)(2 * SUBJECTS_PER_FILE))

/* 0 to SUBJECTS - 1 */
const struct subject *subject_of(size_t number);

/* What an article is about, and how its title reads. */
struct piece {
	size_t subject;    /* a number */
	const char *title; /* a phrase */
	const char *tail;  /* a phrase, "" for none */
	const char *town;
	const char *topic, *act;
	unsigned edition; /* how many earlier articles have the same title: with the title it makes the slug */
};

/* The piece of an article. The first few hundred thousand have a title of their own each. */
struct piece piece_of(uint64_t seed, uint64_t article);

void text_title(struct buffer *out, const struct piece *piece);

/* These roll the dice as they go along: with equal dice they write the same. */
void text_description(struct buffer *out, const struct piece *piece, struct dice *dice);
void text_article(struct buffer *out, const struct piece *piece, struct dice *dice); /* Markdown */
void text_bio(struct buffer *out, size_t subject, struct dice *dice);

/* The comment with the number `turn` of a `thread`: people seldom say what has been said. `reply_to` is NULL or a username. */
void text_comment(struct buffer *out, const struct piece *piece, uint64_t thread, uint64_t turn, const char *reply_to,
                  struct dice *dice);

/* A username like "marta.okafor"; one in sixteen is in another script than Latin. Each is given once. */
void text_username(struct buffer *out, uint64_t seed, uint64_t user);

/* The name of a tag, counted from 0; tag % SUBJECTS is its subject. TEXT_TAGS_MAX are different. */
void text_tag(struct buffer *out, size_t tag);

#define TAGS_PER_SUBJECT 12
#define TEXT_TAGS_MAX    5000

#endif
