"""What requests are about: articles, people and tags from everywhere in a cluster's content, and people signed in."""
import contextlib
import os
from concurrent.futures import ThreadPoolExecutor

import client
import psycopg2

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "200"))
SAMPLE = 2000  # articles, and at most as many authors; as many in a large cluster as in a small one
BUSY = 100     # tags and people with so much that all of their pages are full: equal pages are equal work
CHANGED = "articles, article_tags, comments, favorites, tags, users, follows"
PASSWORD = "quire-demo"

# Evenly spread over the table, by id.
ARTICLES = """
SELECT slug, username
  FROM generate_series(0, %s - 1) AS number
  JOIN articles ON articles.id = 1 + number * (SELECT max(id) FROM articles) / %s
  JOIN users ON users.id = author_id
 ORDER BY md5(slug)"""
PEOPLE = """
SELECT id, email, username
  FROM generate_series(0, %s - 1) AS number
  JOIN users ON users.id = 1 + number * (SELECT max(id) FROM users) / %s
 WHERE email LIKE '%%@quire.example' AND username <> 'argus'"""
BUSY_TAGS = "SELECT name FROM tags WHERE articles_count >= 20 ORDER BY md5(name) LIMIT %s"
BUSY_AUTHORS = "SELECT username FROM users WHERE articles_count >= 20 ORDER BY md5(username) LIMIT %s"
BUSY_READERS = "SELECT username FROM users WHERE favorites_count >= 20 ORDER BY md5(username) LIMIT %s"
OWN_ARTICLES = "SELECT author_id, slug FROM articles WHERE author_id = ANY (%s) ORDER BY id LIMIT 10000"


class Content:
    """Slugs, usernames and tags as they stand in paths, and tokens of people who signed in."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.api = client.Client(client.Http(cluster.environment["QUIRE_URL"]))
        articles = self.query(ARTICLES, SAMPLE, SAMPLE)
        people = self.query(PEOPLE, SESSIONS, SESSIONS)
        self.slugs = list(dict.fromkeys(client.quote(slug) for slug, _ in articles))
        self.usernames = list(dict.fromkeys(client.quote(username) for _, username in articles))
        self.tags, self.authors, self.readers = (
            [client.quote(name) for name, in self.query(text, BUSY)] for text in (BUSY_TAGS, BUSY_AUTHORS, BUSY_READERS))
        self.emails = [email for _, email, _ in people]
        with ThreadPoolExecutor(4) as pool:
            self.tokens = list(pool.map(self.sign_in, self.emails))
        self.argus = self.sign_in("argus@quire.example")
        tokens = dict(zip((number for number, _, _ in people), self.tokens))
        self.own = [(client.quote(slug), tokens[author])
                    for author, slug in self.query(OWN_ARTICLES, list(tokens))]
        self.last = self.query("SELECT (SELECT max(id) FROM articles), (SELECT max(id) FROM comments)")[0]

    def sign_in(self, email):
        login = {"user": {"email": email, "password": PASSWORD}}
        return self.api.post("/api/users/login", login).ok()["user"]["token"]

    def query(self, text, *values):
        with contextlib.closing(psycopg2.connect(self.cluster.environment["QUIRE_DATABASE_OWNER"])) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text, values or None)
                return cursor.fetchall() if cursor.description else []

    def tidy(self):
        """Takes back what was published and commented since this was made, and sweeps: lists begin where these
        articles were, and readers of replicas walk over what is dead."""
        self.query("DELETE FROM comments WHERE id > %s", self.last[1])
        self.query("DELETE FROM articles WHERE id > %s", self.last[0])
        self.query(f"VACUUM (INDEX_CLEANUP ON, ANALYZE) {CHANGED}")
