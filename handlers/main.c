/* The program `quire`: its commands and their options. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "edge_pages.h"
#include "handlers.h"
#include "log.h"
#include "migrate.h"
#include "pool.h"
#include "render.h"
#include "scoreboard.h"
#include "seed.h"

struct command {
	const char *name;
	const char *summary;
	const char *help;
	int (*run)(int argc, char **argv);
};

static struct settings_table settings[2];
static const size_t settings_count = sizeof settings / sizeof settings[0];

static int
no_arguments(int argc, char **argv)
{
	if (argc == 0)
		return 0;
	fprintf(stderr, "quire: what is \"%s\"? See quire --help.\n", argv[0]);
	return EX_USAGE;
}

static int
serve(int argc, char **argv)
{
	int refused = no_arguments(argc, argv);

	if (refused)
		return refused;
	handlers_init();
	return pool_run();
}

static int
migrate(int argc, char **argv)
{
	bool dry_run = argc > 0 && strcmp(argv[0], "--dry-run") == 0;
	int refused = no_arguments(argc - dry_run, argv + dry_run);

	if (refused)
		return refused;

	int failed = migrate_run(dry_run);

	return failed || dry_run ? failed : render_missing();
}

static int
check(int argc, char **argv)
{
	int refused = no_arguments(argc, argv);

	if (!refused)
		settings_print(settings, settings_count, stdout);
	return refused;
}

static int
print_routes(int argc, char **argv)
{
	static const struct {
		unsigned flag;
		const char *name;
	} flags[] = {{NEEDS_USER, "NEEDS_USER"},
	             {NO_SESSION, "NO_SESSION"},
	             {LIMIT_NONE, "LIMIT_NONE"},
	             {LIMIT_SIGNUP, "LIMIT_SIGNUP"},
	             {LIMIT_LOGIN, "LIMIT_LOGIN"},
	             {NEVER_429, "NEVER_429"},
	             {PAGE, "PAGE"},
	             {CRITICAL, "CRITICAL"}};
	int refused = no_arguments(argc, argv);

	if (refused)
		return refused;
	for (size_t i = 0; i < routes_count; i++) {
		printf("%-7s %-35s %-22s", http_method_name(routes[i].method), routes[i].pattern,
		       routes[i].handler_name);
		for (size_t j = 0; j < sizeof flags / sizeof flags[0]; j++) {
			if (routes[i].flags & flags[j].flag)
				printf(" %s", flags[j].name);
		}
		putchar('\n');
	}
	return 0;
}

static int
write_error_pages(int argc, char **argv)
{
	if (argc != 1) {
		fputs("quire: error-pages takes one folder. See quire error-pages --help.\n", stderr);
		return EX_USAGE;
	}
	handlers_init();
	return edge_pages_write(argv[0]) ? 0 : EX_CANTCREAT;
}

static const struct command commands[] = {
    {"serve", "answer requests",
     "usage: quire serve [--config FILE]\n\n"
     "Starts a pool: a master and QUIRE_WORKERS workers that answer FastCGI requests on QUIRE_LISTEN,\n"
     "or on the sockets that systemd passes. TERM, INT and QUIT stop it once what is in flight has been\n"
     "answered, HUP replaces the workers one by one.\n",
     serve},
    {"migrate", "bring the database's schema up to date",
     "usage: quire migrate [--config FILE] [--dry-run]\n\n"
     "Applies the migrations that the database QUIRE_DATABASE_OWNER has not seen, in order, each in a\n"
     "transaction. With --dry-run it only says which. Refuses when one that was applied has been edited.\n"
     "Then makes the HTML of the articles and comments that have none.\n",
     migrate},
    {"seed", "fill an empty database with demonstration content", NULL, seed_main},
    {"check", "print every setting, its value and where it comes from",
     "usage: quire check [--config FILE]\n\n"
     "Reads the configuration as the other commands do and prints it; secrets are masked. Exits with 78\n"
     "and one line that says what is wrong if it could not be used.\n",
     check},
    {"routes", "print the table of routes",
     "usage: quire routes\n\nPrints method, path, handler and flags of each route.\n", print_routes},
    {"error-pages", "write the pages for nginx's own errors",
     "usage: quire error-pages [--config FILE] FOLDER\n\n"
     "Writes what nginx shows people when it answers by itself, FOLDER/STATUS.LANGUAGE.html.\n",
     write_error_pages},
};

static void
print_help(FILE *out)
{
	fputs("usage: quire COMMAND [--config FILE] [OPTION…]\n\n", out);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].summary);
	fputs("\nquire COMMAND --help tells more, quire --version the version. Settings come from the environment,\n"
	      "from FILE (else $QUIRE_CONFIG, else /etc/quire/quire.conf), or are the defaults: see quire check.\n",
	      out);
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* Takes "--config FILE" out of the arguments; NULL if it is not there. */
static const char *
take_config(int *argc, char **argv)
{
	for (int i = 0; i + 1 < *argc; i++) {
		if (strcmp(argv[i], "--config") == 0) {
			const char *path = argv[i + 1];

			memmove(argv + i, argv + i + 2, (size_t)(*argc - i - 1) * sizeof *argv);
			*argc -= 2;
			return path;
		}
	}
	return NULL;
}

static bool
asks_for_help(int argc, char **argv)
{
	return argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0);
}

int
main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	const char *path;

	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("quire " QUIRE_VERSION);
		return 0;
	}
	if (command == NULL) {
		bool asked = asks_for_help(argc - 1, argv + 1);

		print_help(asked ? stdout : stderr);
		return asked ? 0 : EX_USAGE;
	}
	argc -= 2;
	argv += 2;
	if (asks_for_help(argc, argv)) {
		if (command->help == NULL)
			return command->run(argc, argv); /* has more to say than fits here */
		fputs(command->help, stdout);
		return 0;
	}
	path = take_config(&argc, argv);
	settings[0] = runtime_settings;
	settings[1] = business_settings;
	if (!settings_load(settings, settings_count, path, stderr))
		return EX_CONFIG;
	if (!log_set_level(setting_log_level)) {
		fprintf(stderr, "quire: QUIRE_LOG_LEVEL must be error, warning, info or debug\n");
		return EX_CONFIG;
	}
	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return command->run(argc, argv);
}
