"""All of it works through PgBouncer, in transaction mode."""
from bouncer import Bouncer
from traffic import Traffic


def test_through_pgbouncer(system):
    """Reading, writing, and a replica that is killed."""
    servers = system(replicas=2, pools=0)
    database = servers.database
    bouncer = servers.own(Bouncer(servers.folder, database)).start()
    servers.start_pools(
        QUIRE_DATABASE_POOLER="1", QUIRE_DATABASE_PRIMARY=bouncer.address(database.primary),
        QUIRE_DATABASE_REPLICAS=";".join(map(bouncer.address, database.replicas)))
    with Traffic(servers) as traffic:
        traffic.goes_on()
        start = traffic.now()
        database.replicas[0].kill()
        traffic.goes_on(count=40)
        database.replicas[0].start()
        traffic.goes_on(count=40)
    traffic.check(start)
    traffic.nothing_lost(database.primary)
