"""Whatever people write, no browser runs it."""
import pytest
from attacks import IN_MARKDOWN, XSS
from client import Client, Http, quote, unique


@pytest.fixture(scope="module")
def author(environment):
    return Client(Http(environment["QUIRE_URL"])).register(f"<img src=x onerror=alert(1)>{unique()}")


def assert_nothing_ran(one, path):
    """An alert would make the next command fail; the policy would tell of what it has refused."""
    one.open(path).find("main h1")
    one.run("for (const e of document.querySelectorAll('main a, main img, main [autofocus]'))"
            "{ e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})); e.focus?.(); }")
    refused = [line for line in one.complaints() if "Content Security Policy" in line]
    assert refused == [], path


def test_nothing_runs(browser, author):
    one = browser()
    for text in [*XSS, *IN_MARKDOWN]:
        line = text.replace("\t", " ").replace("\n", " ")
        author.put("/api/user", {"user": {"bio": text, "image": text}}).ok()
        article = author.publish(title=line, description=line, body=text, tagList=[line[:50]])
        author.comment(article["slug"], text)
        assert_nothing_ran(one, f"/articles/{quote(article['slug'])}")
    assert_nothing_ran(one, f"/profiles/{quote(author.username)}")
    assert_nothing_ran(one, f"/tags/{quote(XSS[0])}")
    assert_nothing_ran(one, "/?page=2")
    assert_nothing_ran(one, "/")


def test_what_the_policy_refuses_is_noticed(browser):
    one = browser().open("/")
    one.run("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    one.wait(lambda: any("Content Security Policy" in line for line in one.complaints()), "it is told")


def test_a_preview_runs_nothing(browser):
    ada = browser().register()
    ada.open("/editor")
    for text in (XSS[2], XSS[5], IN_MARKDOWN[8]):
        ada.fill("[name=title]", text)
        ada.fill("[name=body]", text + " *shown*")
        ada.press("#preview-button").wait_for_text("shown", "#preview")
    assert not ada.all("#preview script, #preview [onerror]")
    assert [line for line in ada.complaints() if "Content Security Policy" in line] == []
