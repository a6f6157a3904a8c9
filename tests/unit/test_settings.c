#include "unit.h"

#include <sys/stat.h>

#include "settings.h"

static long number, octal;
static const char *text, *secret, *connection, *connections, *redis, *redis_cache;
static struct rate rate;

static struct setting rows[] = {
    {"QUIRE_TEST_NUMBER", SETTING_NUMBER, &number, "5", -3, 10, "a number of things", NULL, NULL},
    {"QUIRE_TEST_OCTAL", SETTING_OCTAL, &octal, "0660", 0, 0777, "a mode", NULL, NULL},
    {"QUIRE_TEST_TEXT", SETTING_TEXT, &text, "some text", 0, 10, "a text", NULL, NULL},
    {"QUIRE_TEST_SECRET", SETTING_SECRET, &secret, "", 0, 10, "a secret", NULL, NULL},
    {"QUIRE_TEST_CONNECTION", SETTING_CONNECTION, &connection, "dbname=quire", 0, 200, "a database", NULL, NULL},
    {"QUIRE_TEST_CONNECTIONS", SETTING_CONNECTIONS, &connections, "", 0, 200, "databases", NULL, NULL},
    {"QUIRE_TEST_REDIS", SETTING_REDIS, &redis, "host", 1, 100, "Redis", NULL, NULL},
    {"QUIRE_TEST_REDIS_CACHE", SETTING_REDIS, &redis_cache, "", 0, 100, "another", NULL, NULL},
    {"QUIRE_TEST_RATE", SETTING_RATE, &rate, "300/60", 0, 0, "a rate", NULL, NULL},
};

static const struct settings_table table = {rows, COUNT_OF(rows)};

static char folder[] = "/tmp/test_settings.XXXXXX";
static char file[100];
static char said[4000]; /* by the last load() or printed() */

static void
write_to(const char *path, const char *content)
{
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(content, out);
	fclose(out);
}

static void
write_credential(const char *key, const char *content)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", folder, key);
	write_to(path, content);
}

static bool
load_from(const char *path)
{
	memset(said, 0, sizeof said);
	FILE *errors = fmemopen(said, sizeof said - 1, "w");
	bool good = settings_load(&table, 1, path, errors);
	fclose(errors);
	assert_true(good == (*said == '\0'));
	return good;
}

/* Loads a file of that content. */
static bool
load(const char *content)
{
	write_to(file, content);
	return load_from(file);
}

static const char *
printed(void)
{
	memset(said, 0, sizeof said);
	FILE *out = fmemopen(said, sizeof said - 1, "w");
	settings_print(&table, 1, out);
	fclose(out);
	return said;
}

/* Empties environment and folder before each test. */
/* Forgets what settings are read from, and nothing else. */
static void
clear_environment(void)
{
	char name[100];

	for (char **variable = environ; *variable != NULL;) {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(*variable, "="), *variable);
		if (strncmp(name, "QUIRE_", 6) == 0 || strcmp(name, "CREDENTIALS_DIRECTORY") == 0)
			unsetenv(name); /* moves the next variable here */
		else
			variable++;
	}
}

static int
start(void **state __attribute__((unused)))
{
	clear_environment();
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof file, "%s/file", folder);
	return 0;
}

static int
stop(void **state __attribute__((unused)))
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[200];
		snprintf(path, sizeof path, "%s/%s", folder, rows[i].key);
		unlink(path);
	}
	unlink(file);
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

TEST(without_anything_the_defaults_stand)
{
	assert_true(load(""));
	assert_int_equal(number, 5);
	assert_int_equal(octal, 0660);
	assert_string_equal(text, "some text");
	assert_string_equal(secret, "");
	assert_string_equal(connection, "dbname=quire");
	assert_string_equal(connections, "");
	assert_int_equal(rate.count, 300);
	assert_int_equal(rate.seconds, 60);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(rows[i].origin, "default");
}

