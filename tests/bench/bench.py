"""make bench: what requests cost, and what scale, cache, replicas and overload make of that. Tables in Markdown.

Its sections are names in BENCH_ONLY, separated by commas; all of them run without it. Others of the environment:
  SCALE=1000000      compares 10,000 users with so many; the large cluster is made once and kept (section scale)
  BENCH_LARGE=       the folder to keep it in, or of one that is there; build/bench/SCALE
  BENCH_SECONDS=3    how long each is measured        BENCH_ROUNDS=3       and how often
  BENCH_ROWS=        parts of the names of rows       BENCH_SESSIONS=200   people who are signed in
"""
import contextlib
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import caching  # noqa: E402
import harness  # noqa: E402
import mixed  # noqa: E402
import overload  # noqa: E402
import routes  # noqa: E402
import scale  # noqa: E402
import viral  # noqa: E402
import worker  # noqa: E402
from content import Content  # noqa: E402

SMALL = 10000
WORKERS = os.environ.get("BENCH_WORKERS", "24")
BUFFERS = os.environ.get("BUFFERS", "1GB")  # room for what is asked for of the large cluster
LARGE = int(os.environ.get("SCALE") or 0)
SECTIONS = ("routes", "pages", "cache", "mixed", "replicas", "scale", "viral", "overload", "worker")


def chosen():
    names = list(filter(None, os.environ.get("BENCH_ONLY", "").split(",")))
    unknown = set(names) - set(SECTIONS)
    if unknown:
        sys.exit(f"BENCH_ONLY has {', '.join(unknown)}, but there are: {', '.join(SECTIONS)}")
    return [name for name in SECTIONS if name in (names or SECTIONS)]


def settings(users):
    return {"SEED": f"--users {users} --articles {users}", "WORKERS": WORKERS, "FSYNC": "on", "BUFFERS": BUFFERS}


@contextlib.contextmanager
def passing_cluster(**more):
    """A cluster with 10,000 users and articles, which is gone after the block."""
    cluster = harness.Cluster(**settings(SMALL), **more)
    try:
        yield cluster.up()
    finally:
        cluster.down()
        cluster.forget()


@contextlib.contextmanager
def kept_cluster(users):
    """The large cluster, filled if it is not there yet. It is stopped after the block, and stays."""
    folder = Path(os.environ.get("BENCH_LARGE") or harness.BUILD / "bench" / str(users)).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    cluster = harness.Cluster(run=folder, **settings(users))
    try:
        subprocess.run([harness.ROOT / "tests/cluster/cluster.sh", "up"], env=cluster.settings, check=True)
        yield cluster.up()
    finally:
        cluster.down()


def heading(name):
    print(f"\n## {name}", flush=True)


def run_on_small(names):
    """The sections that one cluster of 10,000 users serves."""
    with passing_cluster() as cluster:
        content = Content(cluster)
        if "routes" in names or "pages" in names:
            with routes.controls(cluster, content):
                if "routes" in names:
                    heading(f"Cost of each route, {SMALL:,} users")
                    routes.print_routes(cluster, content)
                if "pages" in names:
                    heading("Pages")
                    routes.print_pages(cluster, content)
        if "cache" in names:
            heading("Cache")
            caching.print_cache(cluster, content)
        if "mixed" in names and not LARGE:
            heading(f"Mixed load, {SMALL:,} users")
            mixed.print_mixed(cluster, content)
        if "worker" in names:
            heading("A worker")
            worker.print_worker(cluster)


def run_on_both(names):
    """The sections that compare with the large cluster."""
    with kept_cluster(LARGE) as large, passing_cluster() as small:
        contents = [(cluster, Content(cluster)) for cluster in (small, large)]
        try:
            if "scale" in names:
                heading(f"Cost of each route, {SMALL:,} and {LARGE:,} users")
                scale.print_scale(*contents)
            if "mixed" in names:
                heading(f"Mixed load, {LARGE:,} users")
                mixed.print_mixed(*contents[1])
        finally:
            contents[1][1].tidy()


def run_with_second_replica():
    heading("A second replica")
    with passing_cluster() as one, passing_cluster(REPLICAS="2") as two:
        mixed.print_second_replica(*((cluster, Content(cluster)) for cluster in (one, two)))


def main():
    names = chosen()
    if {"routes", "pages", "cache", "worker"} & {*names} or ("mixed" in names and not LARGE):
        run_on_small(names)
    if LARGE and {"scale", "mixed"} & {*names}:
        run_on_both(names)
    if "replicas" in names:
        run_with_second_replica()
    if "viral" in names:
        heading("A viral article")
        viral.main(WORKERS)
    if "overload" in names:
        heading("Overload")
        overload.main()


if __name__ == "__main__":
    main()
