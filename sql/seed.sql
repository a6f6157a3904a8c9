-- What `quire seed` runs around its rows. generate.py makes the string step_<name> of each step; all but the last are one transaction.

-- step: open
BEGIN;
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = 0;
SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL client_connection_check_interval = '1s'; -- a load that was killed does not go on building indexes
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;

-- step: find_users
SELECT EXISTS (SELECT FROM users);

-- step: prepare
-- Truncated in this transaction, a table takes its rows frozen: they need no vacuum later. Without users the tables are empty but for tags.
-- Triggers, foreign keys and all indexes but those of primary keys would see each row; they do better with all rows at once. A primary
-- key's rows come in its order.
TRUNCATE users, follows, articles, old_slugs, article_tags, tags, favorites, comments,
         pending_article_counts, pending_follower_counts RESTART IDENTITY CASCADE;

-- In their old order: when several unique indexes are violated, the oldest is the one that is reported.
CREATE TEMPORARY TABLE dropped ON COMMIT DROP AS
WITH loaded AS (
	SELECT unnest('{users, follows, articles, old_slugs, article_tags, tags, favorites, comments}'::regclass[]) AS relation
)
SELECT 1 AS kind, indexrelid AS number, relation,
       CASE WHEN conname IS NULL THEN format('DROP INDEX %s', indexrelid::regclass)
            ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', relation, conname) END AS away,
       CASE WHEN conname IS NULL THEN pg_get_indexdef(indexrelid)
            ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', relation, conname, pg_get_constraintdef(pg_constraint.oid)) END AS back
  FROM loaded JOIN pg_index ON indrelid = relation LEFT JOIN pg_constraint ON conindid = indexrelid AND contype = 'u'
 WHERE NOT indisprimary
UNION ALL
SELECT 2, oid, relation, format('ALTER TABLE %s DROP CONSTRAINT %I', relation, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', relation, conname, pg_get_constraintdef(oid))
  FROM loaded JOIN pg_constraint ON conrelid = relation AND contype = 'f'
UNION ALL
SELECT 3, relation, relation, format('ALTER TABLE %s DISABLE TRIGGER USER', relation), format('ALTER TABLE %s ENABLE TRIGGER USER', relation)
  FROM loaded;

DO $$
DECLARE
	change text;
BEGIN
	FOR change IN SELECT away FROM dropped ORDER BY kind DESC LOOP
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

SELECT fill_feeds();

SELECT setval(pg_get_serial_sequence('users', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM users;
SELECT setval(pg_get_serial_sequence('articles', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM articles;
SELECT setval(pg_get_serial_sequence('comments', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM comments;

-- step: list_put_back
SELECT back, pg_relation_size(relation) FROM dropped ORDER BY kind, number;

-- step: commit
COMMIT;

-- step: list_settle
SELECT format('VACUUM (ANALYZE) %s', relation), pg_relation_size(relation)
  FROM unnest('{users, follows, articles, old_slugs, article_tags, tags, favorites, comments, site_counters,
               feed_authors, feed_readers, feeds}'::regclass[]) AS relation;
