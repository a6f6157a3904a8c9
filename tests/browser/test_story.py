"""The whole way of a writer and a reader, in a real browser, with scripts and without."""
import pytest
from client import PASSWORD, quote, unique
from selenium.webdriver.common.keys import Keys


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_whole_way(browser, scripts):
    ada = browser(scripts=scripts).register()
    title, changed = unique("On quires "), unique("On sheets ")

    # writing, with a look at it first
    ada.open("/").press('header a[href="/editor"]')
    ada.fill("[name=title]", title)
    ada.fill("[name=description]", "How paper is folded")
    ada.fill("[name=body]", "Fold a *sheet* twice.")
    ada.fill("[name=tagList]", "paper, craft")
    ada.press("#preview-button")
    assert ada.find("#preview em").text == "sheet"
    ada.press("#editor .editor-actions button:not([formaction])")
    ada.wait_for_text(title, "main h1")
    path = ada.path
    assert ada.find("main article em").text == "sheet"

    # editing
    ada.press(f'a[href="{path}/edit"]')
    ada.fill("[name=title]", changed)
    ada.press("#editor .editor-actions button:not([formaction])")
    ada.wait_for_text(changed, "main h1")
    path = ada.path

    # a reader
    grace = browser(scripts=scripts).register()
    grace.open(path)
    grace.press(".article-bar .follow button").find('.follow form[action$="/unfollow"]')
    grace.press(".favorite button").find('form.favorite[action$="/unfavorite"]')
    grace.fill("#comment-form textarea", "Well **said**.")
    grace.press("#comment-form button.strong")
    assert grace.find("#comments .comment strong").text == "said"
    grace.open("/feed").wait_for_text(changed, "main")
    grace.open(f"/profiles/{quote(grace.username)}/favorites").wait_for_text(changed, "main")
    grace.open(path).press('#comments a[href$="/delete"]')
    grace.press("main form button")
    grace.wait_for_path(path)
    grace.wait(lambda: not grace.all("#comments .comment"), "the comment is gone")
    grace.press(".favorite button").find('form.favorite[action$="/favorite"]')
    grace.press(".article-bar .follow button").find('.follow form[action$="/follow"]')

    # deleting asks first
    ada.open(path).press(f'a[href="{path}/delete"]')
    ada.press("main form button")
    ada.wait(lambda: not ada.path.endswith("/delete"), "it is deleted")
    ada.open(path)
    assert changed not in ada.text()

    # out and in again
    ada.open("/").press("header summary").press('header form[action="/logout"] button')
    ada.wait(lambda: ada.all('header a[href^="/login"]'), "she is signed out")
    ada.sign_in("/login?next=/settings")
    assert ada.path == "/settings"
    assert ada.complaints() == [] or all("404" in line for line in ada.complaints())


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_dark_and_german(browser, scripts):
    one = browser(scripts=scripts).open("/")
    light = one.run("return getComputedStyle(document.body).backgroundColor")
    one.press("footer button[value=dark]")
    one.wait(lambda: one.find("html").get_attribute("data-theme") == "dark", "it is dark")
    assert one.run("return getComputedStyle(document.body).backgroundColor") != light
    one.press("footer button[value=de]")
    one.wait(lambda: one.find("html").get_attribute("lang") == "de", "it is German")
    one.open("/login").wait_for_text("Anmelden", "main")
    assert one.find("html").get_attribute("data-theme") == "dark"
    one.press("footer button[value=light]")
    one.wait(lambda: one.find("html").get_attribute("data-theme") == "light", "it is light")
    assert browser(scripts=scripts, language="de").open("/login").find("html").get_attribute("lang") == "de"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_session_that_ends_in_the_middle_of_writing(browser, scripts):
    ada = browser(scripts=scripts).register()
    title = unique("Kept ")
    ada.open("/editor")
    ada.fill("[name=title]", title)
    ada.fill("[name=description]", "Typed")
    ada.fill("[name=body]", "A long work.")
    ada.driver.delete_cookie("session")
    ada.press("#editor .editor-actions button:not([formaction])")
    ada.find('[role=alert] a[href^="/login"]')
    assert ada.find("[name=title]").get_attribute("value") == title
    assert ada.find("[name=body]").get_attribute("value").strip() == "A long work."

    writing = ada.driver.current_window_handle
    ada.driver.switch_to.new_window("tab")
    ada.sign_in()
    ada.driver.close()
    ada.driver.switch_to.window(writing)
    for _ in range(2):  # the first time the form gets the new session's token
        if ada.path.startswith("/articles/"):
            break
        ada.press("#editor .editor-actions button:not([formaction])")
        ada.wait(lambda: ada.path.startswith("/articles/") or ada.all("[role=alert]"), "an answer")
    ada.wait_for_text(title, "main h1")


