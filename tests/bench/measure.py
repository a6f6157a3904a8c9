"""What a stretch of load costs: CPU time by component, what the program counts itself, and what wrk saw."""
import contextlib
import json
import os
import re
import resource
import subprocess
import time
from pathlib import Path

import fcgi_client
import harness

SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
COMPONENTS = ("nginx", "handlers", "primary", "replicas", "redis")
NAMES = {"nginx": "nginx", "quire": "handlers", "quire-monitor": "handlers", "bench-control": "handlers",
         "redis-server": "redis"}
COUNTERS = ("requests", "errors", "databaseTrips", "replicaTrips", "redisTrips", "cacheHits",
            "cacheMisses", "microseconds")
SOCKET_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")


def component(process):
    """A server of PostgreSQL is known by its folder: all its processes stand in it."""
    name = (process / "comm").read_text().strip()
    if name == "postgres":
        return "primary" if Path(os.readlink(process / "cwd")).name == "primary" else "replicas"
    return NAMES.get(name)


def process_seconds(pid):
    """CPU time of a process so far, with that of threads which have ended. The clock is clock_getcpuclockid(3)'s."""
    return time.clock_gettime(~pid << 3 | 2)


def cpu_seconds(folder):
    """CPU time of all processes of the cluster so far, by component."""
    used = dict.fromkeys((*COMPONENTS, None), 0)
    for pid in harness.processes_in(folder):
        with contextlib.suppress(OSError):
            used[component(Path(f"/proc/{pid}"))] += process_seconds(pid)
    del used[None]
    return used


def machine_seconds():
    """CPU time of everything on this machine so far, without what waits or idles."""
    user, nice, system, _, _, *interrupts = Path("/proc/stat").read_text().split("\n")[0].split()[1:9]
    return sum(map(int, (user, nice, system, *interrupts))) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    """CPU time of this program and of the load generators that it ran."""
    return sum(sum(resource.getrusage(who)[:2])
               for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def counters(cluster):
    """What the pools have counted of each route so far."""
    totals = {}
    for path in cluster.environment["QUIRE_POOL_SOCKETS"].split():
        status = json.loads(fcgi_client.Fcgi(path).exchange("GET", "/statusz", [], b"")[2])
        for route in status["routes"]:
            total = totals.setdefault((route["method"], route["route"]), dict.fromkeys(COUNTERS, 0))
            for key in COUNTERS:
                total[key] += route[key]
    return totals


def milliseconds(text):
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


class Result:
    """What wrk saw. `measure` adds `cpu`, seconds by component, `routes`, counters of those asked, and `others`,
    the share of the machine that went to processes which have nothing to do with this."""

    def __init__(self, output):
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
        broken = SOCKET_ERRORS.search(output)
        self.requests = int(re.search(r"(\d+) requests in", output)[1])
        self.rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", output)[1])
        self.p50 = milliseconds(re.search(r"^ +50% +(\S+)", output, re.M)[1])
        self.p99 = milliseconds(re.search(r"^ +99% +(\S+)", output, re.M)[1])
        self.failed = (int(failed[1]) if failed else 0) + (sum(map(int, broken.groups())) if broken else 0)
        self.cpu, self.routes, self.others = {}, {}, 0

    def cost(self, *names):
        """CPU of these components for each request, of all without a name; in microseconds."""
        return sum(self.cpu[name] for name in names or COMPONENTS) * 1e6 / self.requests

    def total(self, key, chosen=lambda route: True):
        """A counter over the chosen routes."""
        return sum(counted[key] for route, counted in self.routes.items() if chosen(route))

    def each(self, key):
        """A counter for each request, also of those that nginx answered itself."""
        return self.total(key) / max(self.requests, self.total("requests"))

    def cache_hits(self):
        """Share of the answers that were looked for in the cache and found there."""
        hits, misses = self.total("cacheHits"), self.total("cacheMisses")
        return hits / max(1, hits + misses)


def run_wrk(cluster, load, seconds):
    script = harness.BUILD / "bench.lua"
    script.write_text(load.script())
    output = subprocess.run(
        ["wrk", "-t", str(min(2, load.connections)), "-c", str(load.connections), "-d", f"{seconds}s",
         "--latency", "--timeout", "20s", "-s", str(script), cluster.environment["QUIRE_URL"]],
        check=True, capture_output=True, text=True).stdout
    return Result(output)


def measure(cluster, load, seconds=SECONDS, warm=1):
    """Runs the load, first to warm up, and tells what it cost. None of another cluster's counts."""
    run_wrk(cluster, load, warm)
    time.sleep(0.3)
    counted, cpu = counters(cluster), cpu_seconds(cluster.run)
    began, machine, own = time.monotonic(), machine_seconds(), own_seconds()
    result = run_wrk(cluster, load, seconds)
    took, machine, own = time.monotonic() - began, machine_seconds() - machine, own_seconds() - own
    time.sleep(0.1)
    after, now = cpu_seconds(cluster.run), counters(cluster)
    result.cpu = {name: after[name] - cpu[name] for name in COMPONENTS}
    result.others = max(0, machine - own - sum(result.cpu.values())) / (took * os.cpu_count())
    result.routes = {route: {key: now[route][key] - counted[route][key] for key in COUNTERS}
                     for route in now if route[1] != "/statusz"}
    result.routes = {route: counted for route, counted in result.routes.items() if counted["requests"]}
    return result
