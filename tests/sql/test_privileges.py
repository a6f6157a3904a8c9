"""The program's role can do what the queries need, and nothing else."""
import subprocess

import psycopg2
import pytest

import harness

FORBIDDEN = """
    CREATE TABLE mine (id integer)
    CREATE TEMPORARY TABLE mine (id integer)
    CREATE SCHEMA mine
    CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'
    ALTER TABLE users ADD COLUMN mine integer
    DROP TABLE comments
    TRUNCATE favorites
    INSERT INTO schema_migrations (number, name, checksum) VALUES (99, 'mine', '')
    UPDATE schema_migrations SET checksum = ''
    DELETE FROM schema_migrations
    DELETE FROM users
    UPDATE users SET articles_count = 1
    INSERT INTO users (username, email, password, followers_count) VALUES ('a', 'b', 'c', 9)
    UPDATE articles SET favorites_count = 1
    UPDATE articles SET author_id = 1
    UPDATE articles SET created_at = now()
    UPDATE articles SET submission = ''
    UPDATE comments SET body = ''
    UPDATE comments SET html = ''
    UPDATE favorites SET user_id = 1
    UPDATE site_counters SET articles_count = 0
    DELETE FROM pending_article_counts
    DELETE FROM pending_follower_counts
    SELECT fold_articles()
    INSERT INTO tags (name, articles_count, last_used_at) VALUES ('a', 1, now())
    DELETE FROM article_tags
    UPDATE feeds SET newest_article_at = now()
    SELECT fill_feeds()
    ALTER ROLE quire SUPERUSER
    SET ROLE quire_owner
    SET session_replication_role = replica
    COPY users TO PROGRAM 'true'
    COPY users TO '/tmp/users'
""".strip().splitlines()


@pytest.mark.parametrize("statement", [line.strip() for line in FORBIDDEN])
def test_forbidden(quire, statement):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        quire.cursor.execute(statement)


def test_others_have_nothing(database):
    """PUBLIC: whatever else has a role in the same cluster."""
    assert database.as_owner(
        "SELECT has_database_privilege('public', current_database(), 'CONNECT'),"
        "       has_database_privilege('public', current_database(), 'TEMPORARY'),"
        "       has_schema_privilege('public', 'public', 'USAGE'),"
        "       has_schema_privilege('public', 'public', 'CREATE')") == [(False,) * 4]
    assert database.as_owner(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND has_function_privilege('public', oid, 'EXECUTE')") == []


def test_functions_with_the_owners_rights_have_a_fixed_path(database):
    assert database.as_owner(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " AND NOT coalesce(proconfig::text LIKE '%search_path=public, pg_temp%', false)") == []


def test_roles_can_be_made_again(database):
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.admin,
                    "-f", harness.ROOT / "sql/roles.sql"], check=True)
