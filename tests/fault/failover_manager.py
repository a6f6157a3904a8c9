"""pg_auto_failover: a monitor, and nodes whose keepers make one of them the primary."""
import contextlib
import getpass

import psycopg2
from harness import free_port, wait_until
from postgres import BINARIES, Node, prepare
from process import BECOME, ROOT_IS

SUPERUSER = ROOT_IS if BECOME else getpass.getuser()
FAST = {"node_considered_unhealthy_timeout": "3s", "health_check_period": "1s",
        "health_check_max_retries": 1, "health_check_timeout": "1s", "startup_grace_period": "2s",
        "primary_demote_timeout": "3s"}


class Keeper(Node):
    """`pg_autoctl` and the PostgreSQL that it keeps: the fault of one is that of both."""

    def __init__(self, folder, name, monitor=None):
        super().__init__(folder, name, free_port())
        self.monitor = monitor

    def command(self):
        common = ["--pgdata", self.data]
        if self.data.exists():
            return ["pg_autoctl", "run", *common]
        common += ["--pgport", self.port, "--hostname", "127.0.0.1", "--auth", "trust", "--no-ssl",
                   "--run"]
        if self.monitor is None:
            return ["pg_autoctl", "create", "monitor", *common]
        return ["pg_autoctl", "create", "postgres", *common, "--name", self.name, "--monitor",
                f"postgres://autoctl_node@127.0.0.1:{self.monitor.port}/pg_auto_failover"]

    def environment(self):
        return {**super().environment(), "PATH": f"{BINARIES}:/usr/bin:/bin",
                **dict.fromkeys(("XDG_RUNTIME_DIR", "PG_REGRESS_SOCK_DIR", "PGHOST"),
                                str(self.folder))}

    def address(self, user=SUPERUSER, database="quire"):
        return f"host=127.0.0.1 port={self.port} dbname={database} user={user}"

    def sql(self, text, *values, user=SUPERUSER, database="quire"):
        return super().sql(text, *values, user=user, database=database)

    def ready(self):
        return True


class FailoverManager:
    """The whole of it, with the database of Quire. A commit waits for the other node."""

    def __init__(self, folder):
        self.monitor = Keeper(folder, "monitor")
        self.nodes = [Keeper(folder, f"kept{n}", self.monitor) for n in range(2)]

    def start(self):
        self.monitor.start()
        wait_until(lambda: self.states() is not None, 30, "the monitor answers")
        for name, value in FAST.items():
            self.monitor.sql(f"ALTER SYSTEM SET pgautofailover.{name} = '{value}'",
                             database="postgres")
        self.monitor.sql("SELECT pg_reload_conf()", database="postgres")
        self.nodes[0].start()
        wait_until(lambda: self.states() == {"kept0": "single"}, 30, "the first node is there")
        prepare(self.nodes[0])
        # a base backup begins with a checkpoint
        self.nodes[0].sql("ALTER SYSTEM SET checkpoint_completion_target = 0")
        self.nodes[0].sql("SELECT pg_reload_conf()")
        self.nodes[1].start()
        self.wait_for_standby()
        return self

    def states(self):
        """What each node is, as the monitor and the node agree; None when there is no answer."""
        with contextlib.suppress(psycopg2.Error):
            rows = self.monitor.sql("SELECT nodename, reportedstate, goalstate, health"
                                    " FROM pgautofailover.node", database="pg_auto_failover")
            return {name: state for name, state, goal, health in rows
                    if state == goal and health == 1}
        return None

    def wait_for_standby(self):
        wait_until(lambda: sorted((self.states() or {}).values()) == ["primary", "secondary"], 60,
                   "there are a primary and a secondary")

    def primary(self):
        """The node that the monitor wants to be it and that is."""
        states = self.states() or {}
        return next((node for node in self.nodes
                     if states.get(node.name) in ("primary", "wait_primary")), None)

    def settings(self):
        ports = ",".join(str(node.port) for node in self.nodes)
        return {"QUIRE_DATABASE_PRIMARY": f"host=127.0.0.1,127.0.0.1 port={ports} dbname=quire "
                                          "user=quire target_session_attrs=read-write",
                "QUIRE_DATABASE_REPLICAS": ";".join(node.address("quire") for node in self.nodes)}

    def kill(self):
        for node in [*self.nodes, self.monitor]:
            node.kill()
