"""A stop or a replacement of workers loses nothing that has arrived."""
import os
import signal
import threading
import time

import pytest

from fastcgi import (LOGIN, STDIN, Connection, Master, head, held, is_alive, record, request,
                     stream)
from harness import wait_until


def wait_for_end(master, seconds=5):
    assert master.process.wait(seconds) == 0
    assert len(master.events("stopping")) == len(master.events("stopped")) == 1
    assert not master.socket.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_idle_stops_at_once(start, number):
    master = start(QUIRE_WORKERS="4")
    kept = [master.connect() for _ in range(6)]
    for connection in kept:
        connection.ask(keep=True)
    workers = master.workers()
    began = time.monotonic()
    master.signal(number)
    wait_for_end(master)
    assert time.monotonic() - began < 1
    assert not any(is_alive(pid) for pid in workers)
    assert not master.events("worker died")


def test_during_a_body_lets_the_request_finish(start):
    master = start(QUIRE_WORKERS="1")
    body = b'{"user":{}}'
    with master.connect() as connection:
        connection.send(head("POST", LOGIN, len(body), keep=True) + record(STDIN, body[:5]))
        time.sleep(0.05)
        master.signal(signal.SIGTERM)
        time.sleep(0.1)
        connection.send(stream(STDIN, body[5:]))
        assert connection.answer().status == 422
        assert connection.is_closed()
    wait_for_end(master)


def test_during_a_handler_lets_it_finish_and_serves_who_waits(start, redis):
    master = start(QUIRE_WORKERS="1", **redis.settings)
    first, *others = connections = [master.connect() for _ in range(5)]
    first.send(held())
    redis.wait_until_asked()
    for connection in others:
        connection.send(request("POST", LOGIN, b'{"user":{}}'))
    master.signal(signal.SIGTERM)
    wait_until(lambda: not master.socket.exists(), what="nobody new can connect")
    redis.release()
    assert first.answer().status == 503
    assert [connection.answer().status for connection in others] == 4 * [422]
    wait_for_end(master)
    for connection in connections:
        connection.close()


def test_a_request_on_the_kept_connection_is_served(start):
    """Sent before the worker could look: it was stopped by SIGSTOP meanwhile."""
    master = start(QUIRE_WORKERS="1")
    [worker] = master.workers()
    with master.connect() as connection:
        connection.ask(keep=True)
        os.kill(worker, signal.SIGSTOP)
        connection.send(request("POST", LOGIN, b'{"user":{}}', keep=True))
        master.signal(signal.SIGTERM)
        wait_until(lambda: master.events("stopping"))
        os.kill(worker, signal.SIGCONT)
        assert connection.answer().status == 422
    wait_for_end(master)


def test_who_is_left_in_the_backlog_is_served(start):
    """No worker is alive when the stop begins, so the master starts one more."""
    master = start(QUIRE_WORKERS="1")
    [worker] = master.workers()
    master.signal(signal.SIGSTOP)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: not is_alive(worker))
    with master.connect() as connection:
        connection.send(request())
        master.signal(signal.SIGTERM)
        master.signal(signal.SIGCONT)
        assert connection.answer().status == 200
    wait_for_end(master)


def test_has_an_end(start, redis):
    master = start(QUIRE_WORKERS="2", QUIRE_STOP_TIMEOUT_MS="300", **redis.settings)
    with master.connect() as connection:
        connection.send(held())
        redis.wait_until_asked()
        master.signal(signal.SIGTERM)
        assert connection.answer() is None
    wait_for_end(master, 2)
    assert master.wait_for("worker stuck")["route"] == "/api/user"
    assert master.wait_for("worker died")["signal"] == "SIGKILL"


def test_a_dead_master_takes_its_workers_along():
    with pytest.raises(AssertionError, match="ended with -9"), Master() as master:
        workers = master.workers()
        master.process.kill()
        wait_until(lambda: not any(is_alive(pid) for pid in workers), 2)


class Load:
    """Clients that ask without a pause, half of them with POST, over sockets that take turns. As
    nginx does, they go to the next one only where nothing has been sent yet."""

    def __init__(self, *addresses, clients=6):
        self.addresses, self.answers, self.lost, self.running = addresses, 0, [], True
        self.threads = [threading.Thread(target=self.run, args=[n]) for n in range(clients)]

    def connect(self, number):
        for attempt in range(200):
            try:
                return Connection(self.addresses[(number + attempt) % len(self.addresses)])
            except (ConnectionRefusedError, FileNotFoundError, BlockingIOError):
                time.sleep(0.001)
        raise TimeoutError

    def run(self, number):
        words = ("POST", LOGIN, b'{"user":{}}') if number % 2 else ("GET", "/healthz")
        while self.running:
            try:
                with self.connect(number) as connection:
                    answer = connection.ask(*words)
                    assert answer.status == (422 if number % 2 else 200)
                self.answers += 1
            except Exception as error:
                self.lost.append(repr(error))
            number += 2

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.running = False
        for thread in self.threads:
            thread.join()


def test_restarts_under_load_lose_nothing(start):
    pools = [start(QUIRE_WORKERS="2"), start(QUIRE_WORKERS="2")]
    with Load(*[pool.socket for pool in pools]) as load:
        for _ in range(4):
            for pool in pools:
                pool.signal(signal.SIGTERM)
                assert pool.process.wait(5) == 0
                pool.__enter__()
                time.sleep(0.05)
    assert load.lost == []
    assert load.answers > 100


def test_replacing_workers_under_load_loses_nothing(start):
    master = start(QUIRE_WORKERS="3")
    seen = set(master.workers())
    with Load(master.socket) as load:
        for _ in range(3):
            before = set(master.workers())
            master.signal(signal.SIGHUP)
            wait_until(lambda old=before: len(new := set(master.workers())) == 3
                       and not new & old, what="all workers are new")
            seen |= set(master.workers())
    assert load.lost == []
    assert load.answers > 100
    assert len(seen) >= 12
    assert not master.events("worker died")


def test_workers_are_replaced_one_by_one(start, redis):
    master = start(QUIRE_WORKERS="3", **redis.settings)
    before = set(master.workers())
    with master.connect() as slow:
        slow.send(held())
        redis.wait_until_asked()
        master.signal(signal.SIGHUP)
        time.sleep(0.3)
        assert len(set(master.workers()) & before) >= 1, "the slow one is waited for"
        assert len(master.workers()) == 3
        assert master.ask().status == 200
        redis.release()
        assert slow.answer().status == 503
    wait_until(lambda: len(new := set(master.workers())) == 3 and not new & before)


def test_terminal_signals_reach_the_workers_too(start):
    """Ctrl-C goes to every process of the group: that must lose nothing either."""
    master = start(QUIRE_WORKERS="2")
    with Load(master.socket) as load:
        for pid in master.workers():
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1,
                           signal.SIGPIPE):
                os.kill(pid, number)
        time.sleep(0.1)
    assert load.lost == []
    assert not master.events("worker died")
