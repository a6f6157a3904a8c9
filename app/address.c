#include "address.h"

#include <libpq-fe.h>
#include <string.h>

#include "log.h"
#include "settings.h"

#define STANDARD_PORT "5432"

/* How many items a list of libpq's has, and one of them. An empty list is one empty item. */
static size_t
items_count(const char *list)
{
	size_t count = 1;

	for (; *list != '\0'; list++)
		count += *list == ',';
	return count;
}

static const char *
item(struct arena *arena, const char *list, size_t index)
{
	for (; index > 0; index--)
		list += strcspn(list, ",") + 1;
	return arena_copy(arena, list, strcspn(list, ","));
}

/* The parts of a connection string that are lists: one item for each host. */
struct lists {
	const char *host, *hostaddr, *port;
	size_t count;
};

static const char *
option_value(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword != NULL; options++) {
		if (strcmp(options->keyword, keyword) == 0 && options->val != NULL)
			return options->val;
	}
	return "";
}

/* As connectOptions2() of libpq's fe-connect.c. */
static bool
find_lists(const PQconninfoOption *options, struct lists *lists)
{
	*lists = (struct lists){option_value(options, "host"), option_value(options, "hostaddr"),
	                        option_value(options, "port"), 1};
	lists->count = items_count(*lists->hostaddr != '\0' ? lists->hostaddr : lists->host);
	if (*lists->hostaddr != '\0' && *lists->host != '\0' && items_count(lists->host) != lists->count)
		return false;
	return items_count(lists->port) == 1 || items_count(lists->port) == lists->count;
}

static void
add(struct address *address, const char *keyword, const char *value)
{
	if (*value == '\0')
		return;
	address->keywords[address->count] = keyword;
	address->values[address->count++] = value;
}

static bool
is_listed(const char *keyword)
{
	return strcmp(keyword, "host") == 0 || strcmp(keyword, "hostaddr") == 0 || strcmp(keyword, "port") == 0 ||
	       strcmp(keyword, "target_session_attrs") == 0;
}

/* All that the options say, but for the lists. */
static struct address
address_of(struct arena *arena, const PQconninfoOption *options)
{
	struct address address = {0};
	size_t count = 0;

	while (options[count].keyword != NULL)
		count++;
	address.keywords = arena_alloc(arena, (count + ADDRESS_EXTRA + 1) * sizeof *address.keywords);
	address.values = arena_alloc(arena, (count + ADDRESS_EXTRA + 1) * sizeof *address.values);
	for (; options->keyword != NULL; options++) {
		if (options->val != NULL && !is_listed(options->keyword))
			add(&address, arena_copy(arena, options->keyword, strlen(options->keyword)),
			    arena_copy(arena, options->val, strlen(options->val)));
	}
	return address;
}

static struct address
address_of_host(struct arena *arena, const PQconninfoOption *options, const struct lists *lists, size_t index)
{
	struct address address = address_of(arena, options);
	const char *host = *lists->host != '\0' ? item(arena, lists->host, index) : "";
	const char *hostaddr = *lists->hostaddr != '\0' ? item(arena, lists->hostaddr, index) : "";
	const char *port = item(arena, lists->port, items_count(lists->port) == 1 ? 0 : index);

	add(&address, "host", host);
	add(&address, "hostaddr", hostaddr);
	add(&address, "port", port);
	address.name = arena_printf(arena, "%s:%s",
	                            *host != '\0'       ? host
	                            : *hostaddr != '\0' ? hostaddr
	                                                : "local",
	                            *port != '\0' ? port : STANDARD_PORT);
	return address;
}

size_t
address_split(struct arena *arena, const char *connection, struct address *addresses, size_t max)
{
	PQconninfoOption *options = PQconninfoParse(connection, NULL);
	struct lists lists;
	size_t count = 0;

	if (options != NULL && find_lists(options, &lists)) {
		count = lists.count;
		for (size_t i = 0; i < count && i < max; i++)
			addresses[i] = address_of_host(arena, options, &lists, i);
	}
	PQconninfoFree(options);
	return count;
}

size_t
address_split_all(struct arena *arena, const char *connections, struct address *addresses, size_t max)
{
	size_t count = 0;

	for (;; connections++) {
		size_t length = strcspn(connections, ";");
		const char *one = arena_copy(arena, connections, length);

		if (one[strspn(one, " ")] != '\0')
			count += address_split(arena, one, addresses + (count < max ? count : max),
			                       count < max ? max - count : 0);
		connections += length;
		if (*connections == '\0')
			return count;
	}
}

/* The whole string of the primary, with all its hosts. */
static struct address
whole(struct arena *arena, const char *connection)
{
	PQconninfoOption *options = PQconninfoParse(connection, NULL);
	struct address address = address_of(arena, options);
	static const char *const listed[] = {"host", "hostaddr", "port", "target_session_attrs"};

	address.name = "primary";
	for (size_t i = 0; i < sizeof listed / sizeof *listed; i++) {
		const char *value = option_value(options, listed[i]);

		add(&address, listed[i], arena_copy(arena, value, strlen(value)));
	}
	PQconninfoFree(options);
	return address;
}

static struct {
	const char *primary, *replicas; /* what it was read from */
	struct arena *arena;
	struct addresses addresses;
} known;

static void
read_settings(void)
{
	struct addresses *all = &known.addresses;

	if (known.arena == NULL)
		known.arena = arena_new();
	arena_reset(known.arena);
	known.primary = setting_database_primary;
	known.replicas = setting_database_replicas;
	all->primary = whole(known.arena, known.primary);
	all->count[NODES_PRIMARY] = address_split(known.arena, known.primary, all->of[NODES_PRIMARY], NODES_MAX);
	all->count[NODES_REPLICAS] = address_split_all(known.arena, known.replicas, all->of[NODES_REPLICAS], NODES_MAX);
}

const struct addresses *
addresses(void)
{
	if (known.primary != setting_database_primary || known.replicas != setting_database_replicas)
		read_settings();
	return &known.addresses;
}

void
addresses_check(void)
{
	const struct addresses *all = addresses();

	if (all->count[NODES_PRIMARY] == 0)
		log_fatal("QUIRE_DATABASE_PRIMARY has lists of hosts and ports that do not match",
		          LOG_NUMBER("hosts", all->count[NODES_PRIMARY]));
	if (all->count[NODES_PRIMARY] > NODES_MAX)
		log_fatal("too many hosts in QUIRE_DATABASE_PRIMARY", LOG_NUMBER("hosts", all->count[NODES_PRIMARY]),
		          LOG_NUMBER("most", NODES_MAX));
	if (all->count[NODES_REPLICAS] > NODES_MAX)
		log_fatal("too many replicas in QUIRE_DATABASE_REPLICAS",
		          LOG_NUMBER("replicas", all->count[NODES_REPLICAS]), LOG_NUMBER("most", NODES_MAX));
}
