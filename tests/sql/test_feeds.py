"""Feeds equal what the tables say, whatever was written, in whatever order and at the same time."""
import random

import pytest

import harness
from database import FROM_NEWEST
from test_counters import at_once
from test_counters import audited as counted  # noqa: F401  pylint: disable=unused-import

NAIVE = """
    SELECT articles.id FROM articles JOIN follows ON followed_id = author_id
     WHERE follower_id = %s ORDER BY articles.created_at DESC, articles.id DESC
"""
# What the three tables must have; popular and keen one is for ever.
DERIVED = {
    "authors": """
        SELECT user_id, articles_count, newest_article_at FROM feed_authors
         WHERE articles_count > 0
        {} SELECT author_id, count(*), max(created_at) FROM articles GROUP BY author_id""",
    "readers of an author": """
        SELECT user_id, readers_count FROM feed_authors WHERE readers_count > 0 AND NOT popular
        {} SELECT followed_id, count(*)
          FROM follows JOIN feed_readers ON feed_readers.user_id = follower_id
          JOIN feed_authors ON feed_authors.user_id = followed_id
         WHERE NOT popular GROUP BY followed_id""",
    "feeds": """
        SELECT reader_id, author_id, newest_article_at FROM feeds
        {} SELECT follower_id, followed_id,
                  CASE WHEN popular THEN 'infinity' ELSE coalesce(newest, '-infinity') END
          FROM follows JOIN feed_readers ON feed_readers.user_id = follower_id
          LEFT JOIN feed_authors ON feed_authors.user_id = followed_id
          LEFT JOIN (SELECT author_id, max(created_at) AS newest FROM articles GROUP BY author_id)
                    AS written ON author_id = followed_id""",
    "articles for a reader": """
        SELECT user_id, articles_count FROM feed_readers WHERE articles_count <> 0
        {} SELECT follower_id, count(*)
          FROM follows JOIN feed_readers ON feed_readers.user_id = follower_id
          JOIN feed_authors ON feed_authors.user_id = followed_id
          JOIN articles ON author_id = followed_id
         WHERE NOT popular GROUP BY follower_id""",
}


@pytest.fixture(scope="module", autouse=True)
def small_bounds(database):
    """Who follows three is a keen reader, who has four of them is a popular author."""
    for name, bound in (("feed_pulled_max", 2), ("feed_pushed_max", 3)):
        database.as_owner(f"CREATE OR REPLACE FUNCTION {name}() RETURNS integer "
                          f"LANGUAGE sql IMMUTABLE AS 'SELECT {bound}'")


@pytest.fixture(autouse=True)
def audited(database, quire):
    """Every test ends with all feeds right."""
    yield
    for name, halves in DERIVED.items():
        for one, other in ((halves, "EXCEPT"), (flipped(halves), "EXCEPT")):
            wrong = database.as_owner(one.format(other))
            assert wrong == [], f"{name}: {wrong[:5]}"
    for user, in database.as_owner("SELECT id FROM users"):
        naive = [identity for identity, in database.as_owner(NAIVE, user)]
        for limit, offset in ((5, 0), (5, 5), (100, 0), (3, 40)):
            rows = quire.article_feed(user, *FROM_NEWEST, limit, offset)
            assert {row["_total"] for row in rows} == {len(naive)}
            found = [row["_id"] for row in rows if row["_id"] is not None]
            assert found == naive[offset:offset + limit]


def flipped(halves):
    one, other = halves.split("{}")
    return f"{other} {{}} {one}"


def follow(quire, follower, *followed):
    for user in followed:
        quire.profile_follow(follower, name_of(quire, user))


def unfollow(quire, follower, followed):
    quire.profile_unfollow(follower, name_of(quire, followed))


def name_of(quire, user):
    return quire.user_by_id(user)[0]["username"]


def feed(quire, user):
    return [row["slug"] for row in quire.article_feed(user, *FROM_NEWEST, 100, 0) if row["_id"] is not None]


def test_what_is_written_shows_at_once(quire):
    reader, author = quire.user(), quire.user()
    follow(quire, reader, author)
    assert feed(quire, reader) == []
    first, second = quire.article(author), quire.article(author)
    assert feed(quire, reader) == [second, first]
    quire.article_delete(author, second)
    assert feed(quire, reader) == [first]
    unfollow(quire, reader, author)
    assert feed(quire, reader) == []
    follow(quire, reader, author)
    follow(quire, reader, author)
    quire.article_delete(author, first)
    assert feed(quire, reader) == []


