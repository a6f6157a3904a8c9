-- Articles, the slugs they had before, their tags, and who favourited them.

-- Slugs and tags are compared byte by byte: quicker, and an index does not depend on the operating system's idea of an alphabet.
CREATE TABLE articles (
	id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	author_id       bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	created_at      timestamptz(3) NOT NULL DEFAULT now(),
	updated_at      timestamptz(3) NOT NULL DEFAULT now(),
	favorites_count integer NOT NULL DEFAULT 0,
	comments_count  integer NOT NULL DEFAULT 0,
	slug            text COLLATE "C" NOT NULL CONSTRAINT articles_slug_key UNIQUE,
	slug_suffix     text COLLATE "C" NOT NULL DEFAULT '', -- the end of the slug that keeps it apart from others of the same title
	title           text NOT NULL,
	description     text NOT NULL,
	tag_list        text[] COLLATE "C" NOT NULL DEFAULT '{}', -- sorted, without duplicates
	body            text COMPRESSION lz4 NOT NULL
) WITH (fillfactor = 90);

CREATE INDEX articles_newest ON articles (created_at DESC, id DESC);
CREATE INDEX articles_newest_by_author ON articles (author_id, created_at DESC, id DESC);

-- Asked only about a slug that no article has: after a race between a new title and a new article it may be in both tables.
CREATE TABLE old_slugs (
	slug       text COLLATE "C" PRIMARY KEY,
	article_id bigint NOT NULL REFERENCES articles ON DELETE CASCADE
);

CREATE INDEX old_slugs_article_id ON old_slugs (article_id);

-- What articles.tag_list says, in the order in which a tag's articles are listed. Triggers keep it.
CREATE TABLE article_tags (
	article_id         bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
	article_created_at timestamptz(3) NOT NULL,
	tag                text COLLATE "C" NOT NULL,
	PRIMARY KEY (article_id, tag)
);

CREATE INDEX article_tags_newest ON article_tags (tag, article_created_at DESC, article_id DESC);

-- Every tag that was ever used. Triggers keep it.
CREATE TABLE tags (
	name           text COLLATE "C" PRIMARY KEY,
	articles_count integer NOT NULL,
	last_used_at   timestamptz(3) NOT NULL
);

CREATE INDEX tags_popular ON tags (articles_count DESC, name) WHERE articles_count > 0;
CREATE INDEX tags_recent ON tags (last_used_at DESC, name) WHERE articles_count > 0;

CREATE TABLE favorites (
	article_id         bigint NOT NULL REFERENCES articles ON DELETE CASCADE,
	user_id            bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	article_created_at timestamptz(3) NOT NULL,
	created_at         timestamptz(3) NOT NULL DEFAULT now(),
	PRIMARY KEY (article_id, user_id)
);

CREATE INDEX favorites_newest ON favorites (user_id, article_created_at DESC, article_id DESC);

GRANT SELECT, INSERT (author_id, slug, slug_suffix, title, description, body, tag_list),
      UPDATE (slug, slug_suffix, title, description, body, tag_list, updated_at), DELETE ON articles TO quire;
GRANT SELECT, INSERT, UPDATE (article_id), DELETE ON old_slugs TO quire;
GRANT SELECT ON article_tags, tags TO quire;
GRANT SELECT, INSERT (article_id, user_id, article_created_at), DELETE ON favorites TO quire;
