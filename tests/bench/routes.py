"""What each route costs, beside two controls of the same run.

The controls stand behind the same nginx: nginx answering alone from a file, and a bare libfcgi program that makes one
Redis GET and one prepared one-row SELECT (control.c). Machines differ and are shared: only ratios mean something elsewhere.
"""
import contextlib
import os
import signal
import statistics
import subprocess
import time
from pathlib import Path

import harness
import targets
from load import Target
from measure import COMPONENTS, ROUNDS, measure
from report import Table, load_average, middle, print_noise, trips

MANY = 64
ROWS = os.environ.get("BENCH_ROWS", "").split(",")  # parts of the names of the rows to measure
CONTROL = Target("control", "GET", ["/bench-control"])


def wanted(target):
    return any(part in target.name for part in ROWS)


def start_control(cluster, slug):
    """The bare program, on a socket in the cluster's folder."""
    program = harness.BUILD / "bench-control"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libpq", "hiredis"], check=True,
                           capture_output=True, text=True).stdout.split()
    subprocess.run(["gcc", "-O2", "-std=c17", "-D_GNU_SOURCE", Path(__file__).with_name("control.c"),
                    "-o", program, *flags, "-lfcgi"], check=True)
    environment = cluster.environment
    socket = Path(environment["QUIRE_RUN"]) / "control.sock"
    redis = environment["QUIRE_REDIS"].removeprefix("unix:")
    subprocess.run(["redis-cli", "-s", redis, "SET", "bench:control", "x" * 100], check=True,
                   stdout=subprocess.DEVNULL)
    control = subprocess.Popen([program, socket, cluster.settings["WORKERS"], redis,
                                environment["QUIRE_DATABASE_OWNER"], "bench:control", slug])
    return control, socket


def place_controls(cluster, content, socket):
    """Has the cluster's nginx answer /bench-static and /bench-page from files as large as an article and its page,
    and /bench-control from the control over kept connections."""
    nginx = Path(cluster.environment["QUIRE_CONFIG"]).parent / "nginx"
    slug = content.slugs[0]
    (nginx / "static/bench-static").write_bytes(content.api.get(f"/api/articles/{slug}").body)
    (nginx / "static/bench-page").write_bytes(content.api.get(f"/articles/{slug}").body)
    with (nginx / "quire/pools.conf").open("a") as pools:
        pools.write(f"upstream control {{ server unix:{socket}; keepalive 8; }}\n")
    with (nginx / "quire/site.conf").open("a") as site:
        site.write("location = /bench-static { default_type application/json; }\n"
                   "location = /bench-page { default_type text/html; }\n"
                   "location = /bench-control { include quire/fastcgi.conf; fastcgi_keep_conn on;"
                   " fastcgi_pass control; }\n")
    os.kill(int((nginx.parent / "pids/nginx.pid").read_text()), signal.SIGHUP)
    time.sleep(1)


@contextlib.contextmanager
def controls(cluster, content):
    """Both controls, until the end of the block."""
    control, socket = start_control(cluster, content.slugs[0])
    try:
        place_controls(cluster, content, socket)
        yield
    finally:
        control.terminate()
        control.wait()


def print_routes(cluster, content):
    """Each route is measured in turns with the control, so that a machine that slows down slows both."""
    before, measured, over = load_average(), [], []
    article, *others = targets.every(content)
    crowd = [Target(f"the same, {MANY} clients", "GET", article.paths, article.tokens, connections=MANY),
             Target(f"{MANY} that pause 8 ms", "GET", article.paths, article.tokens, connections=MANY, pause=8)]
    alone = Target("nginx alone", "GET", ["/bench-static"])
    table = Table("", "req/s", "p50 ms", "p99 ms", "failed", "CPU µs", *COMPONENTS, "db", "redis",
                  "CPU / control")
    for target in [CONTROL, alone, article, *crowd, *others]:
        if not wanted(target):
            continue
        pairs = [(measure(cluster, CONTROL), measure(cluster, target)) for _ in range(ROUNDS)]
        bare, rounds = zip(*pairs)
        ratio = statistics.median(one.cost() / other.cost() for other, one in pairs)
        table.row(target.name, f"{middle(rounds, lambda r: r.rate):.0f}", f"{middle(rounds, lambda r: r.p50):.2f}",
                  f"{middle(rounds, lambda r: r.p99):.1f}", sum(r.failed for r in rounds),
                  f"{middle(rounds, lambda r: r.cost()):.0f}",
                  *(f"{middle(rounds, lambda r, name=name: r.cost(name)):.0f}" for name in COMPONENTS),
                  trips(rounds, "databaseTrips"), trips(rounds, "redisTrips"), f"{ratio:.2f}")
        measured += [*bare, *rounds]
        over += targets.over_budget(rounds[0])
    print(f"\nAbove their budget of round trips: {'; '.join(over) or 'none'}")
    print_noise(before, measured)


def compare(cluster, one, other):
    """What one costs and how often it is served, as shares of the other, measured in turns."""
    rounds = [(measure(cluster, one), measure(cluster, other)) for _ in range(ROUNDS)]
    print(f"{one.name} beside {other.name}: {statistics.median(a.cost() / b.cost() for a, b in rounds):.2f} of its"
          f" CPU, {statistics.median(a.rate / b.rate for a, b in rounds):.2f} of its rate", flush=True)


def print_pages(cluster, content):
    slug, token = content.slugs[0], content.tokens[0]
    page = [f"/articles/{slug}"]
    print()
    compare(cluster, Target("an article's page", "GET", page, [token], page=True),
            Target("its JSON", "GET", [f"/api/articles/{slug}"], [token]))
    compare(cluster, Target("a page that nginx keeps", "GET", page),
            Target("a static file of its size", "GET", ["/bench-page"]))
