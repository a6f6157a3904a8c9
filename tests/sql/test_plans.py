"""No query costs more on a larger site: each is executed with the worst arguments there are."""
import os
import re
import subprocess

import psycopg2
import pytest

import generate
import harness
from database import FROM_NEWEST, QUERIES, Database, prepare
from plans import Allowed, explain, faults

SEED = ["--users", "2000", "--articles", "5000", "--comments", "5000", "--favorites", "20000",
        "--follows", "20000", "--tags", "1000", "--until", "2025-06-01"]

# One who follows everybody and favourited half of all articles, an author whom everybody follows, a
# tag with a thousand articles, and an article with a thousand comments.
EXTREMES = """
    CREATE OR REPLACE FUNCTION feed_pulled_max() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';

    INSERT INTO follows (follower_id, followed_id) SELECT 2, id FROM users WHERE id <> 2
        ON CONFLICT DO NOTHING;
    INSERT INTO follows (follower_id, followed_id) SELECT id, 3 FROM users WHERE id <> 3
        ON CONFLICT DO NOTHING;
    INSERT INTO articles (author_id, created_at, slug, title, description, body, html, tag_list)
    SELECT 3, '2025-06-01'::timestamptz - n * interval '1 hour', 'extreme-' || n, 'Title', 'About',
           'Text', 'Text', ARRAY['extreme']
      FROM generate_series(1, 1000) AS n;
    INSERT INTO favorites (article_id, user_id, article_created_at)
    SELECT id, 2, created_at FROM articles WHERE id % 2 = 0 ON CONFLICT DO NOTHING;
    INSERT INTO comments (article_id, author_id, body, html)
    SELECT 1, 3, 'Text', 'Text' FROM generate_series(1, 1000);
    INSERT INTO old_slugs (slug, article_id) SELECT 'old-' || slug, id FROM articles;
"""

OFFSET_MAX = 10000
LIMIT = 20


class World:
    """The worst that there is in a database, by what queries call it."""

    def __init__(self, cursor):
        self.cursor = cursor
        self.follower, = self.row("SELECT id FROM users ORDER BY following_count DESC, id")
        self.author, self.author_id, self.email, self.hash = self.row(
            "SELECT username, id, email, password FROM users ORDER BY articles_count DESC, id")
        self.fan, = self.row("SELECT username FROM users ORDER BY favorites_count DESC, id")
        self.famous, = self.row("SELECT username FROM users ORDER BY followers_count DESC, id")
        self.tag, = self.row("SELECT name FROM tags ORDER BY articles_count DESC, name")
        self.rare, = self.row("SELECT name FROM tags WHERE articles_count > 0"
                              " ORDER BY articles_count, name")
        self.own, = self.row("SELECT slug FROM articles WHERE author_id = %s", self.author_id)
        self.old, = self.row("SELECT slug FROM old_slugs")
        self.commented, self.article = self.row(
            "SELECT slug, id FROM articles ORDER BY comments_count DESC, id")
        self.comment, = self.row("SELECT max(id) FROM comments WHERE article_id = %s", self.article)
        self.last, = self.row("SELECT max(id) FROM articles")

    def row(self, statement, *values):
        self.cursor.execute(statement + " LIMIT 1", values)
        return self.cursor.fetchone()

    def parts(self, *filters, table="articles", time="created_at", id="id", where="true"):
        """The first and the last part of a list, by cursor and by offset."""
        self.cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
        middle = max(self.cursor.fetchone()[0] - LIMIT * 2, 0)
        deep = self.row(f"SELECT {time}, {id} FROM {table} WHERE {where}"
                        f" ORDER BY {time} DESC, {id} DESC OFFSET {middle}") or FROM_NEWEST
        for cursor, offset in ((FROM_NEWEST, 0), (deep, 0), (FROM_NEWEST, min(middle, OFFSET_MAX)),
                               (FROM_NEWEST, OFFSET_MAX)):
            yield Allowed(LIMIT, offset), (self.follower, *cursor, LIMIT, offset, *filters)

    def count(self, counter, table, column, value):
        return self.row(f"SELECT {counter} FROM {table} WHERE {column} = %s", value)[0]


def filtered(w):
    """Of what is asked for, the set with the fewest articles is looked through, twice."""
    tags = {tag: w.count("articles_count", "tags", "name", tag) for tag in (w.tag, w.rare)}
    authors = {w.author: w.count("articles_count", "users", "username", w.author)}
    fans = {w.fan: w.count("favorites_count", "users", "username", w.fan)}
    for tag in (w.tag, w.rare, None):
        for author in (w.author, None):
            for fan in (w.fan, None):
                given = [tags.get(tag), authors.get(author), fans.get(fan)]
                if given.count(None) < 2:
                    fewest = min(size for size in given if size is not None)
                    for allowed, arguments in w.parts(tag, author, fan):
                        yield allowed._replace(counted=2 * fewest), arguments


