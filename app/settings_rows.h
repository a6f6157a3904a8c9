/* Makes C out of a .def file of settings. Included after settings.h, as often as there is something to make:
 *
 *     in a header, the declarations:            in one .c file, the variables and their table:
 *
 *     #define SETTINGS_FILE "limits.def"        #define SETTINGS_FILE "limits.def"
 *     #include "settings_rows.h"                #define SETTINGS_TABLE business_settings
 *                                               #include "settings_rows.h"
 *
 * A row is TYPE(variable, key, default, bounds, help). The bounds of a number are its least and its most value, that of a
 * text is its most bytes; Redis' address has 1 before it if it must not be empty, else 0. A default is a plain number or string;
 * the variable has it until settings_load.
 */
/* clang-format off */
#define NUMBER(variable, key, standard, min, max, help) \
	SETTING(long, variable, standard, key, SETTING_NUMBER, #standard, min, max, help)
#define OCTAL(variable, key, standard, min, max, help) \
	SETTING(long, variable, standard, key, SETTING_OCTAL, #standard, min, max, help)
#define TEXT(variable, key, standard, max, help) \
	SETTING(const char *, variable, standard, key, SETTING_TEXT, standard, 0, max, help)
#define SECRET(variable, key, standard, max, help) \
	SETTING(const char *, variable, standard, key, SETTING_SECRET, standard, 0, max, help)
#define CONNECTION(variable, key, standard, max, help) \
	SETTING(const char *, variable, standard, key, SETTING_CONNECTION, standard, 0, max, help)
#define CONNECTIONS(variable, key, standard, max, help) \
	SETTING(const char *, variable, standard, key, SETTING_CONNECTIONS, standard, 0, max, help)
#define REDIS(variable, key, standard, min, max, help) \
	SETTING(const char *, variable, standard, key, SETTING_REDIS, standard, min, max, help)
#define RATE(variable, key, count, seconds, help) \
	SETTING(struct rate, variable, RATE_OF(count, seconds), key, SETTING_RATE, #count "/" #seconds, 0, 0, help)
#define RATE_OF(count, seconds) {count, seconds}

#ifndef SETTINGS_TABLE

#define SETTING(c_type, variable, ...) extern c_type variable;
#include SETTINGS_FILE
#undef SETTING

#else

#define SETTING(c_type, variable, standard, ...) c_type variable = standard;
#include SETTINGS_FILE
#undef SETTING

#define SETTING(c_type, variable, standard, key, type, text, min, max, help) \
	{key, type, &variable, text, min, max, help, text, "default"},
static struct setting setting_rows[] = {
#include SETTINGS_FILE
};
#undef SETTING

const struct settings_table SETTINGS_TABLE = {setting_rows, sizeof setting_rows / sizeof *setting_rows};

#endif

#undef SETTINGS_FILE
#undef SETTINGS_TABLE
#undef NUMBER
#undef OCTAL
#undef TEXT
#undef SECRET
#undef CONNECTION
#undef CONNECTIONS
#undef REDIS
#undef RATE
#undef RATE_OF