@pytest.mark.parametrize("written", [0, 2])
def test_readers_become_keen_and_authors_popular(quire, database, written):
    authors = [quire.user() for _ in range(4)]
    readers = [quire.user() for _ in range(8)]
    slugs = [quire.article(author) for _ in range(written) for author in authors]
    for reader in readers:
        for number, author in enumerate(authors):
            follow(quire, reader, author)
            rows = quire.article_feed(reader, *FROM_NEWEST, 100, 0)
            assert rows[0]["_total"] == written * (number + 1)
        assert feed(quire, reader) == slugs[::-1]
    assert database.as_owner("SELECT count(*) FROM feed_authors "
                             "WHERE popular AND user_id = ANY (%s)", authors) == [(4,)]
    slugs += [quire.article(author) for author in authors]
    assert [feed(quire, reader) for reader in readers] == [slugs[::-1]] * 8
    for author in authors[:3]:
        unfollow(quire, readers[0], author)
    quire.article_delete(authors[3], slugs[-1])
    assert [feed(quire, reader) for reader in readers[1:]] == [slugs[-2::-1]] * 7
    assert len(feed(quire, readers[0])) == written
    follow(quire, readers[0], authors[0])
    assert len(feed(quire, readers[0])) == 2 * written + 1


def test_articles_of_the_same_moment_are_ordered_by_id(quire, database):
    """More authors than a page has articles, and all wrote at once."""
    reader, authors = quire.user(), [quire.user() for _ in range(12)]
    follow(quire, reader, *authors)
    database.as_owner("INSERT INTO articles (author_id, slug, title, description, body) "
                      "SELECT id, 'moment-' || id || '-' || n, '', '', '' "
                      "FROM unnest(%s) AS id, generate_series(1, 2) AS n ORDER BY -id", authors)
    assert len(feed(quire, reader)) == 24


def test_statements_of_many_rows_and_cascades(quire, database):
    users = [quire.user() for _ in range(10)]
    database.as_owner("INSERT INTO follows (follower_id, followed_id) SELECT a, b "
                      "FROM unnest(%s) AS a, unnest(%s) AS b WHERE a %% 3 <> b %% 3",
                      users, users[:8])
    for user in users * 3:
        quire.article(user)
    database.as_owner("DELETE FROM articles WHERE id % 2 = 0")
    database.as_owner("DELETE FROM follows WHERE (follower_id + followed_id) % 4 = 0")
    database.as_owner("DELETE FROM users WHERE id % 4 = 0")


def test_filling_makes_what_the_triggers_made(quire, database):
    test_statements_of_many_rows_and_cascades(quire, database)
    database.as_owner("SELECT fill_feeds()")


def test_who_makes_an_author_popular_takes_a_place_among_the_readers(quire, database):
    """Two do, and each is a reader of the other's new author. They wait for a reader of both, not for each other."""
    readers, authors, popular = ([quire.user() for _ in range(count)] for count in (4, 3, 2))
    sessions = [database.session() for _ in range(3)]
    for number, reader in enumerate(readers):
        follow(quire, reader, *authors, *(popular[1 - number:2 - number] if number < 2 else popular))

    def work(number):
        if number < 2:
            follow(sessions[number], readers[number], popular[number])
            return
        try:
            harness.wait_until(lambda: waiting(quire) == 2, what="two wait for locks")
        finally:
            sessions[number].cursor.execute("COMMIT")

    sessions[2].cursor.execute("BEGIN")
    follow(sessions[2], readers[2], quire.user())
    at_once(3, work)
    assert database.as_owner("SELECT count(*) FROM feed_authors "
                             "WHERE popular AND user_id = ANY (%s)", popular) == [(2,)]


def waiting(session):
    """How many sessions wait for locks."""
    session.cursor.execute("SELECT count(*) FROM pg_stat_activity "
                           "WHERE datname = current_database() AND wait_event_type = 'Lock'")
    return session.cursor.fetchone()["count"]


def write_something(session, chance, users, mine):
    """One of all kinds of writes; most of them concern the first users and their articles."""
    one, other = chance.sample(list(users), 2)
    favorite = chance.choice(list(users)[:2])
    act = chance.random()
    if act < 0.2:
        session.profile_follow(one, users[other])
    elif act < 0.3 and one != favorite:
        session.profile_follow(one, users[favorite])
    elif act < 0.5:
        session.profile_unfollow(one, users[other])
    elif act < 0.6:
        session.favorite_insert(one, f"of-{favorite}")
    elif act < 0.65:
        session.favorite_delete(one, f"of-{favorite}")
    elif act < 0.7:
        session.comment(one, f"of-{favorite}")
    elif act < 0.85 or not mine:
        mine.append((one, session.article(one, tags=chance.sample("abcd", 2))))
    elif act < 0.93:
        session.article_delete(*mine.pop(chance.randrange(len(mine))))
    else:
        author, slug = chance.choice(mine)
        session.article_update(author, slug, None, "suffix", None, None, None, None,
                               chance.sample("abcd", 2))


def test_everybody_writes_at_once(quire, database):
    users = {user: name_of(quire, user) for user in [quire.user() for _ in range(12)]}
    for user in list(users)[:2]:
        quire.article(user, f"of-{user}")
    sessions = [database.session() for _ in range(8)]

    def work(number):
        chance, mine = random.Random(number), []
        for _ in range(200):
            write_something(sessions[number], chance, users, mine)

    at_once(len(sessions), work)
