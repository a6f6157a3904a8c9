"""GET /api/tags."""
from client import Client, unique


def tags(client):
    answer = client.get("/api/tags")
    content = answer.ok()
    answer.check(list(content) == ["tags"] and all(isinstance(tag, str) for tag in content["tags"]),
                 "not a list of tags")
    return content["tags"]


def test_tags(api, alice):
    new = [unique("tag-"), unique("Étiquette ")]
    alice.publish(tagList=new)
    for reader in (api, alice):
        shown = tags(reader)
        assert set(new) <= set(shown)
        assert len(shown) == len(set(shown)) <= 50


def test_a_new_tag_of_an_old_article_shows(api, alice, article):
    tag = unique("tag-")
    alice.put(f"/api/articles/{article['slug']}", {"article": {"tagList": [tag]}}).ok()
    assert tag in tags(api)


def test_a_tag_of_no_article_does_not_show(api, alice):
    tag = unique("tag-")
    slug = alice.publish(tagList=[tag])["slug"]
    alice.delete(f"/api/articles/{slug}").ok(204)
    assert tag not in tags(api)


def test_popular_and_recent_tags_share_the_room(start_pool, alice):
    """With room for three, many newer ones cannot drive out the most popular one."""
    three = Client(start_pool(QUIRE_TAGS_SHOWN="3").transport())
    most = max((number_of(alice, tag) for tag in tags(three)), default=0)
    popular, newer = unique("popular-"), [unique("newer-") for _ in range(4)]
    for _ in range(most + 1):
        alice.publish(tagList=[popular])
    for tag in newer:
        alice.publish(tagList=[tag])
        shown = tags(three)
        assert len(shown) == 3 and tag in shown and popular in shown


def number_of(client, tag):
    return client.get("/api/articles", tag=tag).ok()["articlesCount"]
