"""make bench: what a request costs, by component, beside two controls of the same run.

The controls stand behind the same nginx: nginx answering alone from a file, and a bare libfcgi program that makes one Redis
GET and one prepared one-row SELECT (control.c). Machines differ and are shared: only the ratios mean something elsewhere.
"""
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import client  # noqa: E402
import fcgi_client  # noqa: E402
import harness  # noqa: E402

SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", "16"))
ONLY = os.environ.get("BENCH_ONLY", "")  # a part of the names of the rows to measure
MANY = 64
WORKERS = os.environ.get("BENCH_WORKERS", "24")
SEED = "--users 2000 --articles 5000 --comments 10000 --favorites 20000 --follows 10000 --tags 100"
COMPONENTS = {"nginx": "nginx", "quire": "handlers", "postgres": "postgresql",
              "redis-server": "redis", "bench-control": "handlers"}

SCRIPT = """
local paths, tokens, body, kind = {paths}, {tokens}, {body}, {kind}
local threads, id, count = 0, "", 0
wrk.method = {method}
wrk.headers["Content-Type"] = "application/json"
function setup(thread) threads = threads + 1; thread:set("number", threads) end
function init() math.randomseed(number * 1000003 + os.time()); id = math.random(1000000) .. "t" .. number end
function request()
  count = count + 1
  local token = tokens[1] and tokens[math.random(#tokens)]
  if token and kind == "page" then wrk.headers["Cookie"] = "session=" .. token
  elseif token then wrk.headers["Authorization"] = "Token " .. token end
  return wrk.format(nil, paths[math.random(#paths)], nil, (body:gsub("UNIQUE", id .. "n" .. count):gsub("HUNDRED", math.random(100))))
end
{delay}
"""


class Target:
    """A row of the table: requests of one kind, spread over paths and users."""

    def __init__(self, name, method, *paths, body="", tokens=(), connections=CONNECTIONS, pause=0,
                 kind="api"):
        """`pause`: milliseconds in the mean before a client asks again. `kind` "page": the token comes as a cookie."""
        self.name, self.method, self.paths, self.body = name, method, paths, body
        self.tokens, self.connections, self.pause, self.kind = tokens, connections, pause, kind

    def script(self):
        return SCRIPT.format(method=lua(self.method), paths=lua(self.paths), tokens=lua(self.tokens),
                             body=lua(self.body), kind=lua(self.kind), delay=self.delay())

    def delay(self):
        return f"function delay() return math.random(0, {2 * self.pause}) end" if self.pause else ""


def lua(value):
    """A string or a list of strings as Lua writes them; both escape strings as JSON does."""
    if isinstance(value, str):
        return json.dumps(value)
    return "{" + ", ".join(map(lua, value)) + "}"


def cpu_seconds(folder):
    """CPU time of every process of the cluster so far, by component."""
    used = {}
    for pid in harness.processes_in(folder):
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            for task in Path(f"/proc/{pid}/task").iterdir():
                nanoseconds = int((task / "schedstat").read_text().split()[0])
                component = COMPONENTS.get(name, "other")
                used[component] = used.get(component, 0) + nanoseconds / 1e9
        except FileNotFoundError:
            pass
    return used


def trips(sockets):
    """Requests and round trips of each route so far, over all pools."""
    totals = {}
    for path in sockets:
        status = json.loads(fcgi_client.Fcgi(path).exchange("GET", "/statusz", [], b"")[2])
        for route in status["routes"]:
            total = totals.setdefault((route["method"], route["route"]), [0, 0, 0])
            for i, key in enumerate(("requests", "databaseTrips", "redisTrips")):
                total[i] += route[key]
    return totals


