-- Users as others see them. No row: no such user. Usernames are found in any case.

-- query: profile_by_username(viewer bigint, username text) read
SELECT username, bio, image,
       EXISTS (SELECT FROM follows WHERE follower_id = $1 AND followed_id = users.id) AS "following"
  FROM users WHERE lower(username) = lower($2);

-- query: profile_for_page(viewer bigint, username text) read
SELECT username, bio, image,
       EXISTS (SELECT FROM follows WHERE follower_id = $1 AND followed_id = users.id) AS "following", id = $1 AS "_mine",
       articles_count AS "articlesCount", favorites_count AS "favoritesCount",
       followers_count
       + coalesce((SELECT sum(followers_count) FROM pending_follower_counts WHERE user_id = users.id), 0) AS "followersCount"
  FROM users WHERE lower(username) = lower($2);

-- query: profile_follow(viewer bigint, username text) write
-- Makes the viewer a follower; one who is already stays one.
WITH followed AS (SELECT id, username, bio, image FROM users WHERE lower(username) = lower($2)),
     fresh AS (INSERT INTO follows (follower_id, followed_id) SELECT $1, id FROM followed ON CONFLICT DO NOTHING)
SELECT username, bio, image, true AS "following" FROM followed;

-- query: profile_unfollow(viewer bigint, username text) write
-- The viewer follows no more, or never did.
WITH followed AS (SELECT id, username, bio, image FROM users WHERE lower(username) = lower($2)),
     gone AS (DELETE FROM follows USING followed WHERE follower_id = $1 AND followed_id = followed.id)
SELECT username, bio, image, false AS "following" FROM followed;
