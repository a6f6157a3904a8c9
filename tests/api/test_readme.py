"""The README's "Adding a handler" and "Adding a page", done as they say."""
import os
import re
import shutil
import subprocess

import harness
import pytest
from client import Client
from harness import BUILD, ROOT
from visitor import Visitor

FIRST_LINE = re.compile(r"(?:-- |/\* |<!-- )(?P<path>(?:sql|handlers)/\S+)(?: \*/| -->)?$")
SECTIONS = ("## Adding a handler", "## Adding a page")


def blocks(text):
    """The files of the sections: path and content of each."""
    section = "".join(text.split(name, 1)[1].split("\n## ", 1)[0] for name in SECTIONS)
    for block in re.findall(r"^```(?:sql|c|html)\n(.*?)^```", section, re.M | re.S):
        first, content = block.split("\n", 1)
        match = FIRST_LINE.match(first)
        assert match, f"the block begins without its path: {first}"
        yield match["path"], content


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program built from a copy of the source with the README's additions."""
    copy, build = tmp_path_factory.mktemp("readme"), BUILD.relative_to(ROOT)
    for name in ("app", "handlers", "nginx", "sql", "Makefile", "CHANGELOG.md"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, copy / name)
    for name in ("obj", "generated"):
        shutil.copytree(BUILD / name, copy / build / name)
    added = list(blocks((ROOT / "README.md").read_text()))
    assert [path for path, _ in added] == [
        "sql/queries/followers.sql", "handlers/followers.c", "handlers/routes.def",
        "handlers/scopes.def", "handlers/about.c", "handlers/views/about.mustache",
        "handlers/routes.def"]
    for path, content in added:
        with (copy / path).open("a") as file:
            file.write(content)
    command = ["make", "-j2", f"BUILD={build}", f"SANITIZER={os.environ.get('SANITIZER', '')}"]
    made = subprocess.run([*command, f"{build}/quire"], cwd=copy, capture_output=True, text=True,
                          check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return copy / build / "quire"


def test_the_new_handler_answers(program, environment, alice, bob):
    bob.follow(alice.username)
    with harness.Pool(environment, program=program) as pool:
        answer = Client(pool.transport()).get(f"/api/profiles/{alice.username}/followers").ok()
    assert answer == {"followers": [{"username": bob.username, "bio": None, "image": None}]}


def test_the_new_page_answers(program, environment):
    with harness.Pool(environment, program=program) as pool:
        visitor = Visitor(pool.transport()).register()
        page = visitor.get("/about").ok()
    assert page.text("//main//p") == f"You are {visitor.username}."