TEST(values_have_bounds)
{
	static const struct {
		const char *key, *value;
		bool good;
	} values[] = {
	    {"NUMBER", "-3", true},
	    {"NUMBER", "10", true},
	    {"NUMBER", "007", true},
	    {"NUMBER", "-4", false},
	    {"NUMBER", "11", false},
	    {"NUMBER", "", false},
	    {"NUMBER", "-", false},
	    {"NUMBER", "--1", false},
	    {"NUMBER", "+1", false},
	    {"NUMBER", " 1", false},
	    {"NUMBER", "1 ", false},
	    {"NUMBER", "1x", false},
	    {"NUMBER", "0x1", false},
	    {"NUMBER", "1.0", false},
	    {"NUMBER", "18446744073709551621", false},
	    {"NUMBER", "-99999999999999999999", false},
	    {"OCTAL", "0", true},
	    {"OCTAL", "777", true},
	    {"OCTAL", "0777", true},
	    {"OCTAL", "1000", false},
	    {"OCTAL", "-1", false},
	    {"OCTAL", "8", false},
	    {"OCTAL", "0x1", false},
	    {"OCTAL", "u=rw", false},
	    {"TEXT", "", true},
	    {"TEXT", "0123456789", true},
	    {"TEXT", "€€€x", true},
	    {"TEXT", "0123456789x", false},
	    {"TEXT", "a\nb", false},
	    {"TEXT", "a\tb", false},
	    {"TEXT", "a\x7F", false},
	    {"TEXT", "\xFF", false},
	    {"SECRET", "0123456789", true},
	    {"SECRET", "0123456789x", false},
	    {"SECRET", "a\nb", false},
	    {"CONNECTION", "", true},
	    {"CONNECTION", "host=/run user=u password='a b;c'", true},
	    {"CONNECTION", "postgresql://u:p@h:1/d?sslmode=require", true},
	    {"CONNECTION", "host", false},
	    {"CONNECTION", "password=a b", false},
	    {"CONNECTION", "password='a", false},
	    {"CONNECTION", "no_such_keyword=1", false},
	    {"CONNECTION", "postgresql://[::1/d", false},
	    {"CONNECTIONS", "", true},
	    {"CONNECTIONS", "host=a password=x;host=b;", true},
	    {"CONNECTIONS", "postgresql://u:p@h/d; host=b", true},
	    {"CONNECTIONS", "host=a;b", false},
	    {"CONNECTIONS", "host=a password='x;y'", false},
	    {"REDIS", "unix:/run/redis.sock", true},
	    {"REDIS", "sentinel:m@a:1,b", true},
	    {"REDIS", "redis://host", false},
	    {"REDIS", "", false},
	    {"REDIS_CACHE", "host:1", true},
	    {"REDIS_CACHE", "host:x", false},
	    {"REDIS_CACHE", "", true},
	    {"RATE", "0/1", true},
	    {"RATE", "1000000/86400", true},
	    {"RATE", "1000001/1", false},
	    {"RATE", "1/86401", false},
	    {"RATE", "1/0", false},
	    {"RATE", "-1/1", false},
	    {"RATE", "1", false},
	    {"RATE", "1/", false},
	    {"RATE", "/1", false},
	    {"RATE", "1/1x", false},
	    {"RATE", "1 / 1", false},
	    {"RATE", "1/1/1", false},
	};

	for (size_t i = 0; i < COUNT_OF(values); i++) {
		char key[100], start_of_error[200];
		snprintf(key, sizeof key, "QUIRE_TEST_%s", values[i].key);
		snprintf(start_of_error, sizeof start_of_error, "environment: %s must be ", key);
		setenv(key, values[i].value, 1);
		if (load("") != values[i].good)
			fail_msg("%s=%s: %s", key, values[i].value, said);
		if (!values[i].good)
			assert_memory_equal(said, start_of_error, strlen(start_of_error));
		unsetenv(key);
	}
}

