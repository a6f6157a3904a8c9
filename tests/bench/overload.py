"""What remains of the work when three times as much is asked for as can be done, and of reading
while a crowd signs in. By itself it takes a cluster of its own; bench.py may hand over another.
"""
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import client  # noqa: E402
import harness  # noqa: E402

SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CONNECTIONS = 2000  # of the generator: more requests than these cannot be under way
COLUMNS = ("sent", "good", "nginx", "workers", "other", "failed", "p50", "p99",
           "refused p50", "refused p99")
ANONYMOUS = {"anonymous": 1}
MIXED = {"anonymous": 0.6, "session": 0.3, "write": 0.08, "critical": 0.02}
SIGNING_IN = 12  # clients of the login storm; they ask again as soon as they are answered


def wire(url, method, path, token=None, body=None):
    """A request as it goes over the wire."""
    data = json.dumps(body).encode() if body is not None else b""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {urllib.parse.urlsplit(url).netloc}"]
    if token:
        lines.append(f"Authorization: Token {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    return "\r\n".join([*lines, "", ""]).encode() + data


class Crowd:
    """Requests of each class, spread over articles and users, and the generator that sends them."""

    def __init__(self, url, folder):
        self.url, self.folder, self.program = url, Path(folder), Path(folder) / "open-loop"
        source = Path(__file__).with_name("open_loop.c")
        subprocess.run(["gcc", "-O2", "-std=c17", "-D_GNU_SOURCE", source, "-o", self.program,
                        "-lm"], check=True)
        api = client.Client(client.Http(url))
        articles = api.get("/api/articles?limit=100").ok()["articles"]
        self.paths = [f"/api/articles/{article['slug']}" for article in articles]
        self.users = [api.register() for _ in range(16)]
        tokens = [user.token for user in self.users]
        comment = {"comment": {"body": "Well said. " * 5}}
        article = {"article": {"title": "Under load", "description": "Published nevertheless",
                               "body": "A paragraph. " * 40}}
        spread = [(path, tokens[i % 16]) for i, path in enumerate(self.paths)]
        self.write("anonymous", [("GET", path) for path in self.paths])
        self.write("session", [("GET", path, token) for path, token in spread])
        self.write("write", [("POST", f"{path}/comments", token, comment)
                             for path, token in spread])
        self.write("critical", [("POST", "/api/articles", token, article) for token in tokens])

    def write(self, name, requests):
        texts = [wire(self.url, *request) for request in requests]
        (self.folder / name).write_bytes(b"".join(b"%d\n%s" % (len(text), text) for text in texts))

    def offer(self, rate, mix, seconds=SECONDS):
        """What became of so many requests a second, by class."""
        words = [str(word) for name, share in mix.items()
                 for word in (rate * share, self.folder / name)]
        port = str(urllib.parse.urlsplit(self.url).port or 80)
        output = subprocess.run([self.program, port, str(seconds), str(CONNECTIONS), *words],
                                check=True, capture_output=True, text=True).stdout
        time.sleep(0.5)
        return {name: dict(zip(COLUMNS, map(float, line.split())))
                for name, line in zip(mix, output.splitlines())}


def good(results):
    """Requests a second that were answered as they wanted."""
    return sum(result["good"] for result in results.values()) / SECONDS


def saturation(crowd, mix):
    """The peak of the goodput, requests a second: more load than that brings no more."""
    peak, rate = 0, 1000
    while rate < 1.5 * max(peak, 1000):
        peak = max(peak, good(crowd.offer(rate, mix)))
        rate *= 1.2
    return peak


def print_overload(crowd, name, mix):
    """Three times the load that saturates, and what of it is served, refused and how late."""
    peaks, rates, worst = [], [], {}
    for _ in range(ROUNDS):
        peaks.append(saturation(crowd, mix))
        results = crowd.offer(3 * peaks[-1], mix)
        rates.append(good(results))
        for kind, result in results.items():
            worst.setdefault(kind, []).append(result)
    ratio = statistics.median(rate / peak for rate, peak in zip(rates, peaks))
    print(f"\n{name}, three times as much as saturates: {ratio:.2f} of the peak's "
          f"{statistics.median(peaks):.0f} answers a second")
    print(f"{'':12}{'asked/s':>9}{'good/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'nginx':>9}{'workers':>9}"
          f"{'other':>9}{'failed':>9}")
    for kind, results in worst.items():
        def middle(column, per=1, results=results):
            return statistics.median(result[column] / per for result in results)

        refused = [statistics.median(result[by] / result["sent"] for result in results)
                   for by in ("nginx", "workers")]
        print(f"{kind:12}{middle('sent', SECONDS):9.0f}{middle('good', SECONDS):9.0f}"
              f"{middle('p50'):9.1f}{middle('p99'):9.1f}{refused[0]:9.0%}{refused[1]:9.0%}"
              f"{middle('other'):9.0f}{middle('failed'):9.0f}", flush=True)


def wrk(crowd, name, script, path, connections, seconds):
    (crowd.folder / name).write_text(script)
    return subprocess.Popen(["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s",
                             "--timeout", "20s", "-s", crowd.folder / name, crowd.url + path],
                            stdout=subprocess.PIPE, text=True)


def rate_of(process):
    """Good answers a second."""
    output = process.communicate()[0]
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    requests = int(re.search(r"(\d+) requests in", output)[1]) - int(failed[1] if failed else 0)
    return requests / float(re.search(r"requests in ([0-9.]+)s", output)[1])


def print_login_storm(crowd):
    """What reading keeps of its rate while others sign in without a pause."""
    reader, visitor = crowd.users[:2]  # who signs in too often loses his oldest session
    login = json.dumps({"user": {"email": visitor.email, "password": visitor.password}})
    signs_in = (f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
                f"wrk.body = {json.dumps(login)}\n")
    reads = f'wrk.headers["Authorization"] = "Token {reader.token}"\n'
    ratios, logins = [], []
    for _ in range(2 * ROUNDS + 1):
        alone = rate_of(wrk(crowd, "reads.lua", reads, crowd.paths[0], 16, SECONDS))
        storm = wrk(crowd, "login.lua", signs_in, "/api/users/login", SIGNING_IN, SECONDS + 1)
        time.sleep(0.5)
        ratios.append(rate_of(wrk(crowd, "reads.lua", reads, crowd.paths[0], 16, SECONDS)) / alone)
        logins.append(rate_of(storm))
    print(f"\nwhile {SIGNING_IN} clients sign in without a pause: {statistics.median(ratios):.2f} "
          f"of the reads, {statistics.median(logins):.0f} logins a second")


def bound_logins(cluster):
    """Has the cluster's nginx let as many sign in as that of an installation, and no more."""
    nginx = Path(cluster.environment["QUIRE_CONFIG"]).parent / "nginx"
    for name in ("quire/limits.conf", "quire.conf"):
        (nginx / name).write_text((Path(__file__).parents[2] / "nginx" / name).read_text())
    limits = nginx / "quire/limits.conf"  # all clients have one address here
    limits.write_text(limits.read_text().replace("rate=1r/s", "rate=5r/s"))
    os.kill(int((nginx.parent / "pids/nginx.pid").read_text()), signal.SIGHUP)
    time.sleep(1)


def print_all(cluster, folder):
    crowd = Crowd(cluster.environment["QUIRE_URL"], folder)
    print_overload(crowd, "anonymous reads", ANONYMOUS)
    print_overload(crowd, "a mixed load", MIXED)
    bound_logins(cluster)
    print_login_storm(crowd)


def main():
    cluster = harness.Cluster("QUIRE_QUEUE_MS=100")
    cluster.settings.update(WORKERS="8", FSYNC="on")
    try:
        print_all(cluster.up(), cluster.run)
    finally:
        cluster.down()
        cluster.forget()


if __name__ == "__main__":
    main()
