"""Templates: a broken one is told at the start, a changed one shows without a restart."""
import os
import re
import subprocess

import pytest
from harness import PROGRAM, ROOT, wait_until
from visitor import Visitor

VIEWS = ROOT / "handlers/views"


def start(folder):
    return subprocess.run([PROGRAM, "serve"], capture_output=True, text=True, timeout=20, check=False,
                          env={**os.environ, "QUIRE_VIEWS": str(folder), "QUIRE_CONFIG": "/dev/null",
                               "QUIRE_LISTEN": str(folder / "pool.sock")})


@pytest.mark.parametrize("text, line, told", [
    ("<p>\n{{#open}}\n<p>\n", 2, "open"), ("{{title", 1, ""), ("\n\n{{/title}}", 3, "title"),
    ("{{>none_such}}", 1, "none_such"), ("a\n{{text.none_such}}", 2, "none_such"),
    ("{{#a}}{{#b}}\n{{/a}}{{/b}}", 2, ""), ("\n{{asset.none.css}}", 2, "none.css"), ("{{=x}}", 1, ""),
])
def test_a_broken_template_fails_the_start(tmp_path, text, line, told):
    (tmp_path / "login.mustache").write_text(text)
    done = start(tmp_path)
    assert done.returncode == os.EX_CONFIG, done.stderr
    assert f"login.mustache:{line}: " in done.stderr and told in done.stderr


def test_a_changed_template_shows_at_once(tmp_path, start_pool):
    view = tmp_path / "login.mustache"
    view.write_text("<main>First {{text.nav_login}}</main>")
    pool = start_pool(QUIRE_VIEWS=str(tmp_path))
    visitor = Visitor(pool.transport())
    assert "First" in visitor.get("/login").ok().text()
    view.write_text("<main>Second, longer</main>")
    wait_until(lambda: "Second" in visitor.get("/login").ok().text(), what="the change shows")
    view.write_text("<main>{{#broken}}")
    wait_until(lambda: "login.mustache:1:" in pool.log.read_text() or visitor.get("/login") is None,
               what="the fault is told")
    assert "Second" in visitor.get("/login").ok().text()
    view.write_text("<main>Third, mended</main>")
    wait_until(lambda: "Third" in visitor.get("/login").ok().text(), what="the mended one shows")
    view.unlink()
    wait_until(lambda: visitor.get("/login").ok().has("//form"), what="the built-in one is back")


def test_every_text_is_used(tmp_path):
    """A catalogue that keeps what no page says is one nobody can trust."""
    sources = "".join(path.read_text() for path in [*VIEWS.glob("*.mustache"), *(ROOT / "handlers").glob("*.c")])
    names = [line.split("(")[1].split(",")[0] for line in (ROOT / "handlers/texts.def").read_text().splitlines()
             if line.startswith("TEXT(")]
    unused = [name for name in names
              if f"text.{name}" not in sources and f"TEXT_{name}" not in sources]
    assert unused == []


def test_every_message_has_its_text():
    """Whatever a handler can complain of is told in each language."""
    known = (ROOT / "handlers/messages.def").read_text()
    messages = set()
    for path in [*(ROOT / "app").glob("*.c"), *(ROOT / "handlers").glob("*.c")]:
        messages |= complaints(path.read_text())
    missing = {text for text in messages if f'MESSAGE("{text}"' not in known}
    assert missing - API_ONLY == set()


# of JSON bodies and query strings, which pages do not send
API_ONLY = {"is not valid JSON", "is nested too deeply", "is not valid UTF-8", "must be a JSON object",
            "must be application/json", "has too many parameters"}


def complaints(source):

    calls = re.findall(r"(?:input_error|fail|response_error)\(([^;]*)\);", source)
    texts = [text for call in calls for text in re.findall(r'"((?:is|has|must|can\'t|mixes|looks|came) [^"]*)"', call)]
    return {re.sub(r'%(?:zu|ld|lld|d|")', "%d", text) for text in texts if "%\"" not in text and not text.endswith("%")}
