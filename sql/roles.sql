-- The two roles of a Quire database. Run once for each cluster by a superuser, before the database is made; to run it again does
-- no harm:
--
--   psql -v ON_ERROR_STOP=1 -f sql/roles.sql
--   psql -c "CREATE DATABASE quire OWNER quire_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
--
-- quire_owner owns the schema and runs `quire migrate`. quire is the program's role: the migrations grant it what the queries need,
-- and no more. Where roles sign in with a password, set it with psql's \password.

SELECT format('CREATE ROLE %I LOGIN', name)
  FROM unnest(ARRAY['quire_owner', 'quire']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE quire_owner NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE quire NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- The monitor asks a replica which timeline it receives. It is more than that needs: the role could read the statements of others
-- in pg_stat_activity, so let nobody else's secrets be typed into this cluster as SQL.
GRANT pg_read_all_stats TO quire;

-- Every query is written so that one plan suits all its arguments. PostgreSQL would rather plan each execution of a list anew,
-- because it guesses that an unknown LIMIT wants a tenth of the table; that planning costs more than the list.
ALTER ROLE quire SET plan_cache_mode = force_generic_plan;
ALTER ROLE quire SET jit = off;

-- Behind PgBouncer, which hands no options on (QUIRE_DATABASE_POOLER), the role has the time-out of statements:
--   ALTER ROLE quire SET statement_timeout = '3s';

-- No query is meant to read a table from end to end. The tables of pending counts are mostly empty, when that seems the cheapest;
-- the plan would still be used when they are not.
ALTER ROLE quire SET enable_seqscan = off;
