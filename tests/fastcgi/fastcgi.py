"""Raw FastCGI against a master of one's own: every byte of a request in the test's hand."""
import json
import os
import socket
import struct
import threading
from pathlib import Path

from fcgi_client import BEGIN, END, PARAMS, RECORD, STDIN, STDOUT, pairs, parse, record, stream
from harness import Pool, wait_until

KEEP = 1
NOWHERE = {"QUIRE_URL": "http://localhost", "QUIRE_REDIS": "unix:/nonexistent/redis",
           "QUIRE_DATABASE_PRIMARY": "host=/nonexistent"}
# A crash that a test causes is no complaint of the sanitizer's.
SANITIZER = {"ASAN_OPTIONS": ":".join([
    os.environ.get("ASAN_OPTIONS", ""), "handle_segv=0", "allocator_may_return_null=1"])}
LOGIN = "/api/users/login"  # POST: answers 422 to {"user":{}} without any server


def head(method="GET", uri="/healthz", length=None, keep=False, **parameters):
    """The records up to the end of the parameters."""
    parameters = {"REQUEST_METHOD": method, "REQUEST_URI": uri, "REMOTE_ADDR": "127.0.0.1",
                  "CONTENT_TYPE": "application/json",
                  "CONTENT_LENGTH": "" if length is None else str(length), **parameters}
    begin = record(BEGIN, bytes([0, 1, KEEP if keep else 0, 0, 0, 0, 0, 0]))
    return begin + stream(PARAMS, pairs(parameters))


def request(method="GET", uri="/healthz", body=b"", **more):
    """A whole request."""
    return head(method, uri, len(body) if body else None, **more) + stream(STDIN, body)


class Answer:
    def __init__(self, output):
        self.status, headers, self.body = parse(output)
        self.headers = dict(headers)
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        self.json = json.loads(self.body) if is_json and self.body else None


class Connection:
    """One connection to a pool."""

    def __init__(self, address, timeout=10):
        family = socket.AF_UNIX if isinstance(address, (str, Path)) else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(timeout)
        self.socket.connect(str(address) if family == socket.AF_UNIX else address)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def answer(self):
        """The next answer; None when the connection ended before one."""
        output = b""
        while True:
            try:
                header = self.file.read(RECORD.size)
            except ConnectionResetError:
                return None
            if len(header) < RECORD.size:
                return None
            _, kind, _, size, padding = RECORD.unpack(header)
            content = self.file.read(size + padding)[:size]
            if kind == STDOUT:
                output += content
            elif kind == END:
                return Answer(output)

    def ask(self, *words, **more):
        return self.send(request(*words, **more)).answer()

    def ask_if_open(self, *words, **more):
        """As ask; None too when the other side has closed the connection before."""
        try:
            return self.ask(*words, **more)
        except (BrokenPipeError, ConnectionResetError):
            return None

    def is_closed(self, within=2):
        """Does the other side close it?"""
        self.socket.settimeout(within)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


def name_of(pid):
    """A worker is "quire", the monitor "quire-monitor"."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except FileNotFoundError:
        return ""


class Master(Pool):
    """A `quire serve` without PostgreSQL and Redis."""

    def __init__(self, **settings):
        super().__init__(NOWHERE, **SANITIZER, **settings)

    def __enter__(self):
        super().__enter__()
        self.wait_for("started")
        wait_until(lambda: "quire-monitor" in map(name_of, self.children()), what="it is watched")
        return self

    def connect(self, **more):
        return Connection(self.socket, **more)

    def ask(self, *words, **more):
        with self.connect() as connection:
            return connection.ask(*words, **more)

    def children(self):
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def workers(self):
        return [child for child in self.children() if name_of(child) == "quire"]

    def events(self, name):
        lines = self.log.read_text().rpartition("\n")[0].splitlines()  # not one half written
        return [event for line in lines if line.startswith("{")
                for event in [json.loads(line)] if event["event"] == name]

    def wait_for(self, name, count=1, seconds=10):
        found = wait_until(lambda: len(e := self.events(name)) >= count and e, seconds,
                           f'"{name}" is logged {count} times')
        return found[count - 1]

    def signal(self, number):
        self.process.send_signal(number)


class SilentRedis:
    """A Redis that takes questions and answers none: it holds a request with a token in its
    handler, until it is released. Then the request is answered with 503."""

    def __init__(self, folder):
        self.path = folder / "redis.sock"
        self.settings = {"QUIRE_REDIS": f"unix:{self.path}", "QUIRE_REDIS_TIMEOUT_MS": "30000",
                         "QUIRE_MONITOR_INTERVAL_MS": "10000"}  # it asks once, when it starts
        self.hold()

    def hold(self):
        self.path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(64)
        self.asked = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                connection, _ = self.listener.accept()
                connection.recv(1)
                asker, _, _ = struct.unpack("3i", connection.getsockopt(
                    socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            except OSError:
                return
            if name_of(asker) == "quire-monitor":
                connection.close()
            else:
                self.asked.append(connection)

    def wait_until_asked(self, times=1):
        wait_until(lambda: len(self.asked) >= times, what=f"Redis is asked {times} times")

    def release(self):
        if self.listener.fileno() >= 0:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
        for connection in self.asked:
            connection.close()


def held(**more):
    """A request that a silent Redis holds."""
    return request("GET", "/api/user", HTTP_AUTHORIZATION="Token x", **more)


def state(pid):
    """The process's state as in ps(1): "S" while it sleeps, "Z" for a zombie, "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def is_alive(pid):
    return state(pid) not in ("", "Z")


def descriptors(pid):
    """The open ones of a worker that waits for work."""
    wait_until(lambda: state(pid) == "S", what="the worker waits")
    return {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
