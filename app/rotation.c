#include "rotation.h"

/* So much of the longest lag is one entry of the history, which so reaches back further than that. */
#define SPACING_PART 100

static size_t
place(const struct history *history, size_t n)
{
	return (history->first + n) % HISTORY_MAX;
}

void
history_add(struct history *history, struct position position, int64_t now, int64_t spacing)
{
	if (history->count > 0) {
		size_t newest = place(history, history->count - 1);
		int order = position_compare(position, history->entry[newest].position);

		if (order < 0)
			return;
		if (order == 0) {
			history->entry[newest].until = now;
			return;
		}
		if (history->count > 1 && position.timeline == history->entry[newest].position.timeline &&
		    now - history->entry[place(history, history->count - 2)].until < spacing) {
			history->entry[newest].position = position;
			history->entry[newest].from = history->entry[newest].until = now;
			return;
		}
	}
	if (history->count == HISTORY_MAX)
		history->first = place(history, 1);
	else
		history->count++;

	size_t added = place(history, history->count - 1);

	history->entry[added].position = position;
	history->entry[added].from = history->entry[added].until = now;
}

/* When the primary passed `replayed`, which lies between two places where it was seen: as if it had gone on evenly. Between two timelines
 * there was no primary, and nothing to miss. */
static int64_t
time_between(const struct history *history, size_t before, size_t after, struct position replayed)
{
	struct position a = history->entry[before].position, b = history->entry[after].position;
	int64_t from = history->entry[before].until, until = history->entry[after].from;

	if (a.timeline != b.timeline)
		return until;
	return from +
	       (int64_t)((double)(until - from) * (double)(replayed.offset - a.offset) / (double)(b.offset - a.offset));
}

int64_t
history_lag(const struct history *history, struct position replayed, int64_t now)
{
	size_t n = history->count;

	while (n > 0 && position_compare(history->entry[place(history, n - 1)].position, replayed) > 0)
		n--;
	if (n == 0)
		return NODE_LAG_UNKNOWN;
	if (n == history->count)
		return 0;

	int64_t lag = now - time_between(history, place(history, n - 1), place(history, n), replayed);

	return lag > 0 ? lag : 0;
}

/* The timeline of what a standby has replayed. What the receiver says may be ahead of the replay: it counts once the replay is past where
 * the primary of that timeline was seen, or has met one of its checkpoints. Else it is the last one that was certain, which can only be too
 * old: the standby then counts for less than it is. */
static uint32_t
timeline_of_standby(const struct rotation *rotation, const struct watched *node, const struct probe_answer *answer)
{
	uint32_t certain = answer->checkpoint_timeline;

	if (node->started == answer->started && node->certain_timeline > certain)
		certain = node->certain_timeline;
	if (answer->receiver_timeline > certain && answer->receiver_timeline == rotation->first.timeline &&
	    answer->offset >= rotation->first.offset)
		certain = answer->receiver_timeline;
	return certain;
}

void
rotation_init(struct rotation *rotation, size_t hosts, size_t replicas, int64_t lag_max)
{
	*rotation = (struct rotation){.count = {hosts, replicas}, .primary.host = -1, .lag_max = lag_max};
	for (size_t i = 0; i < NODES_MAX; i++)
		rotation->node[NODES_REPLICAS][i].state.lag = NODE_LAG_UNKNOWN;
}

void
rotation_answer(struct rotation *rotation, enum node_list list, size_t index, const struct probe_answer *answer,
                int64_t now)
{
	struct watched *node = &rotation->node[list][index];
	uint32_t timeline = answer->recovering ? timeline_of_standby(rotation, node, answer) : answer->timeline;

	node->asked = true;
	node->started = answer->started;
	node->certain_timeline = timeline;
	node->received = answer->received;
	node->state.role = answer->recovering ? NODE_STANDBY : NODE_WRITABLE;
	node->state.position = position_of_log(timeline, answer->offset);
	node->state.seen = now;
}

void
rotation_away(struct rotation *rotation, enum node_list list, size_t index)
{
	rotation->node[list][index].asked = true;
	rotation->node[list][index].state.role = NODE_AWAY;
}

bool
rotation_complete(const struct rotation *rotation)
{
	for (size_t list = 0; list < NODE_LISTS; list++) {
		for (size_t i = 0; i < rotation->count[list]; i++) {
			if (!rotation->node[list][i].asked)
				return false;
		}
	}
	return true;
}

void
rotation_choose_primary(struct rotation *rotation)
{
	struct primary_state *primary = &rotation->primary;
	const struct watched *hosts = rotation->node[NODES_PRIMARY];
	int best = -1, before = primary->host;

	for (int i = 0; i < (int)rotation->count[NODES_PRIMARY]; i++) {
		const struct node_state *state = &hosts[i].state;

		if (state->role != NODE_WRITABLE || state->position.timeline < primary->position.timeline)
			continue; /* one that was the primary once, and has not been told */
		if (best < 0 || state->position.timeline > hosts[best].state.position.timeline ||
		    (i == before && state->position.timeline == hosts[best].state.position.timeline))
			best = i;
	}
	primary->host = best;
	if (best < 0)
		return;
	if (hosts[best].state.position.timeline != rotation->first.timeline)
		rotation->first = hosts[best].state.position;
	if (position_compare(hosts[best].state.position, primary->position) >= 0) {
		primary->position = hosts[best].state.position;
		primary->seen = hosts[best].state.seen;
	}
	history_add(&rotation->history, primary->position, primary->seen, rotation->lag_max / SPACING_PART);
}

/* The furthest that any replica has received, when nothing is known of a primary. */
static struct position
furthest_received(const struct rotation *rotation)
{
	struct position furthest = {0};

	for (size_t i = 0; i < rotation->count[NODES_REPLICAS]; i++) {
		const struct watched *node = &rotation->node[NODES_REPLICAS][i];

		if (node->state.role == NODE_STANDBY)
			furthest =
			    position_newer(furthest, (struct position){node->state.position.timeline, node->received});
	}
	return furthest;
}

void
rotation_judge(struct rotation *rotation)
{
	const struct history *history = &rotation->history;
	struct position wanted = furthest_received(rotation);
	bool known = history->count > 0, present = rotation->primary.host >= 0;
	for (size_t i = 0; i < rotation->count[NODES_REPLICAS]; i++) {
		struct node_state *state = &rotation->node[NODES_REPLICAS][i].state;

		if (state->role == NODE_STANDBY && known)
			state->lag =
			    history_lag(history, state->position, present ? state->seen : rotation->primary.seen);
		else if (state->role == NODE_STANDBY && position_compare(state->position, wanted) >= 0)
			state->lag = 0;
		else
			state->lag = NODE_LAG_UNKNOWN;
		state->in_rotation = state->lag <= rotation->lag_max;
	}
}
