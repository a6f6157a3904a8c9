#include "unit.h"

#include "language.h"

TEST(the_preferred_language_is_chosen)
{
	static const char *const tags[] = {"en", "de", "pt-BR"};
	static const struct {
		const char *accept, *tag;
	} rows[] = {
	    {NULL, "en"},
	    {"", "en"},
	    {"de", "de"},
	    {"DE", "de"},
	    {"de-AT", "de"},
	    {"de-Latn-AT-1996", "de"},
	    {"deu", "en"},
	    {"d", "en"},
	    {"pt-BR", "pt-BR"},
	    {"pt", "en"},
	    {"pt-br-x-test", "pt-BR"},
	    {"fr, de", "de"},
	    {"fr, es;q=0.8", "en"},
	    {"de, en", "de"},
	    {"en, de", "en"},
	    {"en;q=0.5, de", "de"},
	    {"en;q=0.5,de;q=0.51", "de"},
	    {"en;q=0.501,de;q=0.5", "en"},
	    {"de;q=0.5,en;q=0.5", "de"},
	    {"de;q=0", "en"},
	    {"de;q=0, en;q=0.1", "en"},
	    {"de ; q=0.9 , en ; q=0.8", "de"},
	    {"de;Q=0.9,en;q=0.8", "de"},
	    {"de;q=1.000", "de"},
	    {"*", "en"},
	    {"*;q=0.1, de;q=0.2", "de"},
	    {"*, de", "en"},
	    {",, de", "de"},
	    {"de,", "de"},
	    /* malformed: as if it were not there */
	    {"de;q=2", "en"},
	    {"de;q=1.5", "en"},
	    {"de;q=", "en"},
	    {"de;q=x", "en"},
	    {"de;level=1", "en"},
	    {"de en", "en"},
	    {"de;q=0.1234", "en"},
	    {"\xFF, de", "en"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t chosen = language_choose(rows[i].accept, tags, COUNT_OF(tags));

		if (strcmp(tags[chosen], rows[i].tag) != 0)
			fail_msg("\"%s\" chose %s, not %s", rows[i].accept, tags[chosen], rows[i].tag);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_preferred_language_is_chosen)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
