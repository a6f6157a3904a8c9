"""Counters equal what they count: after deletes and cascades, and after many clients at once."""
import random
import threading
import time

import psycopg2
import pytest

from database import FROM_NEWEST

# Each counts the rows whose counter is wrong.
AUDITS = {
    "articles of a user": "users WHERE articles_count <> "
                          "(SELECT count(*) FROM articles WHERE author_id = users.id)",
    "favourites of a user": "users WHERE favorites_count <> "
                            "(SELECT count(*) FROM favorites WHERE user_id = users.id)",
    "followers": "users WHERE followers_count + "
                 "(SELECT coalesce(sum(followers_count), 0) FROM pending_follower_counts"
                 "  WHERE user_id = users.id) <> "
                 "(SELECT count(*) FROM follows WHERE followed_id = users.id)",
    "following": "users WHERE following_count <> "
                 "(SELECT count(*) FROM follows WHERE follower_id = users.id)",
    "favourites of an article": "articles WHERE favorites_count + "
                                "(SELECT coalesce(sum(favorites_count), 0) FROM pending_article_counts"
                                "  WHERE article_id = articles.id) <> "
                                "(SELECT count(*) FROM favorites WHERE article_id = articles.id)",
    "comments of an article": "articles WHERE comments_count + "
                              "(SELECT coalesce(sum(comments_count), 0) FROM pending_article_counts"
                              "  WHERE article_id = articles.id) <> "
                              "(SELECT count(*) FROM comments WHERE article_id = articles.id)",
    "articles of a tag": "tags WHERE articles_count <> "
                         "(SELECT count(*) FROM articles WHERE name = ANY (tag_list))",
    "list of a tag": "articles WHERE tag_list <> "
                     "ARRAY(SELECT tag FROM article_tags WHERE article_id = id ORDER BY tag)",
    "all articles": "(SELECT sum(articles_count) AS sum FROM site_counters) AS site "
                    "WHERE sum <> (SELECT count(*) FROM articles)",
}


@pytest.fixture(autouse=True)
def audited(database):
    """Every test ends with all counters right."""
    yield
    wrong = {what: database.as_owner(f"SELECT * FROM {rows}") for what, rows in AUDITS.items()}
    assert not any(wrong.values()), wrong


def at_once(count, work):
    """Runs work(number) in as many threads, and raises what one of them raised."""
    errors = []

    def run(number):
        try:
            work(number)
        except Exception as error:  # pylint: disable=broad-except
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def count_of(quire, slug):
    return quire.article_by_slug(0, slug)[0]["favoritesCount"]


def busy_world(quire):
    """Three users who did everything to each other; returns their ids and their articles' slugs."""
    users = [quire.user() for _ in range(3)]
    slugs = [quire.article(user, tags=["shared", f"tag{user}"]) for user in users]
    for user in users:
        for slug in slugs:
            quire.favorite_insert(user, slug)
            quire.comment(user, slug)
        for other in users:
            quire.profile_follow(user, quire.user_by_id(other)[0]["username"])
    return users, slugs


def test_everything_counts(quire):
    users, slugs = busy_world(quire)
    assert count_of(quire, slugs[0]) == 3
    quire.favorite_delete(users[0], slugs[0])
    quire.favorite_delete(users[0], slugs[0])
    assert count_of(quire, slugs[0]) == 2
    quire.profile_unfollow(users[0], quire.user_by_id(users[1])[0]["username"])
    comment = quire.comment_list(0, slugs[0], 0, 1, 0)[0]["id"]
    quire.comment_delete(users[0], slugs[0], comment)
    quire.article_update(users[0], slugs[0], None, "suffix", None, None, None, None,
                         ["shared", "fresh"])


def test_deleting_an_article_takes_all_with_it(quire, database):
    users, slugs = busy_world(quire)
    quire.article_delete(users[0], slugs[0])
    assert database.as_owner(
        "SELECT favorites_count, articles_count FROM users WHERE id = %s", users[0]) == [(2, 0)]
    assert quire.article_list_by_tag(0, *FROM_NEWEST, 10, 0, f"tag{users[0]}")[0]["_total"] == 0


def test_deleting_a_user_takes_all_with_it(quire, database):
    users, slugs = busy_world(quire)
    database.as_owner("DELETE FROM users WHERE id = %s", users[0])
    assert [count_of(quire, slug) for slug in slugs[1:]] == [2, 2]
    assert quire.article_by_slug(0, slugs[0]) == []
    for table, column in (("articles", "author_id"), ("comments", "author_id"),
                          ("favorites", "user_id"),
                          ("follows", "follower_id"), ("follows", "followed_id")):
        assert database.as_owner(f"SELECT 1 FROM {table} WHERE {column} = %s", users[0]) == []