TEST(values_of_the_file_are_set)
{
	assert_true(load("# sample\n"
	                 "QUIRE_TEST_NUMBER=-2\n"
	                 "QUIRE_TEST_OCTAL=0600\n"
	                 "QUIRE_TEST_TEXT='a text'\n"
	                 "QUIRE_TEST_RATE=7/8\n"
	                 "\n"
	                 "QUIRE_TEST_CONNECTION=host=h password='a b'\n"));
	assert_int_equal(number, -2);
	assert_int_equal(octal, 0600);
	assert_string_equal(text, "a text");
	assert_int_equal(rate.count, 7);
	assert_int_equal(rate.seconds, 8);
	assert_string_equal(connection, "host=h password='a b'");

	char origin[200];
	snprintf(origin, sizeof origin, "%s:7", file);
	assert_string_equal(rows[4].origin, origin);
}

TEST(faults_of_the_file_are_fatal)
{
	static const struct {
		const char *content, *error; /* after the file's name */
	} faults[] = {
	    {"nonsense", ":1: expected KEY=VALUE\n"},
	    {"\nQUIRE_TEST_NUMBR=1", ":2: QUIRE_TEST_NUMBR is no setting\n"},
	    {"quire_test_number=1", ":1: quire_test_number is no setting\n"},
	    {"QUIRE_CONFIG=x", ":1: QUIRE_CONFIG is no setting\n"},
	    {"QUIRE_TEST_NUMBER=1\n\nQUIRE_TEST_NUMBER=1", ":3: QUIRE_TEST_NUMBER stands here and at "},
	    {"QUIRE_TEST_REDIS=h:0",
	     ":1: QUIRE_TEST_REDIS must be unix:/PATH, HOST:PORT or sentinel:NAME@HOST:PORT,HOST:PORT "
	     "of at most 100 bytes\n"},
	    {"\nQUIRE_TEST_NUMBER=11", ":2: QUIRE_TEST_NUMBER must be a number from -3 to 10, not \"11\"\n"},
	    {"QUIRE_TEST_OCTAL=999", ":1: QUIRE_TEST_OCTAL must be an octal number from 0 to 0777, not \"999\"\n"},
	    {"QUIRE_TEST_RATE=1", ":1: QUIRE_TEST_RATE must be COUNT/SECONDS, at most 1000000/86400, not \"1\"\n"},
	    {"QUIRE_TEST_TEXT=0123456789x", ":1: QUIRE_TEST_TEXT must be one line of at most 10 bytes\n"},
	};

	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		char error[300];
		snprintf(error, sizeof error, "%s%s", file, faults[i].error);
		assert_false(load(faults[i].content));
		assert_memory_equal(said, error, strlen(error));
		assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	}
}

TEST(the_same_value_twice_is_a_double_too)
{
	assert_false(load("QUIRE_TEST_NUMBER=5\nQUIRE_TEST_NUMBER=5"));
	assert_false(load("QUIRE_TEST_TEXT=\nQUIRE_TEST_TEXT="));
}

TEST(the_file_may_be_named_in_the_environment)
{
	write_to(file, "QUIRE_TEST_NUMBER=7");
	setenv("QUIRE_CONFIG", file, 1);
	assert_true(load_from(NULL));
	assert_int_equal(number, 7);

	setenv("QUIRE_CONFIG", "/nonexistent/file", 1);
	assert_false(load_from(NULL));
	assert_string_equal(said, "/nonexistent/file: No such file or directory\n");
	assert_true(load_from(file)); /* a named file goes before it */
	assert_false(load_from("/nonexistent/other"));
	assert_false(load_from("/"));
}

