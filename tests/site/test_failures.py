"""Pages when something is away: what is still shown, and that nothing typed is lost."""
import secrets

import pytest
from visitor import Visitor

NO_DATABASE = {"QUIRE_DATABASE_PRIMARY": "host=/nonexistent dbname=quire"}
NO_REDIS = {"QUIRE_REDIS": "unix:/nonexistent/redis.sock"}
LONG = "A line of a long work.\n" * 500


def elsewhere(visitor, pool, address="127.0.0.1"):
    """The same visitor, at a pool of its own."""
    other = Visitor(pool.transport(address))
    other.cookies, other.headers["Host"] = dict(visitor.cookies), "localhost"
    other.username = visitor.username
    return other


def assert_unavailable(page):
    assert page.header("Retry-After")
    assert page.text('//main//*[@role="alert"]')


@pytest.fixture(scope="module")
def no_database(start_pool):
    return start_pool(**NO_DATABASE)


@pytest.fixture(scope="module")
def no_redis(start_pool):
    return start_pool(**NO_REDIS)


def test_without_a_database_pages_say_so_in_the_sites_clothes(anonymous, no_database):
    page = elsewhere(anonymous, no_database).get("/").ok(503)
    assert page.has("//body/header") and page.has("//main//h1") and page.header("Retry-After")


def test_without_a_database_nothing_typed_is_lost(ada, no_database):
    editor, article = ada.get("/editor"), ada.publish()
    comment, edit = ada.get(article.path), ada.get(f"{article.path}/edit")
    there = elsewhere(ada, no_database)
    fields = {"title": "Typed", "description": "D", "body": LONG, "tagList": "a, b"}
    for page, path in ((editor, "/editor"), (edit, f"{article.path}/edit")):
        again = there.fill(page, path, **fields).ok(503)
        assert_unavailable(again)
        for name, typed in fields.items():
            assert again.value(name).replace("\r", "").strip() == typed.strip()
        after = ada.submit(again, path).ok()
        assert after.text("//main//h1") == "Typed"
    again = there.fill(comment, f"{article.path}/comments", body="A typed comment.").ok(503)
    assert "A typed comment." in again.text()


def test_without_a_database_settings_and_registration_are_kept(ada, anonymous, no_database):
    settings, register = ada.get("/settings"), anonymous.get("/register")
    page = elsewhere(ada, no_database).fill(settings, "/settings", bio="Typed.").ok(503)
    assert page.value("bio") == "Typed."
    page = elsewhere(anonymous, no_database).fill(
        register, "/register", username="typed", email="t@example.org", password="long enough").ok(503)
    assert page.value("username") == "typed" and page.value("email") == "t@example.org"


def test_without_redis_the_anonymous_read_on_and_others_wait(ada, anonymous, no_redis):
    path = ada.publish().path
    for page in ("/", path, "/login"):
        elsewhere(anonymous, no_redis).get(page).ok()
    there = elsewhere(ada, no_redis)
    for page in ("/", path, "/settings"):
        answer = there.get(page).ok(503)
        assert answer.header("Retry-After")
        assert "session" in there.cookies, "a reader is signed out because a server is away"


def test_without_redis_nothing_typed_is_lost(ada, no_redis):
    again = elsewhere(ada, no_redis).fill(ada.get("/editor"), "/editor", title="Typed", description="D",
                                          body=LONG).ok(503)
    assert again.value("body").replace("\r", "").strip() == LONG.strip()


def test_too_many_requests_are_a_page_and_keep_the_form(ada, anonymous, start_pool):
    pool = start_pool(QUIRE_LIMIT_GENERAL="3/600", QUIRE_LIMIT_LOGIN_ADDRESS="1/600")
    editor, login = ada.get("/editor"), anonymous.get("/login")
    there = elsewhere(ada, pool)
    while (answer := there.get("/")).status == 200:
        pass
    answer.ok(429)
    assert answer.header("Retry-After") and answer.has("//main//h1")
    again = there.fill(editor, "/editor", title="Typed", description="D", body=LONG).ok(429)
    assert again.value("title") == "Typed"
    visitor = elsewhere(anonymous, pool, f"2001:db8:{secrets.token_hex(2)}::1")
    statuses = [visitor.fill(login, "/login", email="none@example.org", password="wrong").status for _ in range(3)]
    assert statuses[0] == 401 and statuses[-1] == 429


def test_a_form_that_is_too_large_or_broken_is_a_page(ada):
    editor = ada.get("/editor")
    token = editor.find('(//input[@name="csrf"])[1]').get("value")
    assert ada.post("/editor", {"csrf": token, "body": "x" * 5_000_000}).status == 413
    for body in (b"title=%zz&body=x", b"title=%00", b"a=1&" * 200):
        answer = ada.send("POST", "/editor", body, {"Sec-Fetch-Site": "same-origin"})
        answer.check(answer.status in (400, 403) and answer.has("//main"), "not a page")
    answer = ada.send("POST", "/editor", b'{"title":"x"}', {"Content-Type": "application/json"})
    answer.check(answer.status in (400, 403, 415) and answer.has("//main"), "not a page")


def test_under_tls_the_cookie_is_bound_to_the_host(start_pool, anonymous):
    pool = start_pool(QUIRE_URL="https://quire.example")
    there = elsewhere(anonymous, pool)
    there.headers["Host"] = "quire.example"
    name = "user" + secrets.token_hex(6)
    answer = there.fill(there.get("/register"), "/register", username=name, email=f"{name}@example.org",
                        password="long enough").ok(303)
    cookie = [part.strip() for part in answer.header("Set-Cookie").split(";")]
    assert cookie[0].startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie)
    assert name in there.get("/").ok().text("//body/header")
    plain = {"Cookie": "session=" + there.cookies["__Host-session"]}
    assert name not in there.get("/", **plain).text()
    page = there.get("/")
    assert page.find('//link[@rel="canonical"]').get("href") == "https://quire.example/"
