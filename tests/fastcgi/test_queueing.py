"""Who has waited too long in a queue is refused: first the anonymous, last what is critical."""
import time

import pytest

from fastcgi import LOGIN, held, request

# What each class may have waited, in seconds, with QUIRE_QUEUE_MS at its default of 100; and what
# it is answered with, without PostgreSQL and Redis, when it may.
READ = ("GET", "/robots.txt", 0.1, 200)
SIGN_IN = ("POST", LOGIN, 2, 422)
PROBE = ("GET", "/healthz", 2, 200)


def ask_in_queue(master, redis, method, uri, seconds, hold=0.2, **parameters):
    """The answer to one of which nginx says that it has waited so long, in a queue that has stood
    for `hold` seconds."""
    with master.connect() as first, master.connect() as asked, master.connect() as last:
        first.send(held())
        redis.wait_until_asked()
        started = time.time() + hold - seconds  # it arrives when the worker is free
        parameters.setdefault("REQUEST_STARTED", f"{started:.3f}")
        asked.send(request(method, uri, b'{"user":{}}' if method == "POST" else b"",
                           **parameters))
        last.send(request())
        time.sleep(hold)
        redis.release()
        assert first.answer().status == 503
        answer = asked.answer()
        assert last.answer().status == 200
    return answer


@pytest.fixture
def master(start, redis):
    return start(QUIRE_WORKERS="1", **redis.settings)


@pytest.mark.parametrize("method, uri, most, status", [READ, SIGN_IN, PROBE])
def test_who_has_waited_less_is_served(master, redis, method, uri, most, status):
    assert ask_in_queue(master, redis, method, uri, most * 0.5).status == status


@pytest.mark.parametrize("method, uri, most, status", [READ, SIGN_IN, PROBE])
def test_who_has_waited_longer_is_refused(master, redis, method, uri, most, status):
    answer = ask_in_queue(master, redis, method, uri, most * 1.5)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")


def test_an_api_answer_says_so_in_json(master, redis):
    answer = ask_in_queue(master, redis, "GET", "/api/articles", 1)
    assert answer.status == 503
    assert answer.json == {"errors": {"service": ["is unavailable, try again soon"]}}


def test_a_page_says_so_to_people(master, redis):
    answer = ask_in_queue(master, redis, "GET", "/login", 1)
    assert answer.status == 503
    assert answer.headers["Content-Type"].startswith("text/html")


def test_the_bound_is_a_setting(start, redis):
    master = start(QUIRE_WORKERS="1", QUIRE_QUEUE_MS="1000", **redis.settings)
    assert ask_in_queue(master, redis, "GET", "/robots.txt", 0.5).status == 200


def test_who_waits_for_a_moment_is_served(master, redis):
    """A queue that has stood for less than 100 ms is a burst, which a busy machine may not manage at once."""
    assert any(ask_in_queue(master, redis, "GET", "/robots.txt", 5, hold=0.02).status == 200
               for _ in range(5))


@pytest.mark.parametrize("started", ["", "soon", "-1", "1e300", "1.000", "99999999999.000"])
def test_what_cannot_be_a_time_is_ignored(master, redis, started):
    assert ask_in_queue(master, redis, "GET", "/robots.txt", 0,
                        REQUEST_STARTED=started).status == 200


def test_the_last_in_the_queue_is_served(master, redis):
    """Nobody waits behind it."""
    with master.connect() as first, master.connect() as last:
        first.send(held())
        redis.wait_until_asked()
        last.send(request("GET", "/robots.txt", REQUEST_STARTED=f"{time.time():.3f}"))
        time.sleep(0.3)
        redis.release()
        assert first.answer().status == 503
        assert last.answer().status == 200


def test_the_queue_is_bounded_in_time(master, redis):
    """However many wait, the last one is answered soon after the first."""
    connections = [master.connect() for _ in range(200)]
    connections[0].send(held())
    redis.wait_until_asked()
    for connection in connections[1:]:
        connection.send(request("GET", "/robots.txt", REQUEST_STARTED=f"{time.time():.3f}"))
    time.sleep(0.3)
    redis.release()
    began = time.monotonic()
    statuses = [connection.answer().status for connection in connections]
    assert time.monotonic() - began < 2
    assert statuses[-1] == 200 and statuses.count(503) > 150
    for connection in connections:
        connection.close()