def test_a_closed_tab_loses_nothing(browser):
    ada = browser().register()
    first = ada.driver.current_window_handle
    ada.driver.switch_to.new_window("tab")
    ada.open("/editor")
    ada.fill("[name=title]", "Not yet sent")
    ada.fill("[name=body]", "A long work.")
    ada.driver.close()
    ada.driver.switch_to.window(first)
    ada.open("/editor")
    ada.find("#draft:not([hidden])")
    if ada.find("[name=body]").get_attribute("value") == "":
        ada.press("[data-draft-restore]")
    ada.wait(lambda: ada.find("[name=body]").get_attribute("value") == "A long work.", "it is back")
    assert ada.find("[name=title]").get_attribute("value") == "Not yet sent"
    ada.fill("[name=description]", "Now it is.")
    ada.press("#editor .editor-actions button:not([formaction])")
    ada.wait_for_text("Not yet sent", "main h1")
    ada.open("/editor")
    assert ada.find("[name=title]").get_attribute("value") == ""
    assert not ada.all("#draft:not([hidden])")


def test_two_tabs_do_not_overwrite_each_other(browser):
    ada = browser().register()
    ada.open("/editor")
    ada.fill("[name=title]", "First tab")
    first = ada.driver.current_window_handle
    ada.driver.switch_to.new_window("tab")
    ada.open("/editor")
    ada.fill("[name=title]", "Second tab")
    ada.driver.switch_to.window(first)
    assert ada.find("[name=title]").get_attribute("value") == "First tab"
    ada.fill("[name=description]", "x")
    ada.fill("[name=body]", "x")
    ada.press("#editor .editor-actions button:not([formaction])")
    ada.wait_for_text("First tab", "main h1")


def test_nothing_is_published_in_anothers_name(browser):
    """Who has signed in in another tab since is shown before it can be sent, whatever a preview has heard."""
    ada = browser().register()
    ada.open("/editor")
    writing = ada.driver.current_window_handle
    ada.driver.switch_to.new_window("tab")
    ada.open("/").driver.delete_cookie("session")
    other = ada.register().username
    ada.driver.close()
    ada.driver.switch_to.window(writing)
    ada.run("const real = fetch; window.fetch = (...all) => real(...all).finally(() => { window.tried = true; })")
    ada.fill("[name=title]", "Whose is this?")
    ada.fill("[name=description]", "x")
    ada.fill("[name=body]", "A long work.")
    ada.wait(lambda: ada.run("return window.tried"), "a preview was tried")
    ada.press("#editor .editor-actions button:not([formaction])").find("[role=alert]")
    ada.wait_for_text(other, "header.top")
    assert ada.find("[name=body]").get_attribute("value") == "A long work."
    assert ada.path == "/editor"


def test_a_server_that_is_away_loses_nothing(browser):
    ada = browser().register()
    ada.open("/editor")
    ada.fill("[name=title]", "Offline")
    ada.fill("[name=description]", "x")
    ada.fill("[name=body]", "A long work.")
    ada.cut_off()
    ada.press("#editor .editor-actions button:not([formaction])")
    ada.wait(lambda: ada.text("#status"), "it says so")
    assert ada.find("[name=body]").get_attribute("value") == "A long work."
    ada.cut_off(False)
    ada.press("#editor .editor-actions button:not([formaction])")
    ada.wait_for_text("Offline", "main h1")


