"""Tables in Markdown, row by row, and what may have spoilt the figures in them."""
import os
import statistics


class Table:
    """A table whose columns are right-aligned but for the first; prints each row at once."""

    def __init__(self, first, *columns, width=24):
        self.widths = [width, *(max(6, len(column)) for column in columns)]
        print()
        self.row(first, *columns)
        print("|" + "|".join(["---", *("--:" for _ in columns)]) + "|", flush=True)

    def row(self, first, *cells):
        padded = [str(cell).rjust(width) for cell, width in zip(cells, self.widths[1:])]
        print("| " + " | ".join([first.ljust(self.widths[0]), *padded]) + " |", flush=True)


def middle(results, value):
    """The median of what `value` says of each result."""
    return statistics.median(value(result) for result in results)


def beside(small, large, digits=0):
    """Two figures in one cell."""
    return f"{small:.{digits}f} / {large:.{digits}f}"


def trips(results, key, digits=1):
    return f"{middle(results, lambda r: r.each(key)):.{digits}f}"


def load_average():
    return os.getloadavg()[0]


def print_noise(before, results):
    """Says how far the machine was ours while these were measured."""
    shares = [result.others for result in results]
    print(f"\nNoise: load average {before:.1f} before, {load_average():.1f} after; other processes took "
          f"{statistics.mean(shares):.1%} of the machine, {max(shares):.1%} at worst.", flush=True)
