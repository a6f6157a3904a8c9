"""A server of our own: started, killed, frozen, thawed, and never left behind."""
import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from harness import wait_until

ROOT_IS = "www-data"  # PostgreSQL refuses root
BECOME = (["setpriv", f"--reuid={ROOT_IS}", f"--regid={ROOT_IS}", "--init-groups"]
          if os.getuid() == 0 else [])


def belongs_to_servers(path):
    if BECOME:
        shutil.chown(path, ROOT_IS, ROOT_IS)
    return path


def run_as_servers(*words, environment=None):
    """A command's output; it must succeed."""
    done = subprocess.run([*BECOME, *map(str, words)], capture_output=True, text=True, check=False,
                          cwd="/", env=environment, timeout=60)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def runs(pid):
    return Path(f"/proc/{pid}/cwd").is_symlink() and os.path.lexists(f"/proc/{pid}/exe") and (
        state(pid) not in "ZX")


def state(pid):
    """A letter, as in proc(5); X when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def children(pid):
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def send(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def stop_tree(pid):
    """Freezes a process and all below it; returns them. Parents first: then they cannot fork."""
    send(pid, signal.SIGSTOP)
    wait_until(lambda: state(pid) in "TtZX", what=f"{pid} is frozen")
    return [pid, *(below for child in children(pid) for below in stop_tree(child))]


class Server:
    """One process, its descendants, and its log."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.log = folder / f"{name}.log"
        self.process = None
        self.frozen = []

    def command(self):
        raise NotImplementedError

    def ready(self):
        raise NotImplementedError

    def environment(self):
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}

    def launch(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*BECOME, *map(str, self.command())], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd=self.folder, env=self.environment(), start_new_session=True)

    def start(self, seconds=20):
        self.launch()
        self.wait(seconds)
        return self

    def wait(self, seconds=20):
        def answers():
            text = self.log.read_text()[-3000:]
            assert self.process.poll() is None, f"{self.name} ended:\n{text}"
            return self.ready()
        wait_until(answers, seconds, f"{self.name} is ready")

    def freeze(self):
        """It keeps its connections and answers nothing."""
        self.frozen = stop_tree(self.process.pid)

    def thaw(self):
        for pid in reversed(self.frozen):
            send(pid, signal.SIGCONT)
        self.frozen = []

    def kill(self):
        """As when its machine loses power: no process of it does anything more."""
        if self.process is None:
            return
        pids = stop_tree(self.process.pid)
        for pid in pids:
            send(pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not any(map(runs, pids)), what=f"all of {self.name} has ended")
        self.process, self.frozen = None, []

    def stop(self, number=signal.SIGTERM):
        """In an orderly way."""
        self.process.send_signal(number)
        self.process.wait(30)
        self.process = None

    def fault(self, kind):
        {"killed": self.kill, "frozen": self.freeze}[kind]()

    def back(self, kind):
        """Ends that fault."""
        if kind == "killed":
            self.start()
        else:
            self.thaw()
            self.wait()
