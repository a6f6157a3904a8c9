-- What programs read: the entries of Atom feeds, newest first, and the addresses of sitemaps.

-- query: atom_articles("limit" integer) read
WITH page AS (SELECT id FROM articles ORDER BY created_at DESC, id DESC LIMIT $1)
SELECT {atom_columns}
  FROM articles JOIN users AS author ON author.id = articles.author_id
 WHERE articles.id = ANY (ARRAY(SELECT id FROM page))
 ORDER BY articles.created_at DESC, articles.id DESC;

-- query: atom_articles_by_author(username text, "limit" integer) read
-- One row whose "_id" is NULL: the author has written nothing. No row: no such user.
SELECT {atom_columns}
  FROM users AS author
  LEFT JOIN LATERAL (
	SELECT * FROM articles WHERE author_id = author.id ORDER BY created_at DESC, id DESC LIMIT $2) AS articles ON true
 WHERE lower(author.username) = lower($1)
 ORDER BY articles.created_at DESC, articles.id DESC;

-- query: atom_articles_by_tag(tag text, "limit" integer) read
WITH page AS (
	SELECT article_id FROM article_tags WHERE tag = $1 ORDER BY article_created_at DESC, article_id DESC LIMIT $2)
SELECT {atom_columns}
  FROM articles JOIN users AS author ON author.id = articles.author_id
 WHERE articles.id = ANY (ARRAY(SELECT article_id FROM page))
 ORDER BY articles.created_at DESC, articles.id DESC;

-- query: sitemap_articles(first bigint, last bigint) read
-- Articles by their ids, so that a sitemap's content stays in it. The caller keeps the range small.
SELECT slug, updated_at AS "updatedAt" FROM articles WHERE id BETWEEN $1 AND $2 ORDER BY id;

-- query: sitemap_extent() read
-- The highest id, 0 without articles: how many sitemaps there are.
SELECT coalesce(max(id), 0) AS "last" FROM articles;
