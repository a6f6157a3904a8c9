-- Apart from the columns, so that only writers wait while they are made: seconds with a million articles.

-- A form that is sent twice writes once.
CREATE UNIQUE INDEX articles_submission_key ON articles (author_id, submission) WHERE submission IS NOT NULL;
CREATE UNIQUE INDEX comments_submission_key ON comments (author_id, submission) WHERE submission IS NOT NULL;

-- What is left to be rendered is found at once, and mostly nothing is.
CREATE INDEX articles_without_html ON articles (id) WHERE html IS NULL;
CREATE INDEX comments_without_html ON comments (id) WHERE html IS NULL;
