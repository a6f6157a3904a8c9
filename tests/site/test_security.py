"""What others try: forged forms, scripts in what people write, frames, somebody else's pages."""
import re

import pytest
from attacks import IN_MARKDOWN, XSS
from client import Client, Http, quote, unique

OURS = re.compile(r"^(?:/|#|https?:|mailto:|$)")


def assert_inert(page):
    """No element runs what was written: only our own scripts, no handlers, no strange schemes."""
    for script in page.tree.xpath("//script"):
        kind = script.get("type")
        if kind == "application/ld+json":
            assert not script.get("src") and "<" not in script.text
        else:
            page.check(kind == "module" and script.get("src", "").startswith("/static/"), "a script")
    for one in page.tree.iter():
        if not isinstance(one.tag, str):
            continue
        page.check(one.tag not in ("iframe", "object", "embed", "base", "style"), f"a {one.tag}")
        for name, value in one.attrib.items():
            page.check(not name.startswith("on") and name != "style", f"{one.tag} has {name}")
            if name in ("href", "src", "action", "formaction"):
                page.check(OURS.match(value.strip()), f"{one.tag} leads to {value}")
    for form in page.tree.forms:
        page.check(form.get("method") == "dialog" or form.get("action").startswith("/"), "a form leads away")
    page.check(not page.has('//meta[@http-equiv]'), "a meta element that does things")


@pytest.mark.parametrize("text", XSS)
def test_what_people_write_runs_nowhere(ada, anonymous, text):
    stem, one_line = unique(), text.replace("\t", " ")
    ada.submit(ada.get("/settings"), "/settings", bio=text + stem, image=text, email=ada.email)
    tag = one_line.replace(",", ";")[:40]
    page = ada.publish(title=one_line + stem, description=one_line, body=text, tagList=tag)
    ada.fill(page, f"{page.path}/comments", body=text)
    profile = f"/profiles/{quote(ada.username)}"
    pages = [page.path, f"{page.path}/edit", f"{page.path}/delete", "/", "/settings", profile,
             f"/tags/{quote(tag.strip())}"]
    for path in pages:
        answer = ada.get(path).ok()
        assert_inert(answer)
    article = anonymous.get(page.path).ok()
    assert_inert(article)
    assert " ".join((one_line + stem).split()) == article.text("//main//h1")


@pytest.mark.parametrize("text", IN_MARKDOWN)
def test_markdown_leads_nowhere_harmful(ada, text):
    page = ada.publish(body=text)
    assert_inert(page)
    assert_inert(ada.submit(page, f"{page.path}/comments", body=text))
    fields = {**dict(ada.get("/editor").form("/editor").form_values()), "body": text}
    assert_inert(ada.post("/editor/preview", fields).ok())


def test_usernames_are_inert(visit):
    name = f"<b onclick=x>{unique()}</b>"
    user = visit().register(username=name)
    page = user.publish()
    assert_inert(page)
    assert_inert(user.get("/"))
    profile = visit().get(f"/profiles/{quote(name)}").ok()
    assert_inert(profile)
    assert name in profile.text("//main//h1")


def test_links_of_comments_are_not_vouched_for(ada):
    page = ada.publish(body="[out](https://example.org/) [in](/tags/x)")
    links = {link.get("href"): link.get("rel") for link in page.tree.xpath("//article//a")}
    assert links["https://example.org/"] == "noopener" and links["/tags/x"] is None
    page = ada.submit(page, f"{page.path}/comments", body="[out](https://example.org/) www.example.com")
    found = page.tree.xpath('//*[@id="comments"]//a[starts-with(@href, "http")]')
    assert len(found) == 2
    assert all(set(link.get("rel").split()) == {"nofollow", "ugc", "noopener"} for link in found)


FORGERIES = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "a sister site": {"Sec-Fetch-Site": "same-site"},
    "another origin": {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
    "another port": {"Sec-Fetch-Site": None, "Origin": "http://localhost:1"},
    "a sandbox": {"Sec-Fetch-Site": None, "Origin": "null"},
}


def changes(user, article):
    """Every form that changes something, with fields that would do."""
    yield "/editor", {"title": "Forged", "description": "x", "body": "x"}
    yield f"{article}/edit", {"title": "Forged", "description": "x", "body": "x"}
    yield f"{article}/delete", {}
    yield f"{article}/favorite", {}
    yield f"{article}/comments", {"body": "Forged"}
    yield "/settings", {"username": "forged", "email": "forged@example.org", "bio": "forged"}
    yield f"/profiles/{quote(user.username)}/follow", {}
    yield "/logout", {}


