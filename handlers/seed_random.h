/* Chance that can be repeated: the same seed gives the same content.
 *
 * The generator is splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014; after the public-domain
 * code of Sebastiano Vigna). Every user, article, … has dice of its own, so that any row can be made again without those before it:
 * that is what keeps the memory of a large load small.
 */
#ifndef QUIRE_SEED_RANDOM_H
#define QUIRE_SEED_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* Dice of the item `number` among those of its `kind`. */
struct dice dice_for(uint64_t seed, uint64_t kind, uint64_t number);

uint64_t dice_roll(struct dice *dice);

/* 0 to limit - 1; limit from 1 to 2^32. */
uint64_t dice_below(struct dice *dice, uint64_t limit);

/* 0 up to, but never, 1. */
double dice_unit(struct dice *dice);

/* True once in `times`. */
bool dice_once_in(struct dice *dice, uint64_t times);

/* Where `place` of `count` items goes when they are shuffled: a permutation (a Feistel network of four rounds that walks
 * on until it is back inside), so that names and titles are drawn without repeating and without remembering. */
uint64_t shuffled(uint64_t seed, uint64_t place, uint64_t count);

/* How likely the low numbers are. */
enum curve {
	CURVE_EVEN,
	CURVE_GENTLE, /* the first is three times as likely as the last */
	CURVE_STEEP,  /* the first hundredth gets a fifth */
	CURVE_ZIPF,   /* the n-th is about 1/n as likely as the first */
	CURVE_TAIL,   /* as CURVE_ZIPF, but without its head: the first few dozen are nearly alike */
};

/* One of 0 to count - 1. */
uint64_t pick(struct dice *dice, enum curve curve, uint64_t count);

/* Several of 0 to count - 1, all different and in ascending order, in no memory: one out of each of `wanted` equal slices of
 * the curve. */
struct picks {
	struct dice *dice;
	enum curve curve;
	uint64_t count, wanted, taken;
	uint64_t next; /* the least number that is still free */
};

struct picks picks_of(struct dice *dice, enum curve curve, uint64_t count, uint64_t wanted);

/* The next one; false after the last. */
bool picks_next(struct picks *picks, uint64_t *number);

/* Divides `total` things among many in proportion to their weights, to the last one. Whoever gets fewer than their share because
 * of their limit leaves the rest to those after them. */
struct shares {
	uint64_t total, given;
	double weights, weights_so_far;
};

/* `weights` is the sum of all weights, added up in the order in which shares_next will see them. */
struct shares shares_of(uint64_t total, double weights);

uint64_t shares_next(struct shares *shares, double weight, uint64_t limit);

#endif
