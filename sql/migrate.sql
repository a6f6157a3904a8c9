-- How `quire migrate` keeps account of what it has applied. generate.py makes a member of migration_statements of each step.
-- The lock's key is "quire" in ASCII: any number that no other program uses in the same database.

-- step: try_lock
SELECT pg_try_advisory_lock(487301149285);

-- step: lock
SELECT pg_advisory_lock(487301149285);

-- step: find_table
SELECT to_regclass('public.schema_migrations') IS NOT NULL;

-- step: make_table
CREATE TABLE public.schema_migrations (
	number     integer PRIMARY KEY,
	name       text NOT NULL,
	checksum   text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT now()
);

-- step: applied
SELECT number, checksum, name FROM public.schema_migrations ORDER BY number;

-- step: record
INSERT INTO public.schema_migrations (number, name, checksum) VALUES ($1, $2, $3);
