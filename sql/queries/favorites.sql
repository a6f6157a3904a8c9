-- Favourites. The row is locked first, so that an article that is deleted at the same moment is simply not there. Its counter is
-- raised after the statement, by a trigger: what the answer shows is computed. "_viewer" is whose favourite it is. No row: no such
-- article.

-- query: favorite_insert(viewer bigint, slug text) write
-- Makes the article a favourite of the viewer; one that is already stays one.
WITH counted AS (SELECT {favorites_count} AS count FROM articles WHERE slug = $2),
     articles AS (SELECT * FROM articles WHERE slug = $2 FOR KEY SHARE),
     fresh AS (
	INSERT INTO favorites (article_id, user_id, article_created_at) SELECT id, $1, created_at FROM articles
	ON CONFLICT DO NOTHING RETURNING article_id)
SELECT {article_columns}, articles.body,
       true AS "favorited", counted.count + (SELECT count(*) FROM fresh) AS "favoritesCount", {author_columns},
       (SELECT username FROM users WHERE id = $1) AS "_viewer"
  FROM counted CROSS JOIN articles JOIN users AS author ON author.id = articles.author_id;

-- query: favorite_delete(viewer bigint, slug text) write
-- The article is no favourite of the viewer any more, or never was.
WITH counted AS (SELECT {favorites_count} AS count FROM articles WHERE slug = $2),
     articles AS (SELECT * FROM articles WHERE slug = $2 FOR KEY SHARE),
     gone AS (
	DELETE FROM favorites USING articles WHERE article_id = articles.id AND user_id = $1 RETURNING article_id)
SELECT {article_columns}, articles.body,
       false AS "favorited", counted.count - (SELECT count(*) FROM gone) AS "favoritesCount", {author_columns},
       (SELECT username FROM users WHERE id = $1) AS "_viewer"
  FROM counted CROSS JOIN articles JOIN users AS author ON author.id = articles.author_id;
