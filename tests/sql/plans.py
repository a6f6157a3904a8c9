"""What a query's execution says of its plan: whether it could cost more on a larger site."""
from collections import namedtuple

from database import execute

# Of relations that stay small however large the site is.
TINY = {"site_counters": "has 16 rows"}

# What enable_seqscan = off adds: there is no other way. Else the planner may read a small table.
DISABLED = 1e10

# Beyond the rows that are asked for: what a query looks up besides its list.
ROWS_BESIDE = 60
# A list's row is found in an index and in its table; its author is looked up, whether they are
# followed, and whether it is a favourite.
ROWS_OF_ITEM = 6
# Pages of tables and indexes for each lookup and each row that it finds; and for whatever else.
PAGES_OF_ROW = 3
PAGES_BESIDE = 30

# What a query may read: a list of `items` after `skipped` others, and `counted` rows that cost
# as much as an item each, and `merged` rows of which the list is the first.
Allowed = namedtuple("Allowed", "items skipped counted merged", defaults=(0, 0, 0, 0))


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def explain(cursor, query, arguments):
    """Executes a prepared query: its plan's root, with what each node did."""
    options = "ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON"
    cursor.execute(f"EXPLAIN ({options}) {execute(query)}", arguments)
    return cursor.fetchone()[0][0]["Plan"]


def rows_of(node, *names):
    """How many rows in all its loops. PostgreSQL tells the rounded average of one."""
    return sum(node.get(name, 0) for name in names or ["Actual Rows"]) * node["Actual Loops"]


def is_scan(node):
    if node["Node Type"] in ("ModifyTable", "LockRows"):
        return False
    return "Relation Name" in node or node["Node Type"] == "Bitmap Index Scan"


def rows_read(node):
    """A lookup that finds nothing counts as a row."""
    rows = rows_of(node, "Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return max(rows, node["Actual Loops"])


def scanned(plan):
    for node in nodes(plan):
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] not in TINY and (
                node["Startup Cost"] >= DISABLED or rows_read(node) > ROWS_BESIDE):
            yield f"reads {node['Relation Name']} from end to end"


def sorted_too_much(plan, allowed):
    for node in nodes(plan):
        if node["Node Type"] in ("Sort", "Incremental Sort"):
            rows = sum(rows_of(child) for child in node["Plans"]
                       if child["Parent Relationship"] == "Outer")
            if rows > allowed.items + allowed.merged + ROWS_BESIDE:
                yield f"sorts {rows} rows by {', '.join(node['Sort Key'])}"


def unlimited(plan, query, allowed):
    limited = any(node["Node Type"] == "Limit" for node in nodes(plan))
    if rows_of(plan) > max(allowed.items, 1):
        yield f"returns {rows_of(plan)} rows without a limit"
    elif "limit" in dict(query.arguments) and not limited:
        yield "has no LIMIT"


def read_too_much(plan, allowed):
    scans = [node for node in nodes(plan) if is_scan(node) and node["Actual Loops"] > 0]
    rows = sum(rows_read(node) for node in scans)
    most = ROWS_OF_ITEM * (allowed.items + allowed.counted)
    most += allowed.skipped + 2 * allowed.merged + ROWS_BESIDE
    if rows > most:
        yield f"reads {rows} rows, {most} would do"

    # an index that is read from end to end for one row shows in nothing else
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    most = PAGES_OF_ROW * (rows + sum(node["Actual Loops"] for node in scans)) + PAGES_BESIDE
    if pages > most:
        yield f"reads {pages} pages, {most} would do"


def faults(plan, query, allowed):
    """What is wrong with an execution, as sentences."""
    return [*scanned(plan), *sorted_too_much(plan, allowed), *unlimited(plan, query, allowed),
            *read_too_much(plan, allowed)]
