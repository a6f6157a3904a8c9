"""What an article pays for being everybody's favourite: how fast it takes and loses favourites, beside as many articles.

200 clients, each with a user of its own, add and withdraw favourites, first each of an article of its own, then all of one. Those
of one article share a row that has its counter: without care they would wait for each other's commits.
"""
import contextlib
import os
import statistics
import time

import client
import harness
import psycopg2
from load import Target, lua
from measure import ROUNDS, run_wrk
from report import middle

CLIENTS = 200
SECONDS = int(os.environ.get("BENCH_SECONDS", "10"))
SEED = "--users 400 --articles 400 --comments 400 --favorites 400 --follows 400 --tags 20"

SCRIPT = """
local tokens, paths, favorite, turn, threads = {tokens}, {paths}, {{}}, 0, 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
function init() turn = number end
function request()
  turn = (turn + 2) % #tokens
  favorite[turn] = not favorite[turn]
  local headers = {{["Authorization"] = "Token " .. tokens[turn + 1]}}
  return wrk.format(favorite[turn] and "POST" or "DELETE", paths[turn % #paths + 1], headers)
end
"""


def lua_list(texts):
    return "{" + ", ".join(map(lua, texts)) + "}"


class Fans(Target):
    """Two threads of wrk, which take the even and the odd users in turns."""

    def script(self):
        return SCRIPT.format(tokens=lua_list(self.tokens), paths=lua_list(self.paths))


def wrong_counts(api, slugs, environment):
    """The articles that say another number than there are rows."""
    with contextlib.closing(psycopg2.connect(environment["QUIRE_DATABASE_OWNER"])) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT slug, (SELECT count(*) FROM favorites WHERE article_id = articles.id)"
                       "  FROM articles WHERE slug = ANY (%s)", (slugs,))
        rows = dict(cursor.fetchall())
    shown = {slug: api.get(f"/api/articles/{slug}").ok()["article"]["favoritesCount"] for slug in slugs}
    return {slug: (shown[slug], rows[slug]) for slug in slugs if shown[slug] != rows[slug]}


def measure(cluster):
    """Prints the rates and their ratio; says whether all counts are right."""
    environment = cluster.environment
    url = environment["QUIRE_URL"]
    api = client.Client(client.Http(url))
    slugs = [article["slug"] for offset in (0, 100)
             for article in api.get(f"/api/articles?limit=100&offset={offset}").ok()["articles"]]
    paths = [f"/api/articles/{slug}/favorite" for slug in slugs]
    tokens = [api.register().token for _ in range(CLIENTS)]
    many = Fans("many articles", "POST", paths, tokens=tokens, connections=CLIENTS)
    one = Fans("one article", "POST", paths[:1], tokens=tokens, connections=CLIENTS)
    rounds = []
    for _ in range(ROUNDS):
        rounds.append([run_wrk(cluster, fans, SECONDS) for fans in (many, one)])
    for fans, results in zip((many, one), zip(*rounds)):
        print(f"{fans.name:15}{middle(results, lambda r: r.rate):8.0f} req/s"
              f"  p50 {middle(results, lambda r: r.p50):6.1f} ms"
              f"  p99 {middle(results, lambda r: r.p99):6.1f} ms"
              f"  failed {sum(r.failed for r in results)}")
    ratio = statistics.median(one.rate / many.rate for many, one in rounds)
    time.sleep(3)  # until what wrk left behind is done
    wrong = wrong_counts(api, slugs, environment)
    print(f"one beside many: {ratio:.2f} of the rate; counts that are wrong: {wrong or 'none'}")
    return not wrong


def main(workers):
    cluster = harness.Cluster()
    cluster.settings.update(SEED=SEED, WORKERS=workers, FSYNC=os.environ.get("FSYNC", "on"))
    try:
        cluster.up()
        return measure(cluster)
    finally:
        cluster.down()
        cluster.forget()
