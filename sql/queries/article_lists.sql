-- Lists of articles, newest first. Each row has "_total", the number of all matches; a page without articles is one row whose "_id"
-- is NULL. A tag, an author or a user that does not exist has no articles.

-- query: article_list(viewer bigint, "limit" integer, "offset" integer) read
WITH total AS (SELECT sum(articles_count) AS count FROM site_counters),
     page AS (SELECT id FROM articles ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3)
{list};

-- query: article_list_by_tag(viewer bigint, tag text, "limit" integer, "offset" integer) read
WITH total AS (SELECT coalesce((SELECT articles_count FROM tags WHERE name = $2), 0)::bigint AS count),
     page AS (
	SELECT article_id AS id FROM article_tags WHERE tag = $2
	 ORDER BY article_created_at DESC, article_id DESC LIMIT $3 OFFSET $4)
{list};

-- query: article_list_by_author(viewer bigint, author text, "limit" integer, "offset" integer) read
WITH total AS (SELECT coalesce((SELECT articles_count FROM users WHERE lower(username) = lower($2)), 0)::bigint AS count),
     page AS (
	SELECT id FROM articles WHERE author_id = (SELECT id FROM users WHERE lower(username) = lower($2))
	 ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4)
{list};

-- query: article_list_by_favorited(viewer bigint, username text, "limit" integer, "offset" integer) read
WITH total AS (SELECT coalesce((SELECT favorites_count FROM users WHERE lower(username) = lower($2)), 0)::bigint AS count),
     page AS (
	SELECT article_id AS id FROM favorites WHERE user_id = (SELECT id FROM users WHERE lower(username) = lower($2))
	 ORDER BY article_created_at DESC, article_id DESC LIMIT $3 OFFSET $4)
{list};

-- query: article_list_filtered(viewer bigint, tag text, author text, favorited text, "limit" integer, "offset" integer) read
-- At least two of tag, author and favorited are given, NULL is any: so the matches are among the articles of one author or the
-- favourites of one user, which are few enough to be counted.
WITH matches AS MATERIALIZED (
	SELECT id, created_at FROM articles
	 WHERE $3 IS NOT NULL AND author_id = (SELECT id FROM users WHERE lower(username) = lower($3))
	   AND ($2 IS NULL OR EXISTS (SELECT FROM article_tags WHERE article_id = articles.id AND tag = $2))
	   AND ($4 IS NULL OR EXISTS (
		SELECT FROM favorites
		 WHERE article_id = articles.id AND user_id = (SELECT id FROM users WHERE lower(username) = lower($4))))
	UNION ALL
	SELECT article_id, article_created_at FROM favorites
	 WHERE $3 IS NULL AND user_id = (SELECT id FROM users WHERE lower(username) = lower($4))
	   AND EXISTS (SELECT FROM article_tags WHERE article_tags.article_id = favorites.article_id AND tag = $2)
), total AS (
	SELECT count(*) AS count FROM matches
), page AS (
	SELECT id FROM matches ORDER BY created_at DESC, id DESC LIMIT $5 OFFSET $6
)
{list};

-- query: article_feed(viewer bigint, "limit" integer, "offset" integer) read
-- Articles of the authors whom the viewer follows: each author's newest, merged.
WITH followed AS MATERIALIZED (
	SELECT users.id, users.articles_count FROM follows JOIN users ON users.id = follows.followed_id
	 WHERE follows.follower_id = $1
), total AS (
	SELECT coalesce(sum(articles_count), 0) AS count FROM followed
), page AS (
	SELECT newest.id
	  FROM followed
	 CROSS JOIN LATERAL (
		SELECT id, created_at FROM articles WHERE author_id = followed.id
		 ORDER BY created_at DESC, id DESC LIMIT $2 + $3) AS newest
	 WHERE followed.articles_count > 0
	 ORDER BY newest.created_at DESC, newest.id DESC LIMIT $2 OFFSET $3
)
{list};
