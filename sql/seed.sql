-- What `quire seed` runs around its rows. generate.py makes the string step_<name> of each step; all but the last are one transaction.

-- step: open
BEGIN;
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = 0;
SET LOCAL maintenance_work_mem = '256MB';
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;

-- step: find_users
SELECT EXISTS (SELECT FROM users);

-- step: prepare
-- Truncated in this transaction, a table takes its rows frozen: they need no vacuum later. Without users the tables are empty but for tags.
-- Triggers, foreign keys and all indexes but those of primary keys and unique constraints would see each row; they do better with all rows at once.
TRUNCATE users, follows, articles, old_slugs, article_tags, tags, favorites, comments RESTART IDENTITY CASCADE;
DO $$
DECLARE
	loaded constant regclass[] := ARRAY['users', 'follows', 'articles', 'old_slugs', 'article_tags', 'tags', 'favorites', 'comments'];
	change text;
	changes text[];
	put_back text;
BEGIN
	SELECT string_agg(command, E';\n' ORDER BY kind, number) INTO put_back
	  FROM (SELECT 1 AS kind, indexrelid AS number, pg_get_indexdef(indexrelid) AS command
	          FROM pg_index
	         WHERE indrelid = ANY (loaded) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
	        UNION ALL
	        SELECT 2, oid, format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
	          FROM pg_constraint WHERE conrelid = ANY (loaded) AND contype = 'f'
	        UNION ALL
	        SELECT 3, oid, format('ALTER TABLE %s ENABLE TRIGGER USER', oid::regclass) FROM unnest(loaded) AS oid) AS commands;
	PERFORM set_config('quire.put_back', put_back, true);

	SELECT array_agg(command) INTO changes
	  FROM (SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS command
	          FROM pg_constraint WHERE conrelid = ANY (loaded) AND contype = 'f'
	        UNION ALL
	        SELECT format('DROP INDEX %s', indexrelid::regclass)
	          FROM pg_index
	         WHERE indrelid = ANY (loaded) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
	        UNION ALL
	        SELECT format('ALTER TABLE %s DISABLE TRIGGER USER', oid::regclass) FROM unnest(loaded) AS oid) AS commands;
	FOREACH change IN ARRAY changes LOOP
		EXECUTE change;
	END LOOP;
END
$$;

-- step: copy_users
COPY users (id, created_at, updated_at, username, email, password, bio, image,
            articles_count, favorites_count, followers_count, following_count) FROM STDIN WITH (FREEZE);

-- step: copy_follows
COPY follows (follower_id, followed_id, created_at) FROM STDIN WITH (FREEZE);

-- step: copy_articles
COPY articles (id, author_id, created_at, updated_at, slug, slug_suffix, title, description, tag_list, body, html,
               favorites_count, comments_count) FROM STDIN WITH (FREEZE);

-- step: copy_favorites
COPY favorites (article_id, user_id, article_created_at, created_at) FROM STDIN WITH (FREEZE);

-- step: copy_comments
COPY comments (id, article_id, author_id, created_at, updated_at, body, html) FROM STDIN WITH (FREEZE);

-- step: complete
-- What the triggers would have kept.
INSERT INTO article_tags (article_id, article_created_at, tag)
SELECT id, created_at, unnest(tag_list) FROM articles;

INSERT INTO tags (name, articles_count, last_used_at)
SELECT tag, count(*), max(article_created_at) FROM article_tags GROUP BY tag;

UPDATE site_counters SET articles_count = CASE shard WHEN 0 THEN (SELECT count(*) FROM articles) ELSE 0 END;

SELECT setval(pg_get_serial_sequence('users', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM users;
SELECT setval(pg_get_serial_sequence('articles', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM articles;
SELECT setval(pg_get_serial_sequence('comments', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM comments;

-- step: put_back
-- In their old order: when several unique indexes are violated, the oldest is the one that is reported.
DO $$ BEGIN EXECUTE current_setting('quire.put_back'); END $$;

-- step: commit
COMMIT;

-- step: settle
VACUUM (ANALYZE) users, follows, articles, old_slugs, article_tags, tags, favorites, comments, site_counters;
