"""POST and DELETE …/favorite."""
from shapes import article_of


def path_of(article):
    return f"/api/articles/{article['slug']}/favorite"


def favorite_state(article):
    return article["favorited"], article["favoritesCount"]


def test_favorite_and_not(api, bob, article):
    read = f"/api/articles/{article['slug']}"
    for _ in range(2):  # the second time changes nothing
        changed = article_of(bob.post(path_of(article)))
        assert changed == {**article, "favorited": True, "favoritesCount": 1}
        assert article_of(bob.get(read)) == changed
    assert favorite_state(article_of(api.get(read))) == (False, 1)
    for _ in range(2):
        assert article_of(bob.delete(path_of(article))) == article
        assert article_of(bob.get(read)) == article


def test_ones_own_article(alice, article):
    assert favorite_state(article_of(alice.post(path_of(article)))) == (True, 1)


def test_everybody_counts_once(api, alice, bob, article):
    for count, reader in enumerate((alice, bob, api.register()), 1):
        assert favorite_state(article_of(reader.post(path_of(article)))) == (True, count)
    assert favorite_state(article_of(bob.delete(path_of(article)))) == (False, 2)
    assert favorite_state(article_of(alice.get(f"/api/articles/{article['slug']}"))) == (True, 2)


def test_a_change_of_the_article_keeps_them(alice, bob, article):
    bob.favorite(article["slug"])
    changed = article_of(alice.put(f"/api/articles/{article['slug']}", {"article": {"body": "B"}}))
    assert favorite_state(changed) == (False, 1)


def test_lists_show_them(api, alice, bob, article):
    bob.favorite(article["slug"])
    for reader, expected in ((api, (False, 1)), (alice, (False, 1)), (bob, (True, 1))):
        listed = reader.get("/api/articles", author=alice.username).ok()["articles"]
        assert [favorite_state(item) for item in listed] == [expected]
