"""Each page as it looks and as assistive technology finds it, in both themes, narrow and wide."""
import pytest
from client import PASSWORD, Client, Http, quote, unique

RICH = """Paper was folded before it was **bound**. See [the craft](https://example.org/) and ~~not~~ this.

## The sheet

> A quire is four sheets, folded.

1. Take a sheet
2. Fold it

- [x] folded
- [ ] sewn

```python
def fold(sheet):
    return sheet[: len(sheet) // 2]  # a line that is much longer than the measure of the page, so that it has to scroll sideways
```

| Fold | Leaves | Name |
|------|-------:|------|
| 1 | 2 | Folio |
| 2 | 4 | Quarto |

### An aside

Die Straße ist lang. كتاب جميل. 本は紙の束である。
"""
WIDTHS = (360, 1280)
WIDTH_OF_AXE = {"light": 1280, "dark": 360}


@pytest.fixture(scope="module")
def scene(environment):
    """An article with comments by two, and who wrote it."""
    api = Client(Http(environment["QUIRE_URL"]))
    ada, grace = api.register(unique("Ada ")), api.register(unique("Grace "))
    ada.put("/api/user", {"user": {"bio": "Folds paper, mostly for pleasure."}}).ok()
    grace.publish(title="T" * 180 + unique(), description="D" * 300, tagList=["t" * 50])
    article = ada.publish(title="On the folding of paper " + unique(), body=RICH, tagList=["paper", "craft", "书"],
                          description="How a sheet becomes a book, and what is lost on the way")
    grace.comment(article["slug"], "Well *said*, and [true](https://example.org).")
    ada.comment(article["slug"], "Thank you!")
    grace.favorite(article["slug"])
    grace.follow(ada.username)
    return ada, grace, article["slug"]


def pages(ada, slug):
    """Name, path, whether one is signed in."""
    name = quote(ada.username)
    return [("home", "/", False), ("home signed in", "/", True), ("feed", "/feed", True), ("tag", "/tags/paper", False),
            ("tag empty", "/tags/none-such", False), ("article", f"/articles/{slug}", False),
            ("article signed in", f"/articles/{slug}", True), ("profile", f"/profiles/{name}", False),
            ("profile own", f"/profiles/{name}", True), ("favorites empty", f"/profiles/{name}/favorites", True),
            ("register", "/register", False), ("login", "/login", False), ("settings", "/settings", True),
            ("editor", "/editor", True), ("edit", f"/articles/{slug}/edit", True),
            ("delete", f"/articles/{slug}/delete", True), ("not found", "/none/such", False)]


def failing(one, name):
    """Brings the browser to a form with errors."""
    if name == "register refused":
        one.open("/register")
        one.run("document.querySelector('main form').noValidate = true")
        one.fill("[name=password]", "short")
        one.press("main form button.strong")
    if name == "login refused":
        one.open("/login")
        one.fill("[name=email]", "nobody@example.org")
        one.fill("[name=password]", PASSWORD)
        one.press("main form button.strong")
    if name == "editor refused":
        one.open("/editor")
        one.run("document.querySelector('#editor').noValidate = true")
        one.fill("[name=title]", "x" * 201)
        one.press("#editor .editor-actions button:not([formaction])")
    one.find("[role=alert]")


def sign_in(one, ada):
    one.username, one.email = ada.username, ada.email
    return one.sign_in()


AXE_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(result => done(result.violations.map(v =>
    `${v.id}: ${v.help}: ` + v.nodes.map(n => n.target.join(" ") + " " + n.failureSummary).join(" | "))), e => done(["" + e]));
