"""Servers for tests: a cluster as `make up` makes it, and single pools with their own settings."""
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from fcgi_client import Fcgi

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("BUILD", "build")
PROGRAM = ROOT / os.environ.get("PROGRAM", BUILD / "quire")
SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:")
NO_LIMITS = {f"QUIRE_LIMIT_{name}": "0/1"
             for name in ("GENERAL", "LOGIN_ADDRESS", "LOGIN_EMAIL", "SIGNUP")}
SERVERS = ("QUIRE_URL", "QUIRE_DATABASE_PRIMARY", "QUIRE_REDIS")


def wait_until(holds, seconds=10, what="it"):
    """Asks until it holds; returns what it said then."""
    end = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < end, f"waited {seconds} s in vain until {what}"
        time.sleep(0.02)
    return value


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def temporary_folder():
    """A short path, for unix sockets, that other users can enter; below run.py's while it runs."""
    folder = Path(tempfile.mkdtemp(prefix="quire-test-", dir=os.environ.get("TEST_FOLDER", "/tmp")))
    folder.chmod(0o755)
    return folder


def keep_logs(logs, name):
    """For run.py, which shows where they are when something failed."""
    if "TEST_FOLDER" in os.environ:
        shutil.copytree(logs, Path(os.environ["TEST_FOLDER"]) / "logs" / name,
                        ignore=lambda _, names: [n for n in names if not n.endswith(".log")])


def sanitizer_reports(folder):
    """The lines in which a sanitizer complains, in the logs of a folder."""
    return [f"{log.name}: {line}" for log in sorted(folder.glob("*.log"))
            for line in log.read_text(errors="replace").splitlines()
            if SANITIZER_REPORT.search(line)]


class Cluster:
    """PostgreSQL, Redis, nginx and pools in a folder of their own, on a port of their own."""

    def __init__(self, settings="", run=None, **variables):
        """`run` is a folder that stays, `variables` are those of cluster.sh."""
        self.run = run or temporary_folder()
        self.logs = self.run / "logs"
        self.environment = {}
        self.settings = {
            **os.environ, "RUN": str(self.run), "PORT": str(free_port()), "PROGRAM": str(PROGRAM),
            "FSYNC": "off", "TRUSTED_PROXIES": "127.0.0.1 ::1", "SETTINGS": settings,
            "SEED": "--users 20 --articles 60 --comments 99 --favorites 99 --follows 60 --tags 20",
            **variables}

    def script(self, *words, seconds=180):
        """Runs cluster.sh where the terminal's Ctrl-C does not reach it."""
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run([ROOT / "tests/cluster/cluster.sh", *words], env=self.settings,
                                  cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=subprocess.STDOUT, start_new_session=True,
                                  timeout=seconds, check=False)
            output.seek(0)
            assert done.returncode == 0, f"cluster.sh {words}: {done.returncode}\n{output.read()}"

    def up(self):
        self.script("up")
        text = subprocess.run(["env", "-i", "bash", "-c", 'set -a; . "$0"; env -0',
                               self.run / "env"], check=True, capture_output=True, text=True).stdout
        pairs = (line.split("=", 1) for line in text.split("\0") if line)
        self.environment = {name: value for name, value in pairs if name.startswith("QUIRE_")}
        return self

    def down(self):
        """Stops everything. Complains of the processes that are left, and ends them."""
        complaints = []
        try:
            self.script("down", seconds=60)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            complaints.append(str(error))
        end = time.monotonic() + 3
        while (left := processes_in(self.run)) and time.monotonic() < end:
            time.sleep(0.05)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return complaints + [f"left behind: {pid} {name}" for pid, name in left.items()]

    def forget(self):
        shutil.rmtree(self.run, ignore_errors=True)


@contextlib.contextmanager
def running_cluster(settings=""):
    """A cluster until the end of the block, which leaves no process and no sanitizer's report."""
    cluster = Cluster(settings)
    try:
        yield cluster.up()
    finally:
        complaints = cluster.down() + sanitizer_reports(cluster.logs)
        keep_logs(cluster.logs, cluster.run.name)
        cluster.forget()
    assert not complaints, "\n".join(complaints)


def processes_in(folder):
    """Commands, by pid, of what names the folder, stands in it or has a file of it open."""
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            names = process_names(process)
            if any(str(folder) in name for name in names):
                found[int(process.name)] = names[0]
    return found


def process_names(process):
    """A process's command line, directory and open files; fewer of one that ends meanwhile."""
    names = []
    try:
        names.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        names.append(os.readlink(process / "cwd"))
        names.extend(os.readlink(link) for link in (process / "fd").iterdir())
    except OSError:
        pass
    return names


class Pool:
    """One more `quire serve` beside a cluster's, with its own settings, spoken to without nginx."""

    def __init__(self, environment, program=PROGRAM, **settings):
        self.program = program
        self.folder = temporary_folder()
        self.socket = self.folder / "pool.sock"
        self.log = self.folder / "pool.log"
        outer = {name: value for name, value in os.environ.items() if not name.startswith("QUIRE_")}
        servers = {name: environment[name] for name in SERVERS}
        self.environment = {**outer, **servers, **NO_LIMITS, "QUIRE_CONFIG": "/dev/null",
                            "QUIRE_LISTEN": str(self.socket), "QUIRE_WORKERS": "2", **settings}
        self.process = None

    def __enter__(self):
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([self.program, "serve"], env=self.environment,
                                            stderr=log)
        try:
            wait_until(self.answers, what="the pool listens")
        except BaseException:
            self.process.kill()
            self.process.wait()
            keep_logs(self.folder, self.folder.name)
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def answers(self):
        assert self.process.poll() is None, f"the pool ended:\n{self.log.read_text()}"
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(self.socket))
            return True
        except OSError:
            return False

    def transport(self, address="127.0.0.1"):
        """Requests to this pool by a client at that address."""
        return Fcgi(self.socket, address)

    def __exit__(self, *_):
        self.process.terminate()
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        reports = sanitizer_reports(self.folder)
        keep_logs(self.folder, self.folder.name)
        text = self.log.read_text()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert status == 0 and not reports, f"the pool ended with {status}:\n{text[-5000:]}"
