import contextlib

import pytest

from fastcgi import Master, SilentRedis


@pytest.fixture
def start():
    """start(QUIRE_WORKERS="1") gives a running master, which ends with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Master(**settings))


@pytest.fixture
def redis(tmp_path):
    redis = SilentRedis(tmp_path)
    yield redis
    redis.release()
