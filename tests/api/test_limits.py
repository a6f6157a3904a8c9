"""Every limit: what is at it is fine, what is one past it is refused."""
import json

import pytest
from client import Client, unique
from inputs import (BIO, BODIES, COMMENT, DESCRIPTIONS, EMAILS, IMAGE, NAMES, PASSWORDS, TAGS,
                    TITLES, new_article, new_user)

LENGTHS = [*((field, 64) for field in NAMES), (BIO, 1000), (IMAGE, 2000),
           *((field, 200) for field in TITLES), *((field, 500) for field in DESCRIPTIONS),
           *((field, 200000) for field in BODIES), (COMMENT, 10000)]
CHARACTERS = ["x", "é", "語", "😀"]
BODY_MAX = 4194304


def text_of(field, length, character="x"):
    stem = unique() if field in NAMES else ""
    return stem + character * (length - len(stem))


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("field, length", LENGTHS, ids=repr)
def test_as_long_as_may_be(alice, field, length, character):
    text = text_of(field, length, character)
    assert field.read(field.send(alice, text)) == text


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("field, length", LENGTHS, ids=repr)
def test_one_too_long(alice, field, length, character):
    answer = field.send(alice, text_of(field, length + 1, character))
    answer.error(422, **{field.name: f"is too long (maximum is {length} characters)"})


@pytest.mark.parametrize("field, length", [(NAMES[0], 64), (TITLES[0], 200)], ids=repr)
def test_white_space_around_does_not_count(alice, field, length):
    text = text_of(field, length)
    assert field.read(field.send(alice, f"  {text} \t")) == text


def email_of(length):
    domain = ".".join(["d" * 60] * 4)[:length - 65]
    return unique("m").ljust(64, "l") + "@" + domain


@pytest.mark.parametrize("field", EMAILS, ids=repr)
def test_email(alice, field):
    email = email_of(254)
    assert len(email) == 254
    assert field.read(field.send(alice, email)) == email
    message = "is too long (maximum is 254 characters)"
    field.send(alice, email_of(255)).error(422, email=message)


@pytest.mark.parametrize("length, message", [
    (7, "is too short (minimum is 8 characters)"), (8, None), (64, None), (128, None),
    (129, "is too long (maximum is 128 characters)"),
])
@pytest.mark.parametrize("character", ["x", "é", "😀", " "])
@pytest.mark.parametrize("field", PASSWORDS, ids=repr)
def test_password(alice, field, length, message, character):
    answer = field.send(alice, "p" + character * (length - 1))
    if message:
        answer.error(422, password=message)
    else:
        answer.check(answer.status in (200, 201), "refused")


def test_every_character_of_a_password_counts(api):
    user = api.register(password="x" * 127 + "1")
    login = {"user": {"email": user.email, "password": "x" * 127 + "2"}}
    api.post("/api/users/login", login).error(401, credentials="invalid")
    user.login()


@pytest.mark.parametrize("field", TAGS, ids=repr)
def test_tags(alice, field):
    longest = "é" * 50
    many = [f"tag {number:02}" for number in range(20)]
    assert field.read(field.send(alice, [longest])) == [longest]
    assert field.read(field.send(alice, many)) == many
    assert list(field.send(alice, [longest + "é"]).errors(422)) == ["tagList"]
    assert list(field.send(alice, [*many, "one more"]).errors(422)) == ["tagList"]


@pytest.mark.parametrize("value", [None, "a", 1, True, {}, {"a": "b"}, [1], [None], ["a", []],
                                   [["a"]], [{}]], ids=json.dumps)
def test_what_is_no_list_of_tags(alice, value):
    assert list(TAGS[1].send(alice, value).errors(422)) == ["tagList"]


def padded(request, size):
    """The request as JSON of exactly so many bytes."""
    data = json.dumps(request).encode()
    return data + b" " * (size - len(data))


def test_body(api, alice):
    data = padded(new_article(), BODY_MAX)
    alice.post("/api/articles", data=data).ok(201)
    alice.post("/api/articles", data=data + b" ").error(413, body="is too large")
    for size in (2 * BODY_MAX, 10 * BODY_MAX):
        api.post("/api/users", data=b"x" * size).error(413, body="is too large")
    api.get("/api/tags").ok()


