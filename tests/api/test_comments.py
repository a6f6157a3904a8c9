"""GET and POST …/comments, DELETE …/comments/:id."""
import pytest
from client import BLANK, FORBIDDEN, NOT_FOUND, unique
from shapes import comment_of, comments_of


def path_of(article, comment=None):
    path = f"/api/articles/{article['slug']}/comments"
    return path if comment is None else f"{path}/{comment['id']}"


def test_comment(api, bob, article):
    text = "  Well *said*.\n\nThanks! "
    comment = comment_of(bob.post(path_of(article), {"comment": {"body": text}}), 201)
    assert comment == {
        "id": comment["id"], "createdAt": comment["createdAt"], "updatedAt": comment["createdAt"],
        "body": text,
        "author": {"username": bob.username, "bio": None, "image": None, "following": False}}
    assert comments_of(api.get(path_of(article))) == [comment]


def test_no_comments(api, alice, article):
    for reader in (api, alice):
        assert comments_of(reader.get(path_of(article))) == []


def test_comments_come_in_the_order_in_which_they_were_written(api, alice, bob, article):
    texts = [f"Number {number}" for number in range(12)]
    written = [(alice, bob)[number % 2].comment(article["slug"], text)
               for number, text in enumerate(texts)]
    comments = comments_of(api.get(path_of(article)))
    assert comments == written
    assert [comment["body"] for comment in comments] == texts
    identifiers = [comment["id"] for comment in comments]
    assert identifiers == sorted(set(identifiers))


def test_comments_belong_to_one_article(api, alice, article):
    other = alice.publish()
    comment = alice.comment(article["slug"])
    assert comments_of(api.get(path_of(other))) == []
    alice.delete(path_of(other, comment)).error(404, comment=NOT_FOUND)
    assert comments_of(api.get(path_of(article))) == [comment]


@pytest.mark.parametrize("request_body", [
    {"comment": {"body": ""}}, {"comment": {"body": " \n\t"}}, {"comment": {"body": None}},
    {"comment": {}}, {}, None,
])
def test_blank_comment(api, bob, article, request_body):
    bob.post(path_of(article), request_body).error(422, body=BLANK)
    assert comments_of(api.get(path_of(article))) == []


def test_delete(api, bob, article):
    comments = [bob.comment(article["slug"], text) for text in ("one", "two", "three")]
    bob.delete(path_of(article, comments[1])).ok(204)
    assert comments_of(api.get(path_of(article))) == [comments[0], comments[2]]
    bob.delete(path_of(article, comments[1])).error(404, comment=NOT_FOUND)


def test_only_who_wrote_it_may_delete_it(api, alice, bob, article):
    carol = api.register()
    comment = bob.comment(article["slug"])
    for somebody_else in (carol, alice):  # the article's author is somebody else, too
        somebody_else.delete(path_of(article, comment)).error(403, comment=FORBIDDEN)
    assert comments_of(api.get(path_of(article))) == [comment]


def test_delete_at_an_unknown_article(bob, article):
    comment = bob.comment(article["slug"])
    bob.delete(path_of({"slug": unique("none-")}, comment)).error(404, article=NOT_FOUND)


@pytest.mark.parametrize("identifier", [
    "0", "-1", "abc", "1.0", "1e0", "0x1", "9223372036854775807", "9223372036854775808",
    "18446744073709551617", "9" * 300, "%201", "%2B1", "1%20", "1%0A", "1;", "null", "%EF%BC%91",
])
def test_identifiers_of_no_comment(bob, article, identifier):
    answer = bob.delete(f"/api/articles/{article['slug']}/comments/{identifier}")
    answer.error(404, comment=NOT_FOUND)


@pytest.mark.parametrize("spelling", ["%20{}", "%2B{}", "{}%20", "{}.0", "{}x"])
def test_only_digits_are_an_identifier(api, bob, article, spelling):
    comment = bob.comment(article["slug"])
    path = f"/api/articles/{article['slug']}/comments/{spelling.format(comment['id'])}"
    bob.delete(path).error(404, comment=NOT_FOUND)
    assert comments_of(api.get(path_of(article))) == [comment]


def test_comments_show_the_author_as_he_is_now(api, bob, article):
    bob.comment(article["slug"])
    bob.put("/api/user", {"user": {"bio": "New.", "image": "https://example.org/b"}}).ok()
    author = comments_of(api.get(path_of(article)))[0]["author"]
    assert author == {"username": bob.username, "bio": "New.", "following": False,
                      "image": "https://example.org/b"}
