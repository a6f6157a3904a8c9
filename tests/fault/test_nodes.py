"""Reads go to replicas that can answer them, writes to whichever server is the primary."""
import os
import signal
import time
from pathlib import Path

from client import unique
from harness import wait_until
from process import children


def name_of(pid):
    return Path(f"/proc/{pid}/comm").read_text().strip()


def write(user):
    return user.post("/api/articles", {"article": {
        "title": unique("A title "), "description": "About", "body": "Text."}})


def status(system, pool=0):
    return system.anonymous(pool).get("/statusz").json()


def in_rotation(system):
    """The ports of the replicas in rotation, by the first pool."""
    return sorted(node["name"].rpartition(":")[2] for node in status(system)["nodes"]
                  if node["list"] == "replicas" and node["inRotation"])


def ports(*nodes):
    return sorted(str(node.port) for node in nodes)


def timelines(system, role):
    return {node["position"][:8] for node in status(system)["nodes"] if node["role"] == role}


def rotates(system, *nodes, seconds=5):
    wait_until(lambda: in_rotation(system) == ports(*nodes), seconds, f"{nodes} are in rotation")


def trips(system):
    routes = status(system)["routes"]
    return (sum(route["replicaTrips"] for route in routes),
            sum(route["databaseTrips"] for route in routes))


def read(user, count=1):
    """What is not in the cache: it has answers for the anonymous only."""
    for _ in range(count):
        user.get("/api/articles").ok()


def test_the_monitor_sees_every_server(system):
    system = system(replicas=2, pools=1)
    rotates(system, *system.database.replicas)
    shown = status(system)
    assert shown["monitor"] and len(shown["nodes"]) == 6
    roles = {(node["list"], node["name"].rpartition(":")[2]): node["role"]
             for node in shown["nodes"]}
    primary = str(system.database.primary.port)
    assert roles["primary", primary] == roles["replicas", primary] == "primary"
    assert sorted(roles.values()) == 2 * ["primary"] + 4 * ["standby"]
    assert timelines(system, "primary") == timelines(system, "standby") == {"00000001"}
    assert all("password" not in node["name"] for node in shown["nodes"])


def test_reads_go_to_the_replicas(system):
    system = system(replicas=2, pools=1)
    rotates(system, *system.database.replicas)
    user = system.user(0)
    time.sleep(0.5)  # the monitor has seen that they have the user
    before = trips(system)
    read(user, 30)
    replica, database = (now - then for now, then in zip(trips(system), before))
    assert replica == database == 30


def test_a_replica_that_is_killed_leaves_at_once_and_comes_back(system):
    system = system(replicas=2, pools=1)
    first, second = system.database.replicas
    reader = system.user(0)
    rotates(system, first, second)
    read(reader, 20)
    first.kill()
    read(reader, 50)
    rotates(system, second, seconds=2)
    first.start()
    rotates(system, first, second)
    read(reader, 20)


def test_a_frozen_replica_delays_hardly_anybody(system):
    system = system(replicas=2, pools=1)
    first, second = system.database.replicas
    reader = system.user(0)
    rotates(system, first, second)
    read(reader, 20)
    first.freeze()
    slow = 0
    for _ in range(200):
        began = time.monotonic()
        read(reader)
        slow += time.monotonic() - began > 0.3
        assert time.monotonic() - began < 1.3
    assert slow <= 2
    rotates(system, second, seconds=3)
    first.thaw()
    rotates(system, first, second)


def test_a_replica_that_lags_leaves_and_comes_back(system):
    system = system(replicas=1, pools=1, QUIRE_REPLICA_LAG_MAX_MS="500")
    [replica] = system.database.replicas
    rotates(system, replica)
    replica.pause()
    user = system.user(0)
    end = time.monotonic() + 5
    while in_rotation(system):
        write(user).ok(201)
        assert time.monotonic() < end
    read(user, 5)
    replica.resume()
    rotates(system, replica)


def test_a_promoted_server_is_found_and_the_old_one_not_believed(system):
    system = system(replicas=2, pools=1)
    old, (new, other) = system.database.primary, system.database.replicas
    user, reader = system.user(0), system.user(0)
    system.database.wait_for_streaming()
    old.freeze()
    began = time.monotonic()
    assert write(user).status == 503
    assert time.monotonic() - began < 1.1
    read(reader, 10)
    assert system.anonymous(0).get("/readyz").json()["database"] == "read-only"
    wait_until(lambda: new.has_received(other.one("SELECT pg_last_wal_receive_lsn()")))
    system.database.promote(new)
    wait_until(lambda: write(user).status == 201, 5, "it can be written")
    assert timelines(system, "primary") == {"00000002"}
    rotates(system, other)
    old.thaw()
    for _ in range(20):
        write(user).ok(201)
        time.sleep(0.05)
    assert new.one("SELECT count(*) FROM articles") >= 20
    assert ports(old)[0] not in in_rotation(system)


def test_a_monitor_that_dies_is_replaced(system):
    system = system(replicas=1, pools=1)
    reader = system.user(0)
    rotates(system, *system.database.replicas)
    log = system.pools[0].log
    [monitor] = [pid for pid in children(system.pools[0].process.pid)
                 if name_of(pid) == "quire-monitor"]
    os.kill(monitor, signal.SIGKILL)
    wait_until(lambda: "monitor died" in log.read_text(), what="its death is told")
    wait_until(lambda: log.read_text().count("primary found") == 2, what="there is another one")
    read(reader, 10)
