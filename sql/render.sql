-- How `quire migrate` gives HTML to what has none, see handlers/render.h. generate.py makes the string step_<name> of each step.

-- step: find_articles
-- The next ones behind an id: some keep none, and are passed over.
SELECT id, updated_at, body FROM articles WHERE html IS NULL AND id > $1 ORDER BY id LIMIT 100

-- step: render_article
-- Unless it was edited meanwhile.
UPDATE articles SET html = $3 WHERE id = $1 AND updated_at = $2 AND html IS NULL

-- step: find_comments
SELECT id, updated_at, body FROM comments WHERE html IS NULL AND id > $1 ORDER BY id LIMIT 500

-- step: render_comment
UPDATE comments SET html = $3 WHERE id = $1 AND updated_at = $2 AND html IS NULL
