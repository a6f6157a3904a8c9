/* The configuration file: KEY=VALUE lines as systemd's EnvironmentFile= reads them (systemd.exec(5)).
 *
 * Accepted is what needs no second look; a file that systemd would read in a surprising way is refused with its line:
 * - Empty lines, and comments that begin with '#' or ';'. A comment must not end with '\'.
 * - A KEY of letters, digits and '_', not followed by spaces. Spaces around a value are dropped.
 * - A plain value: '\' takes the next byte as it is, at the end of a line it joins the next line. Quotes within are text.
 * - '…': no byte within is special.   "…": \" \\ \$ and \` stand for the second byte, '\' at the end of a line joins the next.
 *   Quoted values may span lines. Nothing follows the closing quote.
 * - All is UTF-8 without control characters other than tab and newline.
 */
#ifndef QUIRE_SETTINGS_FILE_H
#define QUIRE_SETTINGS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "arena.h"

#define SETTINGS_FILE_MAX ((size_t)1024 * 1024)

/* Reads a file of at most SETTINGS_FILE_MAX bytes into the arena, NUL-terminated. NULL with errno set if that fails; a file
 * that is longer or has a NUL gives EFBIG or EILSEQ. */
char *settings_file_read(struct arena *arena, const char *path);

struct settings_line {
	const char *key;
	const char *value;
	size_t number; /* of the line, from 1 */
	struct settings_line *next;
};

/* Parses the text of the file at `path`, which is only named in errors. Lines come in their order. On the first fault writes
 * one line "PATH:LINE: what" to `errors` and returns false. */
bool settings_file_parse(struct arena *arena, const char *text, const char *path, struct settings_line **lines,
                         FILE *errors);

#endif
