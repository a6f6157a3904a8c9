"""Rate limits, on pools that allow little: at the limit, one past it, and who counts as whom."""
import itertools
import time

import pytest
from client import PASSWORD, Client, unique

MESSAGE = "too many requests, try again later"
NUMBERS = itertools.count(1)


def new_address():
    """One that no other test uses; Redis remembers them."""
    number = next(NUMBERS) + int(time.time()) % 100000 * 100
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def new_network():
    """The /64 of an IPv6 address that no other test uses."""
    return f"2001:db8:{unique('')[:4]}:{unique('')[:4]}"


def refused(answer, seconds):
    """Too many: the answer says for how long."""
    answer.error(429, limit=MESSAGE)
    wait = answer.header("Retry-After")
    answer.check(wait and wait.isdigit() and 1 <= int(wait) <= seconds, "Retry-After")
    return int(wait)


@pytest.fixture(scope="module")
def pool(start_pool):
    return start_pool(QUIRE_LIMIT_GENERAL="4/60")


@pytest.fixture(scope="module")
def login_by_address(start_pool):
    return start_pool(QUIRE_LIMIT_LOGIN_ADDRESS="3/60")


@pytest.fixture(scope="module")
def login_by_email(start_pool):
    return start_pool(QUIRE_LIMIT_LOGIN_EMAIL="3/60")


@pytest.fixture(scope="module")
def signup(start_pool):
    return start_pool(QUIRE_LIMIT_SIGNUP="3/60")


def client_at(pool, address=None, token=None):
    return Client(pool.transport(address or new_address()), token)


def use_up(ask, count, seconds=60):
    """As often as may be, and once more."""
    for _ in range(count):
        answer = ask()
        answer.check(answer.status != 429, "too early")
    refused(ask(), seconds)


def test_by_address(pool):
    client, other = client_at(pool), client_at(pool)
    use_up(lambda: client.get("/api/tags"), 4)
    refused(client.get("/api/articles"), 60)
    use_up(lambda: other.get("/api/articles"), 4)


def test_by_token(pool, alice):
    """Who is signed in is counted by his token, wherever he is; others at his address go on."""
    here, there = new_address(), new_address()
    tokens = [alice.token, alice.login().token]
    use_up(lambda: client_at(pool, here, tokens[0]).get("/api/articles/feed"), 4)
    refused(client_at(pool, there, tokens[0]).get("/api/articles/feed"), 60)
    use_up(lambda: client_at(pool, here, tokens[1]).get("/api/articles/feed"), 4)
    use_up(lambda: client_at(pool, here).get("/api/tags"), 4)


def test_a_bad_token_counts_as_its_address(pool):
    """Nobody gets round the limit by making up tokens."""
    address = new_address()

    def guess():
        return client_at(pool, address, unique("").ljust(43, "A")).get("/api/articles/feed")

    use_up(guess, 4)
    refused(client_at(pool, address).get("/api/tags"), 60)


def test_a_failed_request_counts(pool):
    client = client_at(pool)
    use_up(lambda: client.get("/api/articles/no-such-article"), 4)


@pytest.mark.parametrize("method, path", [("GET", "/healthz"), ("GET", "/readyz"),
                                          ("OPTIONS", "/api/tags"), ("GET", "/statusz")])
def test_what_is_not_counted(pool, method, path):
    client = client_at(pool)
    for _ in range(6):
        answer = client.request(method, path)
        answer.check(answer.status == 200, "expected 200")


def test_the_limit_loosens_by_and_by(start_pool):
    """Two in four seconds: after the wait that it told, one more may pass, and only one."""
    client = client_at(start_pool(QUIRE_LIMIT_GENERAL="2/4"))
    use_up(lambda: client.get("/api/tags"), 2, 4)
    wait = refused(client.get("/api/tags"), 2)
    time.sleep(wait)
    client.get("/api/tags").ok()
    refused(client.get("/api/tags"), 2)


def test_an_ipv6_network_counts_as_one(pool):
    network, other = new_network(), new_network()
    addresses = itertools.cycle([f"{network}::1", f"{network}::2", f"{network}:ffff:1:2:3"])
    use_up(lambda: client_at(pool, next(addresses)).get("/api/tags"), 4)
    use_up(lambda: client_at(pool, f"{other}::1").get("/api/tags"), 4)


def test_ipv4_written_as_ipv6_is_the_same(pool):
    address = new_address()
    use_up(lambda: client_at(pool, address).get("/api/tags"), 4)
    refused(client_at(pool, f"::ffff:{address}").get("/api/tags"), 60)


def login(client, email, password=PASSWORD):
    return client.post("/api/users/login", {"user": {"email": email, "password": password}})


def test_login_by_address(login_by_address, alice):
    client = client_at(login_by_address)
    answers = itertools.cycle([lambda: login(client, alice.email),
                               lambda: login(client, f"{unique()}@example.org", "wrong")])
    use_up(lambda: next(answers)(), 3)
    login(client_at(login_by_address), alice.email).ok()
    client.get("/api/tags").ok()


@pytest.mark.parametrize("password, status", [(PASSWORD, 200), ("wrong password", 401)])
def test_login_by_email(login_by_email, alice, bob, password, status):
    """However it is written, from wherever, right or wrong."""
    spellings = itertools.cycle([alice.email, alice.email.upper(), f" {alice.email} "])

    def ask():
        answer = login(client_at(login_by_email), next(spellings), password)
        answer.check(answer.status in (status, 429), f"expected {status}")
        return answer

    use_up(ask, 3)
    refused(login(client_at(login_by_email), alice.email), 60)
    login(client_at(login_by_email), bob.email).ok()


def test_login_by_an_unknown_email(login_by_email):
    """Nobody learns from a limit which addresses have an account."""
    email = f"{unique()}@example.org"
    use_up(lambda: login(client_at(login_by_email), email), 3)


def sign_up(client, **fields):
    name = unique()
    user = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **fields}
    return client.post("/api/users", {"user": user})


def test_signup_by_address(signup, alice):
    client = client_at(signup)
    use_up(lambda: sign_up(client), 3)
    sign_up(client_at(signup)).ok(201)
    login(client, alice.email).ok()
    client.get("/api/tags").ok()


def test_signup_by_ipv6_network(signup):
    network = new_network()
    addresses = itertools.cycle([f"{network}::1", f"{network}::2"])
    use_up(lambda: sign_up(client_at(signup, next(addresses))), 3)


def test_a_limit_of_nothing_is_no_limit(start_pool):
    client = client_at(start_pool())
    for _ in range(30):
        client.get("/api/tags").ok()
    for _ in range(8):
        sign_up(client).ok(201)


def test_pools_share_their_counts(start_pool, pool):
    """There is no second chance at another pool."""
    address = new_address()
    pools = itertools.cycle([pool, start_pool(QUIRE_LIMIT_GENERAL="4/60")])
    use_up(lambda: client_at(next(pools), address).get("/api/tags"), 4)


def test_who_asks_for_himself_is_never_told_429(pool, api):
    """Clients sign out on any 4xx there."""
    alice = api.register()
    client = client_at(pool, token=alice.token)
    for _ in range(4):
        client.get("/api/user").ok()
    client.get("/api/user").error(503, service="is unavailable, try again soon")
    refused(client.get("/api/articles"), 60)
