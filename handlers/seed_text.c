#include "seed_text.h"

#include <stdbool.h>
#include <string.h>

#define HANDS_MAX        48
#define LENGTH_OF(array) (sizeof(array) / sizeof(array)[0])

/* Words dealt from a list without repeating until all have been dealt. */
struct hand {
	const struct words *words;
	uint64_t start, step, dealt;
};

/* What a text is being written with. */
struct pen {
	struct buffer *out;
	struct dice *dice;
	const struct subject *subject;
	const char *topic, *other, *act, *town, *name; /* NULL: dealt anew each time */
	struct hand hands[HANDS_MAX];
	size_t hands_count;
};

const struct subject *
subject_of(size_t number)
{
	return number < SUBJECTS_PER_FILE ? &subjects_outdoors[number] : &subjects_indoors[number - SUBJECTS_PER_FILE];
}

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
	return b == 0 ? a : common_divisor(b, a % b);
}

static struct hand *
hand_of(struct pen *pen, const struct words *words)
{
	for (size_t i = 0; i < pen->hands_count; i++) {
		if (pen->hands[i].words == words)
			return &pen->hands[i];
	}

	struct hand *hand = &pen->hands[pen->hands_count < HANDS_MAX - 1 ? pen->hands_count++ : HANDS_MAX - 1];

	*hand = (struct hand){words, dice_below(pen->dice, words->count), 1, 0};
	do
		hand->step = 1 + dice_below(pen->dice, words->count);
	while (common_divisor(hand->step, words->count) != 1);
	return hand;
}

static const char *
deal(struct pen *pen, const struct words *words)
{
	struct hand *hand = hand_of(pen, words);

	return words->items[(hand->start + hand->dealt++ * hand->step) % words->count];
}

/* As deal(), but once the words are used up a text says no more. */
static const char *
deal_once(struct pen *pen, const struct words *words)
{
	return hand_of(pen, words)->dealt < words->count ? deal(pen, words) : NULL;
}

static void fill(struct pen *pen, const char *phrase, size_t length);

static void
fill_all(struct pen *pen, const char *phrase)
{
	fill(pen, phrase, strlen(phrase));
}

static void
capitalise(char *text)
{
	if (*text >= 'a' && *text <= 'z')
		*text = (char)(*text - 'a' + 'A');
}

/* What stands for the slot `name`; NULL if the vocabulary has a slot that is not in this table. */
static const char *
slot(struct pen *pen, const char *name, size_t length)
{
	const struct subject *subject = pen->subject;
	const struct {
		const char *name, *text;
		const struct words *words;
	} slots[] = {
	    {"topic", pen->topic, &subject->topics},
	    {"other", pen->other, &subject->topics},
	    {"act", pen->act, &subject->acts},
	    {"town", pen->town, &words_towns},
	    {"name", pen->name, NULL},
	    {"craft", subject->craft, NULL},
	    {"person", subject->person, NULL},
	    {"people", subject->people, NULL},
	    {"order", NULL, &subject->orders},
	    {"tool", NULL, &subject->tools},
	    {"place", NULL, &subject->places},
	    {"fact", NULL, &subject->facts},
	    {"mishap", NULL, &subject->mishaps},
	    {"joy", NULL, &subject->joys},
	    {"friend", NULL, &words_given_names},
	    {"span", NULL, &words_spans},
	    {"number", NULL, &words_numbers},
	    {"season", NULL, &words_seasons},
	    {"weekday", NULL, &words_weekdays},
	};

	for (size_t i = 0; i < LENGTH_OF(slots); i++) {
		if (strlen(slots[i].name) == length && memcmp(slots[i].name, name, length) == 0)
			return slots[i].text != NULL ? slots[i].text : deal(pen, slots[i].words);
	}
	return NULL;
}

/* "{name}" or "{^name}" at `phrase`; returns what follows it. */
static const char *
fill_slot(struct pen *pen, const char *phrase)
{
	const char *end = strchr(phrase, '}');
	bool capital = phrase[1] == '^';
	const char *name = phrase + 1 + capital;
	size_t start = pen->out->length;

	buffer_add_text(pen->out, slot(pen, name, (size_t)(end - name)));
	if (capital || strncmp(name, "friend}", strlen("friend}")) == 0)
		capitalise(pen->out->data + start);
	return end + 1;
}

/* "[one|another]" at `phrase`; returns what follows it. */
static const char *
fill_choice(struct pen *pen, const char *phrase)
{
	const char *end = strchr(phrase, ']');
	uint64_t choices = 1;

	for (const char *at = phrase; at < end; at++)
		choices += *at == '|';
	phrase++;
	for (uint64_t chosen = dice_below(pen->dice, choices); chosen > 0; chosen--)
		phrase = strchr(phrase, '|') + 1;
	fill(pen, phrase, strcspn(phrase, "|]"));
	return end + 1;
}

