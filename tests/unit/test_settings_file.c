#include "arena_fixture.h"

#include <errno.h>
#include <sys/stat.h>

#include "settings_file.h"

/* Parses and writes back "LINE:KEY=<VALUE>…", or the error. */
static const char *
parsed(const char *text)
{
	struct settings_line *line;
	char error[200] = "";
	FILE *errors = fmemopen(error, sizeof error, "w");
	const char *found = "";

	bool good = settings_file_parse(arena, text, "file", &line, errors);
	fclose(errors);
	if (!good)
		return arena_copy(arena, error, strlen(error));
	for (; line != NULL; line = line->next)
		found = arena_printf(arena, "%s%zu:%s=<%s>", found, line->number, line->key, line->value);
	return found;
}

TEST(lines_are_read_as_systemd_reads_them)
{
	static const struct {
		const char *text, *found;
	} rows[] = {
	    {"", ""},
	    {"\n\n", ""},
	    {"# comment\n; comment\n  # comment", ""},
	    {"A=1", "1:A=<1>"},
	    {"A=1\n", "1:A=<1>"},
	    {"\nA=1\n#\n  B_2=x y", "2:A=<1>4:B_2=<x y>"},
	    {"A=", "1:A=<>"},
	    {"A=\nB=1", "1:A=<>2:B=<1>"},
	    {"A=  1 \t \nB=1", "1:A=<1>2:B=<1>"},
	    {"_a=b=c", "1:_a=<b=c>"},
	    {"A=x # no comment", "1:A=<x # no comment>"},
	    {"A=host=h password='a b' x=\"y\"", "1:A=<host=h password='a b' x=\"y\">"},
	    {"A=€", "1:A=<€>"},
	    {"A=a\tb", "1:A=<a\tb>"},

	    {"A=a\\\nb\nB=1", "1:A=<ab>3:B=<1>"},
	    {"A=a  \\\n  b", "1:A=<a    b>"},
	    {"A=a  \\\n\nB=1", "1:A=<a  >3:B=<1>"},
	    {"A=\\\n'x'", "1:A=<'x'>"},
	    {"A=a\\\\b\\'c\\x", "1:A=<a\\b'cx>"},
	    {"A=\\ a\\ ", "1:A=< a >"},
	    {"A=\\'x'", "1:A=<'x'>"},

	    {"A='x'", "1:A=<x>"},
	    {"A=''", "1:A=<>"},
	    {"A=' x '  \nB=1", "1:A=< x >2:B=<1>"},
	    {"A=  'x\"\\y\\'", "1:A=<x\"\\y\\>"},
	    {"A='x\ny'\nB=1", "1:A=<x\ny>3:B=<1>"},
	    {"A='x\\\ny'", "1:A=<x\\\ny>"},
	    {"A='# x'", "1:A=<# x>"},

	    {"A=\"x\"", "1:A=<x>"},
	    {"A=\"\"", "1:A=<>"},
	    {"A=\"\\\"\\\\\\$\\`\"", "1:A=<\"\\$`>"},
	    {"A=\"a\\nb\\'\"", "1:A=<a\\nb\\'>"},
	    {"A=\"a\\\nb\nc\"\nB=1", "1:A=<ab\nc>4:B=<1>"},
	    {"A=\"it's\"", "1:A=<it's>"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(parsed(rows[i].text), rows[i].found);
}

TEST(other_lines_are_refused)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
	    {"A", "file:1: expected KEY=VALUE\n"},
	    {"A=1\nsome words", "file:2: expected KEY=VALUE\n"},
	    {"=1", "file:1: expected KEY=VALUE\n"},
	    {"A =1", "file:1: expected KEY=VALUE\n"},
	    {"A-B=1", "file:1: expected KEY=VALUE\n"},
	    {"1A=1", "file:1: expected KEY=VALUE\n"},
	    {"É=1", "file:1: expected KEY=VALUE\n"},
	    {"export A=1", "file:1: expected KEY=VALUE\n"},
	    {"A=1\n\n[Service]", "file:3: expected KEY=VALUE\n"},
	    {"\n# comment \\\nA=1", "file:2: a comment must not end with a backslash\n"},
	    {";\\", "file:1: a comment must not end with a backslash\n"},
	    {"A=a\\", "file:1: nothing follows the last backslash\n"},
	    {"A=1\nB='x\ny\n", "file:2: the quote that opens here is not closed\n"},
	    {"A=\"x", "file:1: the quote that opens here is not closed\n"},
	    {"A=\"x\\\"", "file:1: the quote that opens here is not closed\n"},
	    {"A=\"x\\", "file:1: the quote that opens here is not closed\n"},
	    {"A='x' # comment", "file:1: text after the closing quote\n"},
	    {"A='x''y'", "file:1: text after the closing quote\n"},
	    {"A='x\n'y", "file:2: text after the closing quote\n"},
	    {"A=1\r\nB=2\r\n", "file:1: a control character, or not UTF-8\n"},
	    {"A=1\nB=\x1B", "file:2: a control character, or not UTF-8\n"},
	    {"A=1\n\n# \xFF\n", "file:3: a control character, or not UTF-8\n"},
	    {"\uFEFFA=1", "file:1: expected KEY=VALUE\n"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(parsed(rows[i].text), rows[i].error);
}

/* Writes so many bytes to a new file and reads it. */
static const char *
read_back(const char *bytes, size_t length)
{
	char path[] = "/tmp/test_settings_file.XXXXXX";
	int file = mkstemp(path);

	assert_int_equal(write(file, bytes, length), length);
	close(file);
	const char *text = settings_file_read(arena, path);
	int fault = errno;
	unlink(path);
	errno = fault;
	return text;
}

TEST(files_are_read)
{
	static char most[SETTINGS_FILE_MAX + 1];
	memset(most, '\n', sizeof most);

	assert_string_equal(read_back("", 0), "");
	assert_string_equal(read_back("A=1\n", 4), "A=1\n");
	for (size_t length = 4095; length <= 4097; length++)
		assert_int_equal(strlen(read_back(most, length)), length);
	assert_int_equal(strlen(read_back(most, SETTINGS_FILE_MAX)), SETTINGS_FILE_MAX);

	assert_null(read_back(most, SETTINGS_FILE_MAX + 1));
	assert_int_equal(errno, EFBIG);
	assert_null(read_back("A=\0", 3));
	assert_int_equal(errno, EILSEQ);
	assert_null(settings_file_read(arena, "/nonexistent/file"));
	assert_int_equal(errno, ENOENT);
	assert_null(settings_file_read(arena, "/"));
	assert_int_equal(errno, EISDIR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_read_as_systemd_reads_them),
	    cmocka_unit_test(other_lines_are_refused),
	    cmocka_unit_test(files_are_read),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
