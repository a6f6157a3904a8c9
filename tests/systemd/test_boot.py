"""Quire on a machine that systemd runs. Each test goes on where the one before has ended."""
import json
import shlex
import subprocess
from pathlib import Path

import pytest

from harness import wait_until

POOLS = ("quire@a", "quire@b")
LOAD = Path(__file__).with_name("load.py").read_text()


class Load:
    """Five people who read and write while the block lasts, and what became of their requests."""

    def __init__(self, machine, token, slug):
        words = shlex.join(["/usr/bin/python3", "-c", LOAD, token, slug])
        self.command = machine.command(f"exec {words}")
        self.answered = self.failures = None

    def __enter__(self):
        self.people = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        assert self.people.stdout.readline() == "started\n"
        return self

    def __exit__(self, *_):
        report = json.loads(self.people.communicate(timeout=60)[0])
        self.answered, self.failures = report["answered"], report["failures"]


def api(machine, method, path, body=None, token=None):
    """Asks through nginx with curl, on the machine. Returns the status and the answer."""
    words = ["curl", "--silent", "--show-error", "--max-time", "20", f"http://localhost{path}",
             "--request", method, "--header", "Content-Type: application/json",
             "--write-out", r"\n%{http_code}"]
    words += ["--header", f"Authorization: Token {token}"] if token else []
    words += ["--data", json.dumps(body)] if body else []
    text, status = machine.do(shlex.join(words)).rsplit("\n", 1)
    return int(status), json.loads(text) if text else None


@pytest.fixture(scope="module")
def token(machine):
    """Of a user who registered through nginx."""
    user = {"username": "ada", "email": "ada@example.org", "password": "correct horse"}
    status, answer = api(machine, "POST", "/api/users", {"user": user})
    assert (status, answer["user"]["username"]) == (201, "ada"), answer
    return answer["user"]["token"]


@pytest.fixture(scope="module")
def slug(machine, token):
    article = {"title": "How a pool restarts", "description": "Slowly", "body": "And nobody sees."}
    status, answer = api(machine, "POST", "/api/articles", {"article": article}, token)
    assert status == 201, answer
    return answer["article"]["slug"]


def written(machine, slug):
    """The comments that the database holds."""
    query = f"""SELECT count(*) FROM comments JOIN articles ON articles.id = article_id
                 WHERE slug = '{slug}'"""
    return int(machine.do("runuser -u postgres -- psql -tA quire", query))


def test_all_units_are_up_and_well(machine):
    for pool in POOLS:
        assert machine.property(f"{pool}.socket", "ActiveState") == "active"
        assert machine.property(f"{pool}.service", "SubState") == "running"
    assert machine.property("quire-migrate", "SubState") == "exited"
    assert machine.do("systemctl list-units --plain --no-legend --state=failed") == ""
    assert machine.do("systemctl is-enabled quire.target") == "enabled"
    units = "quire.target quire@a.socket quire@a.service quire-migrate.service"
    assert machine.do(f"systemd-analyze verify {units} 2>&1") == ""
    assert machine.do("stat --format='%a %U %G' /run/quire/a.sock") == "660 root www-data"


def test_a_user_registers_through_nginx(machine, token):
    status, answer = api(machine, "GET", "/api/user", token=token)
    assert (status, answer["user"]["email"]) == (200, "ada@example.org")


def test_the_journal_has_a_line_of_json_for_each_request(machine):
    status, _ = api(machine, "GET", "/api/tags?journal=1")
    assert status == 200

    def lines():
        found = machine.do("journalctl -u 'quire@*' -o cat --grep '\"request\"' | tail -20")
        return [line for line in map(json.loads, found.splitlines())
                if line["event"] == "request" and line["route"] == "/api/tags"]

    wait_until(lines, what="the request is in the journal")


def test_the_sandbox_holds(machine):
    master = machine.property("quire@a.service", "MainPID")
    worker = machine.do(f"pgrep -P {master} | head -1")
    lines = machine.do(f"cat /proc/{worker}/status").splitlines()
    status = dict(line.split(":\t", 1) for line in lines)
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert int(status["CapBnd"], 16) == 0
    assert machine.do(f"ps -o user= -p {worker}") == "quire"
    root = machine.do(f"grep ' / / ' /proc/{worker}/mountinfo").split()[5].split(",")
    assert {"ro", "noexec", "nosuid"} <= set(root)
    shell = machine.says(f"nsenter --target {worker} --mount --root /bin/sh -c 'echo a shell' 2>&1")
    assert "Permission denied" in shell


