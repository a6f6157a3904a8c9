-- What the pages need: the HTML of what people wrote, and the name of the form that it came with.

-- Made from the body when it is saved. NULL: not made yet, or refused, see handlers/render.h; the body is shown as it is then.
ALTER TABLE articles ADD COLUMN html text COMPRESSION lz4, ADD COLUMN submission text;
ALTER TABLE comments ADD COLUMN html text COMPRESSION lz4, ADD COLUMN submission text;

-- A form that is sent twice writes once.
CREATE UNIQUE INDEX articles_submission_key ON articles (author_id, submission) WHERE submission IS NOT NULL;
CREATE UNIQUE INDEX comments_submission_key ON comments (author_id, submission) WHERE submission IS NOT NULL;

-- What is left to be rendered is found at once, and mostly nothing is.
CREATE INDEX articles_without_html ON articles (id) WHERE html IS NULL;
CREATE INDEX comments_without_html ON comments (id) WHERE html IS NULL;

GRANT INSERT (html, submission), UPDATE (html) ON articles TO quire;
GRANT INSERT (html, submission) ON comments TO quire;
