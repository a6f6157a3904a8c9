"""GET /api/articles with its filters, and the feed."""
import pytest
from client import unique
from shapes import articles_of

LIMIT = "must be a number between 1 and 100"
OFFSET = "must be a number between 0 and 10000"
LISTS = ["/api/articles", "/api/articles/feed"]


def slugs_of(answer):
    return [article["slug"] for article in articles_of(answer)[0]]


def publish(author, count, **fields):
    """So many articles, the newest first."""
    return [author.publish(**fields)["slug"] for _ in range(count)][::-1]


@pytest.mark.parametrize("path", LISTS)
def test_list(alice, bob, path):
    article = bob.publish(tagList=["b", "a"])
    alice.follow(bob.username)
    articles, _ = articles_of(alice.get(path))
    del article["body"]
    article["author"]["following"] = True
    assert articles[0] == article


def test_newest_first_with_the_number_of_all(api, alice):
    slugs = publish(alice, 5)
    articles, count = articles_of(api.get("/api/articles", author=alice.username, limit=3))
    assert [article["slug"] for article in articles] == slugs[:3]
    assert count == 5
    times = [article["createdAt"] for article in articles]
    assert times == sorted(times, reverse=True)


def test_all_articles_are_listed_newest_first(api, alice, bob):
    newest = [author.publish()["slug"] for author in (alice, bob, alice)][::-1]
    articles, count = articles_of(api.get("/api/articles", limit=3))
    assert [article["slug"] for article in articles] == newest
    assert count >= 3


def test_twenty_when_no_limit_is_given(api, alice):
    slugs = publish(alice, 22)
    for path, query in (("/api/articles", {"author": alice.username}), ("/api/articles/feed", {})):
        reader = alice if not query else api
        if not query:
            reader = api.register()
            reader.follow(alice.username)
        assert slugs_of(reader.get(path, **query)) == slugs[:20]
        assert slugs_of(reader.get(path, **query, offset=20)) == slugs[20:]
        assert slugs_of(reader.get(path, **query, limit=100)) == slugs


@pytest.mark.parametrize("limit, offset, begin, end", [
    (1, 0, 0, 1), (2, 1, 1, 3), (100, 0, 0, 5), (3, 3, 3, 5), (2, 5, 5, 5), (1, 10000, 5, 5),
])
def test_pages(api, alice, limit, offset, begin, end):
    slugs = publish(alice, 5)
    answer = api.get("/api/articles", author=alice.username, limit=limit, offset=offset)
    assert slugs_of(answer) == slugs[begin:end]
    assert articles_of(answer)[1] == 5, "the number of all, also on a page past the end"


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("value", ["0", "101", "-1", "1.5", "1e1", "0x10", "ten", "", "%2010",
                                   "10%20", "%2B5", "5;", "4294967297", "9223372036854775808",
                                   "9" * 400, "NaN", "%EF%BC%95"])
def test_limits_that_are_none(alice, path, value):
    alice.get(f"{path}?limit={value}").error(422, limit=LIMIT)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("value", ["10001", "-1", "-0.0", "0.0", "1e1", "0x0", "x", "", "-%201",
                                   "4294967296", "18446744073709551616", "9" * 400])
def test_offsets_that_are_none(alice, path, value):
    alice.get(f"{path}?offset={value}").error(422, offset=OFFSET)


@pytest.mark.parametrize("path", LISTS)
def test_both_are_named(alice, path):
    alice.get(path, limit=0, offset=10001).error(422, limit=LIMIT, offset=OFFSET)


def test_by_author(api, alice, bob):
    slugs = publish(alice, 2)
    publish(bob, 1)
    assert slugs_of(api.get("/api/articles", author=alice.username)) == slugs


def test_by_tag(api, alice, bob):
    tag = unique("tag-")
    slugs = [author.publish(tagList=[tag, "other"])["slug"] for author in (alice, bob)][::-1]
    alice.publish(tagList=[f"{tag}x"])
    assert slugs_of(api.get("/api/articles", tag=tag)) == slugs
    assert slugs_of(api.get("/api/articles", tag=tag.upper())) == [], "tags are told by their case"


def test_by_favorited(api, alice, bob):
    slugs = publish(alice, 3)
    for slug in (slugs[0], slugs[2], slugs[1]):
        bob.favorite(slug)
    answer = bob.get("/api/articles", favorited=bob.username)
    assert slugs_of(answer) == slugs, "the newest articles first, not the newest favourites"
    assert all(article["favorited"] for article in articles_of(answer)[0])
    assert not any(article["favorited"] for article in
                   articles_of(api.get("/api/articles", favorited=bob.username))[0])
    bob.delete(f"/api/articles/{slugs[1]}/favorite").ok()
    answer = api.get("/api/articles", favorited=bob.username)
    assert (slugs_of(answer), articles_of(answer)[1]) == ([slugs[0], slugs[2]], 2)


