-- Usernames, e-mails and tags in Unicode's normalization form C: requests have them so from now on, and would not find others. One that
-- another user has already stays as it is.

UPDATE users SET username = normalize(username)
 WHERE username IS NOT NORMALIZED
   AND NOT EXISTS (
	SELECT FROM users AS other
	 WHERE other.id <> users.id AND lower(normalize(other.username)) = lower(normalize(users.username)));

UPDATE users SET email = normalize(email)
 WHERE email IS NOT NORMALIZED
   AND NOT EXISTS (
	SELECT FROM users AS other WHERE other.id <> users.id AND lower(normalize(other.email)) = lower(normalize(users.email)));

UPDATE articles SET tag_list = ARRAY(SELECT DISTINCT normalize(tag) COLLATE "C" FROM unnest(tag_list) AS tag ORDER BY 1)
 WHERE array_to_string(tag_list, ' ') IS NOT NORMALIZED;