def test_body_in_chunks(alice):
    data = padded(new_article(), BODY_MAX)
    headers = {"Transfer-Encoding": "chunked"}
    alice.post("/api/articles", data=chunks(data), headers=headers).ok(201)
    answer = alice.post("/api/articles", data=chunks(data + b" "), headers=headers)
    answer.error(413, body="is too large")


def chunks(data, size=10000):
    parts = [data[i:i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def test_body_past_nginx(start_pool):
    """The program keeps its limit itself."""
    client = Client(start_pool(QUIRE_BODY_MAX="2048").transport()).register()
    data = padded(new_article(), 2048)
    client.post("/api/articles", data=data).ok(201)
    client.post("/api/articles", data=data + b" ").error(413, body="is too large")


def nested(depth, kind):
    """JSON of so many levels, a number in the innermost; two of them are the wrapper's."""
    begin, end = {"array": ("[", "]"), "object": ('{"a":', "}")}[kind]
    inner = begin * (depth - 2) + "1" + end * (depth - 2)
    data = json.dumps(new_user())[:-2] + f', "unknown": {inner}' + "}}"
    return data.encode()


@pytest.mark.parametrize("kind", ["array", "object"])
def test_depth(api, kind):
    api.post("/api/users", data=nested(16, kind)).ok(201)
    for depth in (17, 18, 1000, 100000):
        assert list(api.post("/api/users", data=nested(depth, kind)).errors(400)) == ["body"]


def test_query_parameters(api):
    def query(count):
        return "&".join(["limit=1", *(f"p{number}=x" for number in range(count - 1))])

    assert len(api.get(f"/api/articles?{query(100)}").ok()["articles"]) == 1
    api.get(f"/api/articles?{query(101)}").errors(400)


def test_form_fields(alice):
    login = {"email": alice.email, "password": alice.password}
    fields = "&".join(f"{name}={value}" for name, value in login.items()).replace(" ", "+")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for count, statuses in ((98, [200]), (99, [400])):
        data = "&".join([fields, *(f"p{number}=x" for number in range(count))]).encode()
        answer = alice.anonymous().post("/api/users/login", data=data, headers=headers)
        answer.check(answer.status in statuses, f"expected {statuses}")


def test_comments_of_one_answer(start_pool, alice, article):
    written = [alice.comment(article["slug"], f"{number}") for number in range(5)]
    few = Client(start_pool(QUIRE_COMMENTS_PAGE="3").transport())
    path = f"/api/articles/{article['slug']}/comments"
    assert few.get(path).ok()["comments"] == written[:3]
    assert few.get(path, offset=3).ok()["comments"] == written[3:]
    few.get(path, limit=4).error(422, limit="must be a number between 1 and 3")


def test_lists_keep_to_other_limits_when_told(start_pool):
    other = Client(start_pool(QUIRE_LIST_MAX="7", QUIRE_OFFSET_MAX="9").transport())
    assert other.get("/api/articles", limit=7, offset=9).ok()
    other.get("/api/articles", limit=8).error(422, limit="must be a number between 1 and 7")
    other.get("/api/articles", offset=10).error(422, offset="must be a number between 0 and 9")
    assert len(other.get("/api/articles").ok()["articles"]) <= 7


def test_business_limits_keep_to_other_values_when_told(start_pool):
    settings = {"USERNAME_MAX": 20, "TITLE_MAX": 5, "TAG_MAX": 2, "TAGS_MAX": 1, "PASSWORD_MIN": 10}
    pool = start_pool(**{f"QUIRE_{name}": str(value) for name, value in settings.items()})
    client = Client(pool.transport())
    client.post("/api/users", new_user(username="x" * 21, password="123456789")).error(
        422, username="is too long (maximum is 20 characters)",
        password="is too short (minimum is 10 characters)")
    author = client.register()
    assert author.publish(title="12345", tagList=["ab"])["title"] == "12345"
    for fields in ({"title": "123456"}, {"tagList": ["abc"]}, {"tagList": ["a", "b"]}):
        answer = author.post("/api/articles", new_article(**{"title": "12345", **fields}))
        assert list(answer.errors(422)) == list(fields)
