"""sql/generate.py refuses what is wrong with file and line, and leaves alone what is unchanged."""
import shutil
import subprocess

import pytest

import harness


@pytest.fixture
def project(tmp_path):
    """A copy of sql/ without queries; build() runs its generator."""
    (tmp_path / "sql/queries").mkdir(parents=True)
    (tmp_path / "sql/migrations").mkdir()
    for name in ("seed", "render", "migrate", "database"):
        (tmp_path / f"sql/{name}.sql").touch()
    (tmp_path / "out").mkdir()
    shutil.copy(harness.ROOT / "sql/generate.py", tmp_path / "sql")
    return tmp_path


def build(project, **files):
    """Writes sql/queries/NAME.sql and generates; returns what stands in standard error."""
    for name, text in files.items():
        (project / f"sql/queries/{name}.sql").write_text(text)
    done = subprocess.run(["/usr/bin/python3", project / "sql/generate.py", project / "out"],
                          capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (done.stderr == ""), done.stderr
    return done.stderr.strip()


@pytest.mark.parametrize("text, message", [
    ("-- query: one(id bigint) red\nSELECT $1",
     "1: expected: -- query: name(argument type, ...) read|write"),
    ("\n-- query: one(id uuid) read\nSELECT $1", '2: argument "id uuid" is not a name and one of: '
     "text, bigint, integer, boolean, timestamptz, text[]"),
    ("-- query: one(id bigint) read\nSELECT $1, $2", "1: $2 is used, but there are 1 arguments"),
    ("-- query: one(id bigint) read\nSELECT '$1' -- $1", '1: argument "id" ($1) is not used'),
    ("-- query: one() read\nSELECT 1\n-- query: one() read\nSELECT 2",
     '3: query "one" is already in sql/queries/a.sql:1'),
    ("-- query: one() read\nSELECT 1; SELECT 2", "1: is more than one statement"),
    ("-- query: one() read\nSELECT {none}", "1: there is no fragment {none}"),
    ("-- query: one() read\n-- nothing", "1: is empty"),
    ("SELECT 1", "1: text before the first header"),
    ("-- fragment: f\n{f}\n-- query: one() read\nSELECT {f}", "1: fragment {f} includes itself"),
])
def test_refuses(project, text, message):
    assert build(project, a=text) == f"sql/queries/a.sql:{message}"


def test_migrations_are_numbered_without_gaps(project):
    (project / "sql/migrations/0002_second.sql").write_text("SELECT 1;")
    assert build(project) == "sql/migrations/0002_second.sql: expected a name like 0001_subject.sql"


def test_makes_a_function_of_a_query(project):
    build(project, a="""\
-- query: find(viewer bigint, "limit" integer, tags text[], any boolean) write
-- Finds.
SELECT {them}, ';' -- not a comment of the function
 WHERE $3 AND $4 LIMIT $2;
""", b="""-- fragment: them
'a?"' AS "x--y", $1
""")
    header = (project / "out/queries.h").read_text()
    source = (project / "out/queries.c").read_text()
    assert "/* sql/queries/a.sql:1, write\n * Finds. */\nstruct rows *find(struct request *req, " \
           "int64_t viewer, int32_t limit, const struct text_list *tags, bool any)" in header
    assert r'''"SELECT 'a\?\"' AS \"x--y\", $1, ';'\n"''' in source
    assert "{parameter_integer(req, viewer), parameter_integer(req, limit), " \
           "parameter_text_list(req, tags), parameter_boolean(any)}" in source
    assert "QUERY_WRITE, 4, (const uint32_t[]){20, 23, 1009, 16}" in source


def test_unchanged_files_stay_untouched(project):
    build(project, a="-- query: one() read\nSELECT 1")
    before = {path: path.stat().st_mtime_ns for path in (project / "out").iterdir()}
    assert len(before) == 3
    build(project)
    assert {path: path.stat().st_mtime_ns for path in (project / "out").iterdir()} == before
