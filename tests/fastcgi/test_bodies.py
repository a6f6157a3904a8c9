"""A handler runs with exactly the bytes that were announced, or not at all."""
import socket
import time

import pytest

from fastcgi import LOGIN, STDIN, Connection, head, record, stream
from fcgi_client import RECORD

BODY = b'{"user":{}}'


@pytest.fixture
def master(start):
    return start(QUIRE_WORKERS="1", QUIRE_BODY_MAX="20000")


def test_arrives_in_pieces_of_any_size(master):
    with master.connect() as connection:
        records = [record(STDIN, bytes([byte])) for byte in BODY] + [record(STDIN)]
        for byte in head("POST", LOGIN, len(BODY)) + b"".join(records):
            connection.send(bytes([byte]))
        assert connection.answer().status == 422


def test_padding_is_skipped(master):
    padded = RECORD.pack(1, STDIN, 1, len(BODY), 255) + BODY + bytes(255)
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, len(BODY)) + padded + record(STDIN))
        assert connection.answer().status == 422


def test_of_the_largest_size_allowed(master):
    assert master.ask("POST", LOGIN, BODY.ljust(20000)).status == 422


@pytest.mark.parametrize("length", ["", "0", "000"])
def test_may_be_empty(master, length):
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, length) + record(STDIN))
        assert connection.answer().status == 422


def assert_no_handler_ran(master):
    assert [event for event in master.events("request") if "route" in event] == []


def test_50_of_100_bytes_and_a_clean_end(master):
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, 100, keep=True) + stream(STDIN, bytes(50)))
        answer = connection.answer()
        assert answer.status == 400
        assert answer.json == {"errors": {"body": ["is incomplete"]}}
        assert_no_handler_ran(master)
        assert connection.ask().status == 200, "the connection is in a clean state"


@pytest.mark.parametrize("end", [
    Connection.close, lambda connection: connection.socket.shutdown(socket.SHUT_WR)])
def test_50_of_100_bytes_and_the_peer_closes(master, end):
    before = master.workers()
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, 100) + record(STDIN, bytes(50)))
        end(connection)
        assert master.wait_for("body incomplete")["bytes"] == 50
    assert_no_handler_ran(master)
    assert master.ask().status == 200
    assert master.workers() == before


def test_the_end_is_missing(master):
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, len(BODY)) + record(STDIN, BODY))
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.answer().status == 400
    assert_no_handler_ran(master)


def test_longer_than_announced(master):
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, len(BODY) - 1, keep=True) + stream(STDIN, BODY))
        assert connection.answer().status == 400
        assert connection.is_closed()
    assert_no_handler_ran(master)


def test_over_the_limit(master):
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, 20001, keep=True) + stream(STDIN, bytes(20001)))
        answer = connection.answer()
        assert answer.status == 413
        assert answer.json == {"errors": {"body": ["is too large"]}}
        assert_no_handler_ran(master)


def test_far_over_the_limit(master):
    """The answer comes, though nobody reads all of it."""
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, 10**30, keep=True))
        try:
            connection.send(stream(STDIN, bytes(10**6)))
        except BrokenPipeError:
            pass
        assert connection.answer().status == 413
        assert connection.is_closed()
    assert master.ask().status == 200


@pytest.mark.parametrize("length", ["-1", "+1", "1x", "0x10", " 1", "1.0", "1e1"])
def test_length_that_is_no_number(master, length):
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, length, keep=True) + stream(STDIN, b"{}"))
        assert connection.answer().status == 400
        assert_no_handler_ran(master)
        assert connection.ask().status == 200


def test_that_stops_half_way_is_cut_at_the_deadline(start):
    master = start(QUIRE_WORKERS="1", QUIRE_READ_TIMEOUT_MS="300")
    before = master.workers()
    began = time.monotonic()
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, 100) + record(STDIN, bytes(50)))
        assert connection.answer().status == 400
    assert 0.25 < time.monotonic() - began < 1
    assert master.ask().status == 200
    assert master.workers() == before
