#include "unit.h"

#include "redis_address.h"

static struct redis_address address;

static bool
parse(const char *text)
{
	return redis_address_parse(text, &address);
}

TEST(a_socket_has_a_path)
{
	assert_true(parse("unix:/run/redis/redis.sock"));
	assert_string_equal(address.hosts[0].name, "/run/redis/redis.sock");
	assert_int_equal(address.hosts[0].port, 0);
	assert_int_equal(address.count, 1);
	assert_string_equal(address.master, "");
}

TEST(a_host_has_a_port)
{
	static const struct {
		const char *text, *host;
		int port;
	} rows[] = {
	    {"localhost", "localhost", 6379},
	    {"10.0.0.1:6380", "10.0.0.1", 6380},
	    {"redis-1.example.org:1", "redis-1.example.org", 1},
	    {"[::1]:65535", "::1", 65535},
	    {"[fe80::1%eth0]", "fe80::1%eth0", 6379},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!parse(rows[i].text))
			fail_msg("%s", rows[i].text);
		assert_string_equal(address.hosts[0].name, rows[i].host);
		assert_int_equal(address.hosts[0].port, rows[i].port);
		assert_int_equal(address.count, 1);
		assert_string_equal(address.master, "");
	}
}

TEST(sentinels_know_a_master)
{
	assert_true(parse("sentinel:my-master@10.0.0.1:26380,sentinel-2,[::1]:5"));
	assert_string_equal(address.master, "my-master");
	assert_int_equal(address.count, 3);
	assert_string_equal(address.hosts[0].name, "10.0.0.1");
	assert_int_equal(address.hosts[0].port, 26380);
	assert_string_equal(address.hosts[1].name, "sentinel-2");
	assert_int_equal(address.hosts[1].port, 26379);
	assert_string_equal(address.hosts[2].name, "::1");
	assert_int_equal(address.hosts[2].port, 5);
}

TEST(all_else_is_no_address)
{
	static const char *const texts[] = {
	    "",
	    ":",
	    ":6379",
	    "host:",
	    "host:0",
	    "host:65536",
	    "host:123456",
	    "host:-1",
	    "host:+1",
	    "host:6379x",
	    "host: 6379",
	    "host 6379",
	    "host:6379,other:6379",
	    "host:6379/0",
	    "redis://host:6379",
	    "::1",
	    "::1:6379",
	    "[::1",
	    "[]:6379",
	    "[::1]6379",
	    "[::1]:",
	    "unix:",
	    "unix:redis.sock",
	    "/run/redis.sock",
	    "sentinel:",
	    "sentinel:m",
	    "sentinel:m@",
	    "sentinel:@host",
	    "sentinel:m@host,",
	    "sentinel:m@host,,other",
	    "sentinel:m@host:0",
	    "sentinel:m m@host",
	    "sentinel:m@a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q",
	};
	char text[REDIS_HOST_MAX + 10] = "";

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (parse(texts[i]))
			fail_msg("\"%s\" is taken for an address", texts[i]);
	memset(text, 'x', REDIS_HOST_MAX);
	assert_true(parse(text));
	text[REDIS_HOST_MAX] = 'x';
	assert_false(parse(text));
	memset(text, 0, sizeof text);
	snprintf(text, sizeof text, "unix:/%0*d", REDIS_PATH_MAX - 1, 0);
	assert_true(parse(text));
	snprintf(text, sizeof text, "unix:/%0*d", REDIS_PATH_MAX, 0);
	assert_false(parse(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_socket_has_a_path),
	    cmocka_unit_test(a_host_has_a_port),
	    cmocka_unit_test(sentinels_know_a_master),
	    cmocka_unit_test(all_else_is_no_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