TEST(the_nearest_origin_wins)
{
	assert_true(load("QUIRE_TEST_NUMBER=1"));
	assert_int_equal(number, 1);

	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_true(load("QUIRE_TEST_NUMBER=1"));
	assert_int_equal(number, 1);

	write_credential("QUIRE_TEST_NUMBER", "2\n");
	assert_true(load("QUIRE_TEST_NUMBER=1"));
	assert_int_equal(number, 2);
	assert_string_equal(rows[0].origin, "credential");

	setenv("QUIRE_TEST_NUMBER", "3", 1);
	assert_true(load("QUIRE_TEST_NUMBER=1"));
	assert_int_equal(number, 3);
	assert_string_equal(rows[0].origin, "environment");

	unsetenv("QUIRE_TEST_NUMBER");
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_true(load(""));
	assert_int_equal(number, 5);
	assert_string_equal(rows[0].origin, "default");
}

TEST(credentials_lose_one_newline)
{
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	write_credential("QUIRE_TEST_SECRET", "pass word\n");
	assert_true(load(""));
	assert_string_equal(secret, "pass word");
	write_credential("QUIRE_TEST_SECRET", "pass");
	assert_true(load(""));
	assert_string_equal(secret, "pass");
	write_credential("QUIRE_TEST_SECRET", "");
	assert_true(load(""));
	assert_string_equal(secret, "");

	write_credential("QUIRE_TEST_SECRET", "pass\n\n");
	assert_false(load(""));
	assert_string_equal(said, "credential: QUIRE_TEST_SECRET must be one line of at most 10 bytes\n");
	write_credential("QUIRE_TEST_SECRET", "longer than that\n");
	assert_false(load(""));
}

TEST(a_credential_that_cannot_be_read_is_fatal)
{
	char path[200], error[300];

	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	snprintf(path, sizeof path, "%s/QUIRE_TEST_SECRET", folder);
	mkdir(path, 0700);
	assert_false(load(""));
	rmdir(path);
	snprintf(error, sizeof error, "%s: Is a directory\n", path);
	assert_string_equal(said, error);
}

TEST(texts_outlive_their_origin)
{
	setenv("QUIRE_TEST_TEXT", "first", 1);
	assert_true(load(""));
	const char *first = text;
	setenv("QUIRE_TEST_TEXT", "other", 1);
	assert_true(load(""));
	assert_string_equal(first, "first");
	assert_string_equal(text, "other");
}

TEST(settings_are_printed)
{
	setenv("QUIRE_TEST_NUMBER", "7", 1);
	setenv("QUIRE_CONFIG", file, 1);
	setenv("QUIRE_TEST_OTHER", "x", 1);
	setenv("QUIRE_TEST_NUMBER_", "x", 1);
	setenv("OTHER", "x", 1);
	assert_true(load("QUIRE_TEST_TEXT=hello\n"));
	assert_non_null(strstr(printed(), "QUIRE_TEST_NUMBER      = 7   "));
	assert_non_null(strstr(said, "  environment  "));
	assert_non_null(strstr(said, "  a number of things; a number from -3 to 10\n"));
	assert_non_null(strstr(said, "QUIRE_TEST_TEXT        = hello "));
	assert_non_null(strstr(said, "a text; one line of at most 10 bytes\n"));
	assert_non_null(strstr(said, "a mode; an octal number from 0 to 0777\n"));
	assert_non_null(strstr(said, "file:1 "));
	assert_non_null(strstr(said, "QUIRE_TEST_OTHER is in the environment, but no setting\n"));
	assert_non_null(strstr(said, "QUIRE_TEST_NUMBER_ is in the environment, but no setting\n"));
	assert_null(strstr(said, "QUIRE_CONFIG"));
	assert_null(strstr(said, "OTHER is in the environment, but no setting\nOTHER"));
}

