"""What the queries promise in their comments."""
import psycopg2
import pytest


@pytest.fixture
def author(quire):
    return quire.user()


@pytest.fixture
def reader(quire):
    return quire.user()


def insert(quire, author, slug, suffix="again", html=None, submission=None):
    return quire.article_insert(author, slug, suffix, "T", "D", "B", html, [], submission)[0]


def update(quire, author, slug, new_slug=None, suffix="again", title=None, tags=None):
    return quire.article_update(author, slug, new_slug, suffix, title, None, None, None,
                                tags)[0]


def taken(quire, username, email):
    """The unique index that such a user violates."""
    with pytest.raises(psycopg2.errors.UniqueViolation) as raised:
        quire.user_insert(username, email, "hash")
    return raised.value.diag.constraint_name


def test_names_and_addresses_are_unique_in_any_case(quire):
    quire.user("Ünique")
    assert taken(quire, "ünIQUE", "other@example.com") == "users_username_key"
    assert taken(quire, "other", "ÜNIQUE@EXAMPLE.COM") == "users_email_key"
    assert taken(quire, "ÜNIQUE", "Ünique@EXAMPLE.com") == "users_username_key"


def test_login_finds_the_address_in_any_case(quire):
    user = quire.user("Jake")
    row = quire.user_for_login("JAKE@Example.com")[0]
    assert (row["_id"], row["_password"], row["username"]) == (user, "hash", "Jake")
    assert quire.user_for_login("nobody@example.com") == []


def test_user_update_keeps_what_is_null(quire, author):
    before = quire.user_by_id(author)
    assert quire.user_update(author, None, None, None, False, "ignored", False, "ignored") == before
    after = quire.user_update(author, None, None, None, True, "bio", True, "image")[0]
    assert (after["bio"], after["image"]) == ("bio", "image")
    assert quire.user_update(author, None, None, None, True, None, False, None)[0]["bio"] is None
    assert quire.user_by_id(author)[0]["image"] == "image"
    assert quire.user_update(0, None, None, None, False, None, False, None) == []


def test_rehash(quire, author):
    email = quire.user_by_id(author)[0]["email"]
    assert quire.user_rehash(author, "hash", "better")[0]["_id"] == author
    assert quire.user_for_login(email)[0]["_password"] == "better"


def test_rehash_does_not_bring_an_old_password_back(quire, author):
    email = quire.user_by_id(author)[0]["email"]
    quire.user_update(author, None, None, "changed", False, None, False, None)
    assert quire.user_rehash(author, "hash", "better") == []
    assert quire.user_for_login(email)[0]["_password"] == "changed"


def test_following(quire, author, reader):
    name = quire.user_by_id(author)[0]["username"]
    for _ in range(2):
        assert quire.profile_follow(reader, name.upper())[0]["following"] is True
    assert quire.profile_by_username(reader, name)[0]["following"] is True
    assert quire.profile_by_username(0, name)[0]["following"] is False
    for _ in range(2):
        assert quire.profile_unfollow(reader, name)[0]["following"] is False
    assert quire.profile_by_username(reader, name)[0]["following"] is False
    assert quire.profile_follow(reader, "nobody") == quire.profile_unfollow(reader, "nobody") == []


def test_article_has_its_tags_sorted_once(quire, author):
    slug = quire.article(author, tags=["b", "a", "B", "a", "é"])
    row = quire.article_by_slug(0, slug)[0]
    assert row["tagList"] == ["B", "a", "b", "é"]
    assert update(quire, author, slug, tags=["z", "y", "z"])["tagList"] == ["y", "z"]
    assert update(quire, author, slug)["tagList"] == ["y", "z"]
    assert update(quire, author, slug, tags=[])["tagList"] == []


def test_second_article_of_a_title_gets_the_suffix(quire, author):
    assert insert(quire, author, "twice", "one")["slug"] == "twice"
    assert insert(quire, author, "twice", "two")["slug"] == "twice-two"


def test_new_title_moves_the_article(quire, author):
    quire.article(author, "moves")
    assert update(quire, author, "moves", "moved", title="Moved")["slug"] == "moved"
    assert quire.article_by_slug(0, "moves") == []
    assert quire.article_moved("moves")[0]["slug"] == "moved"
    assert quire.article_by_slug(0, "moved")[0]["slug"] == "moved"
    assert insert(quire, author, "moves", "new")["slug"] == "moves-new"
    assert quire.article_access(author, "moves") == []


def test_old_slug_comes_back_to_its_article(quire, author):
    quire.article(author, "here")
    update(quire, author, "here", "there")
    assert update(quire, author, "there", "here")["slug"] == "here"
    assert quire.article_by_slug(0, "here")[0]["slug"] == "here"
    assert quire.article_moved("here") == []
    assert quire.article_moved("there")[0]["slug"] == "here"


