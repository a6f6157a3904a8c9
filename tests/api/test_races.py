"""Many at the same moment: nothing is lost, nothing is there twice, nobody sees a 500."""
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import PASSWORD, TAKEN, Client, Http, unique
from shapes import article_of, articles_of


def at_once(actions):
    """Calls them all from threads that start together; what they returned, in order."""
    start = threading.Barrier(len(actions))

    def run(action):
        start.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def statuses_of(answers, *expected):
    """How often each status came; errors must have the shape that all have."""
    for answer in answers:
        answer.check(answer.status in expected, f"expected {expected}")
        if answer.status >= 400:
            answer.errors(answer.status)
    return [sum(answer.status == status for answer in answers) for status in expected]


@pytest.fixture(scope="module")
def crowd(environment):
    """Two hundred users."""
    with ThreadPoolExecutor(4) as threads:
        anonymous = Client(Http(environment["QUIRE_URL"], timeout=60))
        return list(threads.map(lambda _: anonymous.register(), range(200)))


@pytest.mark.parametrize("field", ["username", "email"])
def test_the_same_user_from_fifty_clients(api, field):
    name = unique("Same")
    same = {"username": name, "email": f"{name}@example.org"}[field]

    def register(number):
        user = {"username": unique(), "email": f"{unique()}@example.org", "password": PASSWORD}
        # every other one writes it in another case
        user[field] = same.upper() if number % 2 else same
        return lambda: api.post("/api/users", {"user": user})

    answers = at_once([register(number) for number in range(50)])
    assert statuses_of(answers, 201, 409) == [1, 49]
    for answer in answers:
        if answer.status == 409:
            answer.error(409, **{field: TAKEN})


def test_renaming_to_the_same_name(crowd):
    name = unique("Same")
    rename = [lambda client=client: client.put("/api/user", {"user": {"username": name}})
              for client in crowd[150:180]]
    assert statuses_of(at_once(rename), 200, 409) == [1, 29]


def test_two_hundred_favorites(api, crowd, article):
    slug = article["slug"]
    answers = at_once([lambda client=client: client.post(f"/api/articles/{slug}/favorite")
                       for client in crowd])
    assert statuses_of(answers, 200) == [200]
    assert article_of(api.get(f"/api/articles/{slug}"))["favoritesCount"] == 200
    answers = at_once([lambda client=client: client.delete(f"/api/articles/{slug}/favorite")
                       for client in crowd])
    assert statuses_of(answers, 200) == [200]
    assert article_of(api.get(f"/api/articles/{slug}"))["favoritesCount"] == 0


def test_favorites_to_and_fro(api, crowd, article):
    """Each one makes up his mind several times; all at once, also with himself."""
    path = f"/api/articles/{article['slug']}/favorite"
    actions = [lambda client=client, method=method: client.request(method, path)
               for client in crowd[:10] for method in ("POST", "DELETE") * 4]
    assert statuses_of(at_once(actions), 200) == [80]
    state = [article_of(client.get(path.removesuffix("/favorite")))["favorited"]
             for client in crowd[:10]]
    assert article_of(api.get(path.removesuffix("/favorite")))["favoritesCount"] == sum(state)
    listed = [articles_of(api.get("/api/articles", favorited=client.username))[1]
              for client in crowd[:10]]
    assert listed == [int(favorited) for favorited in state]


def test_the_same_title_at_once(api, crowd):
    title = unique("The same title ")
    request = {"article": {"title": title, "description": "d", "body": "b", "tagList": [title]}}
    answers = at_once([lambda client=client: client.post("/api/articles", request)
                       for client in crowd[:50]])
    slugs = {article_of(answer, 201)["slug"] for answer in answers}
    assert len(slugs) == 50
    for slug in slugs:
        assert article_of(api.get(f"/api/articles/{slug}"))["title"] == title
    assert articles_of(api.get("/api/articles", tag=title, limit=1))[1] == 50


def test_renaming_articles_to_the_same_title(alice):
    title = unique("The same title ")
    slugs = [alice.publish()["slug"] for _ in range(20)]
    request = {"article": {"title": title}}
    answers = at_once([lambda slug=slug: alice.put(f"/api/articles/{slug}", request)
                       for slug in slugs])
    assert len({article_of(answer)["slug"] for answer in answers}) == 20


