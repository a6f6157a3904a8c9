"""Round trips to PostgreSQL and Redis of each route, as the log tells them: at most one of each."""
import json
import subprocess

import pytest
from client import PASSWORD, Client
from harness import PROGRAM, wait_until
from inputs import new_article, new_user

# What makes or ends sessions asks Redis a second time.
TWO_REDIS = ["POST /api/users", "POST /api/users/login", "POST /api/user/logout",
             "GET /api/user/sessions", "DELETE /api/user/sessions",
             "DELETE /api/user/sessions/:id", "PUT /api/user (password)"]


class World:
    """A pool of one worker, and what its requests are about."""

    def __init__(self, pool):
        self.pool = pool
        self.anonymous = Client(pool.transport())
        self.alice, self.bob = self.anonymous.register(), self.anonymous.register()
        self.slug = self.article()
        self.alice.follow(self.bob.username)

    def article(self):
        return self.alice.publish(tagList=["budget"])["slug"]

    def comment(self):
        return f"/api/articles/{self.slug}/comments/{self.alice.comment(self.slug)['id']}"

    def session(self):
        sessions = self.alice.login().get("/api/user/sessions").ok()["sessions"]
        return [session["id"] for session in sessions if session["current"]][0]

    def trips(self, answer):
        """The line of the log that tells of a request."""
        identifier = answer.header("X-Request-Id")

        def line():
            lines = self.pool.log.read_text().splitlines()
            return [text for text in lines if identifier in text]

        return json.loads(wait_until(line, what="the request is logged")[0])


def get(path):
    return lambda w: w.alice.get(path.format(slug=w.slug, bob=w.bob.username))


def send(method, path, body=None):
    return lambda w: w.alice.request(method, path.format(slug=w.slug, bob=w.bob.username), body)


REQUESTS = {
    "POST /api/users": lambda w: w.anonymous.post("/api/users", new_user()),
    "POST /api/users/login": lambda w: w.anonymous.post(
        "/api/users/login", {"user": {"email": w.bob.email, "password": PASSWORD}}),
    "GET /api/user": get("/api/user"),
    "PUT /api/user": send("PUT", "/api/user", {"user": {"bio": "New."}}),
    "PUT /api/user (password)": lambda w: w.bob.put("/api/user", {"user": {"password": PASSWORD}}),
    "GET /api/user/sessions": get("/api/user/sessions"),
    "DELETE /api/user/sessions": lambda w: w.anonymous.register().delete("/api/user/sessions"),
    "DELETE /api/user/sessions/:id": lambda w: w.alice.delete(f"/api/user/sessions/{w.session()}"),
    "POST /api/user/logout": lambda w: w.alice.login().post("/api/user/logout"),
    "GET /api/profiles/:username": get("/api/profiles/{bob}"),
    "POST /api/profiles/:username/follow": send("POST", "/api/profiles/{bob}/follow"),
    "DELETE /api/profiles/:username/follow": send("DELETE", "/api/profiles/{bob}/follow"),
    "GET /api/articles": get("/api/articles"),
    "GET /api/articles (anonymous)": lambda w: w.anonymous.get("/api/articles"),
    "GET /api/articles (author)": get("/api/articles?author={bob}"),
    "GET /api/articles (tag)": get("/api/articles?tag=budget"),
    "GET /api/articles (favorited)": get("/api/articles?favorited={bob}"),
    "GET /api/articles (tag, author)": get("/api/articles?tag=budget&author={bob}"),
    "GET /api/articles/feed": get("/api/articles/feed"),
    "POST /api/articles": lambda w: w.alice.post("/api/articles", new_article(tagList=["budget"])),
    "POST /api/articles (same title)": lambda w: w.alice.post(
        "/api/articles", new_article(title="The same title")),
    "GET /api/articles/:slug": get("/api/articles/{slug}"),
    "GET /api/articles/:slug (anonymous)": lambda w: w.anonymous.get(f"/api/articles/{w.slug}"),
    "PUT /api/articles/:slug": lambda w: w.alice.put(
        f"/api/articles/{w.article()}", new_article(tagList=["new"])),
    "DELETE /api/articles/:slug": lambda w: w.alice.delete(f"/api/articles/{w.article()}"),
    "GET /api/articles/:slug/comments": get("/api/articles/{slug}/comments"),
    "POST /api/articles/:slug/comments": send(
        "POST", "/api/articles/{slug}/comments", {"comment": {"body": "A comment."}}),
    "DELETE /api/articles/:slug/comments/:id": lambda w: w.alice.delete(w.comment()),
    "POST /api/articles/:slug/favorite": send("POST", "/api/articles/{slug}/favorite"),
    "DELETE /api/articles/:slug/favorite": send("DELETE", "/api/articles/{slug}/favorite"),
    "GET /api/tags": get("/api/tags"),
    "GET /healthz": get("/healthz"),
    "GET /readyz": get("/readyz"),
    "GET /statusz": get("/statusz"),
}
REFUSED = {
    "no token": (401, lambda w: w.anonymous.put(f"/api/articles/{w.slug}", {})),
    "a bad token": (401, lambda w: Client(w.pool.transport(), "0" * 43).get("/api/articles")),
    "wrong password": (401, lambda w: w.anonymous.post(
        "/api/users/login", {"user": {"email": w.bob.email, "password": "wrong"}})),
    "somebody else": (403, lambda w: w.bob.put(f"/api/articles/{w.slug}", new_article())),
    "not there": (404, get("/api/articles/none-such")),
    "taken": (409, lambda w: w.anonymous.post("/api/users", new_user(email=w.bob.email))),
    "a blank title": (422, send("PUT", "/api/articles/{slug}", {"article": {"title": ""}})),
    "a blank comment": (422, send("POST", "/api/articles/{slug}/comments", {})),
    "a blank user": (422, lambda w: w.anonymous.post("/api/users", {})),
}


@pytest.fixture(scope="module")
def world(start_pool):
    return World(start_pool(QUIRE_WORKERS="1"))


def test_every_route_is_measured():
    printed = subprocess.run([PROGRAM, "routes"], capture_output=True, check=True, text=True).stdout
    routes = {" ".join(line.split()[:2]) for line in printed.splitlines()}
    assert routes == {name for name in REQUESTS if "(" not in name}


@pytest.mark.parametrize("name", REQUESTS)
def test_round_trips(world, name):
    for _ in range(2):  # the first time prepares statements and loads scripts
        answer = REQUESTS[name](world)
    answer.check(answer.status in (200, 201, 204), "refused")
    line = world.trips(answer)
    assert f"{line['method']} {line['route']}" == name.split(" (")[0]
    assert line["db"] <= 1
    assert line["redis"] <= (2 if name in TWO_REDIS else 1)


@pytest.mark.parametrize("name", REFUSED)
def test_round_trips_of_what_is_refused(world, name):
    status, ask = REFUSED[name]
    for _ in range(2):
        answer = ask(world)
    answer.errors(status)
    line = world.trips(answer)
    # an article that is not there is looked for under the slugs of the past
    assert line["db"] <= (2 if name == "not there" else 1)
    assert line["redis"] <= (2 if name == "taken" else 1)


def test_nothing_is_asked_for_what_cannot_be(world):
    """No path, no method, no token: neither server hears of it."""
    for answer in (world.anonymous.get("/api/none"), world.anonymous.put("/api/tags", {}),
                   world.anonymous.get("/api/user"), world.anonymous.request("OPTIONS", "/api")):
        line = world.trips(answer)
        assert (line["db"], line["redis"]) == (0, 0)
