"""quire migrate gives HTML to what has none."""
import contextlib

import psycopg2
import pytest

TOO_DEEP = ">" * 100_000


@pytest.fixture
def migrated(empty_database):
    assert empty_database.migrate()[0] == 0
    return empty_database


def test_all_that_has_none_gets_html(migrated):
    quire = migrated.session()
    author = quire.user()
    slugs = [quire.article(author) for _ in range(250)]
    quire.comment(author, slugs[0], "*one*")
    quire.comment_insert(author, slugs[0], "two", "<p>kept</p>", None)
    before = migrated.as_owner("SELECT id, updated_at, body FROM articles ORDER BY id")

    status, output, errors = migrated.migrate()
    assert (status, errors) == (0, "")
    assert "articles: rendered 250 in " in output and "comments: rendered 1 in " in output
    assert migrated.as_owner("SELECT DISTINCT html FROM articles") == [("<p>Text</p>\n",)]
    htmls = migrated.as_owner("SELECT html FROM comments ORDER BY id")
    assert "<em>one</em>" in htmls[0][0] and htmls[1] == ("<p>kept</p>",)
    assert migrated.as_owner("SELECT id, updated_at, body FROM articles ORDER BY id") == before

    assert "rendered" not in migrated.migrate()[1]


def test_what_cannot_be_rendered_is_passed_over(migrated):
    quire = migrated.session()
    author = quire.user()
    intricate = quire.article_insert(author, "deep", "again", "T", "D", TOO_DEEP, None, [], None)
    quire.article(author, "flat")
    for rendered in (True, False):
        status, output, errors = migrated.migrate()
        assert (status, errors, "articles: rendered 1 in " in output) == (0, "", rendered)
    row = quire.article_for_page(0, intricate[0]["slug"])[0]
    assert (row["html"], row["body"]) == (None, TOO_DEEP)


def test_what_is_edited_meanwhile_is_left_alone(migrated):
    quire = migrated.session()
    slug = quire.article(quire.user())
    with contextlib.closing(psycopg2.connect(migrated.program)) as editor:
        cursor = editor.cursor()
        cursor.execute("UPDATE articles SET body = 'New', html = '<p>New</p>'")
        process = migrated.start_migrate()
        migrated.wait_for_lock()
        editor.commit()
        assert process.wait(timeout=30) == 0
    assert quire.article_for_page(0, slug)[0]["html"] == "<p>New</p>"


def test_a_dry_run_renders_nothing(migrated):
    quire = migrated.session()
    slug = quire.article(quire.user())
    assert "rendered" not in migrated.migrate("--dry-run")[1]
    assert quire.article_for_page(0, slug)[0]["html"] is None


def test_a_failure_is_told(migrated):
    quire = migrated.session()
    quire.article(quire.user())
    migrated.as_owner("ALTER TABLE articles ADD CHECK (html IS NULL)")
    status, _, errors = migrated.migrate()
    assert status == 1
    assert errors.startswith("quire migrate: cannot render: ERROR:  new row for relation")
