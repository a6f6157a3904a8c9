"""Writing, reading, editing and deleting articles and comments by forms."""
import concurrent.futures
import json

import pytest
from client import quote, unique

LONG = "A line of a long work.\n" * 2000


def test_an_article_is_written_and_read(ada, anonymous):
    title, tag = unique("On quires "), unique("tag")
    page = ada.publish(title=title, description="Folded sheets", tagList=f" {tag}, paper ,, {tag}",
                       body="## Part\n\nSome *text* and `code`.\n\n- [x] done\n\n| a |\n|---|\n| b |")
    read = anonymous.get(page.path).ok()
    assert read.text("//main//h1") == title
    assert read.has("//main//article//em[text()='text']") and read.has("//main//table")
    assert read.find('//main//h2[@id="section-part"]') is not None
    assert sorted(read.texts('//main//a[starts-with(@href, "/tags/")]')) == sorted([tag, "paper"])
    assert read.find('//link[@rel="canonical"]').get("href").endswith(page.path)
    assert title in read.find("//title").text
    assert read.find('//meta[@name="description"]').get("content") == "Folded sheets"
    assert read.find('//meta[@property="og:title"]').get("content") == title
    data = json.loads(read.find('//script[@type="application/ld+json"]').text)
    assert (data["headline"], data["author"]["name"]) == (title, ada.username)
    time = read.find("(//main//time)[1]")
    assert time.get("datetime").endswith("Z") and "just now" in time.text_content()


@pytest.mark.parametrize("field, value, told", [
    ("title", " ", "Please fill this in."), ("title", "x" * 201, "at most 200"),
    ("description", "", "Please fill this in."), ("description", "x" * 501, "at most 500"),
    ("body", "\n", "Please fill this in."), ("body", "x" * 200001, "at most 200000"),
    ("tagList", ",".join(map(str, range(21))), "at most 20"), ("tagList", "x" * 51, "at most 50"),
])
@pytest.mark.parametrize("where", ["new", "edit"])
def test_an_article_that_cannot_be_is_kept_in_the_form(ada, where, field, value, told):
    path = "/editor" if where == "new" else ada.publish().path + "/edit"
    fields = {"title": "Typed title", "description": "Typed", "body": LONG, "tagList": "a, b", field: value}
    page = ada.fill(ada.get(path), path, **fields).ok(422)
    assert told in page.error(field)
    for name, typed in fields.items():
        assert page.value(name).replace("\r", "").strip("\n") == typed.strip("\n")


def test_the_longest_article_fits(ada):
    page = ada.publish(title="x" * 200, description="y" * 500, body="語" * 200000,
                       tagList=",".join(f"{n:02}" + "t" * 48 for n in range(20)))
    assert page.text("//main").count("語") == 200000


def test_an_article_is_edited(ada):
    page = ada.publish(title="Before", body="Old & <new>", tagList="one, two")
    form = ada.get(f"{page.path}/edit").ok()
    assert [form.value(name) for name in ("title", "description", "tagList")] == [
        "Before", "What it is about", "one, two"]
    assert form.value("body").strip() == "Old & <new>"
    title = unique("After ")
    changed = ada.submit(form, f"{page.path}/edit", title=title, tagList="").ok()
    assert changed.text("//main//h1") == title and changed.path != page.path
    assert ada.get(page.path).status == 301
    assert ada.open(page.path).path == changed.path
    assert not changed.has('//main//article//a[starts-with(@href, "/tags/")]')


def test_deleting_asks_first(ada, anonymous):
    page = ada.publish()
    question = ada.get(f"{page.path}/delete").ok()
    assert anonymous.get(page.path).status == 200
    assert question.has(f'//a[@href="{page.path}"]')
    after = ada.submit(question, f"{page.path}/delete").ok()
    assert after.path.startswith("/")
    anonymous.get(f"{page.path}?gone").ok(404)
    ada.get(page.path).ok(404)


def test_a_preview_is_what_will_be_read_and_saves_nothing(ada):
    for path in ("/editor", ada.publish().path + "/edit"):
        form = ada.get(path)
        fields = {**dict(form.form(path).form_values()), "title": "T", "body": "Some *preview*."}
        page = ada.post("/editor/preview", fields).ok()
        assert page.has('//*[@id="preview"]//em[text()="preview"]')
        assert page.value("title") == "T" and page.value("body").strip() == "Some *preview*."
        assert page.form(path) is not None


def test_sending_a_form_twice_makes_one_article(ada, environment):
    form, title = ada.get("/editor"), unique("Once ")
    fields = {"title": title, "description": "x", "body": "x", "tagList": ""}
    with concurrent.futures.ThreadPoolExecutor(8) as several:
        answers = list(several.map(lambda _: ada.fill(form, "/editor", **fields), range(8)))
    assert {answer.status for answer in answers} == {303}
    assert len({answer.header("Location") for answer in answers}) == 1
    mine = ada.get(f"/profiles/{quote(ada.username)}").ok()
    assert mine.texts("//main//article//h2") == [title] or title in mine.texts("//main//h2")
    assert sum(title in text for text in mine.texts("//main//article")) == 1


