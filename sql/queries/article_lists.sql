-- Lists of articles, newest first. A page begins behind the article of the time "before" and the id "before_id" (infinity and the
-- largest id: at the beginning), or "offset" articles further on. Each row has "_total", the number of all matches, and "_more": are
-- there any behind this page? A page without articles is one row whose "_id" is NULL. A tag, an author or a user that does not
-- exist has no articles.

-- query: article_list(viewer bigint, before timestamptz, before_id bigint, "limit" integer, "offset" integer) read
WITH total AS (SELECT sum(articles_count) AS count FROM site_counters),
     page AS (SELECT ARRAY(
	SELECT id FROM articles WHERE (created_at, id) < ($2, $3)
	 ORDER BY created_at DESC, id DESC LIMIT $4 + 1 OFFSET $5) AS ids)
{list};

-- query: article_list_by_tag(viewer bigint, before timestamptz, before_id bigint, "limit" integer, "offset" integer, tag text) read
WITH total AS (SELECT coalesce((SELECT articles_count FROM tags WHERE name = $6), 0)::bigint AS count),
     page AS (SELECT ARRAY(
	SELECT article_id FROM article_tags WHERE tag = $6 AND (article_created_at, article_id) < ($2, $3)
	 ORDER BY article_created_at DESC, article_id DESC LIMIT $4 + 1 OFFSET $5) AS ids)
{list};

-- query: article_list_by_author(viewer bigint, before timestamptz, before_id bigint, "limit" integer, "offset" integer, author text) read
WITH person AS (SELECT id, articles_count FROM users WHERE lower(username) = lower($6)),
     total AS (SELECT coalesce((SELECT articles_count FROM person), 0)::bigint AS count),
     page AS (SELECT ARRAY(
	SELECT id FROM articles WHERE author_id = (SELECT id FROM person) AND (created_at, id) < ($2, $3)
	 ORDER BY created_at DESC, id DESC LIMIT $4 + 1 OFFSET $5) AS ids)
{list};

-- query: article_list_by_favorited(viewer bigint, before timestamptz, before_id bigint, "limit" integer, "offset" integer, username text) read
WITH person AS (SELECT id, favorites_count FROM users WHERE lower(username) = lower($6)),
     total AS (SELECT coalesce((SELECT favorites_count FROM person), 0)::bigint AS count),
     page AS (SELECT ARRAY(
	SELECT article_id FROM favorites
	 WHERE user_id = (SELECT id FROM person) AND (article_created_at, article_id) < ($2, $3)
	 ORDER BY article_created_at DESC, article_id DESC LIMIT $4 + 1 OFFSET $5) AS ids)
{list};

-- query: article_list_filtered(viewer bigint, before timestamptz, before_id bigint, "limit" integer, "offset" integer, tag text, author text, favorited text) read
-- At least two of tag, author and favorited are given, NULL is any. The one with the fewest articles is looked through, by its index
-- and in its order: until the page is full, and to its end for the number of all.
WITH counts AS (
	SELECT author.id AS author_id, fan.id AS fan_id,
	       CASE WHEN $6 IS NOT NULL THEN coalesce(tags.articles_count, 0) END AS tagged,
	       CASE WHEN $7 IS NOT NULL THEN coalesce(author.articles_count, 0) END AS written,
	       CASE WHEN $8 IS NOT NULL THEN coalesce(fan.favorites_count, 0) END AS favorited
	  FROM (SELECT) AS one
	  LEFT JOIN tags ON tags.name = $6
	  LEFT JOIN users AS author ON lower(author.username) = lower($7)
	  LEFT JOIN users AS fan ON lower(fan.username) = lower($8)
), given AS MATERIALIZED (
	SELECT author_id, fan_id, least(tagged, written, favorited) IS NOT DISTINCT FROM written AS by_author,
	       least(tagged, written, favorited) IS NOT DISTINCT FROM favorited AS by_fan
	  FROM counts
), total AS (
	SELECT CASE WHEN by_author THEN (SELECT count(*) FROM {written} WHERE {fits})
	            WHEN by_fan THEN (SELECT count(*) FROM {liked} WHERE {fits})
	            ELSE (SELECT count(*) FROM {tagged} WHERE {fits}) END AS count
	  FROM given
), page AS (
	SELECT CASE WHEN by_author THEN ARRAY(SELECT id FROM {written} WHERE {fits} {fitting_page})
	            WHEN by_fan THEN ARRAY(SELECT id FROM {liked} WHERE {fits} {fitting_page})
	            ELSE ARRAY(SELECT id FROM {tagged} WHERE {fits} {fitting_page}) END AS ids
	  FROM given
)
{list};

-- fragment: written
(SELECT id, created_at FROM articles WHERE author_id = (SELECT author_id FROM given)) AS candidate

-- fragment: liked
(SELECT article_id AS id, article_created_at AS created_at
   FROM favorites WHERE user_id = (SELECT fan_id FROM given)) AS candidate

-- fragment: tagged
(SELECT article_id AS id, article_created_at AS created_at FROM article_tags WHERE tag = $6) AS candidate

-- fragment: fits
    ($6 IS NULL OR EXISTS (SELECT FROM article_tags WHERE article_id = candidate.id AND tag = $6 OFFSET 0))
AND ($7 IS NULL OR EXISTS (
	SELECT FROM articles
	 WHERE author_id = (SELECT author_id FROM given) AND created_at = candidate.created_at AND id = candidate.id OFFSET 0))
AND ($8 IS NULL OR EXISTS (
	SELECT FROM favorites WHERE article_id = candidate.id AND user_id = (SELECT fan_id FROM given) OFFSET 0))

-- fragment: fitting_page
AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4 + 1 OFFSET $5