TEST(secrets_are_never_printed)
{
	static const struct {
		const char *key, *value;
		bool good;
	} values[] = {
	    {"SECRET", "hunter2", true},
	    {"SECRET", "hunter2 that is too long", false},
	    {"CONNECTION", "host=h password=hunter2 user=u", true},
	    {"CONNECTION", "password = 'x hunter2\\' y' host=h", true},
	    {"CONNECTION", "host=h\\ password=x password=hunter2", true},
	    {"CONNECTION", "host=h sslpassword=hunter2", true},
	    {"CONNECTION", "host=h;password=hunter2", true},
	    {"CONNECTION", "postgresql://u:hunter2@h:5432/d", true},
	    {"CONNECTION", "postgres://u:x%20hunter2@/d?host=h", true},
	    {"CONNECTION", "postgresql://h/d?user=u&password=hunter2", true},
	    {"CONNECTION", "host=h password=x hunter2", false},
	    {"CONNECTION", "host=h password='hunter2", false},
	    {"CONNECTION", "host=h passwort=hunter2", false},
	    {"CONNECTION", "postgresql://u:hunter2@[h/d", false},
	    {"CONNECTION", "host=h password=hunter2\n", false},
	    {"CONNECTIONS", "host=h password=hunter2;host=h password=hunter2", true},
	    {"CONNECTIONS", "host=h;password=hunter2", true},
	    {"CONNECTIONS", "host=h;postgresql://u:hunter2@h/d", true},
	    {"CONNECTIONS", "host=h password='x;hunter2'", false},
	};

	for (size_t i = 0; i < COUNT_OF(values); i++) {
		char key[100];
		snprintf(key, sizeof key, "QUIRE_TEST_%s", values[i].key);
		setenv(key, values[i].value, 1);
		if (load("") != values[i].good)
			fail_msg("%s=%s: %s", key, values[i].value, said);
		assert_null(strstr(said, "hunter2"));
		assert_null(strstr(printed(), "hunter2"));
		if (values[i].good)
			assert_non_null(strstr(said, "********"));
		unsetenv(key);
	}
}

TEST(connections_are_printed_without_their_password)
{
	setenv("QUIRE_TEST_CONNECTION", "postgresql://u:hunter2@h:6432/d", 1);
	setenv("QUIRE_TEST_CONNECTIONS", "host=a port=1 ;host=b", 1);
	assert_true(load(""));
	assert_string_equal(connection, "postgresql://u:hunter2@h:6432/d");
	assert_non_null(strstr(printed(), " = user=u password=******** dbname=d host=h port=6432 "));
	assert_non_null(strstr(said, " = host=a port=1; host=b "));
	assert_non_null(strstr(said, "QUIRE_TEST_SECRET      =      ")); /* an empty secret is seen to be empty */
}

TEST(the_runtime_starts_with_its_defaults)
{
	long workers = setting_workers, mode = setting_listen_mode;
	struct rate general = setting_limit_general;
	const char *listen = setting_listen;

	write_to(file, "");
	assert_true(settings_load(&runtime_settings, 1, file, stderr));
	assert_int_equal(setting_workers, workers);
	assert_int_equal(setting_listen_mode, mode);
	assert_int_equal(setting_limit_general.count, general.count);
	assert_int_equal(setting_limit_general.seconds, general.seconds);
	assert_string_equal(setting_listen, listen);
}

TEST(several_tables_are_one)
{
	const struct settings_table tables[] = {runtime_settings, table};

	write_to(file, "QUIRE_TEST_NUMBER=1\nQUIRE_WORKERS=3");
	assert_true(settings_load(tables, 2, file, stderr));
	assert_int_equal(number, 1);
	assert_int_equal(setting_workers, 3);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(without_anything_the_defaults_stand),
	    EACH(values_have_bounds),
	    EACH(values_of_the_file_are_set),
	    EACH(faults_of_the_file_are_fatal),
	    EACH(the_same_value_twice_is_a_double_too),
	    EACH(the_file_may_be_named_in_the_environment),
	    EACH(the_nearest_origin_wins),
	    EACH(credentials_lose_one_newline),
	    EACH(a_credential_that_cannot_be_read_is_fatal),
	    EACH(texts_outlive_their_origin),
	    EACH(settings_are_printed),
	    EACH(secrets_are_never_printed),
	    EACH(connections_are_printed_without_their_password),
	    EACH(the_runtime_starts_with_its_defaults),
	    EACH(several_tables_are_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
