"""`quire seed`: what it loads is whole, repeatable, and as if written through the API."""
import os
import pty
import signal
import subprocess

import psycopg2
import pytest

import harness
from database import Database

SIZE = {"users": 60, "articles": 90, "comments": 300, "favorites": 500, "follows": 400}
OPTIONS = [word for name, count in SIZE.items() for word in (f"--{name}", str(count))]
OPTIONS += ["--tags", "40", "--until", "2025-06-01"]

CONTENT = {
    "users": "SELECT id, created_at, username, email, bio, image, articles_count, favorites_count,"
             " followers_count, following_count FROM users ORDER BY id",
    "follows": "SELECT * FROM follows ORDER BY follower_id, followed_id",
    "articles": "SELECT * FROM articles ORDER BY id",
    "article_tags": "SELECT * FROM article_tags ORDER BY article_id, tag",
    "tags": "SELECT * FROM tags ORDER BY name",
    "favorites": "SELECT * FROM favorites ORDER BY article_id, user_id",
    "comments": "SELECT * FROM comments ORDER BY id",
}

# Each finds rows only where something is kept wrongly.
FAULTS = {
    "articles of a user": """
        SELECT id FROM users
         WHERE articles_count <> (SELECT count(*) FROM articles WHERE author_id = users.id)""",
    "favourites of a user": """
        SELECT id FROM users
         WHERE favorites_count <> (SELECT count(*) FROM favorites WHERE user_id = users.id)""",
    "followers": """
        SELECT id FROM users
         WHERE followers_count <> (SELECT count(*) FROM follows WHERE followed_id = users.id)""",
    "following": """
        SELECT id FROM users
         WHERE following_count <> (SELECT count(*) FROM follows WHERE follower_id = users.id)""",
    "favourites of an article": """
        SELECT id FROM articles
         WHERE favorites_count <> (SELECT count(*) FROM favorites WHERE article_id = id)""",
    "comments of an article": """
        SELECT id FROM articles
         WHERE comments_count <> (SELECT count(*) FROM comments WHERE article_id = articles.id)""",
    "articles in all": """
        SELECT sum(articles_count) FROM site_counters
        HAVING sum(articles_count) <> (SELECT count(*) FROM articles)""",
    "tags of an article": """
        SELECT id FROM articles
         WHERE tag_list <> ARRAY(SELECT tag FROM article_tags
                                  WHERE article_id = id AND article_created_at = created_at
                                  ORDER BY tag)""",
    "tags": """
        SELECT name, articles_count, last_used_at FROM tags
        EXCEPT
        SELECT tag, count(*), max(article_created_at) FROM article_tags GROUP BY tag""",
    "time of a favourite's article": """
        SELECT articles.id FROM favorites JOIN articles ON articles.id = article_id
         WHERE article_created_at <> articles.created_at""",
    "order of articles": """
        SELECT a.id FROM articles AS a JOIN articles AS b ON b.id = a.id + 1
         WHERE b.created_at < a.created_at""",
    "suffix of a slug": """
        SELECT id FROM articles WHERE slug_suffix <> '' AND slug NOT LIKE '%-' || slug_suffix""",
}

# The first six, and two from the middle.
PEOPLE = ("demo", "calliope", "clio", "erato", "thalia", "urania", "argus", "echo")

INDEXES = """
    SELECT pg_get_indexdef(indexrelid), indisvalid
      FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
     WHERE relnamespace = 'public'::regnamespace AND NOT indisprimary ORDER BY relname, indexrelid
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal
     ORDER BY 1, 2
"""


def seed(database, *options):
    """(exit status, standard error)"""
    done = subprocess.run([harness.PROGRAM, "seed", *options], env=settings(database), text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.stdout == "" or "--help" in options
    return done.returncode, done.stderr


def settings(database):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("QUIRE_")}
    return {**environment, "QUIRE_CONFIG": "/dev/null", "QUIRE_DATABASE_OWNER": database.owner}


def content(database):
    return {table: database.as_owner(query) for table, query in CONTENT.items()}


def schema(database):
    return [database.as_owner(query) for query in (INDEXES, CONSTRAINTS, TRIGGERS)]


@pytest.fixture
def migrated(empty_database):
    status, _, errors = empty_database.migrate()
    assert status == 0, errors
    return empty_database


@pytest.fixture(scope="module")
def seeded(database):
    database.schema_before = schema(database)
    assert seed(database, *OPTIONS, "--quiet") == (0, "")
    return database


@pytest.mark.parametrize("table, count", SIZE.items())
def test_loads_as_many_as_asked_for(seeded, table, count):
    assert seeded.as_owner(f"SELECT count(*) FROM {table}") == [(count,)]


@pytest.mark.parametrize("fault", FAULTS)
def test_is_kept_as_the_triggers_would(seeded, fault):
    assert seeded.as_owner(FAULTS[fault]) == []


def test_some_people_are_the_same_in_all_sizes(seeded):
    assert seeded.as_owner(f"""
        SELECT username FROM users
         WHERE username IN {PEOPLE} AND email = username || '@quire.example'
         ORDER BY id""") == [(name,) for name in PEOPLE]
    ((hashes, one),) = seeded.as_owner("SELECT count(DISTINCT password), min(password) FROM users")
    assert hashes == 1 and one.startswith("$argon2id$")


