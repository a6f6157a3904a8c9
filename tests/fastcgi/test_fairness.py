"""Nobody starves, whatever the peers keep; a slow request delays nobody while a worker is idle."""
import threading
import time

import pytest

from fastcgi import held, request, state
from harness import wait_until

SOON = 0.5  # seconds; a slow request takes as long as the test wants


def test_a_visitor_leaves_the_kept_connection_alone(start):
    master = start(QUIRE_WORKERS="1")
    [worker] = master.workers()
    with master.connect() as kept:
        for _ in range(3):
            assert kept.ask(keep=True).status == 200
            # Who comes before the worker has looked into the backlog takes the kept one's place.
            wait_until(lambda: state(worker) == "S", what="the worker waits")
            with master.connect() as visitor:
                assert visitor.ask(keep=True).status == 200
                assert visitor.is_closed()
        assert kept.ask(keep=True).status == 200


def test_who_waits_goes_before_the_kept_connection(start, redis):
    master = start(QUIRE_WORKERS="1", **redis.settings)
    with master.connect() as first, master.connect() as second, master.connect() as third:
        first.send(held(keep=True))
        redis.wait_until_asked()
        second.send(request("GET", "/healthz", keep=True, REQUEST_ID="second"))
        third.send(request("GET", "/healthz", keep=True, REQUEST_ID="third"))
        redis.release()
        assert first.answer().status == 503
        assert second.answer().status == 200
        assert third.answer().status == 200
        assert first.is_closed() and second.is_closed()
        assert third.ask(keep=True).status == 200, "nobody waits any more: this one is kept"
    wait_until(lambda: len(master.events("request")) == 4)
    assert [event["id"] for event in master.events("request")][1:3] == ["second", "third"]


@pytest.mark.parametrize("kept", [1, 2, 5])
def test_new_connections_are_served_however_many_are_kept(start, kept):
    master = start(QUIRE_WORKERS="2")
    others = [master.connect() for _ in range(kept)]
    for other in others:
        assert other.ask(keep=True).status == 200
    for _ in range(10):
        with master.connect(timeout=SOON) as connection:
            assert connection.ask(keep=True).status == 200
    for other in others:
        other.close()


def test_a_slow_request_delays_no_new_connection(start, redis):
    master = start(QUIRE_WORKERS="3", **redis.settings)
    with master.connect() as slow, master.connect() as slower:
        slow.send(held())
        slower.send(held(keep=True))
        redis.wait_until_asked(2)
        for _ in range(30):
            with master.connect(timeout=SOON) as connection:
                assert connection.ask(keep=True).status == 200
        redis.release()
        assert slow.answer().status == slower.answer().status == 503


def ask_again_where_closed(master, connection):
    """As nginx does: a kept connection that was closed is replaced by a new one."""
    answer = connection.ask_if_open(keep=True)
    if answer is None:
        with master.connect(timeout=SOON) as another:
            answer = another.ask(keep=True)
    return answer


@pytest.mark.parametrize("asked", ["before", "after"])
def test_a_slow_request_delays_no_kept_connection(start, redis, asked):
    """Every worker keeps one; the slow request comes to one of these."""
    master = start(QUIRE_WORKERS="3", **redis.settings)
    kept = [master.connect(timeout=SOON) for _ in range(3)]
    for connection in kept:
        connection.send(held(keep=True))
    redis.wait_until_asked(3)
    redis.release()
    assert [connection.answer().status for connection in kept] == 3 * [503]
    time.sleep(0.6)  # until Redis is asked again

    redis.hold()
    with master.connect() as slow:
        slow.send(held())
        if asked == "after":
            time.sleep(0.1)
        for connection in kept:
            assert ask_again_where_closed(master, connection).status == 200


def test_a_silent_visitor_delays_no_kept_connection(start):
    master = start(QUIRE_WORKERS="2")
    with master.connect(timeout=SOON) as first, master.connect(timeout=SOON) as second:
        for connection in (first, second):
            assert connection.ask(keep=True).status == 200
        with master.connect():
            time.sleep(0.1)
            for connection in (first, second):
                assert ask_again_where_closed(master, connection).status == 200


def test_more_clients_than_workers(start):
    """Twenty clients that keep their connections, three workers: all get their turns."""
    master = start(QUIRE_WORKERS="3")
    turns = [0] * 20
    end = time.monotonic() + 1.5

    def client(number):
        connection = master.connect()
        while time.monotonic() < end:
            if connection.ask_if_open(keep=True):
                turns[number] += 1
            else:
                connection.close()
                connection = master.connect()
        connection.close()

    threads = [threading.Thread(target=client, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(turns) > max(turns) / 20, turns
