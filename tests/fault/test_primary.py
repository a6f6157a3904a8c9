"""The primary fails: reading goes on, writing goes on elsewhere, and nothing is lost."""
import pytest
from traffic import LONG, MOMENT, Traffic

FAULTS = pytest.mark.parametrize("fault", ["killed", "frozen"])


@FAULTS
def test_it_comes_back(system, fault):
    servers = system(replicas=2)
    primary = servers.database.primary
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        primary.fault(fault)
        traffic.some("write", 503)
        traffic.goes_on("quiet", "signed", count=40)
        primary.back(fault)
        traffic.goes_on(seconds=10)
    traffic.check(start, write=LONG, live=LONG)
    traffic.nothing_lost(primary)


def test_it_is_killed_and_a_replica_promoted(system):
    servers = system(replicas=2, synchronous=True)
    database = servers.database
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        old = database.primary
        old.kill()
        traffic.some("write", 503)
        traffic.goes_on("quiet", "signed")
        database.promote(database.most_advanced())
        traffic.goes_on(seconds=10)
        old.rewind(database.primary).start()
        traffic.goes_on(count=40)
    traffic.check(start, write=LONG, live=LONG)
    traffic.nothing_lost(database.primary)


def test_it_is_frozen_a_replica_promoted_and_it_wakes_up(system):
    """It still believes that it is the primary, but no standby confirms what it is told."""
    servers = system(replicas=2, synchronous=True)
    database = servers.database
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        old = database.primary
        old.freeze()
        traffic.some("write", 503)
        traffic.goes_on("quiet", "signed")
        database.promote(database.most_advanced())
        traffic.goes_on(seconds=10)
        old.thaw()
        traffic.goes_on(count=60)
    traffic.check(start, write=LONG, live=LONG)
    traffic.nothing_lost(database.primary)


def test_primaries_follow_one_another(system):
    """Each returns as a replica of the next."""
    servers = system(replicas=1)
    database = servers.database
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        for _ in range(3):
            old, new = database.primary, database.replicas[0]
            old.stop(2)  # in an orderly way: the replica has everything
            database.promote(new)
            old.configure(new).start()
            database.replicas = [old]
            traffic.goes_on(seconds=10)
    traffic.check(start, write=LONG, live=LONG, quiet=MOMENT, signed=MOMENT)
    traffic.nothing_lost(database.primary)