def test_sending_a_comment_twice_makes_one(ada):
    page = ada.publish()
    with concurrent.futures.ThreadPoolExecutor(8) as several:
        answers = list(several.map(lambda _: ada.fill(page, f"{page.path}/comments", body="Once."), range(8)))
    assert {answer.status for answer in answers} == {303}
    assert ada.get(page.path).text().count("Once.") == 1
    ada.submit(ada.get(page.path), f"{page.path}/comments", body="Once.").ok()
    assert ada.get(page.path).text().count("Once.") == 2


def test_a_comment_is_written_and_deleted(ada, grace):
    path = ada.publish().path
    answer = grace.fill(grace.get(path), f"{path}/comments", body="Well **said**.")
    location = answer.header("Location")
    assert location.startswith(f"{path}#comment-")
    page = ada.get(path)
    comment = page.find(f'//*[@id="{location.split("#")[1]}"]')
    assert comment.xpath(".//strong[text()='said']") and grace.username in comment.text_content()
    assert not page.has(f'//*[@id="{location.split("#")[1]}"]//a[contains(@href, "/delete")]')
    link = grace.get(path).find(f'//*[@id="{location.split("#")[1]}"]//a[contains(@href, "/delete")]')
    question = grace.get(link.get("href")).ok()
    assert "Well **said**." in question.text() or "Well said." in question.text()
    after = grace.submit(question, link.get("href")).ok()
    assert after.path.startswith(path) and "said" not in after.text('//*[@id="comments"]')


def test_a_comment_that_cannot_be_is_kept(ada):
    path = ada.publish().path
    for text, told in (("  ", "Please fill this in."), ("x" * 10001, "at most 10000")):
        page = ada.fill(ada.get(path), f"{path}/comments", body=text).ok(422)
        assert told in page.error("body") and page.value("body").strip() == text.strip()
    assert ada.submit(ada.get(path), f"{path}/comments", body="x" * 10000).ok()


def test_favourites(ada, grace):
    path = ada.publish().path
    page = grace.submit(grace.get(path), f"{path}/favorite").ok()
    assert page.path == path
    page.form(f"{path}/unfavorite")
    favorites = grace.get(f"/profiles/{quote(grace.username)}/favorites").ok()
    assert favorites.has(f'//main//a[@href="{path}"]')
    page = grace.submit(page, f"{path}/unfavorite").ok()
    page.form(f"{path}/favorite")


def test_following_fills_the_feed(ada, grace):
    path = ada.publish().path
    assert not grace.get("/feed").ok().has(f'//main//a[@href="{path}"]')
    profile = f"/profiles/{quote(ada.username)}"
    page = grace.submit(grace.get(profile), f"{profile}/follow").ok()
    assert page.path == profile
    assert grace.get("/feed").ok().has(f'//main//a[@href="{path}"]')
    page = grace.submit(page, f"{profile}/unfollow").ok()
    assert not grace.get("/feed").ok().has(f'//main//a[@href="{path}"]')


def test_the_anonymous_are_led_to_sign_in(ada, anonymous):
    path = ada.publish().path
    page = anonymous.get(path).ok()
    assert page.has(f'//main//a[starts-with(@href, "/login?next={quote(path)}")]')
    assert not page.has('//main//textarea')
    for form in (f"{path}/favorite", f"{path}/comments"):
        again = anonymous.post(form, {"body": "Typed."}).ok(401)
        assert again.has('//a[starts-with(@href, "/login")]')


@pytest.mark.parametrize("path", ["/articles/none-such", "/articles/none-such/edit", "/profiles/none-such",
                                  "/articles/none-such/delete", "/none/such", "/articles", "/sitemaps/0"])
def test_what_is_not_there_is_a_page_that_says_so(ada, path):
    page = ada.get(path).ok(404)
    assert page.has("//main//h1") and page.has("//body/header")


def test_an_expired_session_loses_nothing(ada):
    editor = ada.get("/editor")
    ada.cookies["session"] = "A" * 43
    page = ada.fill(editor, "/editor", title="Typed", description="D", body=LONG, tagList="a, b").ok(401)
    assert [page.value(name) for name in ("title", "description", "tagList")] == ["Typed", "D", "a, b"]
    assert page.value("body").replace("\r", "").strip() == LONG.strip()
    assert page.has('//*[@role="alert"]//a[starts-with(@href, "/login")]')
    ada.cookies = {}
    ada.sign_in().ok()  # in another tab
    again = ada.fill(page, "/editor").ok(403)
    assert again.value("body").replace("\r", "").strip() == LONG.strip()
    assert ada.submit(again, "/editor").ok().text("//main//h1") == "Typed"


def test_an_expired_session_loses_no_edit_and_no_comment(ada):
    article = ada.publish()
    edit = ada.get(f"{article.path}/edit")
    ada.cookies["session"] = "A" * 43
    page = ada.fill(edit, f"{article.path}/edit", title="Typed", body=LONG).ok(401)
    assert page.value("title") == "Typed" and page.value("body").strip().replace("\r", "") == LONG.strip()
    ada.cookies["session"] = "A" * 43
    page = ada.fill(article, f"{article.path}/comments", body="Typed comment.").ok(401)
    assert "Typed comment." in page.text()
