-- query: tag_list("limit" integer) read
-- Two thirds are the most recently used, so that one that was made a moment ago is there; popular ones fill the rest.
WITH recent AS (
	SELECT name, articles_count FROM tags WHERE articles_count > 0 ORDER BY last_used_at DESC, name LIMIT ($1 * 2 + 2) / 3
), popular AS (
	SELECT name, articles_count FROM tags WHERE articles_count > 0 AND name <> ALL (ARRAY(SELECT name FROM recent))
	 ORDER BY articles_count DESC, name LIMIT $1 - (SELECT count(*) FROM recent)
)
SELECT name AS "tag" FROM (TABLE recent UNION ALL TABLE popular) AS shown ORDER BY articles_count DESC, name;