def test_statement_of_many_rows_counts(quire, database):
    busy_world(quire)
    database.as_owner("DELETE FROM favorites WHERE (article_id + user_id) % 2 = 0")
    database.as_owner("DELETE FROM articles WHERE id % 2 = 0")
    database.as_owner("DELETE FROM users WHERE id % 2 = 0")


def test_two_hundred_favourites_at_once(quire, database):
    slug = quire.article(quire.user())
    fans = [quire.user() for _ in range(200)]
    sessions = [database.session() for _ in range(20)]

    def favorite(number):
        for fan in fans[number::20]:
            assert sessions[number].favorite_insert(fan, slug)[0]["favorited"] is True

    at_once(20, favorite)
    assert count_of(quire, slug) == 200

    def withdraw(number):
        for fan in fans[number:100:20]:
            sessions[number].favorite_delete(fan, slug)

    at_once(20, withdraw)
    assert count_of(quire, slug) == 100


def test_same_favourite_at_once_counts_once(quire, database):
    slug, fan = quire.article(quire.user()), quire.user()
    sessions = [database.session() for _ in range(10)]
    at_once(10, lambda number: sessions[number].favorite_insert(fan, slug))
    assert count_of(quire, slug) == 1


def test_favourites_of_a_vanishing_article(quire, database):
    """An article that is deleted meanwhile is not there: no error, nothing left over."""
    author = quire.user()
    fans = [quire.user() for _ in range(10)]
    sessions = [database.session() for _ in range(10)]

    for _ in range(20):
        slug = quire.article(author)

        def work(number):
            if number == 5:
                sessions[number].article_delete(author, slug)
            else:
                assert len(sessions[number].favorite_insert(fans[number], slug)) <= 1

        at_once(10, work)
        assert quire.article_by_slug(0, slug) == []


def test_comment_deleted_with_its_article(quire, database):
    """Who deletes the comment waits for the article before the comment is locked."""
    author, session, watcher = quire.user(), database.session(), database.session()
    slug = quire.article(author)
    comment = quire.comment(author, slug)
    answers = []

    session.cursor.execute("BEGIN")
    session.cursor.execute("SELECT FROM articles WHERE slug = %s FOR UPDATE", (slug,))
    waiter = threading.Thread(
        target=lambda: answers.append(quire.comment_delete(author, slug, comment)))
    waiter.start()
    waiting = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    waiter_pid = quire.connection.get_backend_pid()
    while watcher.cursor.execute(waiting, (waiter_pid,)) or watcher.cursor.rowcount == 0:
        time.sleep(0.01)
    session.article_delete(author, slug)
    session.cursor.execute("COMMIT")
    waiter.join()
    assert answers == [[]]


def delete_newest_comment(session, slug):
    session.cursor.execute("SELECT id, author_id FROM comments ORDER BY id DESC LIMIT 1")
    for comment in session.cursor.fetchall():
        session.comment_delete(comment["author_id"], slug, comment["id"])


def test_everything_at_once_without_deadlock(quire, database):
    """The one error is a violation of articles_slug_key: the runtime repeats such a statement."""
    users = {user: f"writer{user}" for user in [quire.user() for _ in range(12)]}
    for user, name in users.items():
        quire.user_update(user, None, name, None, False, None, False, None)
    sessions = [database.session() for _ in range(12)]
    end = time.monotonic() + 4

    def act(session, chance):
        user, author = chance.choices(list(users), k=2)
        slug, other = f"of-{author}", f"moved-{author}"
        suffix = str(chance.random())[2:]
        tags, nothing = chance.sample(["v", "w", "x", "y", "z"], 3), [None] * 4
        chance.choice([
            lambda: session.favorite_insert(user, slug),
            lambda: session.favorite_delete(user, slug),
            lambda: session.comment_insert(user, slug, "text", None, None),
            lambda: delete_newest_comment(session, slug),
            lambda: session.profile_follow(user, users[author]),
            lambda: session.profile_unfollow(user, users[author]),
            lambda: session.article_update(author, slug, other, suffix, *nothing, tags),
            lambda: session.article_update(author, other, slug, suffix, *nothing, tags),
            lambda: session.article_delete(author, slug),
            lambda: session.article_insert(author, slug, suffix, "T", "D", "B", None, tags, None),
            lambda: session.user_update(user, None, None, None, True, suffix, False, None),
        ])()

    def work(number):
        chance = random.Random(number)
        while time.monotonic() < end:
            try:
                act(sessions[number], chance)
            except psycopg2.errors.UniqueViolation as error:
                assert error.diag.constraint_name == "articles_slug_key"

    at_once(12, work)
