"""GET, POST, PUT and DELETE of one article."""
import time

import pytest
from client import BLANK, FORBIDDEN, NOT_FOUND, quote, unique
from shapes import SLUG, article_of

NEW = {"title": "A title", "description": "What it is about", "body": "# Heading\n\nText. \n"}


def test_publish(api, alice):
    title = unique("How to train your dragon ")
    request = {"article": {**NEW, "title": title, "tagList": ["training", "dragons", "Dragons"]}}
    article = article_of(alice.post("/api/articles", request), 201)
    assert SLUG.fullmatch(article["slug"])
    assert article["slug"].startswith("how-to-train-your-dragon")
    assert article == {
        **NEW, "title": title, "tagList": ["Dragons", "dragons", "training"],
        "slug": article["slug"], "createdAt": article["createdAt"],
        "updatedAt": article["createdAt"], "favorited": False, "favoritesCount": 0,
        "author": {"username": alice.username, "bio": None, "image": None, "following": False}}
    for reader in (api, alice):
        assert article_of(reader.get(f"/api/articles/{article['slug']}")) == article


def test_createdAt_is_now(alice):
    before, article, after = time.time(), alice.publish(), time.time()
    seconds, fraction = article["createdAt"][:-1].split(".")
    moment = time.strptime(f"{seconds} UTC", "%Y-%m-%dT%H:%M:%S %Z")
    created = time.mktime(moment) - time.timezone + int(fraction) / 1000
    assert before - 0.01 <= created <= after + 0.01


def test_title_and_description_are_trimmed_and_the_body_is_not(alice):
    article = alice.publish(title=" \tA title\n", description="  Short ", body="\n  Text. \n\n")
    assert article["title"] == "A title"
    assert article["description"] == "Short"
    assert article["body"] == "\n  Text. \n\n"


@pytest.mark.parametrize("given, kept", [
    (["b", "a", "c"], ["a", "b", "c"]),
    ([" a ", "a", "\ta"], ["a"]),
    (["", "  ", "a"], ["a"]),
    ([], []),
    (["two words", "ünïcode", "a,b"], ["a,b", "two words", "ünïcode"]),
])
def test_tags_are_trimmed_and_sorted(api, alice, given, kept):
    slug = alice.publish(tagList=given)["slug"]
    assert article_of(api.get(f"/api/articles/{slug}"))["tagList"] == kept


def test_publish_without_tags(alice):
    assert alice.publish()["tagList"] == []


@pytest.mark.parametrize("value", ["", "  ", "\n\t", None, "absent"])
@pytest.mark.parametrize("field", ["title", "description", "body"])
def test_publish_with_a_blank_field(alice, field, value):
    fields = {**NEW, field: value}
    if value == "absent":
        del fields[field]
    alice.post("/api/articles", {"article": fields}).error(422, **{field: BLANK})


@pytest.mark.parametrize("request_body", [{"article": {}}, {}, None])
def test_publish_nothing_names_every_field(alice, request_body):
    answer = alice.post("/api/articles", request_body)
    answer.error(422, title=BLANK, description=BLANK, body=BLANK)


def test_the_same_title_gives_another_slug(api, alice, bob):
    title = unique("Twice ")
    slugs = [author.publish(title=title)["slug"] for author in (alice, alice, bob)]
    assert len(set(slugs)) == 3
    for slug in slugs:
        assert article_of(api.get(f"/api/articles/{slug}"))["title"] == title


@pytest.mark.parametrize("title", ["日本語の題", "!!!", "—", "feed", "a" * 200, "İstanbul'da ÇAY",
                                   "../../etc/passwd", "100% & more?", "🦄", "ﷺ" * 200])
def test_any_title_gives_a_slug_that_works(api, alice, title):
    article = alice.publish(title=title)
    assert SLUG.fullmatch(article["slug"])
    assert article_of(api.get(f"/api/articles/{quote(article['slug'])}")) == article


@pytest.mark.parametrize("method, path, body", [
    ("GET", "/api/articles/{}", None), ("PUT", "/api/articles/{}", {"article": {"body": "B"}}),
    ("DELETE", "/api/articles/{}", None), ("GET", "/api/articles/{}/comments", None),
    ("POST", "/api/articles/{}/comments", {"comment": {"body": "B"}}),
    ("DELETE", "/api/articles/{}/comments/1", None),
    ("POST", "/api/articles/{}/favorite", None), ("DELETE", "/api/articles/{}/favorite", None),
])
def test_unknown_article(alice, method, path, body):
    alice.request(method, path.format(unique("none-")), body).error(404, article=NOT_FOUND)


