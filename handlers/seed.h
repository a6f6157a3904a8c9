/* `quire seed`: fills an empty database with demonstration content. */
#ifndef QUIRE_SEED_H
#define QUIRE_SEED_H

#include <stdbool.h>

#include "seed_plan.h"

/* What the arguments ask for. */
struct seed_options {
	struct seed_plan plan;
	bool quiet;
	bool help;
};

/* Reads the arguments after "seed". False after a line on standard error that says what is wrong. */
bool seed_options_read(struct seed_options *options, int argc, char **argv);

/* The command. Returns the exit status: 64 for wrong arguments, 1 when nothing could be loaded. */
int seed_main(int argc, char **argv);

#endif
