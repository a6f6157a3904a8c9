-- Comments on an article. No row: no such article.

-- query: comment_insert(author bigint, slug text, body text, html text, submission text) write
-- A submission, unless it is NULL, makes one comment, as article_insert explains. "_count" is how many the article has now: the
-- counter is raised after the statement, by a trigger.
WITH counted AS (SELECT {comments_count} AS count FROM articles WHERE slug = $2),
     target AS (SELECT id FROM articles WHERE slug = $2 FOR KEY SHARE),
     earlier AS (SELECT * FROM comments WHERE author_id = $1 AND submission = $5),
     fresh AS (
	INSERT INTO comments (article_id, author_id, body, html, submission)
	SELECT id, $1, $3, $4, $5 FROM target WHERE NOT EXISTS (SELECT FROM earlier)
	RETURNING *),
     comments AS (TABLE earlier UNION ALL TABLE fresh)
SELECT (SELECT count FROM counted) + (SELECT count(*) FROM fresh) AS "_count", {comment_columns}, {author_columns}
  FROM comments JOIN users AS author ON author.id = comments.author_id;

-- query: comment_list(viewer bigint, slug text, after bigint, "limit" integer, "offset" integer) read
-- In the order in which they were written, behind the comment "after" (0: from the first on). "_more": are there any behind these?
-- One row whose "_id" is NULL: there are none.
WITH page AS (
	SELECT ARRAY(SELECT id FROM comments WHERE article_id = articles.id AND id > $3 ORDER BY id LIMIT $4 + 1 OFFSET $5) AS ids
	  FROM articles WHERE slug = $2)
SELECT cardinality(page.ids) > $4 AS "_more", comments.id AS "_id", {comment_columns}, {author_columns}
  FROM page
  LEFT JOIN (comments JOIN users AS author ON author.id = comments.author_id)
    ON comments.id = ANY ((SELECT ids[:$4] FROM page)::bigint[])
 ORDER BY comments.id;

-- query: comment_page(viewer bigint, slug text, "limit" integer, "offset" integer) read
-- For people, and no more than they are shown: the body only where there is no HTML of it. No row: no comment, or no such article.
SELECT comments.id, comments.created_at AS "createdAt",
       comments.html, CASE WHEN comments.html IS NULL THEN comments.body END AS "body",
       comments.author_id = $1 AS "_mine", author.username AS "author.username", author.image AS "author.image"
  FROM comments JOIN users AS author ON author.id = comments.author_id
 WHERE comments.id = ANY (ARRAY(
	SELECT id FROM comments WHERE article_id = (SELECT id FROM articles WHERE slug = $2) ORDER BY id LIMIT $3 OFFSET $4))
 ORDER BY comments.id;

-- query: comment_source(viewer bigint, slug text, comment bigint) read
-- What its author is about to delete. "_id" is NULL if the article has no such comment.
SELECT comments.id AS "_id", comments.body, comments.author_id = $1 AS "_mine"
  FROM articles LEFT JOIN comments ON comments.id = $3 AND comments.article_id = articles.id
 WHERE articles.slug = $2;

-- query: comment_delete(viewer bigint, slug text, comment bigint) write
-- Deletes the comment if it is the viewer's ("_mine"). "_id" is NULL if the article has no such comment. The article is locked
-- first, as by article_delete.
WITH target AS (SELECT id FROM articles WHERE slug = $2 FOR KEY SHARE),
     gone AS (
	DELETE FROM comments USING target
	 WHERE comments.id = $3 AND comments.author_id = $1 AND comments.article_id = target.id)
SELECT comments.id AS "_id", comments.author_id = $1 AS "_mine"
  FROM target LEFT JOIN comments ON comments.id = $3 AND comments.article_id = target.id;
