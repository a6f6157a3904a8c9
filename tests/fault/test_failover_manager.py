"""A failover manager replaces the primary: Quire finds the new one by itself."""
import pytest
import system as systems
from failover_manager import FailoverManager
from harness import wait_until
from redis_servers import Redis
from traffic import LONG, MOMENT, Traffic


@pytest.fixture(scope="module")
def managed():
    """The same pools all the time."""
    with systems.System(systems.new_folder()) as servers:
        manager = FailoverManager(servers.folder)
        servers.own(manager.monitor, *manager.nodes)
        servers.redis = servers.own(Redis(servers.folder))
        servers.redis.start()
        manager.start()
        servers.start_pools(**manager.settings())
        yield servers, manager


@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_the_primary_is(managed, fault):
    servers, manager = managed
    old = manager.primary()
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        old.fault(fault)
        traffic.some("write", 503)
        traffic.goes_on("quiet", "signed")
        new = wait_until(lambda: (node := manager.primary()) is not old and node, 60,
                         "there is another primary")
        traffic.goes_on(seconds=15)
        old.back(fault)
        manager.wait_for_standby()
        traffic.goes_on(count=40)
    traffic.check(start, write=LONG, live=LONG, quiet=MOMENT, signed=MOMENT)
    traffic.nothing_lost(new)
