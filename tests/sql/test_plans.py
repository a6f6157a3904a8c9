"""No query reads a table from end to end, in the plans that the program's role gets."""
import pytest

from database import QUERIES, execute

FILL = """
    INSERT INTO users (username, email, password)
    SELECT 'user' || n, 'user' || n || '@example.com', 'hash' FROM generate_series(1, 5000) AS n;

    INSERT INTO articles (author_id, created_at, slug, title, description, body, html, tag_list,
                          submission)
    SELECT users.id, now() - n * interval '1 minute', 'article-' || n, 'Title', 'About',
           repeat('text ', 50), repeat('text ', 50), ARRAY['tag' || n % 500], 'form' || n
      FROM generate_series(1, 5000) AS n JOIN users ON username = 'user' || (n * n) % 1500 + 1;

    INSERT INTO follows (follower_id, followed_id)
    SELECT a.id, b.id FROM users AS a JOIN users AS b ON b.id % 1250 = a.id % 1250 AND a.id <> b.id;

    INSERT INTO favorites (article_id, user_id, article_created_at)
    SELECT articles.id, users.id, articles.created_at
      FROM articles JOIN users ON users.id % 2500 = articles.id % 2500;

    INSERT INTO comments (article_id, author_id, body, html, submission)
    SELECT articles.id, users.id, 'text', 'text', 'form' || articles.id
      FROM articles JOIN users ON users.id % 2500 = articles.id % 2500;

    INSERT INTO old_slugs (slug, article_id) SELECT 'old-' || slug, id FROM articles;
"""

ARGUMENTS = {"limit": 20, "offset": 0, "slug": "article-5", "tag": "tag5", "tags": ["a", "b"],
             "username": "user5", "author": "user5", "favorited": "user5"}


@pytest.fixture(scope="module", autouse=True)
def filled(database):
    database.as_owner(FILL)
    database.as_owner("VACUUM ANALYZE")


def plan_nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from plan_nodes(child)


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_reads_by_index(quire, query):
    values = [1 if kind == "bigint" else ARGUMENTS.get(name, "text" if kind == "text" else None)
              for name, kind in query.arguments]
    quire.cursor.execute("EXPLAIN (FORMAT JSON) " + execute(query), values)
    plan = quire.cursor.fetchone()["QUERY PLAN"][0]["Plan"]
    scanned = {node["Relation Name"] for node in plan_nodes(plan)
               if node["Node Type"] == "Seq Scan"}
    assert scanned <= {"site_counters"}, f"{query.file}:{query.line}: {query.name} scans {scanned}"


@pytest.mark.parametrize("setting, value", [("plan_cache_mode", "force_generic_plan"),
                                            ("jit", "off"), ("enable_seqscan", "off")])
def test_role_has_its_settings(quire, setting, value):
    quire.cursor.execute(f"SHOW {setting}")
    assert quire.cursor.fetchone()[setting] == value
