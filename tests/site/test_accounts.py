"""Registering, signing in and out, settings: by forms, without scripts."""
import pytest
from client import PASSWORD, Client, Http, unique


def test_who_registers_is_signed_in(anonymous):
    name = unique("user")
    answer = anonymous.fill(anonymous.get("/register"), "/register", username=name,
                            email=f"{name}@example.org", password=PASSWORD)
    answer.check(answer.status == 303, "not redirected")
    assert answer.header("Location") == "/"
    assert name in anonymous.get("/").ok().text("//body/header")


def test_the_session_is_a_cookie_that_scripts_cannot_read(anonymous):
    name = unique("user")
    answer = anonymous.fill(anonymous.get("/register"), "/register", username=name,
                            email=f"{name}@example.org", password=PASSWORD)
    cookie = [part.strip().lower() for part in answer.header("Set-Cookie").split(";")]
    assert cookie[0].startswith("session=")
    assert {"httponly", "samesite=lax", "path=/"} <= set(cookie)
    assert not any(part.startswith("domain") for part in cookie)


@pytest.mark.parametrize("field, value, status, told", [
    ("username", "", 422, "Please fill this in."),
    ("username", "x" * 65, 422, "at most 64 characters"),
    ("username", "a\u202eb", 422, ""),
    ("email", "", 422, "Please fill this in."),
    ("email", "nobody", 422, "This is not valid."),
    ("password", "", 422, "Please fill this in."),
    ("password", "7 chars", 422, "at least 8 characters"),
    ("password", "x" * 129, 422, "at most 128 characters"),
])
def test_what_is_wrong_is_said_beside_its_field(anonymous, field, value, status, told):
    name = unique("user")
    fields = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, field: value}
    page = anonymous.fill(anonymous.get("/register"), "/register", **fields).ok(status)
    assert told in page.error(field)
    for other in {"username", "email"} - {field}:
        assert page.value(other) == fields[other]
    assert not page.value("password")
    assert "session" not in anonymous.cookies


def test_what_is_taken_is_said_beside_its_field(ada, anonymous):
    page = anonymous.fill(anonymous.get("/register"), "/register", username=ada.username.upper(),
                          email="new@example.org", password=PASSWORD).ok(409)
    assert "already" in page.error("username")
    assert page.value("email") == "new@example.org"


def test_errors_are_told_in_the_readers_language(visit):
    german = visit(language="de-AT,de;q=0.9")
    page = german.fill(german.get("/register"), "/register", username="", email="x@example.org",
                       password=PASSWORD).ok(422)
    assert "Bitte ausfüllen." in page.error("username")
    assert page.find("//html").get("lang") == "de"


def test_signing_out_and_in(ada):
    old = dict(ada.cookies)
    answer = ada.fill(ada.get("/"), "/logout")
    answer.check(answer.status == 303, "not redirected")
    assert "session" not in ada.cookies
    ada.cookies = old  # who kept a copy of the cookie
    assert ada.username not in ada.get("/").ok().text("//body/header")
    ada.cookies = {}
    assert ada.username in ada.sign_in().ok().text("//body/header")


def test_a_wrong_password_keeps_the_address(ada, anonymous):
    page = anonymous.fill(anonymous.get("/login"), "/login", email=ada.email, password="wrong").ok(401)
    assert page.value("email") == ada.email
    assert not page.value("password")
    assert "wrong" in page.text('//*[@role="alert"]')
    blank = anonymous.fill(anonymous.get("/login"), "/login", email="", password="").ok(422)
    assert blank.error("email") and blank.error("password")


def test_a_page_that_needs_a_user_leads_to_it_by_way_of_signing_in(ada, anonymous):
    for path in ("/editor", "/settings", "/feed", "/feed?page=2"):
        answer = anonymous.get(path)
        answer.check(answer.status == 303, "not redirected")
        login = anonymous.open(path)
        assert login.path.startswith("/login?next=")
    page = anonymous.submit(anonymous.open("/settings"), "/login", email=ada.email,
                            password=ada.password)
    assert page.path == "/settings"


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_who_is_signed_in_needs_no_form_for_it(ada, path):
    assert ada.get(path).header("Location") == "/"
    assert ada.get(path + "?next=/settings").header("Location") == "/settings"


