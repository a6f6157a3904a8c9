"""Nobody reads the past: each way of writing, each way of reading, and the corners.

Replicas are paused here: they answer, and show nothing of what was written since."""
import contextlib
import json
import random
import threading
import time

import psycopg2
import pytest
from client import unique
from harness import wait_until
from system import AnyPool

FAULTS = pytest.mark.parametrize("fault", ["killed", "frozen"])
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'quire' AND wait_event_type = 'Lock'"
CACHE_SECONDS, LAG_MS = 1, 1000


def pause(servers):
    for replica in servers.database.replicas:
        replica.pause()


def resume(servers):
    for replica in servers.database.replicas:
        replica.resume()


def change(author, slug, version):
    author.put(f"/api/articles/{slug}", {"article": {"description": version}}).ok()


def shows(answer, version):
    answer.check(answer.ok()["article"]["description"] == version, f"not {version}")


def reads_of(pool):
    """The requests that a pool has logged."""
    lines = map(json.loads, pool.log.read_text().splitlines())
    return [line for line in lines if line["event"] == "request" and line["method"] == "GET"]


def from_replicas(servers, *paths):
    """Waits until that is read from replicas, or from the cache."""
    def reads():
        for number, pool in enumerate(servers.pools):
            fresh = f"/api/articles?offset={random.randrange(10000)}"  # nobody has asked for that
            before = len(reads_of(pool))
            for path in (*paths, fresh):
                servers.anonymous(number).get(path).ok()
            done = wait_until(lambda pool=pool, before=before: len(lines := reads_of(pool)) > before
                              + len(paths) and lines[before:])
            if any(line["replica"] < line["db"] for line in done) or not done[-1]["replica"]:
                return False
        return True
    wait_until(reads, 10, f"{paths} are read from replicas")


def titles(found):
    return [article["title"] for article in found["articles"]]


def test_every_write_is_seen_by_every_read(system):
    """Written at one pool, read at the other, by the anonymous and by somebody else, after all of
    that was read before and is in the cache."""
    servers = system(replicas=2)
    writer, reader = servers.user(0), servers.user(1)
    visitor, name = servers.anonymous(1), writer.username
    tag, other = unique("tag"), unique("tag")
    slug = writer.publish(title=unique("Old "), description="old", tagList=[tag])["slug"]
    reader.follow(name)
    comment = writer.comment(slug)
    lists = [f"/api/articles?author={name}", f"/api/articles?tag={tag}", "/api/articles",
             "/api/articles?favorited=" + name]
    paths = [*lists, f"/api/articles/{slug}", f"/api/articles/{slug}/comments",
             f"/api/profiles/{name}", "/api/tags", f"/api/articles?tag={other}"]
    everybody = (visitor, reader, servers.anonymous(0))

    def look():
        for client in everybody:
            for path in paths:
                client.get(path).ok()
        reader.get("/api/articles/feed").ok()

    def all_see(path, holds):
        for client in everybody:
            answer = client.get(path)
            answer.check(holds(answer.ok()), "this is the past")

    look()
    pause(servers)
    look()

    change(writer, slug, "new")
    for path in lists[:3]:
        all_see(path, lambda found: found["articles"][0]["description"] == "new")
    all_see(f"/api/articles/{slug}", lambda found: found["article"]["description"] == "new")
    assert reader.get("/api/articles/feed").ok()["articles"][0]["description"] == "new"

    look()
    writer.put(f"/api/articles/{slug}", {"article": {"tagList": [other]}}).ok()
    all_see(f"/api/articles?tag={tag}", lambda found: found["articlesCount"] == 0)
    all_see(f"/api/articles?tag={other}", lambda found: found["articlesCount"] == 1)
    all_see("/api/tags", lambda found: other in found["tags"])

    look()
    reader.favorite(slug)
    all_see(f"/api/articles?favorited={reader.username}", lambda found: found["articlesCount"] == 1)
    all_see(f"/api/articles?author={name}",
            lambda found: found["articles"][0]["favoritesCount"] == 1)
    all_see(f"/api/articles/{slug}", lambda found: found["article"]["favoritesCount"] == 1)
    assert reader.get(f"/api/articles/{slug}").ok()["article"]["favorited"]

    look()
    second = writer.publish(title=unique("Second "), tagList=[other])
    for path in (f"/api/articles?author={name}", f"/api/articles?tag={other}", "/api/articles"):
        all_see(path, lambda found: titles(found)[0] == second["title"])
    assert titles(reader.get("/api/articles/feed").ok())[0] == second["title"]

    look()
    reader.delete(f"/api/profiles/{name}/follow").ok()
    assert reader.get("/api/articles/feed").ok()["articlesCount"] == 0
    assert not reader.get(f"/api/profiles/{name}").ok()["profile"]["following"]
    assert not reader.get(f"/api/articles/{slug}").ok()["article"]["author"]["following"]

    look()
    reader.comment(slug, "Another.")
    all_see(f"/api/articles/{slug}/comments", lambda found: len(found["comments"]) == 2)
    writer.delete(f"/api/articles/{slug}/comments/{comment['id']}").ok(204)
    all_see(f"/api/articles/{slug}/comments", lambda found: len(found["comments"]) == 1)

    look()
    writer.put("/api/user", {"user": {"bio": "Now."}}).ok()
    all_see(f"/api/profiles/{name}", lambda found: found["profile"]["bio"] == "Now.")
    for path in (f"/api/articles?author={name}", f"/api/articles?tag={other}", "/api/articles"):
        all_see(path, lambda found: found["articles"][0]["author"]["bio"] == "Now.")
    assert writer.get("/api/user").ok()["user"]["bio"] == "Now."

    look()
    renamed = unique("renamed")
    for client in everybody:
        client.get(f"/api/profiles/{renamed}").error(404, profile="not found")
    writer.put("/api/user", {"user": {"username": renamed}}).ok()
    all_see(f"/api/profiles/{renamed}", lambda found: found["profile"]["bio"] == "Now.")
    all_see(f"/api/articles?author={renamed}", lambda found: found["articlesCount"] == 2)
    all_see(f"/api/articles/{slug}",
            lambda found: found["article"]["author"]["username"] == renamed)
    for client in everybody:
        client.get(f"/api/profiles/{name}").error(404, profile="not found")

    paths[:] = [f"/api/articles/{slug}", "/api/articles"]
    look()
    moved = writer.put(f"/api/articles/{slug}", {"article": {"title": unique("Moved ")}})
    moved = moved.ok()["article"]["slug"]
    for client in everybody:
        answer = client.get(f"/api/articles/{slug}")
        answer.check(answer.status == 301 and answer.header("Location").endswith(moved), "not 301")
    all_see(f"/api/articles/{moved}", lambda found: found["article"]["slug"] == moved)

    paths[:] = [f"/api/articles/{moved}", "/api/articles"]
    look()
    writer.delete(f"/api/articles/{moved}").ok(204)
    for client in everybody:
        for path in (moved, slug):
            client.get(f"/api/articles/{path}").error(404, article="not found")
        client.get(f"/api/articles/{moved}/comments").error(404, article="not found")
    all_see(f"/api/articles?author={renamed}", lambda found: found["articlesCount"] == 1)
    all_see("/api/articles", lambda found: moved not in [a["slug"] for a in found["articles"]])