def test_changing_one_article_from_many_sides(api, alice, article):
    """Every answer is of one of the changes, and the article is as one of them left it."""
    path = f"/api/articles/{article['slug']}"
    tags = [unique(f"tag{number}-") for number in range(20)]
    answers = at_once([lambda tag=tag: alice.put(path, {"article": {"body": tag, "tagList": [tag]}})
                       for tag in tags])
    assert statuses_of(answers, 200) == [20]
    last = article_of(api.get(path))
    assert last["tagList"] == [last["body"]]
    counts = {tag: articles_of(api.get("/api/articles", tag=tag))[1] for tag in tags}
    assert counts == {tag: int(tag == last["body"]) for tag in tags}
    changes = [article_of(answer)["updatedAt"] for answer in answers]
    assert len(set(changes)) == 20 and max(changes) == last["updatedAt"]


def test_follow_and_unfollow(api, crowd, bob):
    path = f"/api/profiles/{bob.username}/follow"
    actions = [lambda client=client, method=method: client.request(method, path)
               for client in crowd[:20] for method in ("POST", "DELETE") * 2]
    assert statuses_of(at_once(actions), 200) == [80]
    bob.publish()
    for client in crowd[:20]:
        following = client.get(f"/api/profiles/{bob.username}").ok()["profile"]["following"]
        assert articles_of(client.get("/api/articles/feed"))[1] == int(following)


def test_two_who_follow_each_other(crowd):
    pairs = list(zip(crowd[:20:2], crowd[1:20:2], strict=True))
    actions = [lambda a=a, path=f"/api/profiles/{b.username}/follow", method=method:
               a.request(method, path)
               for pair in pairs for a, b in (pair, pair[::-1]) for method in ("POST", "DELETE")]
    assert statuses_of(at_once(actions), 200) == [40]


def test_delete_against_favorite_and_comment(api, alice, crowd):
    for _ in range(10):
        slug = alice.publish(tagList=["race"])["slug"]
        path = f"/api/articles/{slug}"
        comment = {"comment": {"body": "Quick!"}}
        answers = at_once(
            [lambda: alice.delete(path)] * 2
            + [lambda: alice.put(path, {"article": {"title": unique("New ")}})]
            + [lambda c=client: c.post(f"{path}/favorite") for client in crowd[:8]]
            + [lambda c=client: c.post(f"{path}/comments", comment) for client in crowd[8:12]]
            + [lambda c=client: c.get(path) for client in crowd[12:16]])
        statuses_of(answers, 200, 201, 204, 301, 404)
    for client in crowd[:8]:
        articles, count = articles_of(client.get("/api/articles", favorited=client.username))
        assert len(articles) == count, "the counter is that of the articles that are left"


def test_deleting_the_same_comment(alice, article):
    comment = alice.comment(article["slug"])
    path = f"/api/articles/{article['slug']}/comments/{comment['id']}"
    answers = at_once([lambda: alice.delete(path)] * 20)
    deleted, _ = statuses_of(answers, 204, 404)
    assert deleted >= 1
    alice.delete(path).error(404, comment="not found")


def test_comments_at_once_are_all_there(api, crowd, article):
    texts = [unique("Comment ") for _ in range(60)]
    at_once([lambda client=client, text=text: client.comment(article["slug"], text)
             for client, text in zip(crowd, texts, strict=False)])
    comments = api.get(f"/api/articles/{article['slug']}/comments").ok()["comments"]
    assert sorted(comment["body"] for comment in comments) == sorted(texts)
    identifiers = [comment["id"] for comment in comments]
    assert identifiers == sorted(identifiers)


def test_what_was_answered_is_read_by_everybody(api, alice, article):
    """Readers who begin after a change was answered see it, or a later one."""
    path = f"/api/articles/{article['slug']}"
    for number in range(20):
        alice.put(path, {"article": {"body": str(number)}}).ok()
        bodies = at_once([lambda: article_of(api.get(path))["body"]] * 8)
        assert bodies == [str(number)] * 8


def test_sessions_ended_at_once(alice):
    others = [alice.login() for _ in range(5)]
    answers = at_once([lambda c=client: c.post("/api/user/logout") for client in others * 2]
                      + [lambda: alice.put("/api/user", {"user": {"bio": "Still here."}})] * 3)
    statuses_of(answers, 200, 204, 401)
    assert len(alice.get("/api/user/sessions").ok()["sessions"]) == 1
