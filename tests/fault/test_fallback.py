"""What the primary does for want of replicas has a limit."""
import contextlib
import threading

import psycopg2
from harness import wait_until
from test_nodes import rotates

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'quire' AND wait_event_type = 'Lock'"


@contextlib.contextmanager
def locked(node, table):
    """Whoever reads it waits."""
    connection = psycopg2.connect(node.address())
    connection.cursor().execute(f"LOCK {table} IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        connection.close()


def test_reads_from_the_primary_are_shed_above_a_limit(system):
    """Without replicas one worker of five may read from it; the next request is to come back."""
    servers = system(replicas=2, pools=1, QUIRE_WORKERS="5", QUIRE_FALLBACK_PERCENT="20")
    slug = servers.user().publish()["slug"]
    wait_until(lambda: servers.redis.ask("EXISTS", "at:everything"), what="replicas may be read from")
    for replica in servers.database.replicas:
        replica.kill()
    answers = []

    def read():
        answers.append(servers.anonymous().get(f"/api/articles/{slug}"))

    rotates(servers)  # none does
    wait_until(lambda: servers.anonymous().get("/api/articles?offset=99").status == 200, 5, "200")
    with locked(servers.database.primary, "users"):
        thread = threading.Thread(target=read)
        thread.start()
        wait_until(lambda: servers.database.primary.one(WAITS) == 1, what="one reads")
        for offset in range(10):
            answer = servers.anonymous().get("/api/articles", offset=str(offset))
            answer.check(answer.status == 503 and answer.header("Retry-After"), "not shed")
    thread.join()
    answers[0].ok()
    servers.anonymous().get("/api/articles?offset=98").ok()
