#include "seed_random.h"

static uint64_t
mixed(uint64_t bits)
{
	bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
	bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
	return bits ^ (bits >> 31);
}

uint64_t
dice_roll(struct dice *dice)
{
	return mixed(dice->state += 0x9e3779b97f4a7c15U);
}

struct dice
dice_for(uint64_t seed, uint64_t kind, uint64_t number)
{
	return (struct dice){mixed(mixed(seed * 64 + kind + 1) + number)};
}

uint64_t
dice_below(struct dice *dice, uint64_t limit)
{
	return ((dice_roll(dice) >> 32) * limit) >> 32;
}

double
dice_unit(struct dice *dice)
{
	return (double)(dice_roll(dice) >> 11) * 0x1p-53;
}

bool
dice_once_in(struct dice *dice, uint64_t times)
{
	return dice_below(dice, times) == 0;
}

uint64_t
shuffled(uint64_t seed, uint64_t place, uint64_t count)
{
	unsigned half = 1;

	while (((uint64_t)1 << (2 * half)) < count)
		half++;
	const uint64_t mask = ((uint64_t)1 << half) - 1;
	do {
		uint64_t left = place >> half, right = place & mask;

		for (uint64_t round = 0; round < 4; round++) {
			uint64_t next = left ^ (mixed(mixed(seed + round) + right) & mask);

			left = right;
			right = next;
		}
		place = left << half | right;
	} while (place >= count);
	return place;
}

/* Steps of one octave each stand in for the logarithm, whose last digit differs from one C library to another. */
static double
zipf(double unit, double count)
{
	unsigned octaves = 0;
	double octave = 1;

	while (octave * 2 <= count + 1) {
		octave *= 2;
		octaves++;
	}
	double along = unit * ((double)octaves + (count + 1 - octave) / octave);
	unsigned whole = (unsigned)along;

	return (double)((uint64_t)1 << whole) * (1 + along - whole) - 1;
}

static uint64_t
on_curve(enum curve curve, double unit, uint64_t count)
{
	double size = (double)count, head = size < 320 ? size / 8 : 40, at;

	switch (curve) {
	case CURVE_GENTLE:
		at = size * unit * (0.5 + 0.5 * unit);
		break;
	case CURVE_STEEP:
		at = size * unit * unit * unit;
		break;
	case CURVE_ZIPF:
		at = zipf(unit, size);
		break;
	case CURVE_TAIL:
		at = head * zipf(unit, size / head);
		break;
	default:
		at = size * unit;
	}
	return at < size ? (uint64_t)at : count - 1;
}

uint64_t
pick(struct dice *dice, enum curve curve, uint64_t count)
{
	return on_curve(curve, dice_unit(dice), count);
}

struct picks
picks_of(struct dice *dice, enum curve curve, uint64_t count, uint64_t wanted)
{
	return (struct picks){dice, curve, count, wanted < count ? wanted : count, 0, 0};
}

bool
picks_next(struct picks *picks, uint64_t *number)
{
	if (picks->taken == picks->wanted)
		return false;

	double unit = ((double)picks->taken + dice_unit(picks->dice)) / (double)picks->wanted;
	uint64_t last = picks->count - (picks->wanted - picks->taken); /* leaves room for those to come */

	*number = on_curve(picks->curve, unit, picks->count);
	if (*number < picks->next)
		*number = picks->next;
	if (*number > last)
		*number = last;
	picks->next = *number + 1;
	picks->taken++;
	return true;
}

struct shares
shares_of(uint64_t total, double weights)
{
	return (struct shares){total, 0, weights, 0};
}

uint64_t
shares_next(struct shares *shares, double weight, uint64_t limit)
{
	shares->weights_so_far += weight;

	uint64_t due = (uint64_t)((double)shares->total * (shares->weights_so_far / shares->weights));
	uint64_t share = due - shares->given;

	if (share > limit)
		share = limit;
	shares->given += share;
	return share;
}
