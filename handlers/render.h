/* HTML of what was saved before there was any, or by a program that could not make it. */
#ifndef QUIRE_RENDER_H
#define QUIRE_RENDER_H

/* Renders the articles and comments whose html is NULL in the database setting_database_owner, some at a time, while others read and
 * write them. Says on standard output how many, if there were any. What markdown_html refuses keeps none.
 *
 * Returns 0, or 1 with a line on standard error; what was rendered until then stays. To run it again goes on with the rest. */
int render_missing(void);

#endif
