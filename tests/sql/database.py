"""Databases for tests, and the named queries of sql/queries as the program runs them."""
import contextlib
import itertools
import os
import subprocess
import sys

import psycopg2
import psycopg2.extras
from psycopg2.extensions import make_dsn

import harness

sys.path.insert(0, str(harness.ROOT / "sql"))
import generate  # noqa: E402

BLOCKS = generate.read_blocks(harness.ROOT / "sql/queries")
QUERIES = BLOCKS["query"]
FROM_NEWEST = ("infinity", 2**63 - 1)  # before and before_id of a list's first page
numbers = itertools.count(1)


def prepare(cursor, query):
    types = ", ".join(kind for _, kind in query.arguments)
    text = generate.query_text(query, BLOCKS["fragment"])
    cursor.execute(f"PREPARE {query.name}{f'({types})' if types else ''} AS {text}")


def execute(query):
    """The statement that runs a prepared query, with a %s for each argument."""
    marks = ", ".join(["%s"] * len(query.arguments))
    return f"EXECUTE {query.name}" + (f"({marks})" if marks else "")


class Session:
    """A connection with every query prepared: session.user_by_id(7) gives the rows as dicts."""

    def __init__(self, address):
        self.connection = psycopg2.connect(address)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor)
        for query in QUERIES.values():
            prepare(self.cursor, query)

    def __getattr__(self, name):
        query = QUERIES[name]

        def run(*arguments):
            self.cursor.execute(execute(query), arguments)
            return self.cursor.fetchall()

        return run

    def close(self):
        self.connection.close()

    def user(self, name=None):
        """A new user's id."""
        name = name or f"user{next(numbers)}"
        return self.user_insert(name, f"{name}@example.com", "hash")[0]["_id"]

    def article(self, author, slug=None, tags=()):
        """A new article's slug."""
        slug = slug or f"article-{next(numbers)}"
        suffix = f"suffix{next(numbers)}"
        rows = self.article_insert(author, slug, suffix, "Title", "About", "Text", None, list(tags),
                                   None)
        return rows[0]["slug"]

    def comment(self, author, slug, body="text"):
        """A new comment's id."""
        return self.comment_insert(author, slug, body, None, None)[0]["id"]


class Database:
    """An empty database, until drop()."""

    def __init__(self, environment):
        self.name = f"quire_test_{os.getpid()}_{next(numbers)}"
        self.admin = environment["QUIRE_DATABASE_ADMIN"]
        self.owner = make_dsn(environment["QUIRE_DATABASE_OWNER"], dbname=self.name)
        self.program = make_dsn(environment["QUIRE_DATABASE_PRIMARY"], dbname=self.name)
        self.sessions = []
        self.as_admin(f"CREATE DATABASE {self.name} OWNER quire_owner TEMPLATE template0 "
                      "ENCODING 'UTF8' LOCALE 'C.UTF-8'")

    def as_admin(self, statement):
        with contextlib.closing(psycopg2.connect(self.admin)) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def as_owner(self, statement, *arguments):
        """Runs a statement; returns its rows, if it has any."""
        with contextlib.closing(psycopg2.connect(self.owner)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(statement, arguments or None)
            return cursor.fetchall() if cursor.description else None

    def start_migrate(self, *options, **settings):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("QUIRE_")}
        environment.update({"QUIRE_CONFIG": "/dev/null", "QUIRE_DATABASE_OWNER": self.owner})
        environment.update(settings)
        return subprocess.Popen([harness.PROGRAM, "migrate", *options], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def migrate(self, *options, **settings):
        """Runs quire migrate: (exit status, standard output, standard error)."""
        process = self.start_migrate(*options, **settings)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def wait_for_lock(self):
        """Until another session of this database waits for a lock."""
        waiting = ("SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                   " AND wait_event_type = 'Lock'")
        harness.wait_until(lambda: self.as_owner(waiting), what="one waits for a lock")

    def session(self):
        self.sessions.append(Session(self.program))
        return self.sessions[-1]

    def drop(self):
        for session in self.sessions:
            session.close()
        self.as_admin(f"DROP DATABASE {self.name} WITH (FORCE)")
