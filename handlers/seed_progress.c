#include "seed_progress.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"

#define SECOND      INT64_C(1000000)
#define BAR_WIDTH   30
#define GUESS_AFTER (2 * SECOND) /* before that, the time left would be a wild guess */
#define BAR_EVERY   (SECOND / 10)
#define LINE_EVERY  (5 * SECOND)

struct progress
progress_new(bool quiet, double cost_in_all)
{
	int64_t now = clock_monotonic();

	return (struct progress){.quiet = quiet,
	                         .terminal = !quiet && isatty(STDERR_FILENO),
	                         .cost_in_all = cost_in_all,
	                         .begun = now,
	                         .shown = now};
}

double
progress_seconds(const struct progress *progress)
{
	return (double)(clock_monotonic() - progress->begun) / SECOND;
}

void
progress_clear(const struct progress *progress)
{
	if (progress->terminal)
		fputs("\r\033[K", stderr);
}

static void
show_rest(int64_t passed, double part)
{
	long long seconds = (long long)((double)passed / SECOND * (1 - part) / part);

	if (seconds >= 100)
		fprintf(stderr, ", %lld min left", (seconds + 59) / 60);
	else
		fprintf(stderr, ", %lld s left", seconds);
}

static void
show(struct progress *progress)
{
	int64_t now = clock_monotonic();

	if (progress->quiet || progress->name == NULL ||
	    now - progress->shown < (progress->terminal ? BAR_EVERY : LINE_EVERY))
		return;
	progress->shown = now;

	double part = (progress->cost_before + progress->cost * progress->done) / progress->cost_in_all;

	part = part < 1 ? part : 1;
	if (progress->terminal) {
		int filled = (int)(part * BAR_WIDTH);

		fprintf(stderr, "\r[%.*s%.*s]", filled, "##############################", BAR_WIDTH - filled,
		        "..............................");
	}
	fprintf(stderr, " %3d %%  %s", (int)(part * 100), progress->name);
	if (progress->rows_done > 0 && now > progress->part_begun)
		fprintf(stderr, ", %.0f rows a second",
		        (double)progress->rows_done * SECOND / (double)(now - progress->part_begun));
	if (now - progress->begun > GUESS_AFTER && part > 0.01)
		show_rest(now - progress->begun, part);
	fputs(progress->terminal ? "\033[K" : "\n", stderr);
}

void
progress_begin(struct progress *progress, const char *name, uint64_t rows, double cost)
{
	progress->name = name;
	progress->rows = rows;
	progress->rows_done = 0;
	progress->cost = cost;
	progress->done = 0;
	progress->part_begun = clock_monotonic();
	if (progress->terminal)
		progress->shown = 0; /* each part is seen, however short it is */
	show(progress);
}

void
progress_part(struct progress *progress, double done)
{
	progress->done = done;
	show(progress);
}

void
progress_rows(struct progress *progress, uint64_t done)
{
	progress->rows_done = done;
	progress_part(progress, progress->rows > 0 ? (double)done / (double)progress->rows : 0);
}

void
progress_end(struct progress *progress)
{
	double seconds = (double)(clock_monotonic() - progress->part_begun) / SECOND;

	progress->cost_before += progress->cost;
	progress->cost = 0;
	if (progress->quiet)
		return;
	progress_clear(progress);
	fprintf(stderr, "%-10s", progress->name);
	if (progress->rows_done > 0)
		fprintf(stderr, "%11llu rows", (unsigned long long)progress->rows_done);
	else
		fprintf(stderr, "%16s", "");
	fprintf(stderr, "%9.1f s\n", seconds);
}
