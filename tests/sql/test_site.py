"""What the queries of the site promise in their comments."""
import threading

import psycopg2
import pytest


@pytest.fixture
def author(quire):
    return quire.user()


@pytest.fixture
def reader(quire):
    return quire.user()


def publish(quire, author, slug, html=None, submission=None, tags=()):
    return quire.article_insert(author, slug, "again", "Title", "About", "Text", html, list(tags),
                                submission)[0]["slug"]


def html_of(quire, slug):
    row = quire.article_for_page(0, slug)[0]
    return row["html"], row["body"]


def name_of(quire, user):
    return quire.user_by_id(user)[0]["username"]


def test_an_article_is_read_as_html_or_else_as_text(quire, author, reader):
    slug = publish(quire, author, "page", "<p>Text</p>")
    quire.comment(reader, slug)
    quire.favorite_insert(reader, slug)
    row = quire.article_for_page(reader, slug)[0]
    assert (row["html"], row["body"]) == ("<p>Text</p>", None)
    assert (row["commentsCount"], row["favoritesCount"], row["favorited"]) == (1, 1, True)
    assert row["_mine"] is False
    assert quire.article_for_page(author, slug)[0]["_mine"] is True
    assert html_of(quire, publish(quire, author, "plain")) == (None, "Text")
    assert quire.article_for_page(0, "none") == []


def test_a_new_body_has_its_own_html(quire, author):
    slug = publish(quire, author, "edited", "<p>Text</p>")

    def edit(body, html):
        quire.article_update(author, slug, None, "again", "New", None, body, html, None)
        return html_of(quire, slug)

    assert edit(None, None) == ("<p>Text</p>", None)
    assert edit("New", "<p>New</p>") == ("<p>New</p>", None)
    assert edit("Too intricate", None) == (None, "Too intricate")


def test_an_author_edits_the_source(quire, author, reader):
    slug = publish(quire, author, "source", "<p>Text</p>", tags=["b", "a"])
    assert quire.article_source(author, slug) == [
        {"slug": slug, "title": "Title", "description": "About", "body": "Text",
         "tagList": ["a", "b"], "_mine": True}]
    assert quire.article_source(reader, slug)[0]["_mine"] is False
    assert quire.article_source(author, "none") == []


def test_comments_are_read_as_html_or_else_as_text(quire, author, reader):
    slug = quire.article(author)
    assert quire.comment_page(0, slug, 10, 0) == []
    quire.comment_insert(reader, slug, "one", "<p>one</p>", None)
    quire.comment_insert(author, slug, "two", None, None)
    rows = quire.comment_page(reader, slug, 10, 0)
    assert [(row["html"], row["body"], row["_mine"]) for row in rows] == [
        ("<p>one</p>", None, True), (None, "two", False)]
    assert quire.comment_page(reader, slug, 1, 1) == rows[1:]
    assert quire.comment_page(0, "none", 10, 0) == []


def test_a_comment_is_found_before_it_is_deleted(quire, author, reader):
    slug, other = quire.article(author), quire.article(author)
    comment = quire.comment(reader, slug)
    assert quire.comment_source(reader, slug, comment) == [
        {"_id": comment, "body": "text", "_mine": True}]
    assert quire.comment_source(author, slug, comment)[0]["_mine"] is False
    assert quire.comment_source(reader, other, comment)[0]["_id"] is None
    assert quire.comment_source(reader, "none", comment) == []


def test_a_profile_has_its_numbers(quire, author, reader):
    name = name_of(quire, author)
    slug = quire.article(author)
    quire.profile_follow(reader, name)
    quire.favorite_insert(author, slug)
    row = quire.profile_for_page(reader, name.upper())[0]
    assert (row["username"], row["following"], row["_mine"]) == (name, True, False)
    assert [row[f"{what}Count"] for what in ("articles", "favorites", "followers")] == [1, 1, 1]
    assert quire.profile_for_page(author, name)[0]["_mine"] is True
    assert quire.profile_for_page(0, "nobody") == []