def feed(w):
    """The newest of as many authors as there are items, merged. Behind a cursor or at an offset it
    may take a look at everybody who is followed."""
    followed, = w.row("SELECT following_count FROM users WHERE id = %s", w.follower)
    for allowed, arguments in w.parts():
        merged = (LIMIT + 1) ** 2
        if allowed.skipped:
            merged = w.last
        elif arguments[1:3] != FROM_NEWEST:
            merged += followed
        yield allowed._replace(merged=merged), arguments


def one(*arguments):
    """A query that finds one thing."""
    return [(Allowed(), arguments)]


# What each query is executed with, and what it may read.
SAMPLES = {
    "article_list": lambda w: w.parts(),
    "article_list_by_tag": lambda w: w.parts(
        w.tag, table="article_tags", time="article_created_at", id="article_id",
        where=f"tag = '{w.tag}'"),
    "article_list_by_author": lambda w: w.parts(w.author, where=f"author_id = {w.author_id}"),
    "article_list_by_favorited": lambda w: w.parts(
        w.fan, table="favorites", time="article_created_at", id="article_id",
        where=f"user_id = (SELECT id FROM users WHERE username = '{w.fan}')"),
    "article_list_filtered": filtered,
    "article_feed": feed,
    "article_by_slug": lambda w: one(w.follower, w.commented),
    "article_moved": lambda w: one(w.old),
    "article_for_page": lambda w: one(w.follower, w.commented),
    "article_source": lambda w: one(w.author_id, w.own),
    "article_insert": lambda w: one(w.author_id, w.own, "new", "Title", "About", "Text", "Text",
                                    [w.tag, "never before"], "form"),
    "article_update": lambda w: one(w.author_id, w.own, w.old, "new", "Title", "About", "Text",
                                    "Text", [w.tag, w.rare]),
    "article_delete": lambda w: one(w.author_id, w.own),
    "article_access": lambda w: one(w.author_id, w.own),
    "comment_insert": lambda w: one(w.author_id, w.commented, "Text", "Text", "form"),
    "comment_list": lambda w: [
        (Allowed(LIMIT, offset), (w.follower, w.commented, after, LIMIT, offset))
        for after, offset in ((0, 0), (w.comment - 50, 0), (0, 900), (0, OFFSET_MAX))],
    "comment_page": lambda w: [
        (Allowed(LIMIT, offset), (w.follower, w.commented, LIMIT, offset))
        for offset in (0, 900, OFFSET_MAX)],
    "comment_source": lambda w: one(w.author_id, w.commented, w.comment),
    "comment_delete": lambda w: one(w.author_id, w.commented, w.comment),
    "favorite_insert": lambda w: one(w.author_id, w.commented),
    "favorite_delete": lambda w: one(w.follower, w.commented),
    "atom_articles": lambda w: [(Allowed(LIMIT), (LIMIT,))],
    "atom_articles_by_author": lambda w: [(Allowed(LIMIT), (w.author, LIMIT))],
    "atom_articles_by_tag": lambda w: [(Allowed(LIMIT), (w.tag, LIMIT))],
    "sitemap_articles": lambda w: [(Allowed(LIMIT), (w.last - LIMIT + 1, w.last))],
    "sitemap_extent": lambda w: one(),
    "profile_by_username": lambda w: one(w.follower, w.famous),
    "profile_for_page": lambda w: one(w.follower, w.famous),
    "profile_follow": lambda w: one(w.author_id, w.famous),
    "profile_unfollow": lambda w: one(w.follower, w.famous),
    "tag_list": lambda w: [(Allowed(LIMIT), (LIMIT,))],
    "user_insert": lambda w: one("somebody new", "somebody.new@example.com", "hash"),
    "user_for_login": lambda w: one(w.email),
    "user_by_id": lambda w: one(w.follower),
    "user_update": lambda w: one(w.author_id, None, None, None, True, "bio", True, "image"),
    "user_rehash": lambda w: one(w.author_id, w.hash, "new"),
}


@pytest.fixture(scope="module")
def seeded(environment):
    database = Database(environment)
    try:
        assert database.migrate()[0] == 0
        subprocess.run([harness.PROGRAM, "seed", *SEED, "--quiet"], check=True, timeout=120,
                       env={**os.environ, "QUIRE_CONFIG": "/dev/null",
                            "QUIRE_DATABASE_OWNER": database.owner})
        database.as_owner(EXTREMES)
        database.as_owner("VACUUM ANALYZE")
        yield database
    finally:
        database.drop()


