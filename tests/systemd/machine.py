"""A machine that runs systemd: this one's root under an overlay, booted in systemd-nspawn."""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness import ROOT, wait_until

MAKE = ["make", "--silent", "-C", str(ROOT), f"SANITIZER={os.environ.get('SANITIZER', '')}"]
SUDO = [] if os.geteuid() == 0 else ["sudo", "-n"]

# What this machine has of its own must not be mounted, not run once more and not be in the way.
FORGOTTEN = ("/etc/fstab", "/etc/crypttab", "/var/log/journal", "/etc/credstore", "/etc/quire",
             "/etc/postgresql", "/var/lib/postgresql", "/var/lib/redis", "/etc/nginx/quire",
             "/etc/nginx/sites-available/quire", "/etc/nginx/sites-enabled")
FOLDERS = (("postgres", "/etc/postgresql"), ("postgres", "/var/lib/postgresql"),
           ("redis", "/var/lib/redis"), ("root", "/etc/nginx/sites-enabled"))


def as_root(*command, stdin=subprocess.DEVNULL):
    """Runs it as root; it must succeed. Returns its output."""
    done = subprocess.run([*SUDO, *command], stdin=stdin, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        words = " ".join(map(str, command))
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Machine:
    def __init__(self):
        self.name = f"quire-test-{os.getpid()}"
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self.root = self.folder / "root"
        self.memory = self.folder / "memory"
        self.network = self.folder / "network"
        self.log = self.folder / "console.log"
        self.nspawn = self.leader = None

    def mount(self):
        """Lays an overlay over this machine's root, and forgets there what is its own."""
        upper, work = self.memory / "upper", self.memory / "work"
        layers = f"lowerdir=/,upperdir={upper},workdir={work}"
        for folder in (self.root, self.memory):
            folder.mkdir()
        try:
            as_root("mount", "-t", "tmpfs", "-o", "size=2g,mode=755", "tmpfs", self.memory)
            as_root("mkdir", upper, work)
            as_root("mount", "-t", "overlay", "-o", layers, "overlay", self.root)
        except AssertionError as error:
            if not in_container():
                raise
            pytest.skip(f"this container cannot mount an overlay: {error}")
        as_root("rm", "-rf", *(f"{self.root}{path}" for path in FORGOTTEN))
        for owner, path in FOLDERS:
            as_root("chroot", self.root, "install", "-d", "-o", owner, path)

    def boot(self):
        # A network with nothing but lo. Within another container, nspawn's --private-network may
        # not bring lo up; root of a new user namespace may.
        self.network.touch()
        as_root("unshare", "--user", "--map-root-user", "--mount", f"--net={self.network}",
                "ip", "link", "set", "lo", "up")
        command = ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--boot",
                   "--register=no", "--keep-unit", f"--network-namespace-path={self.network}",
                   "--resolv-conf=off", "--link-journal=no", "--console=pipe",
                   f"--machine={self.name}", f"--hostname={self.name}", "--", "--unit=basic.target"]
        with self.log.open("wb") as log:
            self.nspawn = subprocess.Popen([*SUDO, *self.in_cgroup(), *command], stdout=log,
                                           stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                                           start_new_session=True)
        self.leader = wait_until(self.find_leader, what="systemd-nspawn starts")
        wait_until(lambda: self.says("systemctl is-system-running") in ("running", "degraded"),
                   20, "the machine has booted")

    def in_cgroup(self):
        """Runs what follows in a control group of the machine's name. Two containers in the same
        one would take each other's processes for their own."""
        if Path("/run/systemd/system").is_dir():
            return ["systemd-run", "--quiet", "--pipe", "--wait", "--collect",
                    f"--unit={self.name}", "--property=Delegate=yes"]
        enter = "".join(f"mkdir {path}; echo $$ >{path}/cgroup.procs; " for path in self.cgroups())
        return ["sh", "-c", f'set -e; {enter}exec "$@"', "sh"]

    def cgroups(self):
        """Where that is in each hierarchy that systemd uses, when no systemd makes it."""
        folders = {"": ("unified", "."), "name=systemd": ("systemd",)}
        for line in read("/proc/self/cgroup").splitlines():
            _, controllers, path = line.split(":", 2)
            for folder in folders.get(controllers, ()):
                hierarchy = Path("/sys/fs/cgroup") / folder
                if (hierarchy / "cgroup.procs").exists():
                    yield hierarchy / path.strip("/") / self.name
                    break

    def processes(self):
        """The control groups of all of its processes, by the pid that they have outside."""
        groups = {path.name: read(path / "cgroup") for path in Path("/proc").glob("[0-9]*")}
        return {pid: group for pid, group in groups.items() if f"/{self.name}" in group}

    def find_leader(self):
        """The pid, outside, of the machine's PID 1."""
        assert self.nspawn.poll() is None, f"systemd-nspawn ended:\n{self.log.read_text()}"
        return next((pid for pid, group in self.processes().items()
                     if "/init.scope" in group and read(f"/proc/{pid}/comm") == "systemd\n"), None)

    def command(self, shell):
        """What runs a line of shell inside, as root."""
        return [*SUDO, "nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net",
                "--pid", "--root", "env", "--ignore-environment", "--chdir=/", "LANG=C.UTF-8",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c", shell]

    def do(self, shell, text=""):
        """Runs it, with `text` as its input; it must succeed. Returns its output, stripped."""
        done = subprocess.run(self.command(shell), input=text, capture_output=True, text=True,
                              timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{shell}: {done.returncode}\n{done.stdout}{done.stderr}\n"
                                 + self.says("journalctl --no-pager -o short-monotonic -n 60"))
        return done.stdout.strip()

    def says(self, shell):
        """Its output, stripped, however it ends."""
        return subprocess.run(self.command(shell), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, check=False).stdout.strip()

    def write(self, path, text):
        self.do(f"mkdir -p $(dirname {path}) && cat >{path}", text)

    def property(self, unit, name):
        return self.do(f"systemctl show --value --property={name} {unit}")

    def forget(self):
        """Switches it off and removes all traces, however far it came."""
        if self.nspawn is not None:
            self.switch_off()
        mounts = read("/proc/self/mounts")
        for mounted in (self.network, self.root, self.memory):
            if f" {mounted} " in mounts:
                as_root("umount", mounted)
        for group in self.cgroups():
            if group.is_dir():
                as_root("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";")
        as_root("rm", "-rf", f"/run/systemd/nspawn/propagate/{self.name}")
        shutil.rmtree(self.folder)

    def switch_off(self):
        if self.leader:
            send(signal.SIGRTMIN + 4, [self.leader])
        try:
            self.nspawn.wait(10 if self.leader else 0)
        except subprocess.TimeoutExpired:
            send(signal.SIGKILL, self.processes())
            self.nspawn.wait(10)


def in_container():
    return subprocess.run(["systemd-detect-virt", "--container", "--quiet"],
                          check=False).returncode == 0


def send(number, pids):
    if pids:
        subprocess.run([*SUDO, "kill", "-s", str(int(number)), *pids], check=False)


def read(path):
    """The text of a file in /proc, none of a process that has gone."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""
