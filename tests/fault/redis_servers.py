"""Redis: alone, and with a replica under three sentinels."""
import socket

from harness import free_port, wait_until
from process import Server


class Redis(Server):
    """On a unix socket, or with a port when sentinels watch it. It keeps nothing on disk."""

    def __init__(self, folder, name="redis", port=0, **settings):
        super().__init__(folder, name)
        self.port = port
        self.socket = folder / f"{name}.sock"
        self.keep = False
        self.settings = {"maxmemory-policy": "noeviction", **settings}

    def command(self):
        listen = (["--port", self.port, "--bind", "127.0.0.1"] if self.port
                  else ["--port", 0, "--unixsocket", self.socket, "--unixsocketperm", 777])
        options = [word for name, value in self.settings.items() for word in (f"--{name}", value)]
        keep = ["--appendonly", "yes"] if self.keep else []
        return ["redis-server", *listen, "--save", "", "--dir", self.folder,
                "--appenddirname", f"{self.name}-aof", *keep, *options]

    def address(self):
        return f"127.0.0.1:{self.port}" if self.port else f"unix:{self.socket}"

    def ask(self, *words):
        """A command's reply: text, number, list, None; an error's text."""
        with socket.socket(socket.AF_INET if self.port else socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(("127.0.0.1", self.port) if self.port else str(self.socket))
            parts = [str(word).encode() for word in words]
            connection.sendall(b"*%d\r\n" % len(parts) + b"".join(
                b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
            return read_reply(connection.makefile("rb"))

    def info(self, section):
        return dict(line.split(":", 1) for line in self.ask("INFO", section).split("\r\n")
                    if ":" in line)

    def ready(self):
        try:
            return self.ask("PING") == "PONG"
        except OSError:
            return False


def read_reply(file):
    kind, text = (line := file.readline())[:1], line[1:-2].decode()
    if kind == b":":
        return int(text)
    if kind == b"$":
        return None if text == "-1" else file.read(int(text) + 2)[:-2].decode()
    if kind == b"*":
        return [read_reply(file) for _ in range(int(text))]
    return text


class Sentinel(Redis):
    def __init__(self, folder, name, master):
        super().__init__(folder, name, free_port())
        self.file = folder / f"{name}.conf"
        self.file.write_text(
            f"port {self.port}\nbind 127.0.0.1\nsentinel monitor quire 127.0.0.1 {master.port} 2\n"
            "sentinel down-after-milliseconds quire 500\nsentinel failover-timeout quire 5000\n")
        self.file.chmod(0o666)

    def command(self):
        return ["redis-sentinel", self.file]


class Watched:
    """Two servers of Redis, one replicated to the other, and three sentinels."""

    def __init__(self, folder):
        self.master, self.replica = (Redis(folder, name, free_port()) for name in ("one", "two"))
        self.replica.settings["replicaof"] = f"127.0.0.1 {self.master.port}"
        self.sentinels = [Sentinel(folder, f"sentinel{n}", self.master) for n in range(3)]

    def start(self):
        self.master.start()
        self.replica.start()
        wait_until(lambda: self.replica.info("replication")["master_link_status"] == "up", 10,
                   "the replica of Redis is there")
        for sentinel in self.sentinels:
            sentinel.start()
        wait_until(lambda: all(self.knows_all(sentinel) for sentinel in self.sentinels), 20,
                   "the sentinels know each other")
        return self

    @staticmethod
    def knows_all(sentinel):
        words = sentinel.ask("SENTINEL", "MASTER", "quire")
        told = dict(zip(words[::2], words[1::2]))
        return told.get("num-other-sentinels") == "2" and told.get("num-slaves") == "1"

    def address(self):
        return "sentinel:quire@" + ",".join(sentinel.address() for sentinel in self.sentinels)

    def current(self):
        """The port of the one that the sentinels call the master."""
        return int(self.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "quire")[1])

    def kill(self):
        for server in [*self.sentinels, self.master, self.replica]:
            server.kill()
