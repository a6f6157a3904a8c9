"""PgBouncer in transaction mode stands between."""
from concurrent.futures import ThreadPoolExecutor

from bouncer import Bouncer
from harness import wait_until


def test_reads_and_writes_pass_through_it(system):
    system = system(replicas=1, pools=0)
    database = system.database
    bouncer = system.own(Bouncer(system.folder, database))
    bouncer.start()
    system.start_pools(1, QUIRE_DATABASE_POOLER="1", QUIRE_WORKERS="12",
                       QUIRE_DATABASE_PRIMARY=bouncer.address(database.primary),
                       QUIRE_DATABASE_REPLICAS=bouncer.address(database.replicas[0]))
    anonymous = system.anonymous(0)

    def nodes():
        return anonymous.get("/statusz").json()["nodes"]

    wait_until(lambda: [node["role"] for node in nodes()] == ["primary", "standby"])
    wait_until(lambda: nodes()[1]["inRotation"])
    user = system.user(0)

    def write_and_read(_):
        slug = user.publish()["slug"]
        user.get(f"/api/articles/{slug}").ok()
        return slug

    with ThreadPoolExecutor(12) as executor:
        slugs = set(executor.map(write_and_read, range(200)))
    assert len(slugs) == 200
    assert {row[0] for row in database.primary.sql("SELECT slug FROM articles")} >= slugs
    routes = anonymous.get("/statusz").json()["routes"]
    assert sum(route["replicaTrips"] for route in routes) > 0
