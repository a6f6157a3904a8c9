/* What every unit test starts with. */
#ifndef QUIRE_TESTS_UNIT_H
#define QUIRE_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* cmocka's macro has the name of a function of request.h. */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#define TEST(name)     static void name(void **state __attribute__((unused)))
#define COUNT_OF(rows) (sizeof(rows) / sizeof *(rows))

/* Runs function(subject) in a process of its own. Gives its exit status (0 if the function returns, -1 after a signal) and
 * what it wrote to standard error, cut to `size`. */
static inline int
run_apart(void (*function)(const void *), const void *subject, char *text, size_t size)
{
	FILE *errors = tmpfile();
	assert_non_null(errors);
	fflush(NULL);

	pid_t child = fork();
	if (child == 0) {
		dup2(fileno(errors), STDERR_FILENO);
		function(subject);
		_exit(0);
	}

	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	rewind(errors);
	text[fread(text, 1, size - 1, errors)] = '\0';
	fclose(errors);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
