"""What fault tests are given: servers of their own, made from a template."""
import shutil

import pytest

import system as systems
from postgres import make_template


@pytest.fixture(scope="session")
def template():
    folder = systems.new_folder()
    try:
        yield make_template(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def system(template):
    """system(replicas=2, synchronous=False, …) starts Quire and all that it needs."""
    with systems.System(systems.new_folder()) as own:
        yield lambda **options: own.start(template, **options)
