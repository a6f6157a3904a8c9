/* How far a long load is, on standard error: a bar on a terminal, else a line every few seconds. */
#ifndef QUIRE_SEED_PROGRESS_H
#define QUIRE_SEED_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* A load consists of parts, one after the other. Their costs say how long each will take in comparison with the others: any unit
 * will do. */
struct progress {
	bool quiet, terminal;
	double cost_in_all;

	const char *name;         /* of the part that is under way, NULL before the first */
	uint64_t rows, rows_done; /* of it; rows: 0 when they are not counted */
	double cost, cost_before; /* its own, and that of all parts before it */
	double done;              /* 0 to 1: how much of it */
	int64_t begun, part_begun, shown;
};

struct progress progress_new(bool quiet, double cost_in_all);

/* A part begins; `name` is kept. */
void progress_begin(struct progress *progress, const char *name, uint64_t rows, double cost);

/* So many of its rows are done. */
void progress_rows(struct progress *progress, uint64_t done);

/* So much of it is done, 0 to 1; shows again how far everything is when it was long ago. */
void progress_part(struct progress *progress, double done);

/* It is complete: a line says what it took. */
void progress_end(struct progress *progress);

/* Empties the line of the bar, so that something else can be said. */
void progress_clear(const struct progress *progress);

/* Seconds since progress_new. */
double progress_seconds(const struct progress *progress);

#endif