def test_what_is_not_there_yet_is_there_afterwards(system):
    """That it was missing is in the cache."""
    servers = system(replicas=2)
    pause(servers)
    name, title = unique("later"), unique("later")
    for pool in (0, 1):
        servers.anonymous(pool).get(f"/api/profiles/{name}").error(404, profile="not found")
        servers.anonymous(pool).get(f"/api/articles/{title}").error(404, article="not found")
    author = servers.anonymous(0).register(username=name)
    assert author.publish(title=title)["slug"] == title
    for pool in (0, 1):
        servers.anonymous(pool).get(f"/api/profiles/{name}").ok()
        servers.anonymous(pool).get(f"/api/articles/{title}").ok()


def test_who_has_just_signed_up_is_known_everywhere(system):
    servers = system(replicas=2)
    pause(servers)
    user = servers.user(0)
    user.transport = servers.pools[1].transport()
    assert user.get("/api/user").ok()["user"]["username"] == user.username
    assert user.login().get("/api/user").ok()["user"]["username"] == user.username


# Corner one: a tombstone is written before the write is answered, and outlives what it makes stale.

def tombstone(servers, slug):
    return servers.redis.ask("PTTL", f"at:article:{slug}")


def kept(servers):
    """Milliseconds that the answers in the cache have left."""
    return [servers.redis.ask("PTTL", key) for key in servers.redis.ask("KEYS", "cache:*")]


def test_tombstones_outlive_what_they_make_stale(system):
    servers = system(replicas=2, QUIRE_CACHE_SECONDS=str(CACHE_SECONDS),
                     QUIRE_REPLICA_LAG_MAX_MS=str(LAG_MS), QUIRE_REQUEST_TIMEOUT_MS="5000")
    author = servers.user()
    slug = author.publish(description="old")["slug"]
    from_replicas(servers, f"/api/articles/{slug}")
    pause(servers)
    for path in (f"/api/articles/{slug}", "/api/articles", "/api/tags"):
        servers.anonymous().get(path).ok()
    change(author, slug, "new")
    longest = max(kept(servers), default=0)
    assert CACHE_SECONDS * 1000 + LAG_MS < tombstone(servers, slug) > longest + LAG_MS
    wait_until(lambda: tombstone(servers, slug) < 0, 40, "the tombstone has gone")
    for pool in (0, 1):
        shows(servers.anonymous(pool).get(f"/api/articles/{slug}"), "new")
    resume(servers)
    from_replicas(servers, f"/api/articles/{slug}")
    shows(servers.anonymous().get(f"/api/articles/{slug}"), "new")