"""


TWICE = """const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
return ids.filter((id, i) => ids.indexOf(id) !== i)"""


def look(one, axe, name, theme, faults):
    """A screenshot at each width, and what axe and the layout have to complain of."""
    faults += [f"{name} {theme}: the id {id} stands there twice" for id in one.run(TWICE)]
    for width in WIDTHS:
        one.resize(width)
        one.screenshot(f"{name.replace(' ', '-')}-{theme}-{width}")
        if one.run("return document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{name} {theme} {width}: wider than the window")
        if width == WIDTH_OF_AXE[theme]:
            one.run(axe)
            faults += [f"{name} {theme} {width}: {fault}" for fault in one.driver.execute_async_script(AXE_RUN)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page(browser, axe, scene, theme):
    """The dark ones in German."""
    ada, _, slug = scene
    faults = []
    looks = {"dark": True, "language": "de"} if theme == "dark" else {}
    anonymous, signed_in = browser(**looks), sign_in(browser(**looks), ada)
    for name, path, user in pages(ada, slug):
        one = signed_in if user else anonymous
        one.open(path).find("main h1")
        look(one, axe, name, theme, faults)
    for name in ("register refused", "login refused", "editor refused"):
        one = signed_in if name.startswith("editor") else anonymous
        failing(one, name)
        look(one, axe, name, theme, faults)
    signed_in.open("/").keys("?").find("dialog[open]")
    look(signed_in, axe, "shortcuts", theme, faults)
    assert faults == [], "\n".join(faults)


def test_the_chosen_theme_overrides_the_systems(browser, axe, scene):
    faults = []
    one = browser(dark=True).open(f"/articles/{scene[2]}")
    dark = one.run("return getComputedStyle(document.body).backgroundColor")
    one.press("footer button[value=light]")
    one.wait(lambda: one.run("return getComputedStyle(document.body).backgroundColor") != dark, "it is light")
    look(one, axe, "article chosen light", "dark", faults)
    assert faults == []


@pytest.mark.parametrize("width", [320, 640])
def test_narrow_windows_and_200_percent(browser, scene, width):
    """A window of 1280 at 200 % is one of 640; 320 is that of 400 % (WCAG 1.4.10)."""
    ada, _, slug = scene
    one = sign_in(browser(width=width), ada)
    for _, path, _ in pages(ada, slug):
        one.open(path).find("main h1")
        assert not one.run("return document.documentElement.scrollWidth > innerWidth"), path


def test_the_first_view_is_light_and_still(browser, scene):
    """At most 4 requests and 35 KB as they cross the wire, and nothing moves."""
    one = browser()
    one.driver.execute_cdp_cmd("Network.enable", {})
    one.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
        window.shift = 0;
        new PerformanceObserver(list => { for (const e of list.getEntries()) window.shift += e.value; })
            .observe({type: "layout-shift", buffered: true});"""})
    one.open(f"/articles/{scene[2]}").find("main h1")
    one.wait(lambda: one.run("return document.readyState") == "complete", "all is there")
    entries = one.run("return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
                      ".map(e => [e.name, e.transferSize])")
    fetched = {name: size for name, size in entries if size}
    assert len(fetched) <= 4, entries
    assert sum(fetched.values()) <= 35 * 1024, entries
    assert one.run("return window.shift") == 0


def test_an_article_is_readable_on_paper(browser, scene):
    one = browser().open(f"/articles/{scene[2]}")
    one.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    one.run("document.documentElement.dataset.theme = 'dark'")
    assert one.run("return getComputedStyle(document.documentElement).colorScheme") == "light"
    assert one.run("const code = document.querySelector('pre'); return code.scrollWidth <= code.clientWidth")
    assert not one.find("header.top").is_displayed()
    assert one.find("main h1").is_displayed()
    one.screenshot("article-print")


def test_still_for_who_wants_less_motion(browser, scene):
    one = browser()
    one.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    one.open(f"/articles/{scene[2]}").find("main h1")
    moving = one.run("return [...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);"
                     "return parseFloat(s.transitionDuration) > 0.01 || parseFloat(s.animationDuration) > 0.01 }).length")
    assert moving == 0


def test_a_picture_that_is_missing_shows_the_initial(browser, environment):
    grace = Client(Http(environment["QUIRE_URL"])).register(unique("Grace "))
    grace.put("/api/user", {"user": {"image": f"{environment['QUIRE_URL']}/none.png"}}).ok()
    one = browser().open(f"/profiles/{quote(grace.username)}")
    one.wait(lambda: not one.all(".avatar img"), "the broken picture is gone")
    assert one.find(".profile .avatar").get_attribute("textContent").strip() == "G"
