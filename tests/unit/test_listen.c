#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "listen.h"

#define MODE    0640
#define BACKLOG 16

static char folder[] = "/tmp/test_listen.XXXXXX";
static char path[60];

static struct listeners
opened(const char *addresses)
{
	struct listeners listeners;
	assert_true(listen_open(&listeners, addresses, MODE, BACKLOG));
	return listeners;
}

static void
closed(struct listeners *listeners)
{
	listen_unlink(listeners);
	listen_close(listeners);
}

static int
connected(const char *to)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", to);
	if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0)
		return descriptor;
	close(descriptor);
	return -1;
}

static bool
exists(const char *file)
{
	struct stat status;
	return lstat(file, &status) == 0;
}

TEST(a_unix_socket_is_opened_and_unlinked)
{
	struct listeners listeners = opened(path);
	struct stat status;

	assert_int_equal(listeners.count, 1);
	assert_false(listeners.inherited);
	assert_string_equal(listeners.list[0].path, path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode, S_IFSOCK | MODE);

	closed(&listeners);
	assert_false(exists(path));
	assert_int_equal(listeners.count, 0);
}

TEST(the_umask_stays_and_does_not_matter)
{
	mode_t before = umask(0077);
	struct listeners listeners = opened(path);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode, S_IFSOCK | MODE);
	assert_int_equal(umask(before), 0077);
	closed(&listeners);
}

