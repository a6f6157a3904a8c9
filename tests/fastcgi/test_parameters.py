"""Parameters reach the router as they are, and a bad request hurts nobody else."""
import struct

import pytest

from fastcgi import PARAMS, STDIN, head, is_alive, record, stream
from fcgi_client import pairs
from harness import wait_until


@pytest.fixture
def master(start):
    return start(QUIRE_WORKERS="2")


@pytest.mark.parametrize("uri, status, path", [
    ("/healthz?a=1&b=2", 200, "/healthz"),
    ("/healthz?", 200, "/healthz"),
    ("/healthz?a?b", 200, "/healthz"),
    ("/api%2fuser", 404, "/api%2fuser"),
    ("/api/articles/../user", 404, "/api/articles/../user"),
    ("/../../etc/passwd", 404, "/../../etc/passwd"),
    ("/%2e%2e/healthz", 404, "/%2e%2e/healthz"),
    ("/api/articles/a%00b", 400, "/api/articles/a%00b"),
    ("/api/articles/%", 400, "/api/articles/%"),
    ("/api/articles/%ff", 400, "/api/articles/%ff"),
    ("/" + "x" * 5000, 404, "/" + "x" * 1022 + "…"),
    ("", 404, ""),
    ("healthz", 404, "healthz"),
    ("*", 404, "*"),
], ids=lambda value: str(value)[:20])
def test_paths(master, uri, status, path):
    assert master.ask("GET", uri).status == status
    assert master.wait_for("request")["path"] == path


def test_no_parameters_at_all(master):
    with master.connect() as connection:
        connection.send(head()[:16] + stream(PARAMS, b"") + stream(STDIN, b""))
        assert connection.answer().status == 404
    assert master.wait_for("request")["method"] == "OTHER"


def test_doubled_parameters_count_once(master):
    """Headers sent twice arrive as two parameters: the first one counts."""
    twice = [pairs({"REQUEST_METHOD": "GET", "REQUEST_URI": uri, "HTTP_X": "y"})
             for uri in ("/healthz", "/nowhere")]
    with master.connect() as connection:
        connection.send(head()[:16] + stream(PARAMS, b"".join(twice)) + stream(STDIN, b""))
        assert connection.answer().status == 200


def test_200_parameters(master):
    many = {f"HTTP_X_{i}": "v" * i for i in range(200)}
    assert master.ask(REQUEST_ID="the-id", **many).status == 200
    assert master.wait_for("request")["id"] == "the-id"


def test_long_parameters(master):
    assert master.ask(HTTP_COOKIE="c" * 300000, REQUEST_ID="after").status == 200
    assert master.wait_for("request")["id"] == "after"


def test_parameters_in_tiny_records(master):
    encoded = pairs({"REQUEST_METHOD": "GET", "REQUEST_URI": "/healthz"})
    with master.connect() as connection:
        connection.send(head()[:16] + b"".join(record(PARAMS, bytes([b])) for b in encoded))
        connection.send(record(PARAMS) + stream(STDIN, b""))
        assert connection.answer().status == 200


@pytest.mark.parametrize("lengths", [
    (0x7FFFFFFE, 0x7FFFFFFE), (0x7FFFFFFF, 1), (1, 0x7FFFFFFF), (0x40000000, 0x40000000)])
def test_absurd_lengths(master, lengths):
    """libfcgi may end the worker over them; all else goes on."""
    before = master.workers()
    with master.connect() as connection:
        absurd = struct.pack(">II", *(length | 1 << 31 for length in lengths))
        connection.send(head()[:16] + record(PARAMS, absurd + b"x" * 100) + record(PARAMS))
        assert connection.is_closed()
    for _ in range(10):
        assert master.ask().status == 200
    wait_until(lambda: len(master.workers()) == 2, what="both workers run")
    assert sum(is_alive(pid) for pid in before) >= 1


@pytest.mark.parametrize("junk", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 64, b"\1" * 64, b"\xff" * 64, b"\1\1\0"],
    ids=["HTTP", "zeros", "ones", "255s", "short"])
def test_what_is_not_fastcgi_is_closed(master, junk):
    before = master.workers()
    with master.connect() as connection:
        connection.send(junk)
        connection.socket.shutdown(1)
        assert connection.answer() is None
    assert master.ask().status == 200
    assert master.workers() == before
