"""Redis fails: what is public is still read, the rest is told to wait, and nobody is signed out."""
import pytest
from traffic import LONG, Traffic

FAULTS = pytest.mark.parametrize("fault", ["killed", "frozen"])


@FAULTS
def test_it_comes_back(system, fault):
    servers = system(keep=True)
    redis = servers.redis
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        redis.fault(fault)
        traffic.some("write", 503)
        traffic.some("signed", 503)
        traffic.goes_on("quiet", "live", count=40)
        redis.back(fault)
        traffic.goes_on(seconds=10, count=40)
    traffic.check(start, write=LONG, signed=LONG)
    traffic.nothing_lost(servers.database.primary)


@FAULTS
def test_sentinels_replace_it(system, fault):
    servers = system(watched=True)
    watched = servers.watched
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        watched.master.fault(fault)
        traffic.goes_on("quiet", "live")
        traffic.goes_on(seconds=15)
        assert watched.current() == watched.replica.port
        watched.master.back(fault)
        traffic.goes_on(count=40)
    traffic.check(start, write=LONG, signed=LONG)
    traffic.nothing_lost(servers.database.primary)


@FAULTS
def test_the_cache_is(system, fault):
    """Where the cache has a server of its own, nobody notices."""
    servers = system(cache={})
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        servers.cache.fault(fault)
        traffic.goes_on(count=40)
        servers.cache.back(fault)
        traffic.goes_on(count=40)
    traffic.check(start)
    traffic.nothing_lost(servers.database.primary)
