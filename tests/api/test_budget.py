"""Round trips to PostgreSQL and Redis of each route, as the log tells them.

A read asks each once, and PostgreSQL not at all when the cache has the answer. A write asks PostgreSQL once, and Redis
twice: it ends with telling readers where to look.
"""
import json
import subprocess

import pytest
from client import PASSWORD, Client, unique
from harness import PROGRAM, wait_until
from inputs import new_article, new_user
from visitor import Visitor

# What makes, ends, lists or renames sessions asks Redis once more.
OF_SESSIONS = ["POST /api/users", "POST /api/users/login", "POST /api/user/logout",
               "GET /api/user/sessions", "DELETE /api/user/sessions",
               "DELETE /api/user/sessions/:id", "PUT /api/user (password)", "POST /register",
               "POST /login", "POST /logout", "POST /settings (password)", "POST /settings (name)",
               "PUT /api/user (name)"]
# What writes nothing to PostgreSQL has nothing to tell.
WRITES_NOTHING = ["POST /api/users/login", "POST /api/user/logout", "DELETE /api/user/sessions",
                  "DELETE /api/user/sessions/:id", "POST /login", "POST /logout",
                  "POST /preferences", "POST /editor/preview"]


def redis_trips(name):
    writes = not name.startswith("GET ") and name not in WRITES_NOTHING
    return 1 + writes + (name in OF_SESSIONS)

CURSOR = "AQAAAAAAAAAAAAAAAAAAAAA"  # in the year 1970


class World:
    """A pool of one worker, and what its requests are about."""

    def __init__(self, pool):
        self.pool = pool
        self.anonymous = Client(pool.transport())
        self.alice, self.bob = self.anonymous.register(), self.anonymous.register()
        self.slug = self.article()
        self.alice.follow(self.bob.username)
        self.visitor = Visitor(pool.transport()).register()
        self.written = self.visitor.publish(tagList="budget").path

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


def page(path):
    """A page, as one who is signed in."""
    return lambda w: w.visitor.get(path.format(slug=w.slug, written=w.written, bob=w.bob.username))


def form(path, action=None, **fields):
    """A form of that page, sent."""
    def submit(w):
        names = {"slug": w.slug, "written": w.written, "bob": w.bob.username, "unique": unique()}
        given = {name: text.format(**names) for name, text in fields.items()}
        return w.visitor.fill(w.visitor.get(path.format(**names)), (action or path).format(**names), **given)
    return submit


def anonymous_form(path, **fields):
    def submit(w):
        visitor = Visitor(w.pool.transport())
        given = {name: text.format(unique=unique(), bob=w.bob.email) for name, text in fields.items()}
        return visitor.fill(visitor.get(path), path, **given)
    return submit


def fresh_article(action, **fields):
    """A form of an article that was written for it."""
    def submit(w):
        written = w.visitor.publish()
        return w.visitor.fill(w.visitor.get(written.path + action), written.path + action, **fields)
    return submit


def comment_deletion(w):
    answer = form("{written}", "{written}/comments", body="A comment.")(w)
    return w.written + "/comments/" + answer.header("Location").split("-")[-1] + "/delete"


def sign_out(w):
    visitor = Visitor(w.pool.transport()).register()
    return visitor.fill(visitor.get("/"), "/logout")


def toggled(path, action, other):
    """A form that is there once the other has been sent."""
    def submit(w):
        names = {"written": w.written, "bob": w.bob.username}
        shown = w.visitor.get(path.format(**names))
        if not shown.has(f'//form[@action="{action.format(**names)}"]'):
            w.visitor.fill(shown, other.format(**names))
        return form(path, action)(w)
    return submit


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
    "GET /api/articles (cursor)": get(f"/api/articles?cursor={CURSOR}"),
    "GET /api/articles/feed": get("/api/articles/feed"),
    "GET /api/articles/feed (cursor)": get(f"/api/articles/feed?cursor={CURSOR}"),
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
    "GET /": page("/"),
    "GET / (anonymous)": lambda w: Visitor(w.pool.transport()).get("/"),
    "GET /feed": page("/feed"),
    "GET /tags/:tag": page("/tags/budget"),
    "GET /articles/:slug": page("{written}"),
    "GET /articles/:slug (anonymous)": lambda w: Visitor(w.pool.transport()).get(w.written),
    "GET /editor": page("/editor"),
    "POST /editor": form("/editor", title="T", description="D", body="B"),
    "POST /editor/preview": lambda w: w.visitor.post("/editor/preview", {
        **dict(w.visitor.get("/editor").form("/editor").form_values()), "title": "T", "body": "*B*"}),
    "GET /articles/:slug/edit": page("{written}/edit"),
    "POST /articles/:slug/edit": form("{written}/edit", body="New."),
    "GET /articles/:slug/delete": page("{written}/delete"),
    "POST /articles/:slug/delete": fresh_article("/delete"),
    "POST /articles/:slug/favorite": toggled("{written}", "{written}/favorite", "{written}/unfavorite"),
    "POST /articles/:slug/unfavorite": toggled("{written}", "{written}/unfavorite", "{written}/favorite"),
    "POST /articles/:slug/comments": form("{written}", "{written}/comments", body="A comment."),
    "GET /articles/:slug/comments/:id/delete": lambda w: w.visitor.get(comment_deletion(w)),
    "POST /articles/:slug/comments/:id/delete": lambda w: form(comment_deletion(w))(w),
    "GET /profiles/:username": page("/profiles/{bob}"),
    "GET /profiles/:username/favorites": page("/profiles/{bob}/favorites"),
    "POST /profiles/:username/follow": toggled(
        "/profiles/{bob}", "/profiles/{bob}/follow", "/profiles/{bob}/unfollow"),
    "POST /profiles/:username/unfollow": toggled(
        "/profiles/{bob}", "/profiles/{bob}/unfollow", "/profiles/{bob}/follow"),
    "GET /register": lambda w: Visitor(w.pool.transport()).get("/register"),
    "POST /register": anonymous_form("/register", username="{unique}", email="{unique}@example.org",
                                     password=PASSWORD),
    "GET /login": lambda w: Visitor(w.pool.transport()).get("/login"),
    "POST /login": anonymous_form("/login", email="{bob}", password=PASSWORD),
    "POST /logout": sign_out,
    "GET /settings": page("/settings"),
    "POST /settings": form("/settings", bio="New."),
    "POST /settings (name)": form("/settings", username="{unique}"),
    "POST /settings (password)": form("/settings", password=PASSWORD),
    "POST /preferences": form("/settings", "/preferences", theme="dark"),
    "GET /feed.atom": page("/feed.atom"),
    "GET /profiles/:username/feed.atom": page("/profiles/{bob}/feed.atom"),
    "GET /tags/:tag/feed.atom": page("/tags/budget/feed.atom"),
    "GET /sitemap.xml": page("/sitemap.xml"),
    "GET /sitemaps/:number": page("/sitemaps/1"),
    "GET /robots.txt": page("/robots.txt"),
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
    answer.check(answer.status in (200, 201, 204, 303), "refused")
    line = world.trips(answer)
    assert f"{line['method']} {line['route']}" == name.split(" (")[0]
    assert line["db"] <= 1
    assert line["redis"] <= redis_trips(name)


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
