-- Feeds, read from what sql/migrations/0009_feeds.sql prepares.

-- query: article_feed(viewer bigint, before timestamptz, before_id bigint, "limit" integer, "offset" integer) read
-- Articles of the authors whom the viewer follows; see article_lists.sql. The first n are of the n authors with the newest articles.
-- Behind a cursor these are told by the time of an author's newest article where that is behind it, and else are looked up.
WITH pulled AS MATERIALIZED (
	SELECT author.user_id AS author_id, author.newest_article_at, author.articles_count
	  FROM follows JOIN feed_authors AS author ON author.user_id = followed_id
	 WHERE follower_id = $1 AND NOT EXISTS (SELECT FROM feed_readers WHERE user_id = $1)
	UNION ALL
	SELECT author.user_id, author.newest_article_at, author.articles_count
	  FROM feeds JOIN feed_authors AS author ON author.user_id = author_id
	 WHERE reader_id = $1 AND feeds.newest_article_at = 'infinity'
), total AS (
	SELECT coalesce((SELECT articles_count FROM feed_readers WHERE user_id = $1), 0)
	       + coalesce((SELECT sum(articles_count) FROM pulled), 0) AS count
), ahead AS (
	SELECT author_id FROM pulled WHERE newest_article_at >= $2
	UNION ALL
	SELECT author_id FROM feeds WHERE reader_id = $1 AND newest_article_at >= $2 AND newest_article_at < 'infinity'
), newest_authors AS (
	(SELECT author_id, newest_article_at FROM pulled WHERE newest_article_at < $2
	  ORDER BY newest_article_at DESC FETCH FIRST ($4 + $5 + 1) ROWS WITH TIES)
	UNION ALL
	(SELECT author_id, newest_article_at FROM feeds
	  WHERE reader_id = $1 AND newest_article_at > '-infinity' AND newest_article_at < $2
	  ORDER BY newest_article_at DESC FETCH FIRST ($4 + $5 + 1) ROWS WITH TIES)
	UNION ALL
	SELECT author_id, newest.created_at
	  FROM ahead
	 CROSS JOIN LATERAL (
		SELECT created_at FROM articles WHERE author_id = ahead.author_id AND (created_at, id) < ($2, $3)
		 ORDER BY created_at DESC, id DESC LIMIT 1) AS newest
	 ORDER BY newest_article_at DESC FETCH FIRST ($4 + $5 + 1) ROWS WITH TIES
), page AS (SELECT ARRAY(
	SELECT newest.id
	  FROM newest_authors
	 CROSS JOIN LATERAL (
		SELECT id, created_at FROM articles WHERE author_id = newest_authors.author_id AND (created_at, id) < ($2, $3)
		 ORDER BY created_at DESC, id DESC LIMIT $4 + $5 + 1) AS newest
	 ORDER BY newest.created_at DESC, newest.id DESC LIMIT $4 + 1 OFFSET $5) AS ids)
{list};
