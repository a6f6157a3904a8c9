"""Every list of articles against what a few lines of Python make of the same articles."""
import functools
import itertools
import random

import pytest

from database import FROM_NEWEST

TAGS = ["red", "green", "blue", None, "none"]
NAMES = ["ann", "ben", "cid", None, "nobody"]


class World:
    """Some articles, and what lists of them must be."""

    def __init__(self, database, quire):
        chance = random.Random(1)
        self.quire = quire
        self.users = {name: quire.user(name) for name in ("ann", "ben", "cid", "dan")}
        self.articles = []
        for number in range(60):
            author = chance.choice(["ann", "ben", "cid"])
            tags = chance.sample(["red", "green", "blue", "grey"], chance.randint(0, 3))
            slug = quire.article(self.users[author], f"a{number:02}", tags)
            fans = chance.sample(["ann", "ben", "cid"], chance.randint(0, 3))
            self.articles.append({"slug": slug, "author": author, "tags": tags, "fans": fans})
        self.spread_in_time(database)
        for article in self.articles:
            for fan in article["fans"]:
                quire.favorite_insert(self.users[fan], article["slug"])
        for name in ("ben", "cid"):
            quire.profile_follow(self.users["dan"], name)

    def spread_in_time(self, database):
        """The oldest have the highest ids, and some are of the same time."""
        database.as_owner("UPDATE articles SET created_at = now() - interval '1 minute' * (id / 3)")
        database.as_owner("UPDATE article_tags SET article_created_at = articles.created_at "
                          "FROM articles WHERE articles.id = article_id")
        database.as_owner("SELECT fill_feeds()")
        order = database.as_owner("SELECT slug FROM articles ORDER BY created_at DESC, id DESC")
        place = {slug: number for number, (slug,) in enumerate(order)}
        self.articles.sort(key=lambda article: place[article["slug"]])

    def expected(self, tag=None, author=None, favorited=None):
        return [article["slug"] for article in self.articles
                if (tag is None or tag in article["tags"])
                and (author is None or author == article["author"])
                and (favorited is None or favorited in article["fans"])]


@pytest.fixture(scope="module")
def world(database, quire):
    return World(database, quire)


def lists(quire, viewer=0, **filters):
    """The query of such a list, as run(before, before_id, limit, offset)."""
    given = {name: value for name, value in filters.items() if value is not None}
    if len(given) > 1:
        arguments = [given.get(name) for name in ("tag", "author", "favorited")]
        return lambda *part: quire.article_list_filtered(viewer, *part, *arguments)
    if not given:
        return lambda *part: quire.article_list(viewer, *part)
    (name, value), = given.items()
    return lambda *part: getattr(quire, f"article_list_by_{name}")(viewer, *part, value)


def check(run, expected):
    """Compares pages of a list, by offset and all of them by cursor."""
    for limit, offset in ((100, 0), (7, 0), (7, 7), (7, 1000), (len(expected) or 1, 0)):
        rows = run(*FROM_NEWEST, limit, offset)
        assert {row["_total"] for row in rows} == {len(expected)}
        assert {row["_more"] for row in rows} == {offset + limit < len(expected)}
        found = [row["slug"] for row in rows if row["_id"] is not None]
        assert found == expected[offset:offset + limit]
        assert found or len(rows) == 1, "an empty page is one row"
        assert all("body" not in row for row in rows)
    for limit in (1, 7):
        pages = list(walk(run, lambda limit=limit: limit))
        assert [row["slug"] for page in pages for row in page] == expected
        assert {row["_total"] for page in pages for row in page} <= {len(expected)}


def walk(run, limit):
    """The pages of a list, each behind the last row of the one before."""
    cursor, more = FROM_NEWEST, True
    while more:
        rows = run(*cursor, limit(), 0)
        more = rows[0]["_more"]
        cursor = (rows[-1]["createdAt"], rows[-1]["_id"])
        yield [row for row in rows if row["_id"] is not None]


