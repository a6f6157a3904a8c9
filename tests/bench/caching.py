"""What the cache spares: the same reads of the anonymous with and without it, in turns."""
import re
import statistics
from pathlib import Path

import targets
from measure import COMPONENTS, ROUNDS, measure
from report import Table, beside, load_average, middle, print_noise

NAMES = ("article, anonymous", "article list, anonymous")


def keep_answers(cluster, seconds):
    """Restarts the pools with another QUIRE_CACHE_SECONDS; None: as it is by default."""
    file = Path(cluster.environment["QUIRE_CONFIG"])
    text = re.sub(r"QUIRE_CACHE_SECONDS=.*\n", "", file.read_text())
    file.write_text(text + (f"QUIRE_CACHE_SECONDS={seconds}\n" if seconds is not None else ""))
    cluster.script("restart-pool")


def print_cache(cluster, content):
    before, measured = load_average(), []
    wanted = [target for target in targets.api_reads(content) if target.name in NAMES]
    rounds = []
    try:
        for _ in range(ROUNDS):
            kept = [measure(cluster, target) for target in wanted]
            keep_answers(cluster, 0)
            rounds.append(list(zip(kept, [measure(cluster, target) for target in wanted])))
            keep_answers(cluster, None)
    finally:
        keep_answers(cluster, None)
    table = Table("with / without the cache", "req/s", "p99 ms", "CPU µs", *COMPONENTS, "db", "hits",
                  "of the CPU")
    for target, pairs in zip(wanted, zip(*rounds)):
        kept, others = zip(*pairs)
        share = statistics.median(one.cost() / other.cost() for one, other in pairs)

        def both(value, digits=0, kept=kept, others=others):
            return beside(middle(kept, value), middle(others, value), digits)

        table.row(target.name, both(lambda r: r.rate), both(lambda r: r.p99, 1), both(lambda r: r.cost()),
                  *(both(lambda r, name=name: r.cost(name)) for name in COMPONENTS),
                  both(lambda r: r.each("databaseTrips"), 2),
                  f"{middle(kept, lambda r: r.cache_hits()):.1%}", f"{share:.2f}")
        measured += [*kept, *others]
    print_noise(before, measured)
