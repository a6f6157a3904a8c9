"""quire migrate: in order, once, all or nothing, and never over what it does not know."""
import re

import harness
from database import FROM_NEWEST

NAMES = [path.stem for path in sorted((harness.ROOT / "sql/migrations").glob("*.sql"))]
CHECKSUM = re.compile(r"\b[0-9a-f]{64}\b")


def applied(database):
    rows = database.as_owner("SELECT name FROM schema_migrations ORDER BY number")
    return [name for name, in rows]


def names_in(text):
    return [line.partition(":")[0] for line in text.splitlines() if re.match(r"\d{4}_", line)]


def test_applies_all_in_order_and_only_once(empty_database):
    status, output, errors = empty_database.migrate()
    assert (status, names_in(output), errors) == (0, NAMES, "")
    assert applied(empty_database) == NAMES
    status, output, errors = empty_database.migrate()
    assert (status, names_in(output), errors) == (0, [], "")
    assert "nothing to do" in output


def test_dry_run_tells_the_plan_and_changes_nothing(empty_database):
    status, output, _ = empty_database.migrate("--dry-run")
    assert (status, names_in(output)) == (0, NAMES)
    assert empty_database.as_owner(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []
    empty_database.migrate()
    status, output, _ = empty_database.migrate("--dry-run")
    assert (status, names_in(output)) == (0, [])


def test_refuses_an_edited_one(empty_database):
    empty_database.migrate()
    empty_database.as_owner(
        "UPDATE schema_migrations SET checksum = repeat('0', 64) WHERE number = 2")
    for options in ([], ["--dry-run"]):
        status, output, errors = empty_database.migrate(*options)
        assert (status, output) == (1, "")
        assert f"sql/migrations/{NAMES[1]}.sql" in errors
        sums = CHECKSUM.findall(errors)
        assert len(sums) == 2 and sums[0] == "0" * 64 != sums[1]


def test_refuses_a_database_newer_than_the_program(empty_database):
    empty_database.migrate()
    empty_database.as_owner(
        "INSERT INTO schema_migrations VALUES (%s, '9999_future', 'x')", len(NAMES) + 1)
    status, output, errors = empty_database.migrate()
    assert (status, output) == (1, "")
    assert "newer than this program" in errors and "9999_future" in errors


def test_failed_one_leaves_nothing_behind(empty_database):
    empty_database.as_owner("CREATE TABLE comments (mine integer)")
    failing = NAMES.index("0003_comments")
    status, output, errors = empty_database.migrate()
    assert (status, names_in(output)) == (1, NAMES[:failing])
    assert "0003_comments" in errors and 'relation "comments" already exists' in errors
    assert applied(empty_database) == NAMES[:failing]

    empty_database.as_owner("DROP TABLE comments")
    status, output, _ = empty_database.migrate()
    assert (status, names_in(output)) == (0, NAMES[failing:])


def test_several_at_once_apply_each_once(empty_database):
    processes = [empty_database.start_migrate() for _ in range(5)]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 5, outputs
    assert sorted(name for output, _ in outputs for name in names_in(output)) == NAMES
    assert applied(empty_database) == NAMES


def test_says_when_the_database_is_not_there(empty_database):
    nowhere = "host=/nonexistent dbname=quire"
    status, output, errors = empty_database.migrate(QUIRE_DATABASE_OWNER=nowhere)
    assert (status, output) == (1, "")
    assert "cannot connect" in errors and "/nonexistent" in errors


def test_wants_utf8(empty_database):
    empty_database.as_admin(f"DROP DATABASE {empty_database.name}")
    empty_database.as_admin(f"CREATE DATABASE {empty_database.name} OWNER quire_owner "
                            "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    status, _, errors = empty_database.migrate()
    assert status == 1 and "ENCODING 'UTF8'" in errors


def test_normalizes_what_is_stored(empty_database):
    """Once more, over what was stored before: a and an umlaut's dots become one letter."""
    empty_database.migrate()
    quire = empty_database.session()
    author = quire.user("Za\u0308zilie")
    first = quire.user("Ka\u0308the")
    second = quire.user("K\u00c4THE")
    slug = quire.article(author, tags=["ba\u0308r", "b\u00e4r", "z", "a"])

    migration = harness.ROOT / "sql/migrations/0007_normalized.sql"
    empty_database.as_owner(migration.read_text())

    assert quire.user_by_id(author)[0]["username"] == "Z\u00e4zilie"
    assert quire.user_by_id(author)[0]["email"] == "Z\u00e4zilie@example.com"
    assert quire.user_by_id(first)[0]["username"] == "Ka\u0308the", "it would be taken twice"
    assert quire.user_by_id(second)[0]["username"] == "K\u00c4THE"
    assert quire.article_by_slug(0, slug)[0]["tagList"] == ["a", "b\u00e4r", "z"]
    assert quire.article_list_by_tag(0, *FROM_NEWEST, 10, 0, "b\u00e4r")[0]["_total"] == 1
