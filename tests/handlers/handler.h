/* What the tests of handlers start with: requests made in memory, the database and Redis of the cluster that the environment names. */
#ifndef QUIRE_TESTS_HANDLER_H
#define QUIRE_TESTS_HANDLER_H

#include <sodium.h>

#include "../memory.h"
#include "../unit/unit.h"
#include "csrf.h"
#include "dispatch.h"
#include "handlers.h"
#include "redis.h"

/* The answer to a request; valid until the next one is made. */
static struct memory memory;

/* Texts that tests make. */
static struct arena *texts;

static inline int
handler_setup(void **state)
{
	const struct settings_table tables[] = {runtime_settings, business_settings};

	(void)state;
	if (!settings_load(tables, COUNT_OF(tables), NULL, stderr) || sodium_init() < 0)
		return -1;
	handlers_init();
	return 0;
}

static inline int
handler_teardown(void **state)
{
	(void)state;
	if (memory.req.arena != NULL)
		memory_end(&memory);
	memory.req.arena = NULL;
	if (texts != NULL)
		arena_free(texts);
	texts = NULL;
	database_close();
	redis_close();
	return 0;
}

static inline void
begin(const char *method, const char *target)
{
	if (memory.req.arena != NULL)
		memory_end(&memory);
	memory_start(&memory, method, target);
}

/* Makes a request, with a token and a JSON body unless they are NULL, and gives the answer's status. */
static inline int
ask(const char *token, const char *method, const char *target, const char *body)
{
	static char authorization[300];

	begin(method, target);
	if (token != NULL) {
		snprintf(authorization, sizeof authorization, "Token %s", token);
		memory_header(&memory, "Authorization", authorization);
	}
	if (body != NULL)
		memory_body(&memory, "application/json", body);
	dispatch(&memory.req, &memory.res);
	return (int)memory.res.status;
}

static inline void
begin_page(const char *token, const char *method, const char *target)
{
	begin(method, target);
	if (token != NULL)
		memory_header(&memory, "Cookie", arena_printf(memory.req.arena, "session=%s", token));
}

/* Asks for a page as a browser does, with the session of a token as a cookie, unless it is NULL. */
static inline int
visit(const char *token, const char *target)
{
	begin_page(token, "GET", target);
	dispatch(&memory.req, &memory.res);
	return (int)memory.res.status;
}

/* Posts a form as a page of ours has it, with the session's token against forgery. `fields` are percent-encoded. */
static inline int
submit(const char *token, const char *target, const char *fields)
{
	begin_page(token, "POST", target);
	memory_header(&memory, "Sec-Fetch-Site", "same-origin");
	memory_form(&memory, arena_printf(memory.req.arena, CSRF_FIELD "=%s&%s", csrf_token(&memory.req), fields));
	dispatch(&memory.req, &memory.res);
	return (int)memory.res.status;
}

static inline const char *
header(const char *name)
{
	return response_header_value(&memory.res, name);
}

/* The member of the answer that a path such as "article.author.username" leads to; a number leads into a list. NULL if it is not there. */
static inline struct json_object *
member(const char *path)
{
	struct json_object *at = memory_json(&memory);
	char copy[200], *rest = copy, *key;

	snprintf(copy, sizeof copy, "%s", path);
	while (at != NULL && (key = strsep(&rest, ".")) != NULL)
		at = json_object_is_type(at, json_type_array) ? json_object_array_get_idx(at, (size_t)atoi(key))
		                                              : json_object_object_get(at, key);
	return at;
}

static inline const char *
text(const char *path)
{
	const char *found = json_object_get_string(member(path));

	return found != NULL ? found : "(nothing)";
}

static inline int
number(const char *path)
{
	return json_object_get_int(member(path));
}

static inline bool
boolean(const char *path)
{
	struct json_object *found = member(path);

	assert_true(json_object_is_type(found, json_type_boolean));
	return json_object_get_boolean(found);
}

#define assert_error(key, message) assert_string_equal(memory_error(&memory, key), message)

/* Formats into memory that lives until all tests have ended: for paths and bodies. */
static inline const char *
form(const char *format, ...)
{
	va_list arguments;
	char made[2000];

	va_start(arguments, format);
	assert_in_range(vsnprintf(made, sizeof made, format, arguments), 0, sizeof made - 1);
	va_end(arguments);
	if (texts == NULL)
		texts = arena_new();
	return arena_copy(texts, made, strlen(made));
}

struct person {
	const char *name;
	const char *email;
	const char *token;
};

/* Registers somebody whom no other test knows. */
static inline struct person
somebody(void)
{
	struct person person;
	unsigned char random[6];
	char hex[2 * sizeof random + 1];

	randombytes_buf(random, sizeof random);
	sodium_bin2hex(hex, sizeof hex, random, sizeof random);
	person.name = form("user%s", hex);
	person.email = form("%s@example.org", person.name);
	assert_int_equal(ask(NULL, "POST", "/api/users",
	                     form("{\"user\":{\"username\":\"%s\",\"email\":\"%s\",\"password\":\"long enough\"}}",
	                          person.name, person.email)),
	                 201);
	person.token = form("%s", text("user.token"));
	return person;
}

/* Publishes an article of a unique title with one tag; gives its slug. */
static inline const char *
publish(const struct person *author, const char *tag)
{
	unsigned char random[6];
	char hex[2 * sizeof random + 1];

	randombytes_buf(random, sizeof random);
	sodium_bin2hex(hex, sizeof hex, random, sizeof random);
	assert_int_equal(
	    ask(author->token, "POST", "/api/articles",
	        form("{\"article\":{\"title\":\"Title %s\",\"description\":\"What about\",\"body\":\"Text\","
	             "\"tagList\":[\"%s\"]}}",
	             hex, tag)),
	    201);
	return form("%s", text("article.slug"));
}

#define HANDLER_TESTS(tests) cmocka_run_group_tests(tests, handler_setup, handler_teardown)

#endif
