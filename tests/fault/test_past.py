"""Nobody reads the past, whatever happens meanwhile. FAULT_SECONDS=20: how long each goes on."""
import os
import random
import time

from registers import all_registers
from system import Background

SECONDS = float(os.environ.get("FAULT_SECONDS", "20"))
READERS = 6


def watch(servers, *disturbances):
    registers = all_registers(servers)
    with Background() as people:
        for register in registers:
            people.run(register.step, 0.02)
        for _ in range(READERS):
            people.run(lambda: random.choice(registers).look(), 0)
        for disturbance in disturbances:
            people.run(disturbance, 0)
        people.ending.wait(SECONDS)
    for register in registers:
        assert register.acknowledged > 5 and register.reads > 5, (
            f"{register.name}: {register.acknowledged} of {register.begun} steps acknowledged, "
            f"{register.reads} reads, {register.unavailable} unavailable")
    return registers


def uneven(replica):
    """Replays by fits and starts; now and then it lags so much that nobody may read from it."""
    def disturb():
        time.sleep(random.uniform(0.05, 0.4))
        replica.pause()
        time.sleep(random.choice((0.05, 0.2, 0.5, 1, 1, 2, 7)))
        replica.resume()
    return disturb


def test_while_replicas_lag(system):
    servers = system(replicas=2)
    registers = watch(servers, *map(uneven, servers.database.replicas))
    unanswered, answered = (sum(getattr(register, name) for register in registers)
                            for name in ("unavailable", "reads"))
    assert unanswered < answered / 20, f"{unanswered} beside {answered} were not answered"


def test_while_a_replica_is_killed_and_redis_loses_everything(system):
    servers = system(replicas=2)
    broken, lagging = servers.database.replicas

    def lose_everything():
        time.sleep(3)
        servers.redis.kill()
        time.sleep(random.choice((0, 0.5)))
        servers.redis.start()

    def break_down():
        time.sleep(2)
        broken.kill()
        time.sleep(2)
        broken.start()

    watch(servers, lose_everything, break_down, uneven(lagging))


def test_while_the_cache_evicts_and_replicas_lag(system):
    servers = system(replicas=2, cache={"maxmemory": "3mb", "maxmemory-policy": "allkeys-random"})
    watch(servers, *map(uneven, servers.database.replicas))