static void
fill(struct pen *pen, const char *phrase, size_t length)
{
	const char *end = phrase + length;

	while (phrase < end) {
		if (*phrase == '{')
			phrase = fill_slot(pen, phrase);
		else if (*phrase == '[')
			phrase = fill_choice(pen, phrase);
		else {
			size_t plain = strcspn(phrase, "{[");

			if (plain > (size_t)(end - phrase))
				plain = (size_t)(end - phrase);
			buffer_add(pen->out, phrase, plain);
			phrase += plain;
		}
	}
}

/* A sentence of the list at the end of the paragraph; nothing once all have been said. */
static void
say(struct pen *pen, const struct words *sentences)
{
	const char *sentence = deal_once(pen, sentences);

	if (sentence == NULL)
		return;
	if (pen->out->length > 0 && pen->out->data[pen->out->length - 1] != '\n')
		buffer_add_byte(pen->out, ' ');
	fill_all(pen, sentence);
}

static void
end_paragraph(struct pen *pen)
{
	if (pen->out->length > 0 && pen->out->data[pen->out->length - 1] != '\n')
		buffer_add_text(pen->out, "\n\n");
}

static struct pen
pen_for(struct buffer *out, const struct piece *piece, struct dice *dice)
{
	struct pen pen = {.out = out, .dice = dice, .subject = subject_of(piece->subject)};

	pen.topic = piece->topic;
	pen.act = piece->act;
	do
		pen.other = deal(&pen, &pen.subject->topics);
	while (pen.other == pen.topic);
	return pen;
}

static void
write_list(struct pen *pen)
{
	bool numbered = dice_once_in(pen->dice, 2);
	uint64_t items = 3 + dice_below(pen->dice, 3);

	for (uint64_t i = 1; i <= items; i++) {
		size_t start;

		if (numbered)
			buffer_printf(pen->out, "%d. ", (int)i);
		else
			buffer_add_text(pen->out, "- ");
		start = pen->out->length;
		fill_all(pen, deal(pen, &pen->subject->orders));
		capitalise(pen->out->data + start);
		buffer_add_text(pen->out, ".\n");
	}
	buffer_add_byte(pen->out, '\n');
}

static void
write_quote(struct pen *pen)
{
	buffer_add_text(pen->out, "> ");
	fill_all(pen, deal(pen, &pen->subject->sayings));
	buffer_add_text(pen->out, "\n\n");
}

static void
write_block(struct pen *pen)
{
	say(pen, &words_block_leads);
	end_paragraph(pen);
	buffer_printf(pen->out, "```%s\n```\n\n", deal(pen, &pen->subject->blocks));
}

/* A paragraph of what is true of the subject, with a thought of the author's. */
static void
write_thoughts(struct pen *pen)
{
	const struct words *facts = &pen->subject->facts;

	if (hand_of(pen, facts)->dealt + 2 > facts->count)
		return;
	say(pen, facts);
	if (dice_once_in(pen->dice, 2)) {
		say(pen, &words_links);
		say(pen, facts);
	}
	say(pen, &words_asides);
	end_paragraph(pen);
}

static void
write_section(struct pen *pen, enum section_kind kind)
{
	const struct section *section = &words_sections[kind];

	buffer_add_text(pen->out, "## ");
	fill_all(pen, deal(pen, &section->headings));
	buffer_add_text(pen->out, "\n\n");

	say(pen, &section->leads);
	if (kind == SECTION_PRACTICE) {
		end_paragraph(pen);
		write_list(pen);
	} else if (kind == SECTION_PEOPLE) {
		end_paragraph(pen);
		write_quote(pen);
	} else if (kind != SECTION_DOUBT && dice_once_in(pen->dice, 2)) {
		say(pen, &pen->subject->facts);
	}
	say(pen, &section->follows);
	if (kind == SECTION_TRIAL && dice_below(pen->dice, 3) > 0) {
		end_paragraph(pen);
		write_block(pen);
	}
	say(pen, dice_once_in(pen->dice, 3) ? &section->follows : &pen->subject->facts);
	end_paragraph(pen);
	if (dice_once_in(pen->dice, 2))
		write_thoughts(pen);
}

void
text_article(struct buffer *out, const struct piece *piece, struct dice *dice)
{
	struct pen pen = pen_for(out, piece, dice);
	uint64_t wanted = dice_once_in(dice, 5) ? 0 : 1 + dice_below(dice, 5);
	struct picks picks = picks_of(dice, CURVE_EVEN, SECTIONS, wanted);
	uint64_t kind;

	say(&pen, &pen.subject->scenes);
	say(&pen, piece->act != NULL ? &words_act_theses : &words_theses);
	end_paragraph(&pen);
	if (wanted == 0 || dice_once_in(dice, 2))
		write_thoughts(&pen);
	while (picks_next(&picks, &kind))
		write_section(&pen, (enum section_kind)kind);
	if (wanted == 0)
		write_thoughts(&pen);
	if (dice_once_in(dice, 3))
		say(&pen, &pen.subject->facts);
	say(&pen, &words_closings);
	buffer_add_byte(out, '\n');
}