@pytest.fixture(scope="module")
def connection(seeded):
    """A session of the program's role with all queries prepared."""
    connection = psycopg2.connect(seeded.program)
    with connection.cursor() as cursor:
        for query in QUERIES.values():
            prepare(cursor, query)
    connection.commit()
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def world(seeded):
    connection = psycopg2.connect(seeded.owner)
    yield World(connection.cursor())
    connection.close()


@pytest.fixture
def cursor(connection):
    """In a transaction that leaves nothing behind."""
    with connection.cursor() as cursor:
        yield cursor
    connection.rollback()


def test_every_query_has_its_sample():
    assert SAMPLES.keys() == QUERIES.keys()


@pytest.mark.parametrize("seqscan", ["on", "off"])
@pytest.mark.parametrize("name", QUERIES)
def test_costs_the_same_on_a_larger_site(connection, cursor, world, name, seqscan):
    query, most = QUERIES[name], 0
    for allowed, arguments in SAMPLES[name](world):
        cursor.execute(f"SET LOCAL enable_seqscan = {seqscan}")
        plan = explain(cursor, query, arguments)
        connection.rollback()
        found = faults(plan, query, allowed)
        assert not found, f"{query.file}:{query.line}: {name}{arguments} {'; '.join(found)}"
        most = max(most, plan["Actual Rows"])
    assert most >= max(allowed.items, 1), f"the samples of {name} find no full page"


# The check itself

BAD = """
-- query: scanned(bio text) read
SELECT id FROM users WHERE bio = $1

-- query: sorted(author bigint, "limit" integer) read
SELECT id FROM articles WHERE author_id = $1 ORDER BY title LIMIT $2

-- query: sorted_partly(author bigint, "limit" integer) read
SELECT id FROM articles WHERE author_id = $1 ORDER BY author_id, title LIMIT $2

-- query: unlimited(author bigint) read
SELECT id FROM articles WHERE author_id = $1

-- query: limited_too_early(author bigint, "limit" integer) read
SELECT comments.id FROM (SELECT id FROM articles ORDER BY id LIMIT $2) AS page
  JOIN comments ON article_id = page.id AND comments.author_id = $1

-- query: limited_by_chance(author bigint, "limit" integer) read
SELECT id FROM articles WHERE author_id = $1 AND id <= $2

-- query: counted(author bigint) read
SELECT count(*) FROM articles WHERE author_id = $1

-- query: filtered(author bigint, "limit" integer) read
SELECT id FROM articles WHERE author_id = $1 AND title = 'None' ORDER BY created_at DESC LIMIT $2

-- query: skipped(article bigint) read
SELECT EXISTS (
	SELECT FROM favorites
	 WHERE article_created_at = (SELECT created_at - interval '1 ms' FROM articles WHERE id = $1))

-- query: hashed(viewer bigint, "limit" integer) read
SELECT id, id IN (SELECT article_id FROM favorites WHERE user_id = $1)
  FROM articles ORDER BY created_at DESC LIMIT $2
"""


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    folder = tmp_path_factory.mktemp("queries")
    (folder / "bad.sql").write_text(BAD)
    return generate.read_blocks(folder)["query"]


@pytest.mark.parametrize("name, complaint", [
    ("scanned", "reads users from end to end"),
    ("sorted", "sorts 1[0-9]{3} rows by articles.title|sorts 1[0-9]{3} rows by title"),
    ("sorted_partly", "sorts 1[0-9]{3} rows by"),
    ("unlimited", "returns 1[0-9]{3} rows without a limit"),
    ("limited_too_early", "returns 1[0-9]{3} rows without a limit"),
    ("limited_by_chance", "has no LIMIT"),
    ("counted", "reads 1[0-9]{3} rows"),
    ("filtered", "reads [12][0-9]{3} rows"),
    ("skipped", "reads [0-9]+ pages"),
    ("hashed", "reads 3[0-9]{3} rows"),
])
def test_a_bad_query_is_found(cursor, world, bad, name, complaint):
    query = bad[name]
    prepare(cursor, query)
    cursor.execute("SET LOCAL enable_seqscan = off")
    kinds = {"author": world.author_id, "viewer": world.follower, "limit": LIMIT, "bio": "none",
             "article": 1}
    plan = explain(cursor, query, [kinds[argument] for argument, _ in query.arguments])
    allowed = Allowed(LIMIT if "limit" in dict(query.arguments) else 0)
    found = faults(plan, query, allowed)
    assert any(re.match(complaint, fault) for fault in found), found
    cursor.execute(f"DEALLOCATE {name}")


@pytest.mark.parametrize("setting, value", [("plan_cache_mode", "force_generic_plan"),
                                            ("jit", "off"), ("enable_seqscan", "off")])
def test_role_has_its_settings(cursor, setting, value):
    cursor.execute(f"SHOW {setting}")
    assert cursor.fetchone() == (value,)
