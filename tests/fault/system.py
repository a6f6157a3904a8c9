"""Quire with real servers that can fail: PostgreSQL and its replicas, Redis, pools."""
import contextlib
import os
import random
import shutil
import tempfile
import threading
from pathlib import Path

import harness
from client import Client
from postgres import Database
from process import belongs_to_servers
from redis_servers import Redis, Watched

POOL = {"QUIRE_URL": "http://localhost", "QUIRE_WORKERS": "6", "QUIRE_PASSWORD_MEMORY_KIB": "64",
        "QUIRE_PASSWORD_PASSES": "1", "QUIRE_PASSWORD_WAITING_MAX": "64"}
MEMORY = 2 ** 31  # bytes


class System:
    """Ends with its block, whatever happens, and leaves nothing behind."""

    def __init__(self, folder):
        self.folder = folder
        self.stack = contextlib.ExitStack()
        self.servers = []
        self.pools = []
        self.database = self.redis = self.cache = self.watched = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        complaints = []
        try:
            for server in self.servers:
                server.thaw()
            self.stack.close()
        finally:
            for server in reversed(self.servers):
                server.kill()
            left = harness.processes_in(self.folder)
            complaints += [f"left behind: {pid} {name}" for pid, name in left.items()]
            harness.keep_logs(self.folder, self.folder.name)
            shutil.rmtree(self.folder, ignore_errors=True)
        assert not complaints, "\n".join(complaints)

    def own(self, *servers):
        """They end with this."""
        self.servers += servers
        return servers[0]

    def start(self, template, replicas=2, synchronous=False, pools=2, keep=False, watched=False,
              cache=None, **settings):
        """`keep`: Redis knows everything after a restart. `watched`: sentinels watch it. `cache`:
        the cache is in a server of its own, with those settings of Redis."""
        self.database = Database(self.folder, template, replicas, synchronous)
        self.own(*self.database.nodes)
        if watched:
            self.watched = Watched(self.folder)
            self.own(self.watched.master, self.watched.replica, *self.watched.sentinels)
            self.watched.start()
            self.redis = self.watched.master
            settings["QUIRE_REDIS"] = self.watched.address()
        else:
            self.redis = self.own(Redis(self.folder))
            self.redis.keep = keep
            self.redis.start()
        if cache is not None:
            self.cache = self.own(Redis(self.folder, "cache", **cache)).start()
            settings["QUIRE_REDIS_CACHE"] = self.cache.address()
        self.database.start()
        return self.start_pools(pools, **{**self.database.settings(), **settings})

    def start_pools(self, count=2, **settings):
        environment = {"QUIRE_REDIS": self.redis.address(), **POOL, **settings}
        for _ in range(count):
            pool = harness.Pool(environment, **{name: value for name, value in environment.items()
                                                if name not in harness.SERVERS})
            self.pools.append(self.stack.enter_context(pool))
        for pool in self.pools:
            client = Client(pool.transport())
            harness.wait_until(lambda client=client: client.get("/readyz").status == 200, 20,
                               "the pool is ready")
        return self

    def anonymous(self, pool=None):
        """Somebody at that pool, or at any, a new one for each request."""
        return Client(self.pools[pool].transport() if pool is not None else AnyPool(self.pools))

    def user(self, pool=None):
        return self.anonymous(pool).register()


class AnyPool:
    """Requests go to the pools at random."""

    def __init__(self, pools):
        self.transports = [pool.transport() for pool in pools]

    def exchange(self, *request):
        return random.choice(self.transports).exchange(*request)


def new_folder():
    """In memory where there is room: a disk that is busy would be waited for."""
    memory = "/dev/shm"
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < MEMORY:
        return belongs_to_servers(harness.temporary_folder())
    folder = Path(tempfile.mkdtemp(prefix="quire-test-", dir=memory))
    folder.chmod(0o755)
    return belongs_to_servers(folder)


class Background:
    """Runs functions again and again, each in a thread of its own, until the block ends."""

    def __init__(self):
        self.threads, self.errors = [], []
        self.ending = threading.Event()

    def run(self, function, pause=0.01):
        def repeat():
            try:
                while not self.ending.is_set():
                    function()
                    self.ending.wait(pause)
            except BaseException as error:  # pylint: disable=broad-except
                self.errors.append(error)
                self.ending.set()
        thread = threading.Thread(target=repeat)
        self.threads.append(thread)
        thread.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]