@pytest.mark.parametrize("field, value", [
    ("description", "Another one"), ("body", "Another text."), ("tagList", ["new"]),
])
def test_change_a_field(api, alice, field, value):
    before = alice.publish(tagList=["old"])
    time.sleep(0.002)
    path = f"/api/articles/{before['slug']}"
    after = article_of(alice.put(path, {"article": {field: value}}))
    assert after == {**before, field: value, "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["updatedAt"]
    assert article_of(api.get(path)) == after


def test_change_without_any_field(alice, article):
    time.sleep(0.002)
    after = article_of(alice.put(f"/api/articles/{article['slug']}", {"article": {}}))
    assert after == {**article, "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > article["updatedAt"]


@pytest.mark.parametrize("request_tags, kept", [
    ({}, ["a", "b"]), ({"tagList": []}, []), ({"tagList": ["c", "b"]}, ["b", "c"]),
])
def test_change_of_tags(alice, request_tags, kept):
    slug = alice.publish(tagList=["b", "a"])["slug"]
    request = {"article": {"body": "New.", **request_tags}}
    assert article_of(alice.put(f"/api/articles/{slug}", request))["tagList"] == kept


@pytest.mark.parametrize("field, value, message", [
    *((field, value, BLANK) for field in ("title", "description", "body")
      for value in ("", "  ", None)),
    ("tagList", None, None),
])
def test_change_refused(alice, article, field, value, message):
    path = f"/api/articles/{article['slug']}"
    answer = alice.put(path, {"article": {"description": "Not this either", field: value}})
    assert list(answer.errors(422)) == [field]
    if message:
        answer.error(422, **{field: message})
    assert article_of(alice.get(path)) == article


def test_a_new_title_gives_a_new_slug_and_the_old_one_leads_there(api, alice, article):
    old = article["slug"]
    title = unique("Renamed ")
    after = article_of(alice.put(f"/api/articles/{old}", {"article": {"title": title}}))
    assert after["slug"] != old and after["title"] == title
    assert article_of(api.get(f"/api/articles/{after['slug']}")) == after
    for reader in (api, alice):
        answer = reader.get(f"/api/articles/{old}")
        answer.check(answer.status == 301, "expected 301")
        location = answer.header("Location")
        answer.check(location.endswith(f"/api/articles/{after['slug']}"), "not the new slug")


def test_every_old_slug_leads_to_the_last(api, alice, article):
    slugs = [article["slug"]]
    for _ in range(2):
        request = {"article": {"title": unique("Again ")}}
        slugs.append(article_of(alice.put(f"/api/articles/{slugs[-1]}", request))["slug"])
    for old in slugs[:-1]:
        location = api.get(f"/api/articles/{old}").header("Location")
        assert location.endswith(f"/api/articles/{slugs[-1]}")


def test_the_same_title_keeps_the_slug(alice, article):
    request = {"article": {"title": article["title"]}}
    after = article_of(alice.put(f"/api/articles/{article['slug']}", request))
    assert after["slug"] == article["slug"]


def test_a_title_that_was_given_up_can_be_used(api, alice, bob, article):
    alice.put(f"/api/articles/{article['slug']}", {"article": {"title": unique("Else ")}}).ok()
    taken_up = bob.publish(title=article["title"])
    assert article_of(api.get(f"/api/articles/{taken_up['slug']}")) == taken_up


def test_back_to_the_first_title(api, alice, article):
    other = article_of(alice.put(f"/api/articles/{article['slug']}",
                                 {"article": {"title": unique("Else ")}}))
    back = article_of(alice.put(f"/api/articles/{other['slug']}",
                                {"article": {"title": article["title"]}}))
    assert article_of(api.get(f"/api/articles/{back['slug']}")) == back


def test_delete(api, alice, bob, article):
    path = f"/api/articles/{article['slug']}"
    bob.comment(article["slug"])
    bob.favorite(article["slug"])
    alice.delete(path).ok(204)
    for reader in (api, alice, bob):
        reader.get(path).error(404, article=NOT_FOUND)
        reader.get(f"{path}/comments").error(404, article=NOT_FOUND)
    alice.delete(path).error(404, article=NOT_FOUND)
    assert api.get("/api/articles", favorited=bob.username).ok()["articlesCount"] == 0


def test_the_slug_of_a_deleted_article_leads_nowhere(api, alice, article):
    old = article["slug"]
    new = article_of(alice.put(f"/api/articles/{old}", {"article": {"title": unique("New ")}}))
    alice.delete(f"/api/articles/{new['slug']}").ok(204)
    api.get(f"/api/articles/{old}").error(404, article=NOT_FOUND)


@pytest.mark.parametrize("method, body", [
    ("PUT", {"article": {"body": "Mine now."}}), ("PUT", {"article": {"title": ""}}),
    ("PUT", {"article": {"tagList": None}}), ("PUT", {}), ("DELETE", None),
])
def test_somebody_else_may_not(api, bob, article, method, body):
    path = f"/api/articles/{article['slug']}"
    bob.request(method, path, body).error(403, article=FORBIDDEN)
    assert article_of(api.get(path)) == article


def test_not_there_comes_before_the_fields(alice):
    path = f"/api/articles/{unique('none-')}"
    alice.put(path, {"article": {"title": ""}}).error(404, article=NOT_FOUND)
    alice.post(f"{path}/comments", {"comment": {"body": ""}}).error(404, article=NOT_FOUND)
