"""A machine on which Quire is installed and started as systemd/README says."""
import os
import subprocess

import pytest

from harness import NO_LIMITS, PROGRAM, ROOT
from machine import MAKE, Machine, as_root

# Hundreds of requests from one address, on a machine that may be busy with other things.
SETTINGS = {**NO_LIMITS, "QUIRE_DATABASE_CONNECT_TIMEOUT_MS": "5000",
            "QUIRE_REDIS_TIMEOUT_MS": "3000"}


@pytest.fixture(scope="session")
def program():
    subprocess.run([*MAKE, os.path.relpath(PROGRAM, ROOT)], check=True)
    return PROGRAM


@pytest.fixture(scope="session")
def machine(program):
    one = Machine()
    try:
        one.mount()
        as_root(*MAKE, "install", f"DESTDIR={one.root}")
        one.boot()
        one.do("systemctl start redis-server nginx")
        one.do("pg_createcluster $(ls /usr/lib/postgresql) main && systemctl start postgresql")
        settings = (f"{key}={value}\n" for key, value in SETTINGS.items())
        one.write("/etc/quire/quire.conf", "".join(settings))
        for step in readme_steps():
            one.do(step)
        yield one
    finally:
        one.forget()


def readme_steps():
    """What to type until the site runs, but for what gets packages and program there."""
    text = (ROOT / "systemd/README").read_text().split("The units")[0]
    lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    return [line for line in lines if not line.startswith(("apt-get ", "make "))]
