"""A worker's death is logged with what it was doing, and touches nobody else."""
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from fastcgi import held, is_alive
from harness import wait_until


def holder(master):
    """The worker that handles a request, by the scoreboard."""
    workers = master.ask("GET", "/statusz").json["workers"]
    [worker] = [worker for worker in workers if worker["route"] == "GET /api/user"]
    assert worker["stage"] == "handling"
    return worker["pid"]


def test_a_crash_in_a_handler_is_logged_with_its_route(start, redis):
    master = start(QUIRE_WORKERS="3", **redis.settings)
    before = set(master.workers())
    with master.connect() as kept, master.connect() as connection:
        connection.send(held())
        redis.wait_until_asked()
        pid = holder(master)
        assert kept.ask(keep=True).status == 200
        os.kill(pid, signal.SIGSEGV)
        assert connection.answer() is None, "one answer is lost"
        assert kept.ask(keep=True).status == 200
    died = master.wait_for("worker died")
    assert (died["pid"], died["signal"]) == (pid, "SIGSEGV")
    assert (died["stage"], died["route"]) == ("handling", "/api/user")
    assert (died["path"], died["level"]) == ("/api/user", "error")
    assert died["ms"] > 0
    wait_until(lambda: len(master.workers()) == 3, what="there is another worker")
    assert before - {pid} < set(master.workers())
    assert master.ask("GET", "/statusz").json["deaths"] == 1


def test_an_idle_worker_that_dies_is_replaced(start):
    master = start(QUIRE_WORKERS="1")
    assert master.ask().status == 200
    time.sleep(1)
    os.kill(master.workers()[0], signal.SIGKILL)
    assert master.ask().status == 200
    died = master.wait_for("worker died")
    assert (died["signal"], died["stage"], died["pause"]) == ("SIGKILL", "idle", 0)
    assert "route" not in died and "path" not in died


def test_a_crash_loop_backs_off(start):
    master = start(QUIRE_WORKERS="1")
    for deaths in range(1, 5):
        [worker] = wait_until(master.workers)
        os.kill(worker, signal.SIGSEGV)
        master.wait_for("worker died", deaths)
    assert [event["pause"] for event in master.events("worker died")] == [100, 200, 400, 800]
    began = time.monotonic()
    assert master.ask().status == 200
    assert 0.5 < time.monotonic() - began < 1.5


def test_a_worker_that_is_stuck_is_killed(start, redis):
    master = start(QUIRE_WORKERS="2", QUIRE_REQUEST_TIMEOUT_MS="300", **redis.settings)
    with master.connect() as connection:
        began = time.monotonic()
        connection.send(held())
        assert connection.answer() is None
        assert 0.3 < time.monotonic() - began < 1
    stuck, died = master.wait_for("worker stuck"), master.wait_for("worker died")
    assert stuck["pid"] == died["pid"]
    assert died["signal"] == "SIGKILL"
    for event in stuck, died:
        assert (event["route"], event["path"]) == ("/api/user", "/api/user")
        assert event["ms"] >= 300
    wait_until(lambda: len(master.workers()) == 2)
    assert len(master.events("worker stuck")) == len(master.events("worker died")) == 1


def test_a_worker_that_ends_is_replaced(start):
    master = start(QUIRE_WORKERS="2")
    first, second = master.workers()
    os.kill(first, signal.SIGTERM)
    assert master.wait_for("worker died")["status"] == 0
    wait_until(lambda: len(master.workers()) == 2)
    assert second in master.workers() and not is_alive(first)


@pytest.mark.skipif(bool(os.environ.get("SANITIZER")), reason="sanitizers take memory")
def test_an_idle_worker_is_small(start):
    master = start(QUIRE_WORKERS="4")
    for _ in range(50):
        assert master.ask().status == 200
    for pid in master.workers():
        sizes = re.findall(r"Private_\w+: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text())
        assert sum(map(int, sizes)) < 3 * 1024


def test_systemd_is_told(start, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        master = start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="300000")
        assert manager.recv(100) == b"READY=1"
        began = time.monotonic()
        assert [manager.recv(100) for _ in range(3)] == 3 * [b"WATCHDOG=1"]
        assert time.monotonic() - began < 0.9
        master.signal(signal.SIGTERM)
        wait_until(lambda: manager.recv(100) == b"STOPPING=1")