@pytest.mark.parametrize("filters", itertools.product(TAGS, NAMES, NAMES))
def test_filters(world, filters):
    given = dict(zip(("tag", "author", "favorited"), filters))
    check(lists(world.quire, **given), world.expected(**given))


def test_feed(world):
    expected = [article["slug"] for article in world.articles if article["author"] != "ann"]
    check(lambda *part: world.quire.article_feed(world.users["dan"], *part), expected)
    check(lambda *part: world.quire.article_feed(world.users["ann"], *part), [])


def test_lists_know_the_viewer(world):
    rows = world.quire.article_list(world.users["dan"], *FROM_NEWEST, 100, 0)
    assert {row["author.username"]: row["author.following"] for row in rows} == {
        "ann": False, "ben": True, "cid": True}
    rows = world.quire.article_list(world.users["ann"], *FROM_NEWEST, 100, 0)
    assert [(row["slug"], row["favorited"], row["favoritesCount"]) for row in rows] == [
        (article["slug"], "ann" in article["fans"], len(article["fans"]))
        for article in world.articles]


# Walking while others write

WALKS = {
    "all": {},
    "tag": {"tag": "walk"},
    "author": {"author": "walker"},
    "favorited": {"favorited": "walker"},
    "tag, author": {"tag": "walk", "author": "walker"},
    "tag, favorited": {"tag": "walk", "favorited": "walker"},
    "author, favorited": {"author": "walker", "favorited": "walker"},
    "all three": {"tag": "walk", "author": "walker", "favorited": "walker"},
    "feed": None,
}


class Walked:
    """Articles that are in all of WALKS, of three moments: most share theirs with others."""

    def __init__(self, database, quire, seed):
        self.database, self.quire, self.chance = database, quire, random.Random(seed)
        self.user = quire.user("walker")
        quire.profile_follow(self.user, "walker")
        self.places = {}  # (created_at, id) by slug, of those that are there
        self.gone = set()

    def publish(self):
        slug = f"walk-{self.user}-{len(self.places) + len(self.gone)}"
        moment = f"2001-01-01 00:00:0{self.chance.randint(1, 3)}+00"
        (self.places[slug],) = self.database.as_owner(
            "INSERT INTO articles (author_id, created_at, slug, title, description, body, tag_list)"
            " VALUES (%s, %s, %s, 'Title', 'About', 'Text', '{walk}') RETURNING created_at, id",
            self.user, moment, slug)
        self.quire.favorite_insert(self.user, slug)

    def delete(self):
        slug = self.chance.choice(list(self.places))
        self.quire.article_delete(self.user, slug)
        del self.places[slug]
        self.gone.add(slug)

    def end(self):
        self.database.as_owner("DELETE FROM users WHERE id = %s", self.user)


@pytest.mark.parametrize("name", WALKS)
@pytest.mark.parametrize("seed", range(2))
def test_a_walk_visits_each_article_once_while_others_come_and_go(database, quire, name, seed):
    walked = Walked(database, quire, seed)
    for _ in range(20):
        walked.publish()
    there_before = dict(walked.places)
    if WALKS[name] is None:
        run = functools.partial(quire.article_feed, walked.user)
    else:
        run = lists(quire, **WALKS[name])
    found = []
    for page in walk(run, lambda: walked.chance.randint(1, 6)):
        found += [(row["createdAt"], row["_id"], row["slug"]) for row in page
                  if row["author.username"] == "walker"]
        for change in walked.chance.choices([walked.publish, walked.delete], k=2):
            change()
    slugs = [slug for _, _, slug in found]
    assert found == sorted(found, reverse=True), "newest first"
    assert len(set(slugs)) == len(slugs), "none twice"
    assert there_before.keys() - walked.gone <= set(slugs), "none left out that was always there"
    assert set(slugs) <= walked.places.keys() | walked.gone
    walked.end()
