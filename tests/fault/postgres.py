"""PostgreSQL: a primary and its replicas, copies of one folder that is made once."""
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2
from harness import PROGRAM, ROOT, wait_until
from process import Server, belongs_to_servers, run_as_servers

BINARIES = Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True,
                               check=True).stdout.strip())
SETTINGS = """
listen_addresses = ''
include = 'node.conf'
max_connections = 100
shared_buffers = 16MB
max_wal_size = 64MB
dynamic_shared_memory_type = mmap
fsync = off
wal_log_hints = on
wal_keep_size = 64MB
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 100ms
log_line_prefix = '%m [%p] %q%u '
"""


class Node(Server):
    """One server of PostgreSQL, on a unix socket."""

    def __init__(self, folder, name, port):
        super().__init__(folder, name)
        self.data, self.port = folder / name, port
        self.settings = {}

    def command(self):
        return [BINARIES / "postgres", "-D", self.data]

    def ready(self):
        return subprocess.run([BINARIES / "pg_isready", "-qh", self.folder, "-p", str(self.port),
                               "-U", "postgres"],
                              check=False).returncode == 0

    def address(self, user="postgres", database="quire"):
        return f"host={self.folder} port={self.port} dbname={database} user={user}"

    def copy(self, template):
        run_as_servers("cp", "-a", template, self.data)
        return self

    def configure(self, upstream=None, **settings):
        """Writes its own part of the configuration; `upstream` makes a replica of that node."""
        self.settings.update(settings)
        lines = {"port": self.port, "unix_socket_directories": self.folder, **self.settings}
        if upstream:
            lines["primary_conninfo"] = f"{upstream.address()} application_name={self.name}"
            (self.data / "standby.signal").touch()
        (self.data / "node.conf").write_text(
            "".join(f"{name} = '{value}'\n" for name, value in lines.items()))
        return self

    def follow(self, upstream):
        """It is replicated from another one from now on."""
        self.configure(upstream)
        self.process.send_signal(signal.SIGHUP)

    def promote(self):
        run_as_servers(BINARIES / "pg_ctl", "promote", "-sw", "-D", self.data)

    def rewind(self, source):
        """What stopped as the primary comes back as a replica of the one that took over."""
        source.sql("CHECKPOINT")  # which tells pg_rewind of the new timeline
        run_as_servers(BINARIES / "pg_rewind", "--target-pgdata", self.data,
                       "--source-server", source.address(database="postgres"))
        return self.configure(source)

    def sql(self, text, *values, user="postgres", database="quire"):
        """The rows of a statement."""
        connection = psycopg2.connect(self.address(user, database), connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def one(self, text, *values):
        return self.sql(text, *values)[0][0]

    def pause(self):
        """It receives, and shows nothing of that."""
        self.sql("SELECT pg_wal_replay_pause()")
        wait_until(lambda: self.one("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def resume(self):
        self.sql("SELECT pg_wal_replay_resume()")

    def has_replayed(self, position):
        return self.one("SELECT pg_last_wal_replay_lsn() >= %s", position)

    def has_received(self, position):
        return self.one("SELECT pg_last_wal_receive_lsn() >= %s", position)

    def position(self):
        """Behind all that was committed."""
        return self.one("SELECT pg_current_wal_flush_lsn()")


def make_template(folder):
    """A cluster with an empty database of Quire, stopped: its copies are primaries and replicas."""
    belongs_to_servers(folder)
    node = Node(folder, "template", 5432)
    run_as_servers(BINARIES / "initdb", "-D", node.data, "-U", "postgres", "-A", "trust", "-E",
                   "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions", "--wal-segsize=1")
    with (node.data / "postgresql.conf").open("a") as file:
        file.write(SETTINGS)
    node.configure().start()
    try:
        prepare(node)
    finally:
        node.stop(signal.SIGINT)
    return node.data


def prepare(node):
    """Roles, the database, its schema."""
    address = node.address(database="postgres")
    for words in (["-f", ROOT / "sql/roles.sql"],
                  ["-c", "CREATE DATABASE quire OWNER quire_owner TEMPLATE template0"]):
        subprocess.run(["psql", "-Xqv", "ON_ERROR_STOP=1", "-d", address, *words], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run([PROGRAM, "migrate"], check=True, stdout=subprocess.DEVNULL, env={
        **os.environ, "QUIRE_CONFIG": "/dev/null",
        "QUIRE_DATABASE_OWNER": node.address("quire_owner")})


class Database:
    """A primary and its replicas, and what Quire is told of them."""

    def __init__(self, folder, template, replicas=2, synchronous=False):
        self.folder = folder
        self.nodes = [Node(folder, f"node{n}", 5432 + n) for n in range(replicas + 1)]
        self.primary, *self.replicas = self.nodes
        names = "ANY 1 (*)" if synchronous else ""
        for node in self.nodes:
            node.copy(template)
            node.configure(None if node is self.primary else self.primary,
                           synchronous_standby_names=names)

    def start(self):
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait()
        self.wait_for_streaming()
        return self

    def wait_for_streaming(self):
        """All replicas are connected and have what there is; so a synchronous commit can begin."""
        question = ("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
                    " AND replay_lsn >= pg_current_wal_lsn()")
        wait_until(lambda: self.primary.one(question) == len(self.replicas), 20,
                   "all replicas stream")

    def kill(self):
        for node in self.nodes:
            node.kill()

    def string(self):
        """Of libpq, for several hosts: whichever is the primary."""
        hosts = ",".join(str(node.folder) for node in self.nodes)
        ports = ",".join(str(node.port) for node in self.nodes)
        return f"host={hosts} port={ports} dbname=quire user=quire target_session_attrs=read-write"

    def settings(self):
        """Any node may be the primary, and any a replica."""
        return {"QUIRE_DATABASE_PRIMARY": self.string(),
                "QUIRE_DATABASE_REPLICAS": ";".join(node.address("quire") for node in self.nodes)}

    def promote(self, node):
        """It takes over; the other replicas follow it. The old primary may be dead or frozen."""
        node.promote()
        self.primary = node
        for other in self.replicas:
            if other is not node:
                other.follow(node)
        self.replicas = [other for other in self.replicas if other is not node]

    def most_advanced(self):
        """The replica that has received the most: no synchronous commit is missing there."""
        return max(self.replicas, key=lambda node: node.one(
            "SELECT pg_last_wal_receive_lsn() - '0/0'::pg_lsn"))

    def forget(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
