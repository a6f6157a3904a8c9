"""A mixed load of the critical paths, nine tenths of it reads, and where its queries go."""
import contextlib
import json
import time

import psycopg2
import targets
from load import Mixture, Target
from measure import COMPONENTS, ROUNDS, SECONDS, measure
from report import Table, load_average, middle, print_noise, trips

SKEW = 3  # a path's number is that power of a random one: the first hundredth gets a fifth of the requests
FLUSHED = 11  # seconds; by then an idle backend of PostgreSQL has told its counters


def mixture(content):
    articles = [f"/api/articles/{slug}" for slug in content.slugs]
    pages = [path.removeprefix("/api") for path in articles]
    lists = ["/api/articles", "/api/articles?offset=20",
             *(f"/api/articles?tag={tag}" for tag in content.tags)]
    comments = [f"{path}/comments" for path in articles]
    profiles = [f"/api/profiles/{name}" for name in content.usernames]
    tokens = content.tokens

    def some(method, paths, given=tokens, bodies=(), **flags):
        return Target("", method, paths, given, [json.dumps(body) for body in bodies], skew=SKEW, **flags)

    return Mixture(
        "mixed load",
        (20, some("GET", articles, ())), (15, some("GET", articles)),
        (10, some("GET", lists, ())), (5, some("GET", lists)),
        (8, some("GET", ["/api/articles/feed"])),
        (5, some("GET", profiles)), (5, some("GET", ["/api/tags"], ())),
        (10, some("GET", comments, ())),
        (6, some("GET", pages, page=True)), (3, some("GET", ["/"], page=True)), (3, some("GET", pages, ())),
        (4, some("POST", [f"{path}/favorite" for path in articles], undone=True)),
        (3, some("POST", comments, bodies=[targets.COMMENT])),
        (2, some("POST", [f"{path}/follow" for path in profiles], undone=True)),
        (0.8, some("POST", ["/api/articles"], bodies=[targets.ARTICLE])),
        (0.2, Target("", "POST", ["/api/users/login"], (), [targets.login(email) for email in content.emails])))


def is_read(route):
    """Routes whose statements are SELECTs; signing in looks the user up."""
    return route[0] == "GET" or route[1] in ("/api/users/login", "/login")


def replica_share(result):
    """Share of the SELECTs that replicas answered."""
    return result.total("replicaTrips") / max(1, result.total("databaseTrips", is_read))


def on_primary(result):
    """Statements on the primary for each request."""
    return (result.total("databaseTrips") - result.total("replicaTrips")) / result.total("requests")


def transactions(cluster):
    """What the servers of PostgreSQL have counted themselves so far: the primary first."""
    time.sleep(FLUSHED)
    environment, found = cluster.environment, []
    for server in [environment["QUIRE_DATABASE_PRIMARY"], *environment["QUIRE_DATABASE_REPLICAS"].split(";")]:
        with contextlib.closing(psycopg2.connect(server)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
            found.append(cursor.fetchone()[0])
    return found


def print_by_route(results):
    """What became of the requests of each route."""
    table = Table("", "share", "ms", "db", "of replicas", "redis", "cache hits", width=38)
    last = results[-1]
    for route in sorted(last.routes, key=lambda route: -last.routes[route]["requests"]):
        counted = last.routes[route]
        requests, looked = counted["requests"], counted["cacheHits"] + counted["cacheMisses"]
        table.row(" ".join(route), f"{requests / last.total('requests'):.1%}",
                  f"{counted['microseconds'] / requests / 1000:.2f}", f"{counted['databaseTrips'] / requests:.2f}",
                  f"{counted['replicaTrips'] / max(1, counted['databaseTrips']):.1%}",
                  f"{counted['redisTrips'] / requests:.2f}",
                  f"{counted['cacheHits'] / looked:.1%}" if looked else "")


def print_mixed(cluster, content):
    before, load = load_average(), mixture(content)
    counted = transactions(cluster)
    results = [measure(cluster, load, 3 * SECONDS) for _ in range(ROUNDS)]
    primary, *replicas = (now - then for now, then in zip(transactions(cluster), counted))
    table = Table("", "req/s", "p50 ms", "p99 ms", "failed", "CPU µs", *COMPONENTS, "db", "redis",
                  "cache hits", "SELECTs on replicas")
    table.row("mixed load", f"{middle(results, lambda r: r.rate):.0f}", f"{middle(results, lambda r: r.p50):.2f}",
              f"{middle(results, lambda r: r.p99):.1f}", sum(r.failed for r in results),
              f"{middle(results, lambda r: r.cost()):.0f}",
              *(f"{middle(results, lambda r, name=name: r.cost(name)):.0f}" for name in COMPONENTS),
              trips(results, "databaseTrips", 2), trips(results, "redisTrips", 2),
              f"{middle(results, lambda r: r.cache_hits()):.1%}", f"{middle(results, replica_share):.1%}")
    print_by_route(results)
    print(f"\nTransactions as PostgreSQL counts them, with those of monitors, warming up and autovacuum: {primary} on the"
          f" primary, {' + '.join(map(str, replicas))} on replicas")
    print_noise(before, results)


def print_second_replica(one, two):
    """What the primary is asked with one replica and with two; each is a cluster and its content."""
    rounds = [[measure(cluster, mixture(content), 3 * SECONDS) for cluster, content in (one, two)]
              for _ in range(ROUNDS)]
    table = Table("mixed load", "statements on the primary per request", "SELECTs on replicas", "req/s")
    for name, results in zip(("one replica", "two replicas"), zip(*rounds)):
        table.row(name, f"{middle(results, on_primary):.4f}", f"{middle(results, replica_share):.1%}",
                  f"{middle(results, lambda r: r.rate):.0f}")
