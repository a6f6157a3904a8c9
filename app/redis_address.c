#include "redis_address.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define REDIS_PORT    6379
#define SENTINEL_PORT 26379

/* Copies a name of at least one letter, digit or what else stands in names and in IP addresses. */
static bool
copy_name(char *name, const char *text, size_t length)
{
	if (length == 0 || length > REDIS_HOST_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && strchr("-_.:%", text[i]) == NULL)
			return false;
	memcpy(name, text, length);
	name[length] = '\0';
	return true;
}

static bool
parse_port(const char *text, size_t length, int *port)
{
	if (length == 0 || length > 5 || strspn(text, "0123456789") < length)
		return false;
	*port = atoi(text);
	return *port > 0 && *port < 65536;
}

static bool
parse_host(const char *text, size_t length, int standard_port, struct redis_host *host)
{
	const char *end = text + length, *bracket = memchr(text, ']', length), *colon;

	host->port = standard_port;
	if (length > 0 && *text == '[') {
		if (bracket == NULL || !copy_name(host->name, text + 1, (size_t)(bracket - text - 1)))
			return false;
		colon = bracket + 1;
		return colon == end || (*colon == ':' && parse_port(colon + 1, (size_t)(end - colon - 1), &host->port));
	}
	colon = memchr(text, ':', length);
	if (colon != NULL && !parse_port(colon + 1, (size_t)(end - colon - 1), &host->port))
		return false;
	return copy_name(host->name, text, colon != NULL ? (size_t)(colon - text) : length);
}

static bool
parse_path(const char *path, struct redis_address *address)
{
	size_t length = strlen(path);

	if (path[0] != '/' || length > REDIS_PATH_MAX)
		return false;
	memcpy(address->hosts[0].name, path, length + 1);
	address->count = 1;
	return true;
}

static bool
parse_sentinels(const char *text, struct redis_address *address)
{
	const char *at = strchr(text, '@');

	if (at == NULL || !copy_name(address->master, text, (size_t)(at - text)))
		return false;
	for (text = at + 1;; text++) {
		size_t length = strcspn(text, ",");

		if (address->count == REDIS_SENTINELS_MAX ||
		    !parse_host(text, length, SENTINEL_PORT, &address->hosts[address->count++]))
			return false;
		text += length;
		if (*text == '\0')
			return true;
	}
}

bool
redis_address_parse(const char *text, struct redis_address *address)
{
	memset(address, 0, sizeof *address);
	if (strncmp(text, "unix:", 5) == 0)
		return parse_path(text + 5, address);
	if (strncmp(text, "sentinel:", 9) == 0)
		return parse_sentinels(text + 9, address);
	address->count = 1;
	return parse_host(text, strlen(text), REDIS_PORT, &address->hosts[0]);
}
