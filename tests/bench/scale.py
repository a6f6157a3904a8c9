"""What a request costs in a small and in a large cluster, measured in turns, so that noise hits both."""
import statistics

import targets
from measure import COMPONENTS, ROUNDS, measure
from report import Table, beside, load_average, middle, print_noise, trips
from routes import wanted

WARM = 3  # seconds, before the first measurement of a route


def print_scale(small, large):
    """`small` and `large` are pairs of a cluster and its content."""
    before, measured, ratios = load_average(), [], {}
    rows = [pair for pair in zip(targets.every(small[1]), targets.every(large[1])) if wanted(pair[0])]
    table = Table("small / large", "req/s", "p99 ms", "CPU µs", *COMPONENTS, "db", "redis", "failed", "CPU ratio")
    for row in rows:
        rounds = []
        for number in range(ROUNDS):
            warm = 1 if number else WARM
            rounds.append([measure(cluster, target, warm=warm)
                           for (cluster, _), target in zip((small, large), row)])
        ones, others = zip(*rounds)
        ratio = statistics.median(other.cost() / one.cost() for one, other in rounds)

        def both(value, digits=0, ones=ones, others=others):
            return beside(middle(ones, value), middle(others, value), digits)

        table.row(row[0].name, both(lambda r: r.rate), both(lambda r: r.p99, 1), both(lambda r: r.cost()),
                  *(both(lambda r, name=name: r.cost(name)) for name in COMPONENTS),
                  trips(others, "databaseTrips"), trips(others, "redisTrips"),
                  sum(r.failed for r in [*ones, *others]), f"{ratio:.2f}")
        ratios[row[0].name] = ratio
        measured += [*ones, *others]
    dear = [f"{name} {ratio:.2f}" for name, ratio in ratios.items() if ratio > 1.2]
    print(f"\nMore than 1.2 times as dear: {', '.join(dear) or 'none'}")
    print_noise(before, measured)
