"""What tests are given: the cluster of run.py, or else one for this session, and its users."""
import contextlib
import os

import pytest

import harness
from client import Client, Http


@pytest.fixture(scope="session")
def environment():
    """That of the running cluster: QUIRE_URL, QUIRE_DATABASE_PRIMARY, QUIRE_REDIS, …"""
    if "QUIRE_URL" in os.environ:
        yield {name: value for name, value in os.environ.items() if name.startswith("QUIRE_")}
        return
    with harness.running_cluster() as own:
        yield own.environment


@pytest.fixture
def api(environment):
    """The anonymous, through nginx."""
    return Client(Http(environment["QUIRE_URL"]))


@pytest.fixture
def alice(api):
    return api.register()


@pytest.fixture
def bob(api):
    return api.register()


@pytest.fixture
def article(alice):
    """One of alice's."""
    return alice.publish()


@pytest.fixture(scope="module")
def start_pool(environment):
    """start_pool(QUIRE_LIMIT_SIGNUP="2/60") is a pool with that setting until the module's end."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(harness.Pool(environment, **settings))
