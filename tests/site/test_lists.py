"""Lists of articles, and what machines read: feeds, sitemaps, robots.txt."""
import re
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from client import quote, unique
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_newest_article_comes_first(ada, anonymous):
    path = ada.publish().path
    page = ada.get("/").ok()
    assert page.find("(//main//article//h2//a)[1]").get("href") == path


def test_a_tag_has_its_articles(ada):
    tag = unique("täg ")
    path = ada.publish(tagList=tag).path
    page = ada.get(f"/tags/{quote(tag)}").ok()
    assert [a.get("href") for a in page.tree.xpath("//main//article//h2//a")] == [path]
    empty = ada.get(f"/tags/{unique()}").ok()
    assert not empty.has("//main//article//h2")
    assert empty.has('//meta[@name="robots" and contains(@content, "noindex")]')


def test_pages_lead_to_each_other(ada):
    tag = unique("many")
    paths = [ada.publish(tagList=tag).path for _ in range(45)]
    seen, address = [], f"/tags/{tag}"
    while address:
        page = ada.get(address).ok()
        seen += [a.get("href") for a in page.tree.xpath("//main//article//h2//a")]
        following = page.tree.xpath('//main//nav//a[@rel="next"]')
        address = following[0].get("href") if following else None
    assert seen == paths[::-1]
    second = ada.get(f"/tags/{tag}?page=2").ok()
    assert second.find('//nav[.//a[@rel="prev"]]//*[@aria-current="page"]').text_content().strip().endswith("2")
    assert second.has('//main//nav//a[@rel="prev"]')


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "501", ""])
def test_a_page_that_cannot_be_does_no_harm(anonymous, page):
    answer = anonymous.get(f"/?page={page}")
    answer.check(answer.status in (200, 301, 303, 404, 422), "not handled")
    answer.check(answer.has("//main"), "no page")


def test_a_profile_has_articles_and_favourites(ada, grace):
    path = ada.publish().path
    ada.submit(ada.get("/settings"), "/settings", bio="Writes about paper.").ok()
    profile = f"/profiles/{quote(ada.username)}"
    page = grace.get(profile).ok()
    assert page.has(f'//main//a[@href="{path}"]') and "Writes about paper." in page.text("//main")
    assert grace.get(profile.upper().replace("/PROFILES", "/profiles")).ok().find(
        '//link[@rel="canonical"]').get("href").endswith(profile)
    assert not grace.get(f"{profile}/favorites").ok().has(f'//main//a[@href="{path}"]')


def feed(visitor, path):
    answer = visitor.get(path).ok()
    assert answer.header("Content-Type").startswith("application/atom+xml")
    parsed = feedparser.parse(answer.body)
    assert not parsed.bozo, parsed.bozo_exception
    return answer, parsed


def assert_atom(body):
    """What RFC 4287 asks of a feed and its entries."""
    root = etree.fromstring(body)
    assert root.tag == ATOM + "feed"
    for element in (root, *root.iter(ATOM + "entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name
        assert re.fullmatch(r"[a-z]+:.+", element.find(ATOM + "id").text)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", element.find(ATOM + "updated").text)
    assert root.find(f'{ATOM}link[@rel="self"]').get("href").startswith("http")
    for entry in root.iter(ATOM + "entry"):
        assert entry.find(ATOM + "link").get("href").startswith("http")
        assert entry.find(f"{ATOM}author/{ATOM}name").text
        assert entry.find(ATOM + "content").get("type") == "html"
    ids = [entry.find(ATOM + "id").text for entry in root.iter(ATOM + "entry")]
    assert len(ids) == len(set(ids))


def test_feeds(ada, visit):
    tag = unique("tag")
    path = ada.publish(title="Feed & <b>title</b>", body="Some *text* & <b>no</b>", tagList=tag).path
    for address in ("/feed.atom", f"/tags/{tag}/feed.atom", f"/profiles/{quote(ada.username)}/feed.atom"):
        answer, parsed = feed(visit(), address)
        assert_atom(answer.body)
        entry = parsed.entries[0]
        assert entry.link.endswith(path) and entry.author == ada.username
        assert "<em>text</em>" in entry.content[0].value
        assert entry.tags[0].term == tag
    visit().get("/tags/none-such/feed.atom").ok(404)
    visit().get("/profiles/none-such/feed.atom").ok(404)


def test_an_author_without_articles_has_a_valid_feed(ada, visit):
    answer, _ = feed(visit(), f"/profiles/{quote(ada.username)}/feed.atom")
    assert_atom(answer.body)


def test_pages_name_their_feeds(ada):
    path = ada.publish(tagList="paper").path
    for page in ("/", "/tags/paper", f"/profiles/{quote(ada.username)}", path):
        link = ada.get(page).find('//link[@rel="alternate" and @type="application/atom+xml"]')
        address = re.sub(r"^https?://[^/]+", "", link.get("href"))
        ada.get(address).ok()


def test_an_entry_keeps_its_id_when_its_address_changes(ada, visit):
    path = ada.publish().path
    address = f"/profiles/{quote(ada.username)}/feed.atom"
    before = feed(visit(), address)[1].entries[0]
    ada.submit(ada.get(f"{path}/edit"), f"{path}/edit", title=unique("Else ")).ok()
    after = feed(visit(), address + "?again")[1].entries[0]
    assert (before.id, before.link != after.link) == (after.id, True)


@pytest.mark.parametrize("path", ["/feed.atom", "/", "/articles/{slug}", "/sitemap.xml", "/robots.txt"])
def test_what_has_not_changed_is_not_sent_again(ada, visit, path):
    path = path.format(slug=ada.publish().path.split("/")[-1])
    answer = visit().get(path).ok()
    assert visit().get(path, **{"If-None-Match": answer.header("ETag")}).status == 304
    assert visit().get(path, **{"If-None-Match": '"other"'}).status == 200
    if modified := answer.header("Last-Modified"):
        parsedate_to_datetime(modified)
        assert visit().get(path, **{"If-Modified-Since": modified}).status == 304
        earlier = "Thu, 01 Jan 2015 00:00:00 GMT"
        assert visit().get(path, **{"If-Modified-Since": earlier}).status == 200


def test_feeds_and_articles_say_when_they_changed(ada, visit):
    path = ada.publish().path
    for address in (path, "/feed.atom"):
        assert visit().get(address).header("Last-Modified")


def test_the_sitemap_leads_to_every_article(ada, visit):
    path = ada.publish().path
    index = etree.fromstring(visit().get("/sitemap.xml?" + unique()).ok().body)
    assert index.tag == SITEMAP + "sitemapindex"
    addresses = []
    for location in index.iter(SITEMAP + "loc"):
        part = etree.fromstring(visit().get(re.sub(r"^https?://[^/]+", "", location.text)).ok().body)
        found = [one.text for one in part.iter(SITEMAP + "loc")]
        assert len(found) <= 50000 and part.tag == SITEMAP + "urlset"
        addresses += found
    assert len(addresses) == len(set(addresses))
    assert sum(address.endswith(path) for address in addresses) == 1


def test_robots(visit):
    answer = visit().get("/robots.txt").ok()
    assert answer.header("Content-Type").startswith("text/plain")
    assert re.search(r"^Sitemap: http\S+/sitemap.xml$", answer.body.decode(), re.M)
