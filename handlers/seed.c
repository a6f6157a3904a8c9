#include "seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "clock.h"
#include "seed_load.h"

#define DAY        (INT64_C(1000000) * 3600 * 24)
#define PEOPLE_MAX UINT64_C(10000000)
#define PAIRS_MAX  UINT64_C(1000000000)
#define TAGS_EACH  ((uint64_t)(SUBJECTS * TAGS_PER_SUBJECT)) /* without prefixes */

static const char help[] =
    "usage: quire seed [--config FILE] [OPTION…]\n\n"
    "Fills the empty database QUIRE_DATABASE_OWNER with demonstration content: people, articles, comments and\n"
    "all that connects them. Everything is loaded, or nothing.\n\n"
    "  --users N      people, 1 to 10000000 (100)\n"
    "  --articles N   articles, 0 to 10000000 (as many as users)\n"
    "  --comments N   comments, at most 1000 for each article (3 for each)\n"
    "  --favorites N  favourites, at most a quarter of users times articles (5 for each article)\n"
    "  --follows N    follows, at most a quarter of all pairs (20 for each user)\n"
    "  --tags N       tags to choose from, 0 to 5000 (as many as users, 12 to 144, or one for 200 users)\n"
    "  --seed N       which content, 0 to 4294967295 (1)\n"
    "  --until DATE   YYYY-MM-DD: the three years that are told of end at its beginning in UTC (today)\n"
    "  --quiet        says nothing unless something fails\n\n"
    "The same numbers, seed and date give the same content, byte by byte, but for the hashes of the passwords.\n"
    "Some people are the same in all sizes (a few are missing among fewer than 16):\n"
    "  demo           for trying it out, popular\n"
    "  calliope       everybody who follows anybody follows her, and she writes the most\n"
    "  clio, erato, thalia, urania\n"
    "                 each is followed by a tenth of all, the others by fewer when they are thousands\n"
    "  argus          follows 5000, or all when they are fewer (but at most a quarter of all follows are his)\n"
    "  echo           follows calliope and some others, as most do\n"
    "Their e-mail addresses are NAME@quire.example, and everybody's password is " SEED_PASSWORD ".\n";

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Reads a whole number; without a text it is `standard`, as far as the bounds allow. */
static bool
read_number(const char *option, const char *text, uint64_t standard, uint64_t least, uint64_t most, uint64_t *number)
{
	bool digits = text != NULL && text[0] != '\0' && strlen(text) < 19 && text[strspn(text, "0123456789")] == '\0';

	*number = digits ? strtoull(text, NULL, 10) : smaller(standard, most);
	if (text == NULL || (digits && *number >= least && *number <= most))
		return true;
	fprintf(stderr, "quire seed: %s must be a number from %llu to %llu, not \"%s\"\n", option,
	        (unsigned long long)least, (unsigned long long)most, text);
	return false;
}

static bool
read_date(const char *text, int64_t *microseconds)
{
	if (text == NULL) {
		*microseconds = clock_now() / DAY * DAY;
		return true;
	}

	struct tm date = {0};
	const char *end = strptime(text, "%Y-%m-%d", &date);
	struct tm again = date;
	time_t seconds = timegm(&again);

	/* A day that the month does not have would have become one of the next month. */
	if (end == NULL || *end != '\0' || strlen(text) != strlen("YYYY-MM-DD") || again.tm_mday != date.tm_mday ||
	    date.tm_year < 80) {
		fprintf(stderr, "quire seed: --until must be a date like 2025-12-31, from 1980 on, not \"%s\"\n", text);
		return false;
	}
	*microseconds = (int64_t)seconds * 1000000;
	return true;
}

enum option { USERS, ARTICLES, COMMENTS, FAVORITES, FOLLOWS, TAGS, SEED, UNTIL, OPTIONS };

static const char *const option_names[OPTIONS] = {"--users",   "--articles", "--comments", "--favorites",
                                                  "--follows", "--tags",     "--seed",     "--until"};

/* Finds what was given for each option; NULL stays where nothing was. */
static bool
read_arguments(int argc, char **argv, const char *given[OPTIONS], struct seed_options *options)
{
	for (int i = 0; i < argc; i++) {
		size_t option = 0;

		while (option < OPTIONS && strcmp(argv[i], option_names[option]) != 0)
			option++;
		if (option < OPTIONS && i + 1 < argc && given[option] == NULL) {
			given[option] = argv[++i];
		} else if (strcmp(argv[i], "--quiet") == 0) {
			options->quiet = true;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			options->help = true;
		} else {
			const char *fault = option == OPTIONS       ? "is not an option"
			                    : given[option] != NULL ? "is there twice"
			                                            : "needs a value";

			fprintf(stderr, "quire seed: %s %s, see quire seed --help\n", argv[i], fault);
			return false;
		}
	}
	return true;
}

bool
seed_options_read(struct seed_options *options, int argc, char **argv)
{
	struct seed_plan *plan = &options->plan;
	const char *given[OPTIONS] = {NULL};

	*options = (struct seed_options){0};
	if (!read_arguments(argc, argv, given, options))
		return false;
	if (options->help)
		return true;
	if (!read_number("--users", given[USERS], 100, 1, PEOPLE_MAX, &plan->users) ||
	    !read_number("--articles", given[ARTICLES], plan->users, 0, PEOPLE_MAX, &plan->articles))
		return false;

	uint64_t favorites_max = smaller(plan->users * plan->articles / 4, PAIRS_MAX);
	uint64_t follows_max = smaller(plan->users * (plan->users - 1) / 4, PAIRS_MAX);
	uint64_t tags = plan->users / 200 > TAGS_EACH ? plan->users / 200 : smaller(plan->users, TAGS_EACH);

	return read_number("--comments", given[COMMENTS], plan->articles * 3, 0,
	                   smaller(plan->articles * 1000, PAIRS_MAX), &plan->comments) &&
	       read_number("--favorites", given[FAVORITES], plan->articles * 5, 0, favorites_max, &plan->favorites) &&
	       read_number("--follows", given[FOLLOWS], plan->users * 20, 0, follows_max, &plan->follows) &&
	       read_number("--tags", given[TAGS], tags < SUBJECTS ? SUBJECTS : tags, 0, TEXT_TAGS_MAX, &plan->tags) &&
	       read_number("--seed", given[SEED], 1, 0, UINT32_MAX, &plan->seed) &&
	       read_date(given[UNTIL], &plan->until);
}

int
seed_main(int argc, char **argv)
{
	struct seed_options options;

	if (!seed_options_read(&options, argc, argv))
		return EX_USAGE;
	if (options.help) {
		fputs(help, stdout);
		return 0;
	}
	return seed_load(&options.plan, options.quiet);
}
