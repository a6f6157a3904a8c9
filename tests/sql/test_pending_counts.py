"""Counters of rows that many change at once: nobody waits, no change is lost, and every snapshot is exact."""
import random
import threading
import time

import pytest

from database import FROM_NEWEST
from test_counters import at_once, audited  # noqa: F401  pylint: disable=unused-import

PENDING = ("SELECT (SELECT count(*) FROM pending_article_counts),"
           "       (SELECT count(*) FROM pending_follower_counts)")


@pytest.fixture(autouse=True)
def folded(database):
    database.as_owner("SELECT fold_articles(), fold_followers()")
    assert database.as_owner(PENDING) == [(0, 0)]


def shown(session, slug, author="nobody"):
    """What the queries say of an article and its author, and how many rows there are, all in one snapshot."""
    cursor = session.cursor
    cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    article = session.article_for_page(0, slug)[0]
    profile = session.profile_for_page(0, author)
    listed = {row["slug"]: row["favoritesCount"] for row in session.article_list(0, *FROM_NEWEST, 100, 0)}
    cursor.execute("SELECT (SELECT count(*) FROM favorites WHERE article_id = articles.id) AS favorites,"
                   "       (SELECT count(*) FROM comments WHERE article_id = articles.id) AS comments,"
                   "       (SELECT count(*) FROM follows WHERE followed_id = author_id) AS followers"
                   "  FROM articles WHERE slug = %s", (slug,))
    rows = cursor.fetchone()
    cursor.execute("COMMIT")
    counts = {"favorites": article["favoritesCount"], "comments": article["commentsCount"],
              "followers": profile[0]["followersCount"] if profile else rows["followers"]}
    assert listed[slug] == counts["favorites"]
    return counts, rows


@pytest.fixture
def author(quire):
    return quire.user()


@pytest.fixture
def slug(quire, author):
    return quire.article(author)


@pytest.fixture
def name(quire, author):
    return quire.user_by_id(author)[0]["username"]


def hold(database, slug, author):
    """A session that has the counters' rows locked as a fold does, of an article that is crowded already."""
    session = database.session()
    database.as_owner("UPDATE articles SET counts_pending = true WHERE slug = %s", slug)
    session.cursor.execute("BEGIN")
    session.cursor.execute("SELECT FROM articles WHERE slug = %s FOR NO KEY UPDATE", (slug,))
    session.favorite_insert(session.user(), slug)
    session.profile_follow(session.user(), session.user_by_id(author)[0]["username"])
    return session


def test_nobody_waits_for_a_commit(quire, database, slug, author, name):
    holder, fan = hold(database, slug, author), quire.user()
    quire.cursor.execute("SET lock_timeout = '1s'")
    assert quire.favorite_insert(fan, slug)[0]["favoritesCount"] == 1
    assert quire.comment_insert(fan, slug, "text", None, None)[0]["_count"] == 1
    quire.profile_follow(fan, name)
    quire.cursor.execute("RESET lock_timeout")
    assert database.as_owner(PENDING) == [(2, 1)]
    assert shown(quire, slug, name)[0] == {"favorites": 1, "comments": 1, "followers": 1}
    holder.cursor.execute("COMMIT")
    assert shown(quire, slug, name)[0] == {"favorites": 2, "comments": 1, "followers": 2}


def test_only_the_first_waits(quire, database, slug):
    holder, watcher, fans = database.session(), database.session(), [quire.user() for _ in range(3)]
    holder.cursor.execute("BEGIN")
    holder.favorite_insert(fans[0], slug)
    waiter = threading.Thread(target=lambda: quire.favorite_insert(fans[1], slug))
    waiter.start()
    waiting = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    waiter_pid = quire.connection.get_backend_pid()
    while watcher.cursor.execute(waiting, (waiter_pid,)) or watcher.cursor.rowcount == 0:
        time.sleep(0.01)
    holder.cursor.execute("COMMIT")
    waiter.join()
    state = "SELECT favorites_count, counts_pending FROM articles WHERE slug = %s"
    assert database.as_owner(state, slug) == [(2, True)]
    quire.favorite_insert(fans[2], slug)
    database.as_owner("SELECT fold_articles()")
    assert database.as_owner(state, slug) == [(3, False)]


