"""Where a pool listens; tests/unit/test_listen.c has the rules for taking a path."""
import json
import os
import signal
import socket
import stat
import subprocess

import pytest

from fastcgi import LOGIN, NOWHERE, Connection, request
from harness import PROGRAM, free_port, sanitizer_reports, wait_until

SETTINGS = {**NOWHERE, "QUIRE_CONFIG": "/dev/null", "QUIRE_WORKERS": "2"}


@pytest.fixture
def run(tmp_path):
    """run(*command, QUIRE_LISTEN=…) starts a command that ends with the test and logs to pool.log."""
    running = []

    def run(*command, pass_fds=(), **settings):
        with (tmp_path / "pool.log").open("ab") as log:
            running.append(subprocess.Popen(
                command or [PROGRAM, "serve"], stderr=log, pass_fds=pass_fds,
                env={**os.environ, **SETTINGS, **settings}))
        return running[-1]

    yield run
    for process in running:
        process.terminate()
        assert process.wait(10) in (0, 1, -signal.SIGKILL)
    assert not sanitizer_reports(tmp_path)


def connect(address):
    def attempt():
        try:
            return Connection(address)
        except OSError:
            return None
    return wait_until(attempt, what=f"somebody listens on {address}")


def asked(address):
    with connect(address) as connection:
        return connection.ask().status


def test_several_sockets(run, tmp_path):
    ports = free_port(), free_port()
    paths = tmp_path / "one", tmp_path / "two"
    process = run(QUIRE_LISTEN=f"{paths[0]} 127.0.0.1:{ports[0]} localhost:{ports[1]}  {paths[1]}",
                  QUIRE_LISTEN_MODE="0600")
    for address in (*paths, *(("127.0.0.1", port) for port in ports)):
        assert asked(address) == 200
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600, 0o600]
    process.terminate()
    assert process.wait(5) == 0
    assert not any(path.exists() for path in paths)


def test_ipv6(run):
    port = free_port()
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", port))
    except OSError:
        pytest.skip("this machine has no IPv6")
    run(QUIRE_LISTEN=f"[::1]:{port}")
    with wait_until(lambda: connected(port)) as connection:
        connection.sendall(request())
        assert b"Status: 200" in connection.recv(4096)


def connected(port):
    try:
        return socket.create_connection(("::1", port), 5)
    except OSError:
        return None


def test_a_second_pool_on_the_same_path_does_not_start(run, tmp_path):
    path = tmp_path / "socket"
    first = run(QUIRE_LISTEN=str(path))
    assert asked(path) == 200
    assert run(QUIRE_LISTEN=str(path)).wait(5) == 1
    last = json.loads((tmp_path / "pool.log").read_text().splitlines()[-1])
    assert (last["event"], last["address"]) == ("cannot listen", str(path))
    assert asked(path) == 200
    first.kill()
    first.wait()
    wait_until(lambda: not answers(path), what="the workers of the killed master are gone")
    run(QUIRE_LISTEN=str(path))
    assert wait_until(lambda: answers(path)), "what the dead one left is replaced"


def answers(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def test_systemd_passes_the_socket(run, tmp_path):
    path = tmp_path / "socket"
    names = [f"--setenv={name}" for name in SETTINGS]
    process = run("systemd-socket-activate", "-l", path, *names, PROGRAM, "serve",
                  QUIRE_LISTEN="/nonexistent/unused")
    assert asked(path) == 200
    process.terminate()
    assert process.wait(5) == 0
    assert path.exists(), "it is systemd's"


def start_with(run, listener):
    """Starts the pool as systemd does, which keeps the socket."""
    script = f'exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" serve'
    return run("bash", "-c", script, PROGRAM, pass_fds=[listener.fileno()])


def test_with_systemds_socket_a_restart_refuses_nobody(run, tmp_path):
    """What waits in the backlog waits for the next one: nobody is refused, nothing is lost."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(100)
        for _ in range(3):
            process = start_with(run, listener)
            assert asked(path) == 200
            process.send_signal(signal.SIGTERM)
            with connect(path) as connection:
                connection.send(request("POST", LOGIN, b'{"user":{}}'))
                assert process.wait(5) == 0
                process = start_with(run, listener)
                assert connection.answer().status == 422
            assert asked(path) == 200
            process.terminate()
            assert process.wait(5) == 0
