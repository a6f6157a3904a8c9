-- Who may do what, users, and who follows whom.

DO $$
BEGIN
	IF current_setting('server_encoding') <> 'UTF8' THEN
		RAISE 'the database must be made with ENCODING ''UTF8'', it has %', current_setting('server_encoding');
	END IF;
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO quire', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO quire;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Times have milliseconds because that is what the API shows: the order that a client computes from them is the order of the lists.
CREATE TABLE users (
	id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	created_at      timestamptz(3) NOT NULL DEFAULT now(),
	updated_at      timestamptz(3) NOT NULL DEFAULT now(),
	articles_count  integer NOT NULL DEFAULT 0,
	favorites_count integer NOT NULL DEFAULT 0,
	followers_count integer NOT NULL DEFAULT 0,
	following_count integer NOT NULL DEFAULT 0,
	username        text NOT NULL,
	email           text NOT NULL,
	password        text NOT NULL,
	bio             text,
	image           text
) WITH (fillfactor = 80);

-- Indexes are checked in the order in which they were made: when both are taken, the username is reported.
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE follows (
	follower_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	followed_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	created_at  timestamptz(3) NOT NULL DEFAULT now(),
	PRIMARY KEY (follower_id, followed_id)
);

CREATE INDEX follows_followed_id ON follows (followed_id);

GRANT SELECT, INSERT (username, email, password), UPDATE (username, email, password, bio, image, updated_at) ON users TO quire;
GRANT SELECT, INSERT (follower_id, followed_id), DELETE ON follows TO quire;
