-- Comments on articles, in the order in which they were written.

CREATE TABLE comments (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
	author_id  bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	created_at timestamptz(3) NOT NULL DEFAULT now(),
	updated_at timestamptz(3) NOT NULL DEFAULT now(),
	body       text NOT NULL
);

CREATE INDEX comments_oldest ON comments (article_id, id);
CREATE INDEX comments_author_id ON comments (author_id);

GRANT SELECT, INSERT (article_id, author_id, body), DELETE ON comments TO quire;
