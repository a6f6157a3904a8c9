"""People who read and write while something fails, and a record of what they were answered."""
import collections
import itertools
import threading
import time

from client import unique
from harness import wait_until
from system import Background

# Promised is a second. A machine that runs all of this at once may take twice that.
BOUND = 2.0
LONG = 1000.0  # seconds
MOMENT = 2.0  # until the monitor has noticed what has become of the replicas
Record = collections.namedtuple("Record", "kind start seconds status request answer")


class Traffic(Background):
    """Kinds: 'quiet' is read by the anonymous and written by nobody, 'live' is being written,
    'signed' is read by somebody who is signed in, 'write' writes. On all pools.

    `acknowledged` has what was promised: articles by slug with their last version; and comments."""

    def __init__(self, system):
        super().__init__()
        self.records = []
        self.lock = threading.Lock()
        self.acknowledged, self.comments = {}, set()
        author = system.user()
        self.still = author.publish(body="Still.", tagList=["still"])["slug"]
        author.comment(self.still)
        still = [f"/api/articles/{self.still}", f"/api/articles/{self.still}/comments",
                 "/api/articles?tag=still", f"/api/profiles/{author.username}"]
        for kind, client, paths in (
                ("quiet", system.anonymous(), still), ("quiet", system.anonymous(), still[::-1]),
                ("live", system.anonymous(),
                 ["/api/articles", "/api/articles?tag=live", "/api/tags"]),
                ("signed", system.user(), ["/api/user", *still])):
            self.run(self.reads(kind, client, paths))
        for writer in (system.user(), system.user()):
            self.run(self.writes(writer))

    def ask(self, kind, client, method, path, body=None):
        start = time.monotonic()
        answer = client.request(method, path, body)
        record = Record(kind, start, time.monotonic() - start, answer.status, f"{method} {path}",
                        answer)
        with self.lock:
            self.records.append(record)
        if answer.status == 503:
            time.sleep(0.03)
        return answer

    def reads(self, kind, client, paths):
        paths = itertools.cycle(paths)
        return lambda: self.ask(kind, client, "GET", next(paths))

    def writes(self, client):
        versions = itertools.count(1)

        def write():
            title = unique("Written ")
            fields = {"title": title, "description": "-1", "body": "Text.", "tagList": ["live"]}
            answer = self.ask("write", client, "POST", "/api/articles", {"article": fields})
            if answer.status != 201:
                return
            slug = answer.json()["article"]["slug"]
            self.acknowledged[slug] = -1
            for version in itertools.islice(versions, 3):
                answer = self.ask("write", client, "PUT", f"/api/articles/{slug}",
                                  {"article": {"description": str(version)}})
                if answer.status == 200:
                    self.acknowledged[slug] = version
            answer = self.ask("write", client, "POST", f"/api/articles/{slug}/comments",
                              {"comment": {"body": "Yes."}})
            if answer.status == 201:
                self.comments.add(answer.json()["comment"]["id"])
        return write

    @staticmethod
    def now():
        return time.monotonic()

    def since(self, start, *kinds):
        with self.lock:
            return [record for record in self.records
                    if record.start >= start and (not kinds or record.kind in kinds)]

    def goes_on(self, *kinds, seconds=10, count=15):
        """Waits until that many in a row of each kind are answered well."""
        start = time.monotonic()
        kinds = kinds or ("quiet", "live", "signed", "write")

        def well():
            for kind in kinds:
                last = self.since(start, kind)[-count:]
                if len(last) < count or any(record.status >= 300 for record in last):
                    return False
            return True
        wait_until(well, seconds, f"{kinds} are answered well")

    def some(self, kind, status, count=5, seconds=10):
        """Waits until that many of a kind have been answered so."""
        start = time.monotonic()

        def so_many():
            return sum(record.status == status for record in self.since(start, kind)) >= count
        wait_until(so_many, seconds, f"{kind} is answered {status}")

    def check(self, start, bound=BOUND, **unavailable):
        """What was asked since then was answered in time, and well. But 503 may be answered to the
        kinds that are named, for so many seconds at a stretch."""
        began = {}
        for record in sorted(self.since(start), key=lambda record: record.start + record.seconds):
            allowed = {200, 201} | ({503} if record.kind in unavailable else set())
            what = f"{record.kind} after {record.seconds:.2f} s: "
            record.answer.check(record.status in allowed, what)
            record.answer.check(record.seconds < bound, what)
            if record.status == 503:
                record.answer.check(record.answer.header("Retry-After"), "no Retry-After")
                end = record.start + record.seconds
                lasts = end - began.setdefault(record.kind, end)
                record.answer.check(lasts < unavailable[record.kind], f"503 for {lasts:.2f} s: ")
            else:
                began.pop(record.kind, None)

    def nothing_lost(self, node):
        """All that was acknowledged is there."""
        found = dict(node.sql("SELECT slug, description FROM articles"))
        for slug, version in self.acknowledged.items():
            assert slug in found, f"{slug} was acknowledged and is lost"
            assert int(found[slug]) >= version, f"version {version} of {slug} is lost"
        comments = {number for number, in node.sql("SELECT id FROM comments")}
        assert self.comments <= comments, f"lost: {self.comments - comments}"
        assert self.acknowledged, "nothing was written"