void
text_title(struct buffer *out, const struct piece *piece)
{
	struct dice dice = {0};
	struct pen pen = {.out = out, .dice = &dice, .subject = subject_of(piece->subject)};

	pen.topic = piece->topic;
	pen.act = piece->act;
	pen.town = piece->town;
	fill_all(&pen, piece->title);
	fill_all(&pen, piece->tail);
}

void
text_description(struct buffer *out, const struct piece *piece, struct dice *dice)
{
	struct pen pen = pen_for(out, piece, dice);

	fill_all(&pen, deal(&pen, piece->act != NULL ? &words_act_descriptions : &words_descriptions));
}

void
text_comment(struct buffer *out, const struct piece *piece, uint64_t thread, uint64_t turn, const char *reply_to,
             struct dice *dice)
{
	struct pen pen = pen_for(out, piece, dice);
	const struct words *words = reply_to != NULL ? &words_replies : &words_comments;

	pen.name = reply_to;
	fill_all(&pen, words->items[shuffled(thread, turn % words->count, words->count)]);
}

void
text_bio(struct buffer *out, size_t subject, struct dice *dice)
{
	struct pen pen = {.out = out, .dice = dice, .subject = subject_of(subject)};

	fill_all(&pen, deal(&pen, &words_bios));
}

struct piece
piece_of(uint64_t seed, uint64_t article)
{
	const struct subject *any = subject_of(0); /* all have equally many topics and acts */
	const uint64_t topics = any->topics.count, topic_heads = topics * words_topic_titles.count;
	const uint64_t plain = (topic_heads + any->acts.count * words_act_titles.count) * SUBJECTS;
	const uint64_t tailed = plain * words_title_tails.count * words_towns.count;
	uint64_t place = article - 1, tail = 0;
	struct piece piece = {.tail = "", .act = NULL};

	if (place % 2 == 0 && place / 2 < plain) {
		place = shuffled(seed, place / 2, plain);
	} else {
		place -= (place + 1) / 2 < plain ? (place + 1) / 2 : plain;
		piece.edition = (unsigned)(place / tailed);
		place = shuffled(seed, place % tailed, tailed);
		tail = place / plain;
		piece.tail = words_title_tails.items[tail % words_title_tails.count];
		piece.town = words_towns.items[tail / words_title_tails.count];
		place %= plain;
	}

	piece.subject = place % SUBJECTS;
	const struct subject *subject = subject_of(piece.subject);
	place /= SUBJECTS;
	if (place < topic_heads) {
		piece.topic = subject->topics.items[place % topics];
		piece.title = words_topic_titles.items[place / topics];
	} else {
		place -= topic_heads;
		piece.act = subject->acts.items[place % any->acts.count];
		piece.title = words_act_titles.items[place / any->acts.count];
		piece.topic = subject->topics.items[place % topics];
	}
	return piece;
}

void
text_username(struct buffer *out, uint64_t seed, uint64_t user)
{
	const uint64_t latin = words_given_names.count * words_family_names.count;
	const uint64_t per_script = words_scripts[0].first.count * words_scripts[0].second.count; /* equal in all */
	uint64_t turn = user, place;

	if (user % 16 == 11) {
		turn = user / 16;
		place = shuffled(seed, turn % (SCRIPTS * per_script), SCRIPTS * per_script);
		turn /= SCRIPTS * per_script;
		const struct script *script = &words_scripts[place % SCRIPTS];
		place /= SCRIPTS;
		buffer_add_text(out, script->first.items[place % script->first.count]);
		buffer_add_text(out, script->joint);
		buffer_add_text(out, script->second.items[place / script->first.count]);
	} else {
		place = shuffled(seed, turn % latin, latin);
		turn /= latin;
		buffer_add_text(out, words_given_names.items[place % words_given_names.count]);
		buffer_add_byte(out, ".-_."[place % 4]);
		buffer_add_text(out, words_family_names.items[place / words_given_names.count]);
	}
	if (turn > 0)
		buffer_printf(out, "%d", (int)turn + 1);
}

void
text_tag(struct buffer *out, size_t tag)
{
	const struct words *tags = &subject_of(tag % SUBJECTS)->tags;
	size_t place = tag / SUBJECTS;

	if (place >= tags->count) {
		buffer_add_text(out, words_tag_prefixes.items[place / tags->count - 1]);
		buffer_add_byte(out, '-');
	}
	buffer_add_text(out, tags->items[place % tags->count]);
}
