-- Single articles, found by their slug.

-- query: article_by_slug(viewer bigint, slug text) read
-- No row: no such article now; see article_moved. The most frequent query of all: looking for
-- old slugs here as well would cost each of its readers a third more.
SELECT {article_columns}, articles.body, {favorite_columns}, {author_columns}
  FROM articles JOIN users AS author ON author.id = articles.author_id
 WHERE articles.slug = $2;

-- query: article_moved(slug text) read
-- The slug of the article that had this one before. No row: there is none.
SELECT articles.slug FROM old_slugs JOIN articles ON articles.id = old_slugs.article_id WHERE old_slugs.slug = $1;

-- query: article_for_page(viewer bigint, slug text) read
-- As article_by_slug, for people: the body only where there is no HTML of it.
SELECT {article_columns}, articles.html, CASE WHEN articles.html IS NULL THEN articles.body END AS "body",
       {comments_count} AS "commentsCount", {favorite_columns}, articles.author_id = $1 AS "_mine", {author_columns}
  FROM articles JOIN users AS author ON author.id = articles.author_id
 WHERE articles.slug = $2;

-- query: article_source(viewer bigint, slug text) read
-- What its author edits. No row: no such article.
SELECT slug, title, description, body, tag_list AS "tagList", author_id = $1 AS "_mine" FROM articles WHERE slug = $2;

-- query: article_insert(author bigint, slug text, suffix text, title text, description text, body text, html text, tags text[], submission text) write
-- The slug gets the suffix when another article has it or had it. Two that take the same slug at the same moment: the second
-- violates articles_slug_key, and gets the suffix when it tries again. A submission, unless it is NULL, makes one article:
-- when it comes again, nothing is written, and its article is returned as it is now. Twice at the same moment: the second
-- violates articles_slug_key or articles_submission_key, and finds the first one's article when it tries again.
WITH earlier AS (
	SELECT * FROM articles WHERE author_id = $1 AND submission = $9
), taken AS (
	SELECT EXISTS (SELECT FROM articles WHERE slug = $2) OR EXISTS (SELECT FROM old_slugs WHERE slug = $2) AS slug
), fresh AS (
	INSERT INTO articles (author_id, slug, slug_suffix, title, description, body, html, tag_list, submission)
	SELECT $1, CASE WHEN taken.slug THEN $2 || '-' || $3 ELSE $2 END, CASE WHEN taken.slug THEN '-' || $3 ELSE '' END,
	       $4, $5, $6, $7, ARRAY(SELECT DISTINCT tag COLLATE "C" FROM unnest($8) AS tag ORDER BY 1), $9
	  FROM taken WHERE NOT EXISTS (SELECT FROM earlier)
	RETURNING *
), articles AS (
	TABLE earlier UNION ALL TABLE fresh
)
SELECT {article_columns}, articles.body, {favorite_columns}, {author_columns}
  FROM articles JOIN users AS author ON author.id = articles.author_id;

-- query: article_update(viewer bigint, slug text, new_slug text, suffix text, title text, description text, body text, html text, tags text[]) write
-- Changes what is not NULL, if the article is the viewer's ("_mine"; otherwise all else is NULL). html is that of the new body, and
-- NULL without one. new_slug is what article_insert would get for the new title: where that differs from what the article had,
-- the old slug goes to old_slugs, or comes back from there. "_tags" are those before and after, "_moved" is 'slugs' if it has another
-- slug now. No row: no such article.
WITH found AS (
	SELECT id, slug, slug_suffix, tag_list, author_id = $1 AS mine FROM articles WHERE slug = $2 FOR UPDATE
), counted AS (
	SELECT {favorites_count} AS count FROM articles WHERE slug = $2
), named AS (
	SELECT id, found.slug AS old_slug,
	       CASE WHEN $3 || slug_suffix = found.slug OR $3 IS NULL THEN slug_suffix
	            WHEN EXISTS (SELECT FROM articles WHERE articles.slug = $3)
	              OR EXISTS (SELECT FROM old_slugs WHERE old_slugs.slug = $3 AND article_id <> found.id) THEN '-' || $4
	            ELSE '' END AS suffix
	  FROM found WHERE mine
), moved AS (
	SELECT id, old_slug, coalesce($3 || suffix, old_slug) AS slug, suffix FROM named
), added AS (
	INSERT INTO old_slugs (slug, article_id) SELECT old_slug, id FROM moved WHERE slug <> old_slug
	ON CONFLICT (slug) DO UPDATE SET article_id = excluded.article_id
), returned AS (
	DELETE FROM old_slugs USING moved WHERE old_slugs.slug = moved.slug
), articles AS (
	UPDATE articles
	   SET slug = moved.slug,
	       slug_suffix = moved.suffix,
	       title = coalesce($5, title),
	       description = coalesce($6, description),
	       body = coalesce($7, body),
	       html = CASE WHEN $7 IS NULL THEN html ELSE $8 END,
	       tag_list = CASE WHEN $9 IS NULL THEN tag_list
	                       ELSE ARRAY(SELECT DISTINCT tag COLLATE "C" FROM unnest($9) AS tag ORDER BY 1) END,
	       updated_at = greatest(clock_timestamp(), updated_at + interval '1 millisecond')
	  FROM moved WHERE articles.id = moved.id
	RETURNING articles.*
)
SELECT found.mine AS "_mine", found.tag_list || articles.tag_list AS "_tags",
       CASE WHEN articles.slug <> found.slug THEN 'slugs' END AS "_moved",
       {article_columns}, articles.body, {favorited}, counted.count AS "favoritesCount", {author_columns}
  FROM found CROSS JOIN counted LEFT JOIN (articles JOIN users AS author ON author.id = articles.author_id) ON true;

-- query: article_delete(viewer bigint, slug text) write
-- Deletes the article if it is the viewer's ("_mine"), and tells whose it was and its tags. No row: no such article.
WITH found AS (
	SELECT id, author_id, tag_list, author_id = $1 AS mine FROM articles WHERE slug = $2 FOR UPDATE
), gone AS (
	DELETE FROM articles USING found WHERE articles.id = found.id AND found.mine
)
SELECT found.mine AS "_mine", found.tag_list AS "_tags", author.username AS "_author"
  FROM found JOIN users AS author ON author.id = found.author_id;

-- query: article_access(viewer bigint, slug text) read
-- Is the article the viewer's? No row: no such article.
SELECT author_id = $1 AS "_mine" FROM articles WHERE slug = $2;
