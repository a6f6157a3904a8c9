"""Kept connections, and peers that are slow, silent or gone."""
import resource
import time

import pytest

from fastcgi import descriptors, head, held, request
from harness import wait_until


def test_is_closed_unless_it_is_to_be_kept(start):
    with start().connect() as connection:
        assert connection.ask().status == 200
        assert connection.is_closed()


def test_serves_many_requests(start):
    master = start(QUIRE_WORKERS="1")
    with master.connect() as connection:
        for method, uri, status in 20 * [("GET", "/healthz", 200), ("POST", "/healthz", 405),
                                         ("GET", "/api/nowhere", 404), ("HEAD", "/healthz", 200)]:
            answer = connection.ask(method, uri, keep=True)
            assert answer.status == status
            assert (answer.body == b"") == (method == "HEAD")
        assert connection.ask().status == 200
        assert connection.is_closed()


def test_not_modified_and_no_body(start):
    with start().connect() as connection:
        tag = connection.ask("GET", "/healthz", keep=True).headers["ETag"]
        answer = connection.ask("GET", "/healthz", keep=True, HTTP_IF_NONE_MATCH=tag)
        assert (answer.status, answer.body) == (304, b"")


@pytest.mark.parametrize("keep", [True, False])
def test_client_gone_before_the_answer(start, redis, keep):
    master = start(QUIRE_WORKERS="1", **redis.settings)
    before = master.workers()
    with master.connect() as connection:
        connection.send(held(keep=keep, REQUEST_ID="gone"))
        redis.wait_until_asked()
    redis.release()
    assert master.wait_for("client gone")["id"] == "gone"
    assert master.ask().status == 200
    assert len(master.events("client gone")) == 1
    assert master.workers() == before


def test_silent_peers_stop_nobody_else(start):
    master = start(QUIRE_WORKERS="3")
    with master.connect(), master.connect() as second:
        second.send(head()[:20])
        for _ in range(20):
            with master.connect(timeout=1) as connection:
                assert connection.ask().status == 200


def test_silent_peer_is_cut_at_the_deadline(start):
    master = start(QUIRE_WORKERS="1", QUIRE_READ_TIMEOUT_MS="300")
    before = master.workers()
    with master.connect() as connection:
        assert master.ask().status == 200
        assert connection.is_closed()
    assert master.workers() == before


def test_one_byte_peer_is_cut_at_the_deadline(start):
    master = start(QUIRE_WORKERS="1", QUIRE_READ_TIMEOUT_MS="400")
    before = master.workers()
    began = time.monotonic()
    with master.connect() as connection:
        with pytest.raises(BrokenPipeError):
            for byte in head(HTTP_COOKIE="c" * 1000):
                connection.send(bytes([byte]))
                time.sleep(0.03)
    assert 0.4 < time.monotonic() - began < 1
    assert master.wait_for("peer too slow")["stage"] == "reading"
    assert master.ask().status == 200
    assert len(master.events("peer too slow")) == 1
    assert master.workers() == before


def test_peer_that_does_not_take_its_answers_is_cut(start):
    master = start(QUIRE_WORKERS="1", QUIRE_READ_TIMEOUT_MS="400")
    before = master.workers()
    with master.connect() as connection, pytest.raises(BrokenPipeError):
        for served in range(1, 1000):
            connection.send(request("GET", "/statusz", keep=True))
            wait_until(lambda n=served: len(master.events("request")) >= n)
    assert master.wait_for("client gone")["path"] == "/statusz"
    assert master.ask().status == 200
    assert master.workers() == before


def test_who_cannot_be_accepted_yet_waits(start):
    master = start(QUIRE_WORKERS="1")
    [worker] = master.workers()
    assert master.ask().status == 200
    lowest_free = min(set(range(100)) - descriptors(worker))
    limits = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
    with master.connect() as connection:
        connection.send(request())
        assert master.wait_for("cannot accept", 3)["reason"] == "Too many open files"
        resource.prlimit(worker, resource.RLIMIT_NOFILE, limits)
        assert connection.answer().status == 200
    assert len(master.events("cannot accept")) < 50, "it does not spin"


def test_descriptors_do_not_leak(start):
    master = start(QUIRE_WORKERS="1")
    [worker] = master.workers()

    assert master.ask().status == 200
    before = descriptors(worker)
    for _ in range(20):
        master.ask()
        master.connect().close()
        with master.connect() as connection:
            connection.send(head()[:30])
        with master.connect() as connection:
            connection.ask(keep=True)
        with master.connect() as connection:
            connection.send(b"junk that is no FastCGI")
    assert master.ask().status == 200
    assert descriptors(worker) == before
    assert master.workers() == [worker]
