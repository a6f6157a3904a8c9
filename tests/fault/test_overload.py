"""Overload: who is refused first, by the workers and by nginx, and what is never refused.

The workers are held in PostgreSQL by a lock, and nginx's bounds are filled while they are stopped:
nothing depends on how fast the machine is.
"""
import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

import harness
from client import Client, Http
from harness import wait_until

UNAVAILABLE = "is unavailable, try again soon"
SETTINGS = "QUIRE_QUEUE_MS=100\nQUIRE_DATABASE_TIMEOUT_MS=20000\nQUIRE_REQUEST_TIMEOUT_MS=25000\nQUIRE_CACHE_SECONDS=0"
WORKERS = 10
BOUND = 16  # requests of a class for each worker, nginx/quire/sockets.conf


@pytest.fixture(scope="module")
def cluster():
    """A pool of one worker behind nginx."""
    cluster = harness.Cluster(SETTINGS)
    cluster.settings.update(POOLS="a", WORKERS="1")
    try:
        yield cluster.up()
    finally:
        complaints = cluster.down() + harness.sanitizer_reports(cluster.logs)
        harness.keep_logs(cluster.logs, cluster.run.name)
        cluster.forget()
        assert not complaints, "\n".join(complaints)


@pytest.fixture
def pool(cluster):
    """One of ten workers, spoken to without nginx. All have a connection to PostgreSQL, which a
    lock does not let them make."""
    with harness.Pool(cluster.environment, QUIRE_WORKERS=str(WORKERS),
                      **dict(line.split("=") for line in SETTINGS.splitlines())) as pool:
        user, crowd = Client(pool.transport()).register(), Crowd()
        with articles_locked(cluster):
            crowd.ask(WORKERS, user.publish)
            wait_until(lambda: waiting(cluster) == WORKERS, what="each worker has something to do")
        crowd.end()
        yield pool


def psql(cluster):
    return ["psql", "-XqAt", cluster.environment["QUIRE_DATABASE_ADMIN"]]


def waiting(cluster):
    """How many wait for a lock."""
    question = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return int(subprocess.run([*psql(cluster), "-c", question], check=True,
                              capture_output=True).stdout)