@pytest.mark.parametrize("elsewhere", [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "///evil.example",
    "/%09/evil.example", "/\t/evil.example", "javascript:alert(1)", "evil.example", "",
    "/\r\nSet-Cookie: a=b", "http:/evil.example", "/.//evil.example\n", "%2f%2fevil.example"])
def test_signing_in_leads_nowhere_else(ada, anonymous, elsewhere):
    page = anonymous.get("/login")
    answer = anonymous.fill(page, "/login", email=ada.email, password=ada.password, next=elsewhere)
    answer.check(answer.status == 303, "not redirected")
    location = answer.header("Location")
    answer.check(location.startswith("/") and not location.startswith(("//", "/\\")), "leads away")
    answer.check("evil" not in location.split("/")[1] and "\t" not in location, "leads away")


def test_settings_are_saved(ada):
    name = unique("new")
    page = ada.submit(ada.get("/settings"), "/settings", username=name, bio="About me.",
                      image="https://example.org/me.png", email=f"{name}@example.org")
    assert page.path == "/settings?saved=1"
    assert [page.value(field) for field in ("username", "bio", "image", "email")] == [
        name, "About me.", "https://example.org/me.png", f"{name}@example.org"]
    assert name in page.text("//body/header")
    ada.cookies = {}
    assert name in ada.sign_in(email=f"{name}@example.org").ok().text("//body/header")


def test_settings_can_be_cleared_and_the_password_stays_when_left_blank(ada, environment):
    ada.submit(ada.get("/settings"), "/settings", bio="x", image="https://example.org/x.png").ok()
    page = ada.submit(ada.get("/settings"), "/settings", bio="", image="", password="").ok()
    assert not page.value("bio") and not page.value("image")
    api = Client(Http(environment["QUIRE_URL"]))
    api.email, api.password = ada.email, ada.password
    assert api.login().get("/api/user").ok()["user"]["bio"] is None


def test_a_new_password_ends_the_other_sessions(ada, visit):
    other = visit()
    other.email, other.password = ada.email, ada.password
    other.sign_in().ok()
    ada.submit(ada.get("/settings"), "/settings", password="another long password").ok()
    assert ada.username in ada.get("/").text("//body/header")
    assert other.get("/settings").status == 303


def test_settings_that_cannot_be_are_kept_in_the_form(ada, grace):
    page = ada.fill(ada.get("/settings"), "/settings", username=grace.username, bio="Typed.").ok(409)
    assert "already" in page.error("username")
    assert page.value("bio") == "Typed."
    assert ada.username in page.text("//body/header")
    page = ada.fill(ada.get("/settings"), "/settings", email="none", bio="Typed.").ok(422)
    assert page.error("email") and page.value("bio") == "Typed."


@pytest.mark.parametrize("name, fine", [
    ("Łukasz", True), ("李小龙", True), ("محمد", True), ("Дмитрий", True), ("ユーザーabc", True),
    ("cafe\u0301", True), ("p\u0430ypal", False), ("\u0440\u0430\u0441\u0435", False),
    ("a\u200bb", False), ("a\u2066b", False)])
def test_usernames_are_of_any_script_and_of_one(anonymous, name, fine):
    full = name + (str(hash(unique()) % 10**9) if fine else "")
    page = anonymous.fill(anonymous.get("/register"), "/register", username=full,
                          email=f"{unique()}@example.org", password=PASSWORD)
    page.check(page.status == (303 if fine else 422), "not as expected")


def test_a_username_is_the_same_however_it_was_composed(anonymous, visit):
    stem = unique("cafe")
    anonymous.register(username=f"{stem}e\u0301")
    page = visit()
    answer = page.fill(page.get("/register"), "/register", username=f"{stem}\u00e9",
                       email=f"{unique()}@example.org", password=PASSWORD)
    assert "already" in answer.ok(409).error("username")
    assert visit().get(f"/profiles/{stem}e%CC%81").ok().has("//h1")


def test_theme_and_language_are_kept(anonymous):
    page = anonymous.submit(anonymous.get("/register"), "/preferences", theme="dark", language="de")
    assert page.path == "/register"
    root = page.find("//html")
    assert (root.get("data-theme"), root.get("lang")) == ("dark", "de")
    assert anonymous.cookies == {"theme": "dark", "language": "de"}
    page = anonymous.submit(page, "/preferences", theme="auto", language="auto")
    assert not page.find("//html").get("data-theme") and page.find("//html").get("lang") == "en"
    assert anonymous.cookies == {}