def milliseconds(text):
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def load(url, target, seconds):
    script = harness.BUILD / "bench.lua"
    script.write_text(target.script())
    threads = str(min(2, target.connections))
    output = subprocess.run(
        ["wrk", "-t", threads, "-c", str(target.connections), "-d", f"{seconds}s", "--latency",
         "--timeout", "20s", "-s", str(script), url + target.paths[0]],
        check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    return {
        "requests": int(re.search(r"(\d+) requests in", output)[1]),
        "rate": float(re.search(r"Requests/sec:\s+([0-9.]+)", output)[1]),
        "p50": milliseconds(re.search(r"^ +50% +(\S+)", output, re.M)[1]),
        "p99": milliseconds(re.search(r"^ +99% +(\S+)", output, re.M)[1]),
        "failed": int(failed[1]) if failed else 0,
        "broken": sum(map(int, broken.groups())) if broken else 0,
    }


def measure(cluster, target):
    url, sockets = cluster.environment["QUIRE_URL"], cluster.environment["QUIRE_POOL_SOCKETS"].split()
    load(url, target, 1)
    time.sleep(0.3)
    cpu, counted = cpu_seconds(cluster.run), trips(sockets)
    result = load(url, target, SECONDS)
    time.sleep(0.1)
    after, now = cpu_seconds(cluster.run), trips(sockets)
    result["cpu"] = {name: (after[name] - cpu.get(name, 0)) * 1e6 / result["requests"] for name in after}
    deltas = [(now[route][0] - counted[route][0], route) for route in now if route[1] != "/statusz"]
    requests, route = max(deltas)
    if requests:
        result["trips"] = [(now[route][i] - counted[route][i]) / requests for i in (1, 2)]
    return result


def start_control(cluster, slug):
    """Puts the bare program and the static file behind the cluster's nginx."""
    program = harness.BUILD / "bench-control"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libpq", "hiredis"], check=True,
                           capture_output=True, text=True).stdout.split()
    subprocess.run(["gcc", "-O2", "-std=c17", "-D_GNU_SOURCE", Path(__file__).with_name("control.c"),
                    "-o", program, *flags, "-lfcgi"], check=True)
    folder = Path(cluster.environment["QUIRE_RUN"])
    socket = folder / "control.sock"
    environment = cluster.environment
    redis = environment["QUIRE_REDIS"].removeprefix("unix:")
    subprocess.run(["redis-cli", "-s", redis, "SET", "bench:control", "x" * 100], check=True,
                   stdout=subprocess.DEVNULL)
    control = subprocess.Popen([program, socket, WORKERS, redis, environment["QUIRE_DATABASE_OWNER"],
                                "bench:control", slug])
    return control, socket


def add_controls(cluster, socket, slug):
    """Has the cluster's nginx answer /bench-static and /bench-page from files as large as an article and its page, and
    /bench-control from the control over kept connections."""
    nginx = Path(cluster.environment["QUIRE_CONFIG"]).parent / "nginx"
    api = client.Client(client.Http(cluster.environment["QUIRE_URL"]))
    (nginx / "static/bench-static").write_bytes(api.get(f"/api/articles/{slug}").body)
    (nginx / "static/bench-page").write_bytes(api.get(f"/articles/{slug}").body)
    with (nginx / "quire/pools.conf").open("a") as pools:
        pools.write(f"upstream control {{ server unix:{socket}; keepalive 8; }}\n")
    with (nginx / "quire/site.conf").open("a") as site:
        site.write("location = /bench-static { default_type application/json; }\n"
                   "location = /bench-page { default_type text/html; }\n"
                   "location = /bench-control { include quire/fastcgi.conf; fastcgi_keep_conn on;"
                   " fastcgi_pass control; }\n")
    os.kill(int((nginx.parent / "pids/nginx.pid").read_text()), signal.SIGHUP)
    time.sleep(1)


def middle(rounds, value):
    """The median of what `value` says of each round."""
    return statistics.median(value(result) for result in rounds)


def cost(result):
    return sum(result["cpu"].values())


def print_row(name, rounds, controls):
    def cpu(component):
        return middle(rounds, lambda result: result["cpu"].get(component, 0))

    ratio = statistics.median(cost(one) / cost(other) for one, other in zip(rounds, controls))
    database, redis = rounds[0].get("trips", (0, 0))
    print(f"{name:22}{middle(rounds, lambda r: r['rate']):8.0f}{middle(rounds, lambda r: r['p50']):8.2f}"
          f"{middle(rounds, lambda r: r['p99']):8.2f}{sum(r['failed'] + r['broken'] for r in rounds):7}"
          f"{middle(rounds, cost):8.0f}{cpu('nginx'):7.0f}{cpu('handlers'):9.0f}{cpu('postgresql'):8.0f}"
          f"{cpu('redis'):7.0f}{database:5.1f}{redis:6.1f}{ratio:7.2f}", flush=True)


