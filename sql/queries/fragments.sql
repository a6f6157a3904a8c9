-- Parts that several queries share. In a query that uses them the viewer is $1, articles are "articles", and the author of an
-- article or a comment is "author".

-- fragment: article_columns
-- What lists show of the article itself.
articles.slug, articles.title, articles.description, articles.tag_list AS "tagList",
articles.created_at AS "createdAt", articles.updated_at AS "updatedAt"

-- fragment: favorite_columns
{favorited}, {favorites_count} AS "favoritesCount"

-- fragment: favorited
-- OFFSET 0, here and below, keeps the planner from reading all favourites of the viewer at once for the sake of a few articles.
EXISTS (SELECT FROM favorites WHERE article_id = articles.id AND user_id = $1 OFFSET 0) AS "favorited"

-- fragment: favorites_count
-- With what is pending. Right only if "articles" is the table: a row that was locked or changed may be newer than what is pending.
articles.favorites_count + CASE WHEN articles.counts_pending THEN pending_favorites(articles.id) ELSE 0 END

-- fragment: comments_count
-- As favorites_count.
articles.comments_count + CASE WHEN articles.counts_pending THEN pending_comments(articles.id) ELSE 0 END

-- fragment: author_columns
author.username AS "author.username", author.bio AS "author.bio", author.image AS "author.image",
EXISTS (SELECT FROM follows WHERE follower_id = $1 AND followed_id = author.id OFFSET 0) AS "author.following"

-- fragment: comment_columns
comments.id, comments.created_at AS "createdAt", comments.updated_at AS "updatedAt", comments.body

-- fragment: atom_columns
-- What feed readers show: the body only where there is no HTML of it.
articles.id AS "_id", {article_columns}, articles.html, CASE WHEN articles.html IS NULL THEN articles.body END AS "body",
author.username AS "author.username"

-- fragment: list
-- The first $4 articles of those whose ids "page" has, with the number of all matches from "total"; that number alone if the page is
-- empty. "page" looks for one more than is shown, to know whether there are more. The ids are an array because the planner expects
-- few elements of one, and a tenth of the table of a LIMIT that it does not know.
SELECT total.count AS "_total", (SELECT cardinality(ids) > $4 FROM page) AS "_more",
       articles.id AS "_id", {article_columns}, {favorite_columns}, {author_columns}
  FROM total
  LEFT JOIN (articles JOIN users AS author ON author.id = articles.author_id)
    ON articles.id = ANY ((SELECT ids[:$4] FROM page)::bigint[])
 ORDER BY articles.created_at DESC, articles.id DESC