# Corner two: tombstones and sessions stand where nothing is evicted.

def test_the_cache_may_evict(system):
    servers = system(replicas=2, cache={"maxmemory": "2mb", "maxmemory-policy": "allkeys-random"})
    author, reader = servers.user(), servers.user()
    slug = author.publish(description="0", body="B" * 20000)["slug"]
    others = [author.publish(body="B" * 20000)["slug"] for _ in range(20)]
    pause(servers)

    def evicted():
        return int(servers.cache.info("stats")["evicted_keys"])

    for version in range(1, 1000):
        change(author, slug, str(version))
        for path in others:
            servers.anonymous().get(f"/api/articles/{path}", limit=str(version)).ok()
            servers.anonymous().get("/api/articles", offset=str(version), tag=path).ok()
        shows(servers.anonymous().get(f"/api/articles/{slug}"), str(version))
        shows(reader.get(f"/api/articles/{slug}"), str(version))
        if evicted() > 100:
            break
    assert evicted() > 100
    assert int(servers.redis.info("stats")["evicted_keys"]) == 0
    assert not servers.redis.ask("KEYS", "cache:*"), "answers are kept in the other one"
    assert not servers.cache.ask("KEYS", "at:*") and not servers.cache.ask("KEYS", "session:*")


# Corner three: Redis comes back empty.

def test_redis_comes_back_empty(system):
    servers = system(replicas=2)
    author = servers.user()
    slug = author.publish(description="old")["slug"]
    servers.anonymous().get("/api/articles").ok()
    from_replicas(servers, f"/api/articles/{slug}")
    pause(servers)
    change(author, slug, "new")
    servers.redis.kill()
    servers.redis.start()
    end = time.monotonic() + 2
    while time.monotonic() < end:
        for pool in (0, 1):
            answer = servers.anonymous(pool).get(f"/api/articles/{slug}")
            if answer.status != 503:
                shows(answer, "new")
            answer = servers.anonymous(pool).get("/api/articles")
            if answer.status != 503:
                assert answer.ok()["articles"][0]["description"] == "new"
    resume(servers)
    from_replicas(servers, f"/api/articles/{slug}", "/api/articles")
    shows(servers.anonymous().get(f"/api/articles/{slug}"), "new")


def test_redis_is_away_while_replicas_lag(system):
    """What Redis knew last is still minded."""
    servers = system(replicas=2)
    author = servers.user()
    slug = author.publish(description="old")["slug"]
    from_replicas(servers, f"/api/articles/{slug}")
    pause(servers)
    change(author, slug, "new")
    servers.redis.kill()
    for pool in (0, 1) * 10:
        answer = servers.anonymous(pool).get(f"/api/articles/{slug}")
        if answer.status != 503:
            shows(answer, "new")
    wait_until(lambda: servers.anonymous().get(f"/api/articles/{slug}").status == 200, 5, "200")


# Corner four: the primary is gone.

def test_without_the_primary_only_what_is_not_replayed_is_unavailable(system):
    servers = system(replicas=2)
    author = servers.user()
    changed, still = author.publish(description="old")["slug"], author.publish()["slug"]
    from_replicas(servers, f"/api/articles/{changed}", f"/api/articles/{still}")
    pause(servers)
    change(author, changed, "new")
    position = servers.database.primary.position()
    for replica in servers.database.replicas:
        wait_until(lambda replica=replica: replica.has_received(position), what="it is received")
    servers.database.primary.kill()

    def outcome(path):
        return {servers.anonymous(pool).get(path).status for pool in (0, 1)}

    wait_until(lambda: outcome(f"/api/articles/{still}") == {200}, 5, "what is quiet is read")
    wait_until(lambda: tombstone(servers, changed) > 3600000, 5, "what replicas lack is kept")
    assert tombstone(servers, still) < 3600000
    for _ in range(20):
        for pool in (0, 1):
            answer = servers.anonymous(pool).get(f"/api/articles/{changed}")
            answer.check(answer.status == 503 and answer.header("Retry-After"), "not 503")
            servers.anonymous(pool).get(f"/api/articles/{still}").ok()
    resume(servers)
    wait_until(lambda: outcome(f"/api/articles/{changed}") == {200}, 5, "it is replayed")
    shows(servers.anonymous().get(f"/api/articles/{changed}"), "new")


