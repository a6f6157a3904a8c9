"""Visitors without scripts, through nginx."""
import pytest
from client import Http
from visitor import Visitor


@pytest.fixture
def visit(environment):
    """visit(language="de") is one more visitor."""
    return lambda **options: Visitor(Http(environment["QUIRE_URL"]), **options)


@pytest.fixture
def anonymous(visit):
    return visit()


@pytest.fixture
def ada(visit):
    return visit().register()


@pytest.fixture
def grace(visit):
    return visit().register()
