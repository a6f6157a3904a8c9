/* The vocabulary of the demonstration content: subjects that people write about, and phrases that serve every subject.
 *
 * A phrase may hold slots, which seed_text.c fills ("{topic}", "{^topic}" with a capital), and choices ("[soon|later]").
 */
#ifndef QUIRE_SEED_WORDS_H
#define QUIRE_SEED_WORDS_H

#include <stddef.h>

struct words {
	const char *const *items;
	size_t count;
};

#define WORDS(...)                                                                                                     \
	{                                                                                                              \
		(const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)        \
	}

/* The comment says how each is used in a sentence; all are plain words without slots. */
struct subject {
	const char *craft;    /* "I took up … late": a gerund or an uncountable noun */
	const char *person;   /* "amateur …" */
	const char *people;   /* "ten …" */
	struct words topics;  /* "Why … matters": singular, at most 28 bytes so that titles stay short */
	struct words acts;    /* "a year of …": a gerund, at most 30 bytes */
	struct words orders;  /* "My rule: …." */
	struct words tools;   /* "All it needs is …." */
	struct words places;  /* "I met Ada …." */
	struct words facts;   /* whole sentences that may stand in any order */
	struct words scenes;  /* openings of an article */
	struct words sayings; /* said by somebody with experience */
	struct words mishaps; /* "Once …." */
	struct words joys;    /* "In the end …." */
	struct words blocks;  /* code blocks: the language, a line end, the text */
	struct words tags;    /* the first is the subject's name; no tag stands in two subjects */
};

#define SUBJECTS_PER_FILE 6
extern const struct subject subjects_outdoors[SUBJECTS_PER_FILE];
extern const struct subject subjects_indoors[SUBJECTS_PER_FILE];

/* Names in another script than Latin. */
struct script {
	const char *joint; /* stands between the two parts of a name */
	struct words first, second;
};

#define SCRIPTS 6
extern const struct script words_scripts[SCRIPTS];

/* A part of an article under a heading of its own. */
struct section {
	struct words headings;
	struct words leads;   /* its first sentence */
	struct words follows; /* sentences that may come later */
};

/* In the order in which they stand in an article. */
enum section_kind {
	SECTION_PEOPLE,
	SECTION_DETAIL,
	SECTION_TRIAL,
	SECTION_MISTAKES,
	SECTION_PRACTICE,
	SECTION_DOUBT,
	SECTIONS
};

extern const struct section words_sections[SECTIONS];
extern const struct words words_topic_titles, words_act_titles, words_title_tails;
extern const struct words words_descriptions, words_act_descriptions, words_theses, words_act_theses, words_links,
    words_asides, words_block_leads, words_closings;
extern const struct words words_comments, words_replies, words_bios;
extern const struct words words_spans, words_numbers, words_seasons, words_weekdays, words_towns, words_tag_prefixes;
extern const struct words words_given_names, words_family_names; /* in plain Latin letters, lower case */

#endif
