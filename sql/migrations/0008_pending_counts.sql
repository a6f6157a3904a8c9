-- Counters that many change at the same moment: those of a viral article, the followers of an author whom everybody follows.
--
-- Who finds such a row locked does not wait for the other's commit, but leaves the change in a table beside it: it is pending, and
-- readers add it. As long as something is pending all leave theirs there. Now and then one moves what is pending into the row: it
-- folds. That is one commit, so the sum is exact in every snapshot. Only a statement that locks or changes the row has a newer
-- version of it than of what is pending, and must read both without the lock.
--
-- Articles are read most, so that they tell whether to look: the first who finds one locked waits, and sets counts_pending. A fold
-- takes it back when nobody has the article locked. Who leaves a change locks it FOR KEY SHARE, which keeps the flag.
--
-- The one order of locks is still articles, users, the site's counters, tags. Folds lock articles and users out of it, and so does who
-- finds a counter of followers free. None of them waits for such a lock, and what they wait for afterwards is later in the order: that
-- makes no circle.
--
-- Folds are rare because a row that changes often while many lock it is dear to read: each version of it names all who do.

ALTER TABLE articles ADD COLUMN counts_pending boolean NOT NULL DEFAULT false;

CREATE TABLE pending_article_counts (
	article_id      bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
	favorites_count integer NOT NULL,
	comments_count  integer NOT NULL,
	created_at      timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE pending_follower_counts (
	user_id         bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	followers_count integer NOT NULL,
	created_at      timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- The newest first: what was folded is dead, and whether anything is pending is asked for each change. An entry that rows share is
-- forgotten when all of them are dead, one of its own at once.
CREATE INDEX pending_article_counts_newest ON pending_article_counts (article_id, created_at DESC) WITH (deduplicate_items = off);
CREATE INDEX pending_follower_counts_newest ON pending_follower_counts (user_id, created_at DESC) WITH (deduplicate_items = off);

GRANT SELECT ON pending_article_counts, pending_follower_counts TO quire;

-- Only the triggers below call these functions. The locks keep others from folding the same; what they add meanwhile stays pending.

CREATE FUNCTION fold_articles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	crowded constant bigint[] := ARRAY(SELECT DISTINCT article_id FROM pending_article_counts);
	calm constant bigint[] := ARRAY(SELECT id FROM articles WHERE id = ANY (crowded) FOR UPDATE SKIP LOCKED);
	locked constant bigint[] := ARRAY(SELECT id FROM articles WHERE id = ANY (crowded) FOR NO KEY UPDATE SKIP LOCKED);
BEGIN
	WITH pending AS (DELETE FROM pending_article_counts WHERE article_id = ANY (locked) RETURNING *)
	UPDATE articles
	   SET favorites_count = articles.favorites_count + total.favorites,
	       comments_count = articles.comments_count + total.comments,
	       counts_pending = id <> ALL (calm)
	  FROM (SELECT article_id, sum(favorites_count) AS favorites, sum(comments_count) AS comments
	          FROM pending GROUP BY article_id) AS total
	 WHERE id = total.article_id;
END
$$;

CREATE FUNCTION fold_followers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	locked constant bigint[] := ARRAY(
		SELECT id FROM users WHERE id = ANY (ARRAY(SELECT DISTINCT user_id FROM pending_follower_counts))
		   FOR NO KEY UPDATE SKIP LOCKED);
BEGIN
	WITH pending AS (DELETE FROM pending_follower_counts WHERE user_id = ANY (locked) RETURNING *)
	UPDATE users SET followers_count = users.followers_count + total.followers
	  FROM (SELECT user_id, sum(followers_count) AS followers FROM pending GROUP BY user_id) AS total
	 WHERE id = total.user_id;
END
$$;

CREATE FUNCTION count_on_article(counted bigint, favorites bigint, comments bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE articles SET favorites_count = favorites_count + favorites, comments_count = comments_count + comments
	 WHERE id = (SELECT id FROM articles WHERE id = counted AND NOT counts_pending FOR NO KEY UPDATE SKIP LOCKED);
	IF FOUND THEN
		RETURN;
	END IF;
	-- The lock keeps "counts_pending" until the end of the transaction.
	INSERT INTO pending_article_counts (article_id, favorites_count, comments_count)
	SELECT id, favorites, comments FROM articles WHERE id = counted AND counts_pending FOR KEY SHARE;
	IF FOUND THEN
		RETURN;
	END IF;
	-- The first who finds it locked waits, so that the others need not. Nothing, if the article is gone with all that counted.
	UPDATE articles
	   SET favorites_count = favorites_count + favorites, comments_count = comments_count + comments, counts_pending = true
	 WHERE id = counted;
END
$$;

CREATE FUNCTION pending_favorites(counted bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce((SELECT sum(favorites_count) FROM pending_article_counts WHERE article_id = counted), 0);
END
$$;

CREATE FUNCTION pending_comments(counted bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce((SELECT sum(comments_count) FROM pending_article_counts WHERE article_id = counted), 0);
END
$$;

GRANT EXECUTE ON FUNCTION pending_favorites, pending_comments TO quire;

CREATE FUNCTION count_followers(counted bigint, followers bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE users SET followers_count = followers_count + followers
	 WHERE id = (SELECT id FROM users
	              WHERE id = counted AND NOT EXISTS (SELECT FROM pending_follower_counts WHERE user_id = counted)
	                FOR NO KEY UPDATE SKIP LOCKED);
	IF NOT FOUND THEN
		INSERT INTO pending_follower_counts (user_id, followers_count) SELECT id, followers FROM users WHERE id = counted;
	END IF;
END
$$;

CREATE OR REPLACE FUNCTION count_favorites() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	direction constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
	change record;
BEGIN
	FOR change IN SELECT article_id, count(*) AS count FROM changes GROUP BY article_id ORDER BY article_id LOOP
		PERFORM count_on_article(change.article_id, direction * change.count, 0);
	END LOOP;
	FOR change IN SELECT user_id, count(*) AS count FROM changes GROUP BY user_id ORDER BY user_id LOOP
		UPDATE users SET favorites_count = favorites_count + direction * change.count WHERE id = change.user_id;
	END LOOP;
	IF random() < 0.01 THEN
		PERFORM fold_articles();
	END IF;
	RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_comments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	direction constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
	change record;
BEGIN
	FOR change IN SELECT article_id, count(*) AS count FROM changes GROUP BY article_id ORDER BY article_id LOOP
		PERFORM count_on_article(change.article_id, 0, direction * change.count);
	END LOOP;
	IF random() < 0.01 THEN
		PERFORM fold_articles();
	END IF;
	RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	direction constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
	change record;
BEGIN
	FOR change IN SELECT follower_id, count(*) AS count FROM changes GROUP BY follower_id ORDER BY follower_id LOOP
		UPDATE users SET following_count = following_count + direction * change.count WHERE id = change.follower_id;
	END LOOP;
	FOR change IN SELECT followed_id, count(*) AS count FROM changes GROUP BY followed_id LOOP
		PERFORM count_followers(change.followed_id, direction * change.count);
	END LOOP;
	IF random() < 0.01 THEN
		PERFORM fold_followers();
	END IF;
	RETURN NULL;
END
$$;