def test_later_changes_are_pending_until_they_are_folded(quire, database, slug, author, name):
    holder, fans = hold(database, slug, author), [quire.user() for _ in range(5)]
    quire.favorite_insert(fans[0], slug)
    quire.profile_follow(fans[0], name)
    holder.cursor.execute("ROLLBACK")
    for number, fan in enumerate(fans, 1):
        quire.cursor.execute("SELECT setseed(0)")  # of random numbers that fold nothing
        assert quire.favorite_insert(fan, slug)[0]["favoritesCount"] == number
        quire.profile_follow(fan, name)
    assert quire.favorite_delete(fans[1], slug)[0]["favoritesCount"] == 4
    assert quire.article_update(author, slug, None, "x", "New", *[None] * 4)[0]["favoritesCount"] == 4
    assert database.as_owner(PENDING) == [(6, 5)]
    database.as_owner("SELECT fold_articles(), fold_followers()")
    assert database.as_owner(PENDING) == [(0, 0)]
    assert shown(quire, slug, name)[0] == {"favorites": 4, "comments": 0, "followers": 5}


def test_changes_fold_what_is_pending(quire, database, slug, author):
    """One in a hundred does, of whatever article."""
    holder, fan = hold(database, slug, author), quire.user()
    quire.favorite_insert(fan, slug)
    holder.cursor.execute("ROLLBACK")
    other = quire.article(author)
    for _ in range(1000):
        quire.favorite_insert(fan, other)
        quire.favorite_delete(fan, other)
        if database.as_owner(PENDING) == [(0, 0)]:
            return
    pytest.fail("nobody folded")


def test_a_fold_leaves_what_is_locked(quire, database, slug, author):
    holder = hold(database, slug, author)
    quire.favorite_insert(quire.user(), slug)
    database.as_owner("SET lock_timeout = '1s'; SELECT fold_articles()")
    assert database.as_owner(PENDING) == [(1, 0)]
    holder.cursor.execute("ROLLBACK")


def test_pending_counts_go_with_the_article(quire, database, slug, author):
    holder = hold(database, slug, author)
    quire.favorite_insert(quire.user(), slug)
    holder.cursor.execute("ROLLBACK")
    quire.article_delete(author, slug)
    assert database.as_owner(PENDING) == [(0, 0)]


def test_pending_counts_go_with_the_user(quire, database, slug, author, name):
    holder, fan = hold(database, slug, author), quire.user()
    quire.favorite_insert(fan, slug)
    quire.profile_follow(fan, name)
    holder.cursor.execute("ROLLBACK")
    database.as_owner("DELETE FROM users WHERE id = %s", fan)
    assert shown(quire, slug, name)[0] == {"favorites": 0, "comments": 0, "followers": 0}
    database.as_owner("DELETE FROM users WHERE id = %s", author)
    assert database.as_owner(PENDING) == [(0, 0)]


def test_exact_at_every_moment_of_a_rush(quire, database, slug, author, name):
    sessions = [database.session() for _ in range(16)]
    fans = [[quire.user() for _ in range(10)] for _ in sessions]
    most, done = [0], threading.Event()

    def watch(session):
        while not done.is_set():
            counts, rows = shown(session, slug, name)
            assert counts == rows
            session.cursor.execute("SELECT count(*) FROM pending_article_counts")
            most[0] = max(most[0], session.cursor.fetchone()["count"])

    def rush(session, own, chance):
        end = time.monotonic() + 4
        while time.monotonic() < end:
            fan = chance.choice(own)
            chance.choice([
                lambda: session.favorite_insert(fan, slug),
                lambda: session.favorite_delete(fan, slug),
                lambda: session.profile_follow(fan, name),
                lambda: session.profile_unfollow(fan, name),
                lambda: session.comment(fan, slug),
            ])()
            if chance.random() < 0.01:
                session.article_update(author, slug, None, "x", None, "About", *[None] * 3)

    def work(number):
        if number < 2:
            watch(sessions[number])
        else:
            try:
                rush(sessions[number], fans[number], random.Random(number))
            finally:
                done.set()

    at_once(len(sessions), work)
    counts, rows = shown(quire, slug, name)
    assert counts == rows
    assert most[0] > 1
