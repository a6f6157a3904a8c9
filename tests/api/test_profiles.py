"""GET /api/profiles/:username, POST and DELETE …/follow."""
import pytest
from client import NOT_FOUND, quote, unique
from shapes import profile_of


def test_profile(api, alice):
    profile = profile_of(api.get(f"/api/profiles/{alice.username}"))
    assert profile == {"username": alice.username, "bio": None, "image": None, "following": False}


def test_profile_shows_changes(api, alice):
    fields = {"bio": "I write.", "image": "https://example.org/a.png"}
    alice.put("/api/user", {"user": fields}).ok()
    profile = profile_of(api.get(f"/api/profiles/{alice.username}"))
    assert profile == {"username": alice.username, "following": False, **fields}


def test_own_profile(alice):
    assert profile_of(alice.get(f"/api/profiles/{alice.username}"))["following"] is False


@pytest.mark.parametrize("method, path", [
    ("GET", "/api/profiles/{}"), ("POST", "/api/profiles/{}/follow"),
    ("DELETE", "/api/profiles/{}/follow"),
])
def test_unknown_profile(alice, method, path):
    alice.request(method, path.format(unique("nobody"))).error(404, profile=NOT_FOUND)


def test_follow_and_unfollow(api, alice, bob):
    path = f"/api/profiles/{bob.username}"
    for _ in range(2):  # the second time changes nothing
        assert profile_of(alice.post(f"{path}/follow"))["following"] is True
        assert profile_of(alice.get(path))["following"] is True
    assert profile_of(api.get(path))["following"] is False, "the anonymous follow nobody"
    assert profile_of(bob.get(f"/api/profiles/{alice.username}"))["following"] is False
    for _ in range(2):
        assert profile_of(alice.delete(f"{path}/follow"))["following"] is False
        assert profile_of(alice.get(path))["following"] is False


def test_following_shows_in_articles_and_comments(alice, bob):
    slug = bob.publish()["slug"]
    bob.comment(slug)
    alice.follow(bob.username)
    assert alice.get(f"/api/articles/{slug}").ok()["article"]["author"]["following"] is True
    listed = alice.get("/api/articles", author=bob.username).ok()["articles"]
    assert [item["author"]["following"] for item in listed] == [True]
    comments = alice.get(f"/api/articles/{slug}/comments").ok()["comments"]
    assert [item["author"]["following"] for item in comments] == [True]


@pytest.mark.parametrize("stem", ["with space ", "a/b?c#d%", "josé-", "日本語", "dot.", "+plus&="])
def test_usernames_that_a_path_must_encode(api, alice, stem):
    name = unique(stem)
    api.register(username=name)
    path = f"/api/profiles/{quote(name)}"
    assert profile_of(api.get(path))["username"] == name
    assert profile_of(alice.post(f"{path}/follow")) == {
        "username": name, "bio": None, "image": None, "following": True}
    assert profile_of(alice.delete(f"{path}/follow"))["following"] is False
