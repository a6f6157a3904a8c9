-- Counters, kept by triggers, so that no read ever counts a large table and the program's role cannot write them.
--
-- They are right under cascades (a foreign key's deletes fire the triggers of their own table) and under concurrency. No two
-- transactions wait for each other in a circle, because all take their locks in one order: articles, users, the site's counters,
-- tags; within a table by ascending key.

-- All articles: the sum of the rows. There are several so that authors who publish at the same moment need not wait for each other.
CREATE TABLE site_counters (
	shard          integer PRIMARY KEY,
	articles_count integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

INSERT INTO site_counters (shard) SELECT generate_series(0, 15);

GRANT SELECT ON site_counters TO quire;

-- The functions run once for each statement; "changes" are the rows that it inserted or deleted.

CREATE FUNCTION count_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	direction constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
	change record;
BEGIN
	FOR change IN
		SELECT user_id, sum(followers) AS followers, sum(following) AS following
		  FROM (SELECT followed_id AS user_id, 1 AS followers, 0 AS following FROM changes
		        UNION ALL
		        SELECT follower_id, 0, 1 FROM changes) AS both_ends
		 GROUP BY user_id ORDER BY user_id
	LOOP
		UPDATE users
		   SET followers_count = followers_count + direction * change.followers,
		       following_count = following_count + direction * change.following
		 WHERE id = change.user_id;
	END LOOP;
	RETURN NULL;
END
$$;

CREATE FUNCTION count_favorites() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	direction constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
	change record;
BEGIN
	FOR change IN SELECT article_id, count(*) AS count FROM changes GROUP BY article_id ORDER BY article_id LOOP
		UPDATE articles SET favorites_count = favorites_count + direction * change.count WHERE id = change.article_id;
	END LOOP;
	FOR change IN SELECT user_id, count(*) AS count FROM changes GROUP BY user_id ORDER BY user_id LOOP
		UPDATE users SET favorites_count = favorites_count + direction * change.count WHERE id = change.user_id;
	END LOOP;
	RETURN NULL;
END
$$;

CREATE FUNCTION count_comments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	direction constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
	change record;
BEGIN
	FOR change IN SELECT article_id, count(*) AS count FROM changes GROUP BY article_id ORDER BY article_id LOOP
		UPDATE articles SET comments_count = comments_count + direction * change.count WHERE id = change.article_id;
	END LOOP;
	RETURN NULL;
END
$$;

CREATE FUNCTION count_articles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	direction constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
	change record;
BEGIN
	FOR change IN SELECT author_id, count(*) AS count FROM changes GROUP BY author_id ORDER BY author_id LOOP
		UPDATE users SET articles_count = articles_count + direction * change.count WHERE id = change.author_id;
	END LOOP;
	UPDATE site_counters SET articles_count = articles_count + direction * (SELECT count(*) FROM changes)
	 WHERE shard = pg_backend_pid() % 16;
	RETURN NULL;
END
$$;

-- Deleting an article lowers counters of its author and of all who favourited it. They are locked in order here, before the
-- cascade meets them in another.
CREATE FUNCTION lock_users_of_article() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	PERFORM FROM users
	  WHERE id IN (SELECT OLD.author_id UNION SELECT user_id FROM favorites WHERE article_id = OLD.id)
	  ORDER BY id FOR NO KEY UPDATE;
	RETURN OLD;
END
$$;

CREATE FUNCTION tag_inserted_articles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO article_tags (article_id, article_created_at, tag) SELECT id, created_at, unnest(tag_list) FROM changes;

	INSERT INTO tags (name, articles_count, last_used_at)
	SELECT tag, count(*), max(created_at) FROM changes, unnest(tag_list) AS tag GROUP BY tag ORDER BY tag
	ON CONFLICT (name) DO UPDATE
	   SET articles_count = tags.articles_count + excluded.articles_count,
	       last_used_at = greatest(tags.last_used_at, excluded.last_used_at);
	RETURN NULL;
END
$$;

CREATE FUNCTION untag_deleted_articles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	change record;
BEGIN
	FOR change IN SELECT tag, count(*) AS count FROM changes, unnest(tag_list) AS tag GROUP BY tag ORDER BY tag LOOP
		UPDATE tags SET articles_count = articles_count - change.count WHERE name = change.tag;
	END LOOP;
	RETURN NULL;
END
$$;

-- Runs for each row, because a trigger for statements cannot be bound to a column.
CREATE FUNCTION retag_article() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	change record;
BEGIN
	FOR change IN
		SELECT tag, sum(direction) AS direction
		  FROM (SELECT unnest(NEW.tag_list) AS tag, 1 AS direction
		        UNION ALL
		        SELECT unnest(OLD.tag_list), -1) AS both_lists
		 GROUP BY tag HAVING sum(direction) <> 0 ORDER BY tag
	LOOP
		IF change.direction > 0 THEN
			INSERT INTO article_tags (article_id, article_created_at, tag) VALUES (NEW.id, NEW.created_at, change.tag);
			INSERT INTO tags (name, articles_count, last_used_at) VALUES (change.tag, 1, NEW.updated_at)
			ON CONFLICT (name) DO UPDATE
			   SET articles_count = tags.articles_count + 1,
			       last_used_at = greatest(tags.last_used_at, excluded.last_used_at);
		ELSE
			DELETE FROM article_tags WHERE article_id = NEW.id AND tag = change.tag;
			UPDATE tags SET articles_count = articles_count - 1 WHERE name = change.tag;
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;

CREATE TRIGGER count_inserted AFTER INSERT ON follows REFERENCING NEW TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION count_follows();
CREATE TRIGGER count_deleted AFTER DELETE ON follows REFERENCING OLD TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION count_follows();

CREATE TRIGGER count_inserted AFTER INSERT ON favorites REFERENCING NEW TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION count_favorites();
CREATE TRIGGER count_deleted AFTER DELETE ON favorites REFERENCING OLD TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION count_favorites();

CREATE TRIGGER count_inserted AFTER INSERT ON comments REFERENCING NEW TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION count_comments();
CREATE TRIGGER count_deleted AFTER DELETE ON comments REFERENCING OLD TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION count_comments();

-- Triggers of one event run in the order of their names: users are locked before tags.
CREATE TRIGGER count_inserted AFTER INSERT ON articles REFERENCING NEW TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION count_articles();
CREATE TRIGGER tag_inserted AFTER INSERT ON articles REFERENCING NEW TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION tag_inserted_articles();
CREATE TRIGGER retag_updated AFTER UPDATE OF tag_list ON articles
	FOR EACH ROW WHEN (OLD.tag_list IS DISTINCT FROM NEW.tag_list) EXECUTE FUNCTION retag_article();
CREATE TRIGGER lock_deleted BEFORE DELETE ON articles
	FOR EACH ROW EXECUTE FUNCTION lock_users_of_article();
CREATE TRIGGER count_deleted AFTER DELETE ON articles REFERENCING OLD TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION count_articles();
CREATE TRIGGER untag_deleted AFTER DELETE ON articles REFERENCING OLD TABLE AS changes
	FOR EACH STATEMENT EXECUTE FUNCTION untag_deleted_articles();
