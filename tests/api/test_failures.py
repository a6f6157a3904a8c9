"""When PostgreSQL, Redis or a pool is away: what is answered, how soon, and how it recovers."""
import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import harness
import pytest
from client import PASSWORD, Client, Http, unique
from harness import wait_until
from inputs import new_article, new_user

POSTGRESQL = ("primary", "replica")
UNAVAILABLE = "is unavailable, try again soon"
PATIENCE = 0.6  # a worker that was refused does not try again at once
END_ALL = "SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity WHERE usename = 'quire'"


class Servers:
    """A cluster whose parts can be stopped and frozen."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.pids = Path(cluster.environment["QUIRE_PIDS"])
        self.anonymous = Client(Http(cluster.environment["QUIRE_URL"], timeout=20))
        self.user, self.other = self.anonymous.register(), self.anonymous.register()
        self.slug = self.user.publish()["slug"]
        self.pools_before = self.pools()

    def pid(self, part):
        file = self.pids / f"{part}.pid"
        if part in POSTGRESQL:
            file = self.pids.parent / part / "postmaster.pid"
        return int(file.read_text().split()[0])

    def stop(self, part):
        """At once and without a word."""
        pid = self.pid(part)
        os.kill(pid, signal.SIGQUIT if part in POSTGRESQL else signal.SIGKILL)
        wait_until(lambda: not alive(pid), what=f"{part} has stopped")

    @contextlib.contextmanager
    def frozen(self, part):
        """It keeps its connections and answers nothing."""
        pids = [self.pid(part), *children(self.pid(part))]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def start(self):
        """Starts what does not run; the pools are not touched."""
        self.cluster.up()

    def pools(self):
        return [self.pid("pool-a"), self.pid("pool-b")]

    def sql(self, text):
        database = self.cluster.environment["QUIRE_DATABASE_ADMIN"]
        command = ["psql", "-XqAt", database, "-c", text]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def wait_for_replica(self):
        """After a restart of the primary a replica may be back only some seconds later."""
        def replayed():
            asked = self.sql("SELECT replay_lsn = pg_current_wal_flush_lsn() FROM pg_stat_replication")
            return asked == "t"

        wait_until(replayed, seconds=20, what="the replica has what the primary has")

    def redis(self, *words):
        socket = self.cluster.environment["QUIRE_REDIS"].removeprefix("unix:")
        subprocess.run(["redis-cli", "-s", socket, *words], check=True, capture_output=True)


def alive(pid):
    return Path(f"/proc/{pid}/cwd").exists()  # which a zombie has not


def children(pid):
    return [int(word) for task in Path(f"/proc/{pid}/task").iterdir()
            for word in (task / "children").read_text().split()]


@pytest.fixture(scope="module")
def cluster():
    settings = "QUIRE_DATABASE_CONNECT_TIMEOUT_MS=1500\nQUIRE_DATABASE_TIMEOUT_MS=1500"
    with harness.running_cluster(settings) as cluster:
        yield cluster


@pytest.fixture
def servers(cluster):
    servers = Servers(cluster)
    yield servers
    servers.start()
    servers.pools_before = servers.pools()
    recovers(servers)


def timed(ask):
    """The answer, and the seconds that it took."""
    start = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - start


def unavailable(answer):
    answer.error(503, service=UNAVAILABLE)
    answer.check((answer.header("Retry-After") or "").isdigit(), "Retry-After")


def reads(client, slug):
    return [lambda path=path: client.get(path) for path in (
        "/api/tags", "/api/articles", f"/api/articles/{slug}", f"/api/articles/{slug}/comments")]


def writes(servers):
    user, slug = servers.user, servers.slug
    login = {"user": {"email": servers.other.email, "password": PASSWORD}}
    return [lambda: servers.anonymous.post("/api/users", new_user()),
            lambda: servers.anonymous.post("/api/users/login", login),
            lambda: user.put("/api/user", {"user": {"bio": "New."}}),
            lambda: user.post("/api/articles", new_article()),
            lambda: user.post(f"/api/articles/{slug}/favorite")]


def answers(servers):
    asked = [*reads(servers.anonymous, servers.slug), *reads(servers.user, servers.slug),
             *writes(servers), lambda: servers.user.get("/api/user")]
    return [ask() for ask in asked]


def all_well(servers):
    return all(answer.status in (200, 201) for answer in answers(servers))


def stays_well(servers):
    for _ in range(10):
        for answer in answers(servers):
            answer.check(answer.status in (200, 201), "nobody needs to see that")


def recovers(servers):
    """Soon, by itself and for good, also for those who were signed in."""
    wait_until(lambda: all_well(servers), 5, "everything answers again")
    time.sleep(PATIENCE)
    stays_well(servers)
    assert servers.pools() == servers.pools_before, "the pools are the same"


def check_without_redis(servers, seconds):
    for ask in reads(servers.anonymous, servers.slug):
        answer, took = timed(ask)
        answer.ok()
        assert took < seconds
    bad = Client(servers.anonymous.transport, "0" * 43)
    for ask in [lambda: servers.user.get("/api/user"), lambda: bad.get("/api/user"),
                *reads(servers.user, servers.slug), *writes(servers)]:
        answer, took = timed(ask)
        unavailable(answer)
        assert took < seconds
    assert servers.anonymous.get("/healthz").ok()
    answer = servers.anonymous.get("/readyz")
    assert (answer.status, answer.json()) == (
        503, {"status": "unavailable", "database": "ok", "redis": "unavailable"})


def test_redis_is_stopped(servers):
    servers.stop("redis")
    check_without_redis(servers, 1)
    servers.anonymous.get("/api/user").error(401, token="is missing")
    servers.start()
    recovers(servers)


def test_redis_is_frozen(servers):
    with servers.frozen("redis"):
        check_without_redis(servers, 1.5)
        took = sum(timed(ask)[1] for ask in reads(servers.anonymous, servers.slug) * 10)
        assert took < 10, "not every request may wait for its own time-out"
    recovers(servers)


def test_redis_has_forgotten_its_scripts(servers):
    stays_well(servers)
    servers.redis("script", "flush")
    stays_well(servers)


def test_redis_has_forgotten_everything(servers):
    servers.redis("flushall")
    for _ in range(20):
        servers.user.get("/api/user").error(401, token="is invalid")
    servers.anonymous.get("/api/articles").ok()
    servers.user = servers.user.login()
    stays_well(servers)


def test_redis_closes_idle_connections(servers):
    stays_well(servers)
    servers.redis("client", "kill", "type", "normal")
    stays_well(servers)


def check_without_primary(servers, seconds):
    """The replica answers who reads."""
    for ask in [*reads(servers.anonymous, servers.slug), *reads(servers.user, servers.slug)]:
        answer, took = timed(ask)
        answer.ok()
        assert took < seconds
    for ask in writes(servers):
        answer, took = timed(ask)
        unavailable(answer)
        assert took < seconds


def test_the_primary_is_stopped(servers):
    servers.wait_for_replica()
    servers.stop("primary")
    check_without_primary(servers, 1)
    assert servers.anonymous.get("/readyz").ok() == {
        "status": "ok", "database": "read-only", "redis": "ok"}
    servers.start()
    recovers(servers)


def test_the_primary_is_frozen(servers):
    for _ in range(20):
        servers.anonymous.get("/readyz").ok()
    servers.wait_for_replica()
    with servers.frozen("primary"):
        answer, took = timed(lambda: servers.user.post("/api/articles", new_article()))
        unavailable(answer)
        assert took < 1.2, "who was waiting when it was given up waits no longer"
        check_without_primary(servers, 1)
        assert servers.anonymous.get("/readyz").ok()["database"] == "read-only"
        assert timed(lambda: servers.anonymous.get("/healthz").ok())[1] < 1
    recovers(servers)


def test_no_server_of_postgresql_answers(servers):
    servers.stop("primary")
    servers.stop("replica")
    for ask in [*reads(servers.user, servers.slug), *writes(servers)]:
        answer, took = timed(ask)
        unavailable(answer)
        assert took < 1
    assert servers.anonymous.get("/healthz").ok()
    answer = servers.anonymous.get("/readyz")
    assert (answer.status, answer.json()) == (
        503, {"status": "unavailable", "database": "unavailable", "redis": "ok"})
    servers.start()
    recovers(servers)


def test_the_primary_closes_all_connections(servers):
    """In a quiet moment. A write cannot be repeated, so it must not be tried on a dead one."""
    stays_well(servers)
    servers.sql(END_ALL)
    for _ in range(20):
        servers.user.post("/api/articles", new_article()).ok(201)
    stays_well(servers)


def test_the_primary_is_restarted(servers):
    servers.stop("primary")
    servers.start()
    stays_well(servers)


def test_a_pool_starts_before_its_servers(servers):
    servers.stop("redis")
    servers.stop("primary")
    with harness.Pool(servers.cluster.environment) as pool:
        client = Client(pool.transport())
        client.get("/healthz").ok()
        answer = client.get("/readyz")
        assert (answer.status, answer.json()) == (503, {
            "status": "unavailable", "database": "unavailable", "redis": "unavailable"})
        unavailable(client.get("/api/articles"))
        unavailable(client.post("/api/users", new_user()))
        servers.start()
        wait_until(lambda: client.get("/readyz").status == 200, 5, "it is ready")
        client.register().publish()
        assert "worker died" not in pool.log.read_text()


def test_a_pool_is_restarted_while_it_is_used(servers):
    """The other pool answers meanwhile, writes included."""
    restart = subprocess.Popen(
        [harness.ROOT / "tests/cluster/cluster.sh", "restart-pool", "a"],
        env=servers.cluster.settings, stdout=subprocess.DEVNULL)
    try:
        while restart.poll() is None:
            stays_well(servers)
    finally:
        assert restart.wait() == 0


def test_no_pool_answers(servers):
    for pid in servers.pools():
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not any(map(alive, servers.pools_before)), what="the pools have stopped")
    for ask in [*reads(servers.anonymous, servers.slug), *writes(servers)]:
        answer, took = timed(ask)
        unavailable(answer)
        assert took < 1
    page = servers.anonymous.get("/none/such")
    page.page(503)
    page.check(page.header("Retry-After"), "no Retry-After")
    servers.start()
    wait_until(lambda: all_well(servers), 5, "everything answers again")


def test_killed_workers_are_replaced(servers):
    workers = [pid for pool in servers.pools() for pid in children(pool)]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    recovers(servers)
    assert not set(workers) & {pid for pool in servers.pools() for pid in children(pool)}


def test_names_taken_while_redis_is_away_are_not_lost(servers):
    """A registration that is answered 503 has made no user."""
    servers.stop("redis")
    request = new_user(username=unique("later"))
    unavailable(servers.anonymous.post("/api/users", request))
    servers.start()
    wait_until(lambda: servers.anonymous.get("/readyz").status == 200)
    wait_until(lambda: servers.anonymous.post("/api/users", request).status == 201, 3, "201")


def test_every_line_of_the_logs_is_json(servers):
    """After all that, too."""
    for log in servers.cluster.logs.glob("pool-*.log"):
        for line in log.read_text().splitlines():
            assert {"time", "level", "event"} <= json.loads(line).keys()