@contextlib.contextmanager
def articles_locked(cluster):
    """Whoever reads or writes an article waits until the end of the block."""
    holder = subprocess.Popen(psql(cluster), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    holder.stdin.write("BEGIN; LOCK TABLE articles IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "locked\n"
    try:
        yield
    finally:
        holder.communicate("ROLLBACK;\n", timeout=10)


class Crowd:
    """Clients that ask at the same time. What they are answered collects in `answers`."""

    def __init__(self):
        self.threads, self.answers = [], []

    def ask(self, count, ask):
        def one():
            began = time.monotonic()
            answer = ask()
            self.answers.append((answer, time.monotonic() - began))

        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        self.threads += threads

    def refused(self, count):
        """Waits until so many were answered: all with 503, soon, and told when to come again."""
        wait_until(lambda: len(self.answers) >= count, 5, f"{count} are refused")
        for answer, took in self.answers:
            answer.check(answer.status == 503 and answer.header("Retry-After").isdigit(), "503")
            assert took < 3
        assert len(self.answers) == count
        refused = [answer for answer, _ in self.answers]
        self.answers.clear()
        return refused

    def end(self):
        for thread in self.threads:
            thread.join(30)

    def served(self, count, *statuses):
        """All who still wait are answered, in one of these ways."""
        self.end()
        assert len(self.answers) == count
        for answer, _ in self.answers:
            answer.check(answer.status in statuses, "let in, and then not served")


def busy(pool):
    """How many of the pool's workers are held."""
    status = Client(pool.transport()).get("/statusz").json()
    return sum(worker["stage"] == "handling" for worker in status["workers"]) - 1


def test_readers_first_then_writers_and_signing_in_not_at_all(cluster, pool):
    """Six of ten workers serve the anonymous, seven all readers, eight all but the critical."""
    anonymous = Client(pool.transport())
    user, slug = anonymous.register(), anonymous.get("/api/articles").json()["articles"][0]["slug"]
    crowd = Crowd()
    with articles_locked(cluster):
        crowd.ask(6, lambda: anonymous.get(f"/api/articles/{slug}"))
        wait_until(lambda: busy(pool) == 6, what="the anonymous hold their share")
        crowd.ask(3, lambda: anonymous.get(f"/api/articles/{slug}"))
        crowd.refused(3)

        crowd.ask(1, lambda: user.get(f"/api/articles/{slug}"))
        wait_until(lambda: busy(pool) == 7, what="a reader with a session holds one more")
        crowd.ask(2, lambda: user.get(f"/api/articles/{slug}"))
        crowd.refused(2)

        crowd.ask(1, lambda: user.post(f"/api/articles/{slug}/favorite"))
        wait_until(lambda: busy(pool) == 8, what="a writer holds one more")
        crowd.ask(2, lambda: user.post(f"/api/articles/{slug}/favorite"))
        crowd.refused(2)

        for _ in range(5):
            user.login()
            anonymous.get("/healthz").ok()
        article = {"title": "Under load", "description": "Published nevertheless", "body": "Text."}
        crowd.ask(1, lambda: user.post("/api/articles", {"article": article}))
        wait_until(lambda: busy(pool) == 9, what="who publishes is let in, and waits for the lock")
        user.login()
    crowd.served(9, 200, 201)


def test_a_page_that_is_refused_is_a_page(cluster, pool):
    anonymous = Client(pool.transport())
    slug = anonymous.get("/api/articles").json()["articles"][0]["slug"]
    crowd = Crowd()
    with articles_locked(cluster):
        crowd.ask(6, lambda: anonymous.get(f"/api/articles/{slug}"))
        wait_until(lambda: busy(pool) == 6)
        page = anonymous.get(f"/articles/{slug}")
        page.page(503)
        page.check(page.header("Retry-After").isdigit(), "Retry-After")
        anonymous.get(f"/api/articles/{slug}").error(503, service=UNAVAILABLE)
    crowd.served(6, 200)


@contextlib.contextmanager
def stopped_workers(cluster):
    master = int((Path(cluster.environment["QUIRE_PIDS"]) / "pool-a.pid").read_text())
    workers = [int(word) for task in Path(f"/proc/{master}/task").iterdir()
               for word in (task / "children").read_text().split()]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


CLASSES = {
    "anonymous": ("GET", "/api/articles", False),
    "session": ("GET", "/api/articles", True),
    "pages": ("GET", "/profiles/nobody{}", False),
    "writes": ("POST", "/api/articles/none/favorite", True),
    "critical": ("POST", "/api/articles", True),
}


def test_nginx_bounds_what_is_under_way_of_each_class(cluster):
    """As many as fit are answered once there are workers; one more is refused at once, and the
    other classes go on."""
    anonymous = Client(Http(cluster.environment["QUIRE_URL"]))
    user = anonymous.register()
    crowd = Crowd()
    with stopped_workers(cluster):
        for method, path, signed_in in CLASSES.values():
            client = user if signed_in else anonymous
            body = {"article": {}} if method == "POST" else None
            for number in range(BOUND + 3):
                crowd.ask(1, lambda number=number: client.request(
                    method, path.format(number), body))
            for answer in crowd.refused(3):
                if path.startswith("/api"):
                    answer.error(503, service=UNAVAILABLE)
                else:
                    answer.page(503)
    crowd.end()
    assert len(crowd.answers) == BOUND * len(CLASSES)
    statuses = [answer.status for answer, _ in crowd.answers]
    assert set(statuses) <= {200, 404, 422, 503}
    assert statuses.count(503) < len(statuses) / 2
    for _ in range(2 * BOUND):
        anonymous.get("/api/articles").ok()


def test_what_the_cache_has_is_shown_whatever_else_is_refused(cluster):
    """A page costs no worker: the crowd that reads one is not counted."""
    anonymous = Client(Http(cluster.environment["QUIRE_URL"]))
    anonymous.get("/").page(200)
    crowd = Crowd()
    with stopped_workers(cluster):
        for number in range(BOUND):
            crowd.ask(1, lambda number=number: anonymous.get(f"/profiles/nobody{number}x"))
        time.sleep(4)  # the page is older than it may be, and nobody can make a new one
        for _ in range(3 * BOUND):
            anonymous.get("/").page(200)
    crowd.end()


def test_a_pool_that_is_full_is_no_pool_that_has_failed(cluster):
    """Right after the storm, everything is answered."""
    anonymous = Client(Http(cluster.environment["QUIRE_URL"]))
    crowd = Crowd()
    with stopped_workers(cluster):
        crowd.ask(6 * BOUND, lambda: anonymous.get("/api/tags"))
        wait_until(lambda: len(crowd.answers) == 5 * BOUND, 10, "what does not fit is refused")
    crowd.end()
    for _ in range(50):
        anonymous.get("/api/tags").ok()
