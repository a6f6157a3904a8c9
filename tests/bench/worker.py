"""What a worker takes: memory while it idles, time until it answers."""
import os
import re
import subprocess
import time
from pathlib import Path

import fcgi_client
import harness


def memory(folder):
    """Private memory of each idle worker in KiB, largest first."""
    sizes = []
    for pid in harness.processes_in(folder):
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() == "quire":
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
                sizes.append(sum(int(n) for n in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", text)))
        except FileNotFoundError:
            pass
    return sorted(sizes, reverse=True)


def first_answer(environment):
    """Milliseconds from exec to the first answer of a pool of its own, with database and Redis."""
    folder = harness.temporary_folder()
    socket = folder / "pool.sock"
    began = time.monotonic()
    pool = subprocess.Popen([harness.PROGRAM, "serve"], stderr=subprocess.DEVNULL,
                            env={**os.environ, **environment, "QUIRE_LISTEN": str(socket)})
    while True:
        try:
            status = fcgi_client.Fcgi(socket).exchange("GET", "/api/tags", [], b"")[0]
            break
        except OSError:
            time.sleep(0.001)
    took = (time.monotonic() - began) * 1000
    pool.terminate()
    pool.wait()
    assert status == 200, status
    return took


def print_worker(cluster):
    sizes = memory(cluster.run)
    print(f"\nPrivate memory of a worker: {sizes[0]} KiB at most, {sizes[len(sizes) // 2]} KiB in the middle")
    print(f"From exec to the first answer: {first_answer(cluster.environment):.0f} ms")
