/* The rows of the demonstration content, in the text format of PostgreSQL's COPY. */
#ifndef QUIRE_SEED_ROWS_H
#define QUIRE_SEED_ROWS_H

#include "seed_plan.h"

struct seed_content {
	const struct seed_plan *plan;
	const struct user_counts *counts; /* plan_count() of the plan */
	const char *password;             /* the hash that all users have */
};

/* Takes rows as they are made. */
struct row_sink {
	struct buffer rows; /* whole rows, each with its line end, and the one being made */
	struct buffer text; /* a field before its escaping */
	uint64_t count;     /* rows since the start */
	void (*flush)(
	    struct row_sink *sink); /* takes `rows` away; called whenever they are large, and at the end of a table */
	void *context;
};

/* Makes an empty sink in the arena, which must live as long. */
struct row_sink row_sink_in(struct arena *arena, void (*flush)(struct row_sink *sink), void *context);

struct seed_table {
	const char *name;
	const char *copy; /* the statement that takes the rows */
	void (*make)(const struct seed_content *content, struct row_sink *sink);
	double cost; /* microseconds that a row took once: the progress goes by it */
};

#define SEED_TABLES 5
extern const struct seed_table seed_tables[SEED_TABLES];

/* How many rows a table will have. */
uint64_t seed_table_rows(const struct seed_table *table, const struct seed_plan *plan);

/* Makes all rows of a table. */
void seed_table_make(const struct seed_table *table, const struct seed_content *content, struct row_sink *sink);

#endif
