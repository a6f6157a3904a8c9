"""Replicas fail: nobody notices."""
import pytest
from traffic import MOMENT, Traffic

FAULTS = pytest.mark.parametrize("fault", ["killed", "frozen"])


@FAULTS
def test_one_replica_is(system, fault):
    servers = system(replicas=2)
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        servers.database.replicas[0].fault(fault)
        traffic.goes_on(count=40)
        servers.database.replicas[0].back(fault)
        traffic.goes_on(count=40)
    traffic.check(start)
    traffic.nothing_lost(servers.database.primary)


@FAULTS
def test_all_replicas_are(system, fault):
    """Reads go to the primary. A few may be told to come back: above the limit, or after they have
    waited for one replica and then for the other."""
    servers = system(replicas=2)
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        for replica in servers.database.replicas:
            replica.fault(fault)
        traffic.goes_on(count=40)
        for replica in servers.database.replicas:
            replica.back(fault)
        traffic.goes_on(count=40)
    traffic.check(start, quiet=MOMENT, live=MOMENT, signed=MOMENT)
    traffic.nothing_lost(servers.database.primary)
