/* Which usernames can be told apart. */
#include "../unit/unit.h"
#include "username.h"

#define INVISIBLE "has characters that cannot be seen"
#define MIXED     "mixes letters of different scripts"
#define LOOKALIKE "looks like a name in other letters"

TEST(names_are_accepted_or_complained_about)
{
	static const struct {
		const char *name, *fault;
	} rows[] = {
	    {"demo", NULL},
	    {"Jane Doe-Smith_3.14 (x)", NULL},
	    {"Zoë", NULL},
	    {"Kjær", NULL},
	    {"Aydın", NULL},
	    {"Łukasz Þór", NULL},
	    {"Νίκος", NULL},
	    {"Дмитрий", NULL},
	    {"Дмитрий 2", NULL},
	    {"דָּוִד", NULL},
	    {"محمد", NULL},
	    {"नमस्ते", NULL},
	    {"ไพศาล", NULL},
	    {"山田太郎", NULL},
	    {"山田タロウのblog", NULL},
	    {"王小明 Ming", NULL},
	    {"홍길동 Kim", NULL},
	    {"fox🦊", NULL},

	    {"a  b", INVISIBLE},
	    {"ad\u200bmin", INVISIBLE},
	    {"ad\u200dmin", INVISIBLE},
	    {"ad\u00admin", INVISIBLE},
	    {"admin\u202e", INVISIBLE},
	    {"admin\ufe0f", INVISIBLE},
	    {"admin\u3164", INVISIBLE},
	    {"admin\u2800", INVISIBLE},
	    {"a\u00a0b", INVISIBLE},
	    {"a\u3000b", INVISIBLE},
	    {"a\ue000", INVISIBLE},
	    {"a\U000e0041", INVISIBLE},
	    {"a\U000eeeee", INVISIBLE},
	    {"q\u0307\u0307", INVISIBLE},

	    {"аdmin", MIXED},  /* Cyrillic а */
	    {"adminο", MIXED}, /* Greek omicron */
	    {"Дмитрий smith", MIXED},
	    {"محمد ali", MIXED},
	    {"1\u0662", MIXED}, /* a digit of Arabic */

	    {"раура", LOOKALIKE}, /* all of it Cyrillic */
	    {"ａｄｍｉｎ", LOOKALIKE},
	    {"𝐚𝐝𝐦𝐢𝐧", LOOKALIKE},
	    {"ɑdmin", LOOKALIKE}, /* an alpha of phonetics */
	    {"O’Neill", LOOKALIKE},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *fault = username_fault(rows[i].name);

		if (fault != rows[i].fault &&
		    (fault == NULL || rows[i].fault == NULL || strcmp(fault, rows[i].fault) != 0))
			fail_msg("%s: %s, expected %s", rows[i].name, fault, rows[i].fault);
	}
}

TEST(a_long_name_is_judged_as_well)
{
	char name[4001] = "";

	for (size_t i = 0; i < 1000; i++)
		strcat(name, "а");
	assert_string_equal(username_fault(name), LOOKALIKE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_accepted_or_complained_about),
	    cmocka_unit_test(a_long_name_is_judged_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