def test_secrets_come_as_credentials(machine):
    machine.do("install -m 600 /dev/stdin /etc/credstore/QUIRE_REDIS_PASSWORD", "sesame\n")
    machine.do("install -m 600 /dev/stdin /etc/credstore/QUIRE_DATABASE_OWNER",
               "dbname=quire user=quire_owner\n")
    machine.do("redis-cli CONFIG SET requirepass sesame")
    machine.do("systemctl restart quire.target")

    assert machine.do("curl --silent --fail localhost/readyz")
    assert machine.do("ls /run/credentials/quire@a.service") == "QUIRE_REDIS_PASSWORD"
    master = machine.property("quire@a.service", "MainPID")
    assert "sesame" not in machine.do(f"tr '\\0' '\\n' </proc/{master}/environ")
    assert "sesame" not in machine.do("journalctl -u 'quire*' -o cat")


def test_a_restart_under_load_refuses_nobody(machine, token, slug):
    before = written(machine, slug)
    with Load(machine, token, slug) as load:
        for _ in range(3):
            for pool in POOLS:
                machine.do(f"systemctl restart {pool}")
        machine.do("systemctl reload quire@a quire@b")
        machine.do("systemctl restart quire.target")
    comments = load.answered[f"POST /api/articles/{slug}/comments"]
    assert load.failures == []
    assert comments > 20 and written(machine, slug) == before + comments


def test_a_killed_master_comes_back(machine, token, slug):
    with Load(machine, token, slug) as load:
        machine.do("systemctl kill --kill-whom=main --signal=KILL quire@a")
        wait_until_restarted(machine, "quire@a")
    assert load.failures == []


def test_a_silent_master_is_replaced(machine, token, slug):
    machine.write("/run/systemd/system/quire@b.service.d/test.conf", "[Service]\nWatchdogSec=1s\n")
    machine.do("systemctl daemon-reload && systemctl restart quire@b")
    with Load(machine, token, slug) as load:
        machine.do("systemctl kill --kill-whom=main --signal=STOP quire@b")
        wait_until_restarted(machine, "quire@b")
    assert load.failures == []
    assert "Watchdog timeout" in machine.do("journalctl -u quire@b -o cat")


def wait_until_restarted(machine, pool):
    wait_until(lambda: machine.property(pool, "NRestarts") == "1" and
               machine.property(pool, "ActiveState") == "active", what=f"{pool} is back")


def test_it_starts_without_a_database_and_waits_for_it(machine):
    machine.do("systemctl stop postgresql quire.target quire-migrate")
    machine.do("systemctl start quire.target")
    path = "/api/articles/not-there"  # which no cache knows
    status, _ = api(machine, "GET", path)
    assert status == 503
    assert machine.property("quire-migrate", "ActiveState") == "activating"

    machine.do("systemctl start postgresql")
    wait_until(lambda: api(machine, "GET", path)[0] == 404, what="articles are read")
    wait_until(lambda: machine.property("quire-migrate", "SubState") == "exited",
               what="it has migrated")


def test_a_mistake_in_the_configuration_makes_requests_wait(machine):
    machine.do("cp -p /etc/quire/quire.conf /etc/quire/good.conf")
    machine.do("echo QUIRE_WORKRES=8 >>/etc/quire/quire.conf")
    machine.do("systemctl restart --no-block quire@a quire@b")
    wait_until(lambda: int(machine.property("quire@a", "NRestarts")) >= 1,
               what="it was tried again")
    curl = machine.command("curl --silent --fail --max-time 20 localhost/api/tags")
    waiting = subprocess.Popen(curl, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    machine.do("mv /etc/quire/good.conf /etc/quire/quire.conf")
    assert waiting.wait(30) == 0
    assert "QUIRE_WORKRES is no setting" in machine.do("journalctl -u quire@a -o cat")


def test_a_stop_leaves_nothing(machine):
    machine.do("systemctl stop quire.target")
    # systemctl waits for the target, not for what stops with it.
    units = "systemctl list-units --plain --no-legend --state=active,deactivating,failed 'quire*'"
    wait_until(lambda: machine.do(units) == "", what="all units have stopped")
    assert machine.says("pgrep -u quire") == ""
    assert machine.do("ls -A /run/quire") == ""
    status, answer = api(machine, "GET", "/api/tags")
    assert (status, list(answer["errors"])) == (503, ["service"])

    machine.do("systemctl start quire.target && curl --silent --fail localhost/readyz")
