-- Users as they see themselves. A username or e-mail that is taken violates users_username_key or users_email_key.

-- query: user_insert(username text, email text, password text) write
-- Registers a user; the password is a hash.
INSERT INTO users (username, email, password) VALUES ($1, $2, $3)
RETURNING id AS "_id", email, username, bio, image;

-- query: user_for_login(email text) read
-- The user of that e-mail with the hash of the password. No row: no such user.
SELECT id AS "_id", password AS "_password", email, username, bio, image FROM users WHERE lower(email) = lower($1);

-- query: user_by_id(id bigint) read
-- No row: no such user.
SELECT id AS "_id", email, username, bio, image FROM users WHERE id = $1;

-- query: user_update(id bigint, email text, username text, password text, set_bio boolean, bio text, set_image boolean, image text) write
-- Changes what is given: NULL keeps e-mail, username and password; bio and image are set, also to NULL, when told so.
UPDATE users
   SET email = coalesce($2, email),
       username = coalesce($3, username),
       password = coalesce($4, password),
       bio = CASE WHEN $5 THEN $6 ELSE bio END,
       image = CASE WHEN $7 THEN $8 ELSE image END,
       updated_at = greatest(clock_timestamp(), updated_at + interval '1 millisecond')
 WHERE id = $1
RETURNING id AS "_id", email, username, bio, image;

-- query: user_rehash(id bigint, old_hash text, new_hash text) write
-- Stores the same password hashed anew. No row: it was changed meanwhile.
UPDATE users SET password = $3 WHERE id = $1 AND password = $2 RETURNING id AS "_id";