def test_a_form_sent_twice_makes_one_article(quire, author, reader):
    assert publish(quire, author, "form", submission="f1") == "form"
    assert publish(quire, author, "form", submission="f1") == "form"
    assert publish(quire, author, "another", submission="f1") == "form"
    assert publish(quire, author, "form", submission="f2") == "form-again"
    assert publish(quire, reader, "theirs", submission="f1") == "theirs"
    quire.article_delete(author, "form")
    assert publish(quire, author, "anew", submission="f1") == "anew"


def test_a_form_sent_twice_makes_one_comment(quire, author):
    slug = quire.article(author)
    first = quire.comment_insert(author, slug, "text", None, "f1")
    assert quire.comment_insert(author, slug, "other text", None, "f1") == first
    assert quire.comment_insert(author, slug, "text", None, "f2") != first
    assert len(quire.comment_list(0, slug, 0, 10, 0)) == 2


@pytest.mark.parametrize("submit, constraint", [
    (lambda session, user, slug: session.comment_insert(user, slug, "text", None, "both"),
     "comments_submission_key"),
    (lambda session, user, slug: session.article_insert(
        user, "both", "again", "T", "D", "B", None, [], "both"), "articles_slug_key"),
    (lambda session, user, slug: session.article_insert(
        user, f"both-{id(session)}", "again", "T", "D", "B", None, [], "both"),
     "articles_submission_key"),
])
def test_two_at_the_same_moment(quire, database, submit, constraint):
    """The second waits for the first, is refused, and finds its row when it tries again."""
    author, first, second = quire.user(), database.session(), database.session()
    slug = quire.article(author)
    refusals = []

    def work():
        try:
            submit(second, author, slug)
        except psycopg2.errors.UniqueViolation as error:
            refusals.append(error.diag.constraint_name)

    first.cursor.execute("BEGIN")
    row = submit(first, author, slug)
    waiter = threading.Thread(target=work)
    waiter.start()
    waiter.join(0.2)
    assert waiter.is_alive()
    first.cursor.execute("COMMIT")
    waiter.join()
    assert refusals == [constraint]
    assert submit(second, author, slug) == row
    quire.article_delete(author, "both")


def test_feeds_are_the_newest(database, quire):
    author, other = quire.user(), quire.user()
    slugs = [publish(quire, author, f"feed{number}", "<p>Text</p>", tags=["fed"])
             for number in range(4)]
    database.as_owner("UPDATE articles SET created_at = now() + interval '1 day' * (100 - id)"
                      " WHERE slug LIKE 'feed%'")
    database.as_owner("UPDATE article_tags SET article_created_at = created_at FROM articles"
                      " WHERE articles.id = article_id AND tag = 'fed'")
    for rows in (quire.atom_articles(3), quire.atom_articles_by_tag("fed", 3),
                 quire.atom_articles_by_author(name_of(quire, author).upper(), 3)):
        assert [row["slug"] for row in rows] == slugs[:3]
        assert (rows[0]["html"], rows[0]["body"]) == ("<p>Text</p>", None)
        assert rows[0]["author.username"] == name_of(quire, author)
    assert quire.atom_articles_by_tag("none", 3) == []
    assert quire.atom_articles_by_author("nobody", 3) == []
    nothing = quire.atom_articles_by_author(name_of(quire, other), 3)
    assert [(row["_id"], row["author.username"]) for row in nothing] == [
        (None, name_of(quire, other))]


def test_sitemaps_have_every_article_once(empty_database):
    empty_database.migrate()
    quire = empty_database.session()
    assert quire.sitemap_extent() == [{"last": 0}]
    author = quire.user()
    slugs = [quire.article(author) for _ in range(7)]
    quire.article_delete(author, slugs.pop(3))
    last = quire.sitemap_extent()[0]["last"]
    found = [row["slug"] for first in range(1, last + 1, 3)
             for row in quire.sitemap_articles(first, first + 2)]
    assert found == slugs