TEST(descriptors_do_not_block_and_are_not_passed_on)
{
	struct listeners listeners = opened(path);
	int descriptor = listeners.list[0].descriptor;

	assert_true(fcntl(descriptor, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
	closed(&listeners);
}

TEST(who_waits_is_accepted_in_turn)
{
	char addresses[200];
	snprintf(addresses, sizeof addresses, "  %s/one\t%s/two ", folder, folder);
	struct listeners listeners = opened(addresses);
	assert_int_equal(listeners.count, 2);
	assert_int_equal(listen_accept(&listeners), -1);

	for (size_t i = 0; i < 4; i++) {
		assert_false(listen_waiting(&listeners));
		int client = connected(listeners.list[i % 2].path);
		assert_true(listen_waiting(&listeners));
		int server = listen_accept(&listeners);

		assert_true(client >= 0 && server >= 0);
		assert_false(fcntl(server, F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(server, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(write(client, "x", 1), 1);
		assert_int_equal(read(server, (char[1]){0}, 1), 1);
		close(client);
		close(server);
	}
	assert_int_equal(listen_accept(&listeners), -1);
	closed(&listeners);
}

TEST(what_waits_is_accepted_after_the_path_is_gone)
{
	struct listeners listeners = opened(path);
	int client = connected(path);

	listen_unlink(&listeners);
	assert_int_equal(connected(path), -1);
	int server = listen_accept(&listeners);
	assert_true(server >= 0);
	close(client);
	close(server);
	listen_close(&listeners);
}

TEST(a_socket_that_nobody_answers_on_is_replaced)
{
	struct listeners dead = opened(path), listeners;

	listen_close(&dead);
	assert_true(exists(path));
	listeners = opened(path);
	int client = connected(path);
	assert_true(client >= 0);
	close(client);
	closed(&listeners);
}

TEST(only_the_own_socket_is_unlinked)
{
	struct listeners first = opened(path), second;

	assert_int_equal(unlink(path), 0);
	second = opened(path);
	closed(&first);
	assert_true(exists(path));
	closed(&second);
	assert_false(exists(path));
}

TEST(tcp_is_opened_too)
{
	static const char *const names[] = {"127.0.0.1:0", "localhost:0", ":0"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct listeners listeners = opened(names[i]);
		struct sockaddr_storage address;
		socklen_t size = sizeof address;

		assert_true(listeners.count >= 1);
		assert_string_equal(listeners.list[0].path, "");
		assert_int_equal(getsockname(listeners.list[0].descriptor, (struct sockaddr *)&address, &size), 0);
		assert_true(address.ss_family == AF_INET || address.ss_family == AF_INET6);
		closed(&listeners);
	}
}

static void
refuse(const void *addresses)
{
	struct listeners listeners;

	if (listen_open(&listeners, addresses, MODE, BACKLOG) || listeners.count != 0)
		_exit(1);
}

/* Is it refused, with a line that gives this address and this reason? */
static void
assert_refused(const char *addresses, const char *address, const char *reason)
{
	char said[2000], expected[400];

	assert_int_equal(run_apart(refuse, addresses, said, sizeof said), 0);
	snprintf(expected, sizeof expected, "\"event\":\"cannot listen\",\"address\":\"%s\",\"reason\":\"%s", address,
	         reason);
	if (strstr(said, expected) == NULL)
		fail_msg("expected %s\ngot %s", expected, said);
}

TEST(a_socket_that_another_process_answers_on_is_refused)
{
	struct listeners listeners = opened(path);

	assert_refused(path, path, "another process answers there");
	int client = connected(path);
	assert_true(client >= 0);
	close(client);
	closed(&listeners);
}

TEST(so_is_one_whose_backlog_is_full)
{
	struct listeners listeners = opened(path);
	int clients[BACKLOG + 1];

	for (size_t i = 0; i < COUNT_OF(clients); i++)
		clients[i] = connected(path);
	assert_refused(path, path, "another process answers there");
	for (size_t i = 0; i < COUNT_OF(clients); i++)
		close(clients[i]);
	closed(&listeners);
}

TEST(a_file_is_never_touched)
{
	int file = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(file, "precious", 8), 8);
	close(file);

	assert_refused(path, path, "there is a file that is not a socket");
	assert_refused(folder, folder, "there is a file that is not a socket");
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 8);

	char link[80];
	snprintf(link, sizeof link, "%s/link", folder);
	assert_int_equal(symlink(path, link), 0);
	assert_refused(link, link, "there is a file that is not a socket");
	unlink(link);
	unlink(path);
}

TEST(what_cannot_be_opened_is_named)
{
	char deep[200], full[2000] = "";

	memset(deep, 'x', sizeof deep);
	deep[0] = '/';
	deep[sizeof deep - 1] = '\0';
	assert_refused(deep, deep, "the path is too long for a unix socket");
	for (int i = 0; i <= LISTEN_MAX; i++)
		strcat(full, "127.0.0.1:0 ");
	assert_refused(full, "127.0.0.1:0", "too many sockets");
	assert_refused("/nonexistent/socket", "/nonexistent/socket", strerror(ENOENT));
	assert_refused("", "", "no address");
	assert_refused("socket", "socket", "neither an absolute path nor host:port");
	assert_refused("localhost:", "localhost:", "neither an absolute path nor host:port");
	assert_refused("localhost:no-such-service", "localhost:no-such-service", "");
	assert_refused("203.0.113.1:0", "203.0.113.1:0", strerror(EADDRNOTAVAIL));
}

TEST(after_a_failure_nothing_is_left)
{
	char addresses[200];
	snprintf(addresses, sizeof addresses, "%s nonsense", path);

	assert_refused(addresses, "nonsense", "");
	assert_false(exists(path));
}

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/socket", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_unix_socket_is_opened_and_unlinked),
	    cmocka_unit_test(the_umask_stays_and_does_not_matter),
	    cmocka_unit_test(descriptors_do_not_block_and_are_not_passed_on),
	    cmocka_unit_test(who_waits_is_accepted_in_turn),
	    cmocka_unit_test(what_waits_is_accepted_after_the_path_is_gone),
	    cmocka_unit_test(a_socket_that_nobody_answers_on_is_replaced),
	    cmocka_unit_test(only_the_own_socket_is_unlinked),
	    cmocka_unit_test(tcp_is_opened_too),
	    cmocka_unit_test(a_socket_that_another_process_answers_on_is_refused),
	    cmocka_unit_test(so_is_one_whose_backlog_is_full),
	    cmocka_unit_test(a_file_is_never_touched),
	    cmocka_unit_test(what_cannot_be_opened_is_named),
	    cmocka_unit_test(after_a_failure_nothing_is_left),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