def test_follows_are_skewed(seeded):
    """Everybody follows one, one follows everybody, and most are followed by few."""
    others = SIZE["users"] - 1
    for name, column in (("calliope", "followers_count"), ("argus", "following_count")):
        assert seeded.as_owner(f"""
            SELECT username, {column} FROM users ORDER BY 2 DESC LIMIT 1""") == [(name, others)]
    ((median,),) = seeded.as_owner("""
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY followers_count) FROM users""")
    assert median < SIZE["follows"] / SIZE["users"]


def test_puts_indexes_constraints_and_triggers_back(seeded):
    assert schema(seeded) == seeded.schema_before


def test_is_read_without_a_vacuum(seeded):
    assert seeded.as_owner("""
        SELECT relname FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relallvisible < relpages
           AND relname IN ('users', 'follows', 'favorites')""") == []


def test_others_can_write_afterwards(seeded):
    quire = seeded.session()
    author = quire.user()
    quire.article(author, slug="new", tags=["gardening", "never-before"])
    assert author == SIZE["users"] + 1
    assert seeded.as_owner("SELECT id, author_id FROM articles WHERE slug = 'new'") == [
        (SIZE["articles"] + 1, author)]
    for fault in FAULTS.values():
        assert seeded.as_owner(fault) == []


def test_leaves_a_database_with_users_alone(seeded):
    before = content(seeded)
    assert seed(seeded, *OPTIONS) == (
        1, "quire seed: the database has users already, it is left as it is\n")
    assert content(seeded) == before


def test_equal_numbers_give_equal_content(environment):
    contents = []
    for options in (OPTIONS, OPTIONS, [*OPTIONS, "--seed", "2"]):
        database = Database(environment)
        try:
            assert database.migrate()[0] == 0
            assert seed(database, *options, "--quiet") == (0, "")
            contents.append(content(database))
        finally:
            database.drop()
    assert contents[0] == contents[1] != contents[2]


def test_says_what_it_does(migrated):
    status, said = seed(migrated, "--users", "20", "--articles", "0", "--tags", "0")
    lines = said.splitlines()
    assert status == 0
    assert [line.split()[0] for line in lines[:-1]] == [
        "plan", "users", "follows", "articles", "favorites", "comments", "tags", "indexes",
        "commit", "statistics"]
    assert "20 rows" in lines[1]
    assert lines[-1].endswith("Sign in as demo@quire.example, password quire-demo.")


def test_draws_a_bar_on_a_terminal(migrated):
    terminal, end = pty.openpty()
    done = subprocess.run([harness.PROGRAM, "seed", "--users", "30"], env=settings(migrated),
                          stderr=end, timeout=60, check=False)
    os.close(end)
    drawn = os.read(terminal, 1 << 20).decode()
    os.close(terminal)
    assert done.returncode == 0
    assert "\r[" in drawn and " %  comments" in drawn


def test_a_failure_leaves_nothing(migrated):
    """The last table refuses a row: those before it are empty again."""
    migrated.as_owner("ALTER TABLE comments ADD CHECK (id < 100)")
    before = schema(migrated)
    status, said = seed(migrated, *OPTIONS, "--quiet")
    assert status == 1
    assert said.startswith("quire seed: comments: ERROR:  new row for relation \"comments\"")
    assert not any(content(migrated).values())
    assert schema(migrated) == before


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_load_leaves_nothing(migrated, stop):
    """It is stopped among the articles, and can be started again at once."""
    before = schema(migrated)
    with subprocess.Popen([harness.PROGRAM, "seed", "--users", "300", "--articles", "100000"],
                          env=settings(migrated), stderr=subprocess.PIPE, text=True) as load:
        while not load.stderr.readline().startswith("follows"):
            pass
        load.send_signal(stop)
        said = load.stderr.read()
    assert load.returncode == -stop
    assert ("stopped, nothing has been loaded" in said) == (stop != signal.SIGKILL)
    assert not any(content(migrated).values())
    assert schema(migrated) == before
    assert seed(migrated, *OPTIONS, "--quiet") == (0, "")


def test_needs_the_schema(empty_database):
    status, said = seed(empty_database)
    assert status == 1
    assert said.startswith("quire seed: the schema is not up to date, run quire migrate first: ")


def test_needs_a_database(empty_database):
    empty_database.owner = psycopg2.extensions.make_dsn(empty_database.owner, dbname="no_such_one")
    status, said = seed(empty_database)
    assert status == 1
    assert said.startswith("quire seed: cannot connect: ") and "no_such_one" in said


def test_waits_for_nobody_for_ever(migrated):
    """Whoever holds the users is given five seconds."""
    holder = psycopg2.connect(migrated.owner)
    holder.cursor().execute("LOCK TABLE users IN SHARE MODE")
    status, said = seed(migrated)
    holder.close()
    assert status == 1
    assert said.startswith("quire seed: cannot lock the users: ERROR:")


@pytest.mark.parametrize("options, message", [
    (["--users", "many"], "--users must be a number from 1 to 10000000, not \"many\""),
    (["--users", "1", "--follows", "1"], "--follows must be a number from 0 to 0, not \"1\""),
    (["--userz", "1"], "--userz is not an option, see quire seed --help"),
])
def test_refuses_wrong_options(empty_database, options, message):
    assert seed(empty_database, *options) == (64, f"quire seed: {message}\n")


def test_help_names_every_option(empty_database):
    done = subprocess.run([harness.PROGRAM, "seed", "--help"], env=settings(empty_database),
                          capture_output=True, text=True, check=True)
    for name in (*SIZE, "tags", "seed", "until", "quiet"):
        assert f"  --{name} " in done.stdout