@pytest.mark.parametrize("kind", FORGERIES)
def test_forms_from_elsewhere_change_nothing(ada, kind):
    page = ada.publish()
    token = page.find('(//input[@name="csrf"])[1]').get("value")
    for path, fields in changes(ada, page.path):
        answer = ada.post(path, {**fields, "csrf": token}, **FORGERIES[kind])
        answer.ok(403)
        assert not answer.has("//main//form") and "forged" not in answer.text().lower(), "one click would do"
    unchanged(ada, page)


@pytest.mark.parametrize("token", [None, "", "x", "A" * 43, "A" * 86, "of another user"])
def test_forms_without_the_sessions_token_change_nothing(ada, grace, token):
    page = ada.publish()
    if token == "of another user":
        token = grace.get(page.path).find('(//input[@name="csrf"])[1]').get("value")
    for path, fields in changes(ada, page.path):
        ada.post(path, {**fields, **({} if token is None else {"csrf": token})}).ok(403)
        ada.post(path, {**fields, **({} if token is None else {"csrf": token})},
                 **{"Sec-Fetch-Site": None, "Origin": None}).ok(403)
    unchanged(ada, page)


def unchanged(user, page):
    now = user.get(page.path).ok()
    assert now.text("//main//h1") == page.text("//main//h1")
    assert not now.has('//*[@id="comments"]//article')
    assert user.username in now.text("//body/header")


def test_a_form_of_an_older_session_keeps_what_was_typed(ada):
    editor = ada.get("/editor")
    ada.cookies = {}
    ada.sign_in().ok()
    again = ada.fill(editor, "/editor", title="Typed", description="x", body="Long work").ok(403)
    assert again.value("title") == "Typed" and again.value("body").strip() == "Long work"
    assert again.text('//*[@role="alert"]')
    page = ada.submit(again, "/editor").ok()
    assert page.text("//main//h1") == "Typed"


def test_signing_in_by_another_site_is_refused(ada, anonymous):
    fields = {"email": ada.email, "password": ada.password}
    for forged in FORGERIES.values():
        anonymous.post("/login", fields, **forged).ok(403)
        assert "session" not in anonymous.cookies


def test_reading_changes_nothing(ada):
    page = ada.publish()
    for path in (f"{page.path}/favorite", f"{page.path}/comments", "/logout", "/preferences",
                 f"/profiles/{quote(ada.username)}/follow"):
        assert ada.get(path).status == 405
    for path in (f"{page.path}/delete", "/settings", "/editor"):
        ada.get(path).ok()
    unchanged(ada, page)


def test_the_api_knows_no_cookies(ada, environment):
    answer = ada.send("POST", "/api/articles", b'{"article":{"title":"x","description":"x","body":"x"}}',
                      {"Content-Type": "application/json"})
    assert answer.status == 401
    api = Client(Http(environment["QUIRE_URL"]))
    token = ada.cookies["session"]
    assert api.get("/settings", headers={"Authorization": f"Token {token}"}).status == 303


@pytest.mark.parametrize("path", ["/", "/login", "/none-such", "/settings"])
def test_headers_that_protect(ada, path):
    answer = ada.get(path)
    policy = dict(part.strip().split(" ", 1) for part in answer.header("Content-Security-Policy").split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'" and policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'" and policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.header("Content-Security-Policy")
    assert answer.header("X-Frame-Options") == "DENY"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Referrer-Policy") == "strict-origin-when-cross-origin"


def test_two_readers_see_their_own_pages(ada, grace, anonymous):
    path = ada.publish().path
    for _ in range(3):
        for page in ("/", path, f"/profiles/{quote(ada.username)}"):
            answers = {user: user.get(page).ok() for user in (ada, grace, anonymous)}
            assert ada.username in answers[ada].text("//body/header")
            assert grace.username in answers[grace].text("//body/header")
            assert not answers[anonymous].has('//input[@name="csrf" and @value!=""]')
            for user in (ada, grace):
                assert "private" in answers[user].header("Cache-Control")
    assert ada.get(path).has(f'//a[@href="{path}/edit"]')
    assert not grace.get(path).has(f'//a[@href="{path}/edit"]')


def test_what_one_writes_one_sees_at_once(ada):
    """However many have the page in their caches."""
    path = ada.publish().path
    for number in range(10):
        page = ada.submit(ada.get(path), f"{path}/comments", body=f"Comment {number}")
        assert f"Comment {number}" in page.text()


def test_others_articles_are_theirs(ada, grace):
    path = ada.publish().path
    page = ada.submit(ada.get(path), f"{path}/comments", body="Hers.")
    comment = page.find('//*[@id="comments"]//a[contains(@href, "/delete")]').get("href")
    for forbidden in (f"{path}/edit", f"{path}/delete", comment):
        grace.get(forbidden).ok(403)
        token = grace.get("/settings").find('(//input[@name="csrf"])[1]').get("value")
        fields = {"csrf": token, "title": "x", "description": "x", "body": "x"}
        grace.post(forbidden, fields).ok(403)
    assert "Hers." in ada.get(path).text()