@pytest.mark.parametrize("filters", [
    {"tag", "author"}, {"author", "favorited"}, {"tag", "favorited"},
    {"tag", "author", "favorited"},
])
def test_filters_together(api, alice, bob, filters):
    """Of eight articles that differ in all three, those which fit."""
    tag = unique("tag-")
    everything = []
    for author in (alice, bob):
        for tags in ([tag], []):
            for favorite in (True, False):
                slug = author.publish(tagList=tags)["slug"]
                if favorite:
                    alice.favorite(slug)
                fits = {"author": author is alice, "tag": bool(tags), "favorited": favorite}
                everything.append((slug, fits))
    values = {"tag": tag, "author": alice.username, "favorited": alice.username}
    query = {name: values[name] for name in filters}
    expected = [slug for slug, fits in everything if all(fits[name] for name in filters)][::-1]
    answer = api.get("/api/articles", **query)
    assert (slugs_of(answer), articles_of(answer)[1]) == (expected, len(expected))
    answer = api.get("/api/articles", **query, limit=1, offset=1)
    assert (slugs_of(answer), articles_of(answer)[1]) == (expected[1:2], len(expected))


@pytest.mark.parametrize("query", [
    {"author": "nobody-of-that-name"}, {"tag": "no such tag"}, {"favorited": "nobody"},
    {"tag": "%"}, {"author": "_" * 10}, {"tag": "' OR 1=1 --"},
    {"author": "nobody", "tag": "none", "favorited": "nobody"},
])
def test_unknown_values_match_nothing(api, query):
    assert articles_of(api.get("/api/articles", **query)) == ([], 0)


def test_a_list_shows_every_change_at_once(api, alice):
    def listed():
        articles, count = articles_of(api.get("/api/articles", author=alice.username))
        assert count == len(articles)
        return articles

    assert listed() == []
    article = alice.publish(tagList=["old"])
    del article["body"]
    assert listed() == [article]
    path = f"/api/articles/{article['slug']}"
    changed = alice.put(path, {"article": {"title": unique("New "), "tagList": []}}).ok()["article"]
    del changed["body"]
    assert listed() == [changed]
    alice.delete(f"/api/articles/{changed['slug']}").ok(204)
    assert listed() == []


def test_tags_of_changed_articles(api, alice):
    old, new = unique("old-"), unique("new-")
    slug = alice.publish(tagList=[old])["slug"]
    alice.put(f"/api/articles/{slug}", {"article": {"tagList": [new]}}).ok()
    assert articles_of(api.get("/api/articles", tag=old)) == ([], 0)
    assert slugs_of(api.get("/api/articles", tag=new)) == [slug]
    alice.delete(f"/api/articles/{slug}").ok(204)
    assert articles_of(api.get("/api/articles", tag=new)) == ([], 0)


def test_feed(api, alice, bob):
    carol = api.register()
    publish(alice, 1)
    publish(carol, 1)
    old = publish(bob, 2)
    assert articles_of(alice.get("/api/articles/feed")) == ([], 0)
    alice.follow(bob.username)
    assert slugs_of(alice.get("/api/articles/feed")) == old, "what was there before is in it"
    new = publish(bob, 1) + old
    answer = alice.get("/api/articles/feed")
    assert (slugs_of(answer), articles_of(answer)[1]) == (new, 3)
    answer = alice.get("/api/articles/feed", limit=1, offset=1)
    assert (slugs_of(answer), articles_of(answer)[1]) == (new[1:2], 3)
    alice.follow(carol.username)
    assert len(slugs_of(alice.get("/api/articles/feed"))) == 4
    alice.delete(f"/api/profiles/{bob.username}/follow").ok()
    answer = alice.get("/api/articles/feed")
    assert len(slugs_of(answer)) == articles_of(answer)[1] == 1


def test_the_feed_merges_authors_by_time(alice, bob, api):
    carol = api.register()
    slugs = [author.publish()["slug"] for author in (bob, carol, bob, carol, bob)][::-1]
    alice.follow(bob.username)
    alice.follow(carol.username)
    for offset in range(4):
        page = alice.get("/api/articles/feed", limit=2, offset=offset)
        assert slugs_of(page) == slugs[offset:offset + 2]
