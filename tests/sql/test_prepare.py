"""PostgreSQL takes every query from the program's role, and C can read what it returns."""
import contextlib

import psycopg2
import pytest

from database import QUERIES, execute, prepare

# What C can read: boolean, bigint, smallint, integer, text, text[], timestamptz.
KNOWN_TYPES = {16, 20, 21, 23, 25, 1009, 1184}


@pytest.fixture
def cursor(database):
    with contextlib.closing(psycopg2.connect(database.program)) as connection:
        yield connection.cursor()


def run(cursor, query, *before):
    """Prepares and runs a query with nothing but NULLs; says where it stands when it fails."""
    try:
        for statement in before:
            cursor.execute(statement)
        prepare(cursor, query)
        cursor.execute(execute(query), [None] * len(query.arguments))
    except psycopg2.errors.NotNullViolation:
        pass  # an INSERT that got as far as the values
    except psycopg2.Error as error:
        pytest.fail(f"{query.file}:{query.line}: {query.name}: {error}", pytrace=False)


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_program_may_run_it(cursor, query):
    run(cursor, query)


READS = {name: query for name, query in QUERIES.items() if query.access == "read"}


@pytest.mark.parametrize("query", READS.values(), ids=list(READS))
def test_read_writes_nothing(cursor, query):
    run(cursor, query, "SET TRANSACTION READ ONLY")


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_columns_make_json(cursor, query):
    run(cursor, query)
    if cursor.description is None:  # the INSERT did not get that far
        return
    names = [column.name for column in cursor.description]
    owners = [name.rpartition(".")[0] for name in names]
    objects = [owner for owner, before in zip(owners, [None, *owners]) if owner and owner != before]
    assert len(set(names)) == len(names), "a column twice"
    assert len(set(objects)) == len(objects), "columns of one object apart from each other"
    assert {column.type_code for column in cursor.description} <= KNOWN_TYPES
