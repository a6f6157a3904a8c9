/* Settings: one table of name, type, bounds, default and help for each folder that has some (see settings_rows.h).
 *
 * Each value comes from the environment, else from a credential (a file of that name in $CREDENTIALS_DIRECTORY, see
 * systemd.exec(5)), else from the configuration file (see settings_file.h), else it is the default.
 * An unknown or doubled key in the file, or a value out of bounds anywhere, is fatal.
 */
#ifndef QUIRE_SETTINGS_H
#define QUIRE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum setting_type {
	SETTING_NUMBER,      /* long, within min and max */
	SETTING_OCTAL,       /* long, written in octal */
	SETTING_TEXT,        /* const char *, one line of at most max bytes */
	SETTING_SECRET,      /* as SETTING_TEXT, never printed */
	SETTING_CONNECTION,  /* as SETTING_TEXT, a libpq connection string: printed without its password */
	SETTING_CONNECTIONS, /* several of them, separated by ';' */
	SETTING_REDIS,       /* const char *, see redis_address.h; "" if min is 0 */
	SETTING_RATE,        /* struct rate, COUNT/SECONDS */
};

/* So many per so many seconds: 0 to RATE_COUNT_MAX per 1 to RATE_SECONDS_MAX. */
struct rate {
	long count;
	long seconds;
};

#define RATE_COUNT_MAX   1000000
#define RATE_SECONDS_MAX 86400

struct setting {
	const char *key;
	enum setting_type type;
	void *value;
	const char *standard; /* the default, written as in the file */
	long min, max;
	const char *help;
	/* as settings_load found it: */
	const char *text;
	const char *origin; /* "default", "environment", "credential" or "FILE:LINE" */
};

/* One folder's table. */
struct settings_table {
	struct setting *rows;
	size_t count;
};

/* Fills every value of the tables; texts live as long as the process. `path` is the configuration file, or NULL for
 * $QUIRE_CONFIG, else /etc/quire/quire.conf if there is one. On the first fault writes one line that names origin and key
 * to `errors` and returns false. */
bool settings_load(const struct settings_table *tables, size_t count, const char *path, FILE *errors)
    __attribute__((warn_unused_result));

/* Prints each setting with its value (secrets masked), origin, bounds and help, and at the end the QUIRE_ variables of the
 * environment that are no setting. */
void settings_print(const struct settings_table *tables, size_t count, FILE *out);

/* The runtime's own settings. Read-only for everybody else. */
#define SETTINGS_FILE "settings.def"
#include "settings_rows.h"

extern const struct settings_table runtime_settings;

#endif