def test_a_position_of_an_older_timeline_never_counts(system):
    """A replica that has more of the old primary's log than the new one cannot stand in for it."""
    servers = system(replicas=2)
    database = servers.database
    author = servers.user()
    slug = author.publish(description="old")["slug"]
    from_replicas(servers, f"/api/articles/{slug}")
    behind, ahead = database.replicas
    behind.kill()
    change(author, slug, "lost")
    database.primary.sql("SELECT pg_logical_emit_message(true, '', repeat(' ', 500000))")
    position = database.primary.position()
    wait_until(lambda: ahead.has_replayed(position), what="one replica has all")
    database.primary.kill()
    behind.start()
    behind.promote()
    database.primary = behind
    assert not behind.one("SELECT pg_current_wal_lsn() >= %s", position)

    def rewritten():
        answer = author.put(f"/api/articles/{slug}", {"article": {"description": "new"}})
        return answer.status == 200
    wait_until(rewritten, 10, "the new primary is found")
    assert not behind.one("SELECT pg_current_wal_lsn() >= %s", position)
    for pool in (0, 1) * 20:
        shows(servers.anonymous(pool).get(f"/api/articles/{slug}"), "new")
        found = servers.anonymous(pool).get("/api/articles").ok()
        assert found["articles"][0]["description"] == "new"


# Corner five: the tombstone cannot be written.

@contextlib.contextmanager
def held(servers, author, slug, version):
    """A write that has entered and waits for its row; at the block's end it goes on. Yields its
    answer, a list that is empty until then."""
    outcome = []
    connection = psycopg2.connect(servers.database.primary.address())
    cursor = connection.cursor()
    cursor.execute("SELECT FROM articles WHERE slug = %s FOR UPDATE", (slug,))
    thread = threading.Thread(target=lambda: outcome.append(
        author.put(f"/api/articles/{slug}", {"article": {"description": version}})))
    thread.start()
    try:
        wait_until(lambda: servers.database.primary.one(WAITS) == 1, what="the write waits")
        yield outcome
    finally:
        connection.close()


def committed(servers, slug, version):
    return servers.database.primary.one("SELECT description FROM articles WHERE slug = %s",
                                        slug) == version


@FAULTS
def test_a_write_that_cannot_be_told_waits_for_the_replicas(system, fault):
    servers = system(replicas=2)
    author = servers.user()
    slug = author.publish(description="old")["slug"]
    from_replicas(servers, f"/api/articles/{slug}")
    pause(servers)
    with held(servers, author, slug, "new") as outcome:
        servers.redis.fault(fault)
    wait_until(lambda: committed(servers, slug, "new"), what="it is committed")
    time.sleep(1)
    assert not outcome, "it was answered before anybody could know of it"
    resume(servers)
    wait_until(lambda: outcome, 10, "it is answered")
    outcome[0].check(outcome[0].status == 200, "it was committed, and all replicas show it")
    for replica in servers.database.replicas:
        assert replica.one("SELECT description FROM articles WHERE slug = %s", slug) == "new"
    for pool in (0, 1) * 5:
        shows(servers.anonymous(pool).get(f"/api/articles/{slug}"), "new")


@FAULTS
def test_a_write_that_cannot_be_told_to_replicas_that_lag(system, fault):
    """They leave the rotation, or it is answered 503. Nobody reads what was before."""
    servers = system(replicas=2, QUIRE_REPLICA_LAG_MAX_MS="1000")
    author = servers.user()
    slug = author.publish(description="old")["slug"]
    from_replicas(servers, f"/api/articles/{slug}")
    pause(servers)
    with held(servers, author, slug, "new") as outcome:
        servers.redis.fault(fault)
    wait_until(lambda: outcome, 15, "it is answered")
    if outcome[0].status != 503:
        for pool in (0, 1) * 10:
            answer = servers.anonymous(pool).get(f"/api/articles/{slug}")
            if answer.status != 503:
                shows(answer, "new")
    servers.redis.back(fault)
    wait_until(lambda: servers.anonymous().get(f"/api/articles/{slug}").status == 200)
    if outcome[0].status == 200:
        shows(servers.anonymous().get(f"/api/articles/{slug}"), "new")
    resume(servers)


def test_pools_share_what_they_know(system):
    """All of the above holds for whichever pool is asked: here, for each request another one."""
    servers = system(replicas=2, pools=3)
    author = servers.user()
    author.transport = AnyPool(servers.pools)
    slug = author.publish(description="0")["slug"]
    pause(servers)
    for version in range(1, 30):
        change(author, slug, str(version))
        for pool in range(3):
            shows(servers.anonymous(pool).get(f"/api/articles/{slug}"), str(version))
