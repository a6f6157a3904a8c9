import pytest

from database import Database


@pytest.fixture
def empty_database(environment):
    database = Database(environment)
    yield database
    database.drop()


@pytest.fixture(scope="module")
def database(environment):
    """Migrated, shared by the tests of a file."""
    made = Database(environment)
    status, _, errors = made.migrate()
    assert status == 0, errors
    yield made
    made.drop()


@pytest.fixture(scope="module")
def quire(database):
    """A session of the program's role."""
    return database.session()