def test_who_clicks_twice_registers_once(browser):
    one = browser().open("/register")
    username = unique("user")
    one.fill("[name=username]", username)
    one.fill("[name=email]", f"{username}@example.org")
    one.fill("[name=password]", PASSWORD)
    button = one.find("main form button.strong")
    one.run("const [button] = arguments; button.click(); setTimeout(() => button.click(), 30)", button)
    one.wait(lambda: one.find("body").get_attribute("data-user") == username, "one is signed in")


def test_an_article_is_edited_beside_its_preview(browser):
    ada = browser().register()
    path = ada.publish(body="Some *text*.")
    ada.open(f"{path}/edit").find("#preview em")
    ada.resize(360, 640)
    ada.fill("[name=body]", "Other **text**.")
    ada.press("#preview-button").find("#preview strong")
    ada.wait(lambda: ada.text("#status") == "The preview is up to date.", "it is told")
    assert ada.run("return document.querySelector('#preview strong').getBoundingClientRect().top < innerHeight")


def test_what_changes_without_a_reload_is_told(browser):
    ada = browser().register()
    path = ada.publish()
    ada.run("window.sameDocument = true")
    ada.press(".favorite button").find('form.favorite[action$="/unfavorite"]')
    ada.wait(lambda: ada.text("#status"), "the live region tells")
    ada.fill("#comment-form textarea", "A comment.")
    ada.press("#comment-form button.strong").find("#comments .comment")
    assert ada.find("#comment-form textarea").get_attribute("value") == ""
    assert ada.run("return window.sameDocument") is True
    assert ada.path.split("#")[0] == path
    focused = ada.run("return document.activeElement.tagName")
    assert focused != "BODY", "the focus is lost"

    ada.run("document.querySelector('#comment-form').noValidate = true")
    ada.press("#comment-form button.strong").find("#comment-body[aria-invalid]")
    ada.wait(lambda: ada.run("return document.activeElement.id") == "comment-body", "the fault is in focus")


def test_keys(browser):
    ada = browser().register()
    ada.publish(), ada.publish()
    ada.open("/settings").find("main")
    ada.keys("?")
    ada.find("dialog#shortcuts[open]")
    ada.keys(Keys.ESCAPE)
    ada.wait(lambda: not ada.all("dialog[open]"), "the help is closed")
    ada.keys("g", "h").wait(lambda: ada.path == "/", "g h leads home")
    ada.find("main h1")
    ada.keys("j").wait(lambda: ada.run("return !!document.activeElement.closest('article')"), "j goes on")
    ada.keys("n").wait_for_path("/editor")
    ada.fill("[name=title]", "g h ? n")
    assert ada.path == "/editor"


def test_with_the_keyboard_alone(browser):
    ada = browser().register()
    ada.open("/")
    ada.keys(Keys.TAB)
    assert ada.run("return document.activeElement.className") == "skip"
    ada.keys(Keys.ENTER)
    ada.wait(lambda: ada.path.endswith("#main"), "the skip link leads to the content")
    ada.open("/login")
    seen = []
    for _ in range(60):
        ada.keys(Keys.TAB)
        outline = ada.run("const s = getComputedStyle(document.activeElement);"
                          "return [document.activeElement.tagName, s.outlineStyle, s.outlineWidth, s.boxShadow]")
        seen.append(outline)
        if outline[0] == "BODY":
            break
    for tag, style, width, shadow in seen:
        if tag not in ("BODY", "HTML"):
            assert (style != "none" and width != "0px") or shadow != "none", f"no visible focus: {tag}"


def test_passwords_are_not_kept(browser):
    one = browser().open("/login")
    one.fill("[name=email]", "nobody@example.org")
    one.fill("[name=password]", PASSWORD).send_keys(Keys.ENTER)
    one.find("[role=alert]")
    assert one.find("[name=email]").get_attribute("value") == "nobody@example.org"
    assert one.find("[name=password]").get_attribute("value") == ""
