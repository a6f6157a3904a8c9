"""What a reader and a writer do with a Conduit client, from the first visit to the last."""
import pytest
from client import NOT_FOUND, unique
from shapes import (article_of, articles_of, comment_of, comments_of, profile_of, user_of)


@pytest.mark.parametrize("scheme", ["Token", "Bearer"])
def test_story(api, scheme):
    def sign_up(name):
        user = {"username": name, "email": f"{name}@example.org", "password": "jakejake"}
        token = user_of(api.post("/api/users", {"user": user}), 201)["token"]
        return {"headers": {"Authorization": f"{scheme} {token}"}}

    writer_name, tag = unique("writer"), unique("dragons")
    articles_of(api.get("/api/articles", limit=10, offset=0))
    assert "tags" in api.get("/api/tags").ok()
    writer, reader = sign_up(writer_name), sign_up(unique("reader"))
    login = {"user": {"email": f"{writer_name}@example.org", "password": "jakejake"}}
    user_of(api.post("/api/users/login", login))

    settings = {"user": {"bio": "I write.", "image": "", "username": writer_name,
                         "email": f"{writer_name}@example.org"}}
    assert user_of(api.put("/api/user", settings, **writer))["bio"] == "I write."

    draft = {"title": f"How to train your {tag}", "description": "Ever wonder how?",
             "body": "You have to believe", "tagList": [tag, "training"]}
    article = article_of(api.post("/api/articles", {"article": draft}, **writer), 201)
    path = f"/api/articles/{article['slug']}"
    edited = {"article": {**draft, "body": "With two hands", "slug": article["slug"]}}
    article = article_of(api.put(path, edited, **writer))
    assert article["body"] == "With two hands" and f"/api/articles/{article['slug']}" == path

    assert article_of(api.get(path))["author"]["bio"] == "I write."
    assert articles_of(api.get("/api/articles", tag=tag, limit=10))[1] == 1
    assert tag in api.get("/api/tags").ok()["tags"]

    assert articles_of(api.get("/api/articles/feed", limit=10, offset=0, **reader))[1] == 0
    profile = f"/api/profiles/{writer_name}"
    assert profile_of(api.post(f"{profile}/follow", **reader))["following"] is True
    feed, count = articles_of(api.get("/api/articles/feed", limit=10, offset=0, **reader))
    assert [item["slug"] for item in feed] == [article["slug"]] and count == 1

    assert article_of(api.post(f"{path}/favorite", {}, **reader))["favoritesCount"] == 1
    comment = {"comment": {"body": "Thanks!"}}
    reply = comment_of(api.post(f"{path}/comments", comment, **reader), 201)
    assert comments_of(api.get(f"{path}/comments", **writer)) == [reply]
    api.delete(f"{path}/comments/{reply['id']}", **reader).ok(204)
    assert comments_of(api.get(f"{path}/comments")) == []
    assert article_of(api.delete(f"{path}/favorite", **reader))["favorited"] is False
    assert profile_of(api.delete(f"{profile}/follow", **reader))["following"] is False
    assert articles_of(api.get("/api/articles/feed", **reader)) == ([], 0)

    api.delete(path, **writer).ok(204)
    api.get(path).error(404, article=NOT_FOUND)
    api.post("/api/user/logout", **writer).ok(204)
    api.get("/api/user", **writer).error(401, token="is invalid")