def test_title_of_the_same_slug_keeps_the_suffix(quire, author):
    quire.article(author, "same")
    insert(quire, author, "same", "two")
    assert update(quire, author, "same-two", "same", "three")["slug"] == "same-two"
    assert update(quire, author, "same", "same", "three")["slug"] == "same"
    row = update(quire, author, "same-two", "same-two", "three")
    assert row["slug"] == "same-two-three", "another title, whose slug is taken"


def test_slug_of_a_deleted_article_is_free(quire, author):
    quire.article(author, "gone")
    update(quire, author, "gone", "gone-too")
    assert quire.article_delete(author, "gone-too")[0]["_mine"]
    assert quire.article_by_slug(0, "gone") == quire.article_by_slug(0, "gone-too") == []
    assert [quire.article(author, slug) for slug in ("gone", "gone-too")] == ["gone", "gone-too"]


def test_update_is_later_and_creation_stays(quire, author):
    slug = quire.article(author)
    rows = [quire.article_by_slug(0, slug)[0]] + [update(quire, author, slug) for _ in range(20)]
    assert len({row["createdAt"] for row in rows}) == 1
    times = [row["updatedAt"] for row in rows]
    assert times == sorted(set(times))
    assert all(time.microsecond % 1000 == 0 for time in times), "clients see milliseconds"


def test_only_the_author_changes_an_article(quire, author, reader):
    slug = quire.article(author)
    row = update(quire, reader, slug, "stolen", title="Stolen")
    assert (row["_mine"], row["slug"]) == (False, None)
    assert quire.article_access(reader, slug) == [{"_mine": False}]
    assert not quire.article_delete(reader, slug)[0]["_mine"]
    assert quire.article_access(author, slug) == [{"_mine": True}]
    assert quire.article_by_slug(0, slug)[0]["title"] == "Title"
    for rows in (quire.article_access(author, "none"), quire.article_delete(author, "none"),
                 quire.article_update(author, "none", None, "s", *[None] * 5)):
        assert rows == []


def test_favorite_shows_the_new_state(quire, author, reader):
    slug = quire.article(author)
    for user, count in ((reader, 1), (reader, 1), (author, 2)):
        row = quire.favorite_insert(user, slug)[0]
        assert (row["favorited"], row["favoritesCount"], row["body"]) == (True, count, "Text")
    row = quire.article_by_slug(reader, slug)[0]
    assert (row["favorited"], row["favoritesCount"]) == (True, 2)
    for _ in range(2):
        row = quire.favorite_delete(reader, slug)[0]
        assert (row["favorited"], row["favoritesCount"]) == (False, 1)
    assert quire.article_by_slug(0, slug)[0]["favorited"] is False
    assert quire.favorite_insert(reader, "none") == quire.favorite_delete(reader, "none") == []


def test_comments_come_in_order(quire, author, reader):
    slug = quire.article(author)
    assert quire.comment_list(reader, slug, 0, 10, 0)[0]["_id"] is None
    ids = [quire.comment(reader, slug, f"text {number}") for number in range(4)]
    for after, limit, offset, begin, end in ((0, 10, 0, 0, 10), (0, 2, 1, 1, 3),
                                             (ids[0], 2, 0, 1, 3), (ids[-1], 2, 0, 0, 0)):
        rows = quire.comment_list(0, slug, after, limit, offset)
        assert [row["id"] for row in rows if row["_id"] is not None] == ids[begin:end]
        assert rows[0]["_more"] == (begin < end < len(ids))
    assert quire.comment_list(0, "none", 0, 10, 0) == []
    assert quire.comment_insert(reader, "none", "text", None, None) == []


def test_only_the_writer_deletes_a_comment(quire, author, reader):
    slug, other = quire.article(author), quire.article(author)
    comment = quire.comment(reader, slug)
    assert quire.comment_delete(author, slug, comment) == [{"_id": comment, "_mine": False}]
    assert quire.comment_delete(reader, other, comment)[0]["_id"] is None
    assert quire.comment_delete(reader, "none", comment) == []
    assert quire.comment_delete(reader, slug, comment) == [{"_id": comment, "_mine": True}]
    assert quire.comment_delete(reader, slug, comment)[0]["_id"] is None


def test_tags_are_the_popular_and_the_newest(quire, author):
    for number in range(3):
        quire.article(author, tags=["popular", f"rare{number}"])
    slugs = [quire.article(author, tags=[f"new{number}"]) for number in range(6)]
    shown = [row["tag"] for row in quire.tag_list(9)]
    assert shown[0] == "popular"
    assert {f"new{number}" for number in range(6)} < set(shown)
    assert len(shown) == len(set(shown)) == 9
    quire.article_delete(author, slugs[5])
    assert "new5" not in {row["tag"] for row in quire.tag_list(100)}