def targets(api, articles):
    """What is measured: as one user, and as many where they would wait for each other's locks otherwise."""
    users = [api.register() for _ in range(32)]
    tokens, one = [user.token for user in users], users[0]
    for name in {article["author"]["username"] for article in articles}:
        one.follow(name)
    paths = [f"/api/articles/{article['slug']}" for article in articles]
    pages = [path.removeprefix("/api") for path in paths]
    profiles = [f"/api/profiles/{client.quote(article['author']['username'])}" for article in articles]
    article = {"title": "Measured UNIQUE", "description": "How fast is it?", "body": "A paragraph. " * 40,
               "tagList": ["tag HUNDRED"]}
    login = {"email": users[1].email, "password": users[1].password}
    return [
        Target("article, session", "GET", paths[0], tokens=[one.token]),
        Target(f"the same, {MANY} clients", "GET", paths[0], tokens=[one.token], connections=MANY),
        Target(f"{MANY} that pause 8 ms", "GET", paths[0], tokens=[one.token], connections=MANY, pause=8),
        Target("article, anonymous", "GET", paths[0]),
        Target("article page, session", "GET", pages[0], tokens=[one.token], kind="page"),
        Target("article page, cached", "GET", pages[0]),
        Target("article list", "GET", "/api/articles", tokens=[one.token]),
        Target("home page, session", "GET", "/", tokens=[one.token], kind="page"),
        Target("feed", "GET", "/api/articles/feed", tokens=[one.token]),
        Target("profile", "GET", *profiles, tokens=[one.token]),
        Target("tags", "GET", "/api/tags"),
        Target("login", "POST", "/api/users/login", body=json.dumps({"user": login}), connections=4),
        Target("article create", "POST", "/api/articles", body=json.dumps({"article": article}),
               tokens=tokens[2:]),
        Target("comment create", "POST", *(f"{path}/comments" for path in paths),
               body=json.dumps({"comment": {"body": "UNIQUE: well said. " * 5}}), tokens=tokens[2:]),
    ]


def compare(cluster, one, other):
    """What one costs and how often it is served, as shares of the other, measured in turns."""
    rounds = [(measure(cluster, one), measure(cluster, other)) for _ in range(ROUNDS)]
    print(f"{one.name} beside {other.name}: "
          f"{statistics.median(cost(a) / cost(b) for a, b in rounds):.2f} of its CPU, "
          f"{statistics.median(a['rate'] / b['rate'] for a, b in rounds):.2f} of its rate", flush=True)


def compare_pages(cluster, api, slug):
    token = api.register().token
    page, cached = f"/articles/{slug}", Target("a micro-cached page", "GET", f"/articles/{slug}")
    print()
    compare(cluster, Target("an article's page", "GET", page, tokens=[token], kind="page"),
            Target("its JSON", "GET", f"/api/articles/{slug}", tokens=[token]))
    compare(cluster, cached, Target("a static file of its size", "GET", "/bench-page"))


def memory(folder):
    """Private memory of each idle worker in KiB, largest first."""
    sizes = []
    for pid in harness.processes_in(folder):
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == "quire":
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
                sizes.append(sum(int(n) for n in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", text)))
        except FileNotFoundError:
            pass
    return sorted(sizes, reverse=True)


def first_answer(environment):
    """Milliseconds from exec to the first answer of a pool of its own, with database and Redis."""
    folder = harness.temporary_folder()
    socket = folder / "pool.sock"
    began = time.monotonic()
    pool = subprocess.Popen([harness.PROGRAM, "serve"], stderr=subprocess.DEVNULL,
                            env={**os.environ, **environment, "QUIRE_LISTEN": str(socket)})
    while True:
        try:
            status = fcgi_client.Fcgi(socket).exchange("GET", "/api/tags", [], b"")[0]
            break
        except OSError:
            time.sleep(0.001)
    took = (time.monotonic() - began) * 1000
    pool.terminate()
    pool.wait()
    assert status == 200, status
    return took


def main():
    cluster = harness.Cluster()
    cluster.settings.update(SEED=SEED, WORKERS=WORKERS, FSYNC="on")
    control = None
    try:
        cluster.up()
        api = client.Client(client.Http(cluster.environment["QUIRE_URL"]))
        articles = api.get("/api/articles?limit=100").ok()["articles"]
        slug = articles[0]["slug"]
        control, socket = start_control(cluster, slug)
        add_controls(cluster, socket, slug)
        print(f"{'':22}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'failed':>7}{'CPU µs':>8}{'nginx':>7}"
              f"{'handlers':>9}{'postgr.':>8}{'redis':>7}{'db':>5}{'redis':>6}{'ratio':>7}")
        bare = Target("control", "GET", "/bench-control")
        alone = Target("nginx alone", "GET", "/bench-static")
        for target in [bare, alone, *targets(api, articles)]:
            if ONLY not in target.name:
                continue
            rounds, controls = [], []
            for _ in range(ROUNDS):  # in turns, so that a machine that slows down slows both
                controls.append(measure(cluster, bare))
                rounds.append(measure(cluster, target))
            print_row(target.name, rounds, controls)
        if ONLY in "pages":
            compare_pages(cluster, api, slug)
        sizes = memory(cluster.run)
        print(f"\nprivate memory of a worker: {sizes[0]} KiB at most, {sizes[len(sizes) // 2]} KiB in the middle")
        print(f"from exec to the first answer: {first_answer(cluster.environment):.0f} ms")
    finally:
        if control:
            control.terminate()
        cluster.down()
        cluster.forget()


if __name__ == "__main__":
    main()
