"""Bodies, queries, headers and paths that no client should send."""
import json

import pytest
from client import BLANK, INVALID, NOT_FOUND, Client, unique
from inputs import new_article

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WHOLE = json.dumps(new_article()).encode()
MALFORMED = [
    b"{", b"}", b"[", b'{"article"', b'{"article":', b'{"article":{', b'{"article":{}', b"nul",
    b'{"article":{}}x', b'{"article":{}}{}', b'{"article":{}},', b"{'article':{}}", b"{article:{}}",
    b'{"article":{},}', b'{"article":[1,]}', b'{"article":{"title":}}', b'{"article" {}}',
    b'/* a */{"article":{}}', b'{"article":{}}// b', b'{"article":NaN}', b'{"article":Infinity}',
    b'{"article":{"title":"a\nb"}}', b'{"article":{"title":"a\tb"}}', b'{"article":"\\x"}',
    b'{"article":{"title":"\\u12"}}', b'{"article":{"title":"\\u00zz"}}', b'{"article":tru}',
    b'{"article":{"title":\'a\'}}', b'{"article":01}', b'{"article":.1}', b'{"article":+1}',
    b'{"article":0x1}', b'{"article":True}', b"\0", b'{"article":{}}\0', b'{"article":\0{}}',
    b'{"article":{"title":"a\0b"}}', b"title=a&body=b", b"<article/>", b"\x1f\x8b\x08",
]
NOT_UTF8 = [b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82",
            b"\xf0\x80\x80\xaf", b"\x80", b"\xfe\xff"]


def state(client):
    return client.get("/api/articles", author=client.username).ok()["articlesCount"]


@pytest.mark.parametrize("data", MALFORMED, ids=repr)
def test_malformed_json(alice, data):
    assert list(alice.post("/api/articles", data=data).errors(400)) == ["body"]
    assert state(alice) == 0


@pytest.mark.parametrize("length", range(1, len(WHOLE), 7))
def test_truncated_json(alice, length):
    assert list(alice.post("/api/articles", data=WHOLE[:length]).errors(400)) == ["body"]


@pytest.mark.parametrize("text", NOT_UTF8, ids=repr)
def test_json_that_is_not_utf8(alice, text):
    for data in (b'{"article":{"title":"a%s"}}' % text, b'{"%s":1}' % text, text):
        assert list(alice.post("/api/articles", data=data).errors(400)) == ["body"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_encodings(alice, encoding):
    data = json.dumps(new_article()).encode(encoding)
    assert list(alice.post("/api/articles", data=data).errors(400)) == ["body"]


@pytest.mark.parametrize("data", [b"[]", b"1", b'"article"', b"true", b"null", b'[{"article":{}}]'])
def test_json_that_is_no_object(alice, data):
    alice.post("/api/articles", data=data).errors(400, 422)


@pytest.mark.parametrize("value", [1, "text", True, [], [{}], 1.5], ids=json.dumps)
@pytest.mark.parametrize("method, path, wrapper", [
    ("POST", "/api/users", "user"), ("POST", "/api/users/login", "user"),
    ("PUT", "/api/user", "user"), ("POST", "/api/articles", "article"),
])
def test_a_wrapper_that_is_no_object(alice, method, path, wrapper, value):
    errors = alice.request(method, path, {wrapper: value}).errors(422)
    assert "must be an object" in errors[wrapper]


@pytest.mark.parametrize("data", [b"", b" ", b"\n", b"{}"], ids=repr)
def test_an_empty_body(alice, data):
    answer = alice.post("/api/articles", data=data)
    if answer.status == 400 and data in (b" ", b"\n"):
        return  # nothing but white space is not JSON
    answer.error(422, title=BLANK, description=BLANK, body=BLANK)


def test_unknown_fields_are_ignored(alice):
    fields = {"slug": "mine", "createdAt": "2000-01-01T00:00:00.000Z", "favoritesCount": 99,
              "author": {"username": "x"}, "id": 1, "__proto__": {}, "": "", "é": None}
    request = new_article(**fields)
    article = alice.post("/api/articles", {**request, "other": [1]}).ok(201)["article"]
    assert article["author"]["username"] == alice.username
    assert article["slug"] != "mine" and article["favoritesCount"] == 0
    assert article["createdAt"] > "2020"


def test_keys_are_told_by_their_case(alice):
    answer = alice.post("/api/articles", {"article": {"Title": "a", "TITLE": "b"}})
    answer.error(422, title=BLANK, description=BLANK, body=BLANK)


def test_a_key_twice(alice):
    data = b'{"article":{"title":"one","title":"two","description":"d","body":"b"}}'
    answer = alice.post("/api/articles", data=data)
    if answer.status == 201:
        assert answer.ok(201)["article"]["title"] in ("one", "two")
    else:
        answer.errors(400, 422)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" * 400, "-0", "1E+2", "0.1e-99"])
def test_numbers_of_json(alice, number):
    data = b'{"article":{"title":%s,"description":"d","body":"b"}}' % number.encode()
    alice.post("/api/articles", data=data).errors(400, 422)


@pytest.mark.parametrize("content_type", [
    "text/plain", "text/html", "application/xml", "multipart/form-data; boundary=x",
    "application/octet-stream", "json", "application/jsonx", "application/x-www-form", "*/*",
])
def test_wrong_content_types(alice, content_type):
    headers = {"Content-Type": content_type}
    answer = alice.post("/api/articles", new_article(), headers=headers)
    assert list(answer.errors(415)) == ["body"]
    assert state(alice) == 0


@pytest.mark.parametrize("content_type", [
    "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8",
    "APPLICATION/JSON", "application/json ; x=y",
])
def test_right_content_types(alice, content_type):
    headers = {"Content-Type": content_type}
    alice.post("/api/articles", new_article(), headers=headers).ok(201)


def test_the_content_type_of_nothing_does_not_matter(alice, article):
    headers = {"Content-Type": "text/plain"}
    alice.post(f"/api/articles/{article['slug']}/favorite", headers=headers).ok()
    alice.post("/api/articles", headers=headers).error(
        422, title=BLANK, description=BLANK, body=BLANK)


def test_forms(api):
    name = unique("user é+&=")
    quoted = name.replace("é", "%C3%A9").replace("+", "%2b").replace("&", "%26").replace("=", "%3D")
    data = f"username={quoted.replace(' ', '+')}&email={unique()}%40example.org&password=a+b+c+d+"
    user = api.post("/api/users", data=data.encode(), headers=FORM).ok(201)["user"]
    assert user["username"] == name
    login = {"user": {"email": user["email"], "password": "a b c d "}}
    api.post("/api/users/login", login).ok()


@pytest.mark.parametrize("data", [b"title=%", b"title=%zz", b"title=%ff", b"title=a%00b", b"\xff=1",
                                  b"title=%c0%80", b"title=\0"], ids=repr)
def test_malformed_forms(alice, data):
    answer = alice.post("/api/articles", data=data, headers=FORM)
    assert list(answer.errors(400)) == ["body"]


@pytest.mark.parametrize("query", ["tag=%ff", "tag=%", "tag=%0", "tag=%zz", "tag=a%00b", "%00=1",
                                   "tag=%c0%80", "limit=%ed%a0%80"])
def test_malformed_queries(api, query):
    api.get(f"/api/articles?{query}").errors(400)


@pytest.mark.parametrize("query", ["&&&", "=", "=x", "x", "limit", "?", "a[]=1&a[b]=2", "&limit=2",
                                   "limit=2&", "utm_source=x&limit=2", "x" * 5000])
def test_odd_queries(api, query):
    answer = api.get(f"/api/articles?{query}")
    answer.check(answer.status == (422 if query == "limit" else 200), "status")


@pytest.mark.parametrize("segment, statuses", [
    ("%00", [400]), ("a%00b", [400]), ("%ff", [400]), ("%c0%af", [400]), ("%ed%a0%80", [400]),
    ("%", [400]), ("%2", [400]), ("%zz", [400]), ("%u0041", [400]),
    ("a%2fb", [404]), ("%2f", [404]), ("%2e%2e", [404]), ("..%2f..%2fetc%2fpasswd", [404]),
    ("%5c..%5c", [404]), ("%0d%0aX-Injected:%201", [404]), ("%20", [404]), ("%25", [404]),
    ("'%20OR%201=1--", [404]), ("a;b=c", [404]), ("*", [404]), ("~", [404]), ("%7f", [404]),
    ("x" * 2000, [404]), ("%c3%a9" * 1000, [404]),
])
@pytest.mark.parametrize("path, key", [("articles", "article"), ("profiles", "profile")])
def test_segments(api, path, key, segment, statuses):
    answer = api.get(f"/api/{path}/{segment}")
    errors = answer.errors(*statuses)
    answer.check(answer.header("X-Injected") is None, "a header was injected")
    if answer.status == 404:
        assert errors == {key: [NOT_FOUND]}


@pytest.mark.parametrize("path", [
    "/api/articles/../user", "/api//tags", "//api/tags", "/api/./tags", "/./api/tags",
    "/api/tags//", "/api/../api/tags",
    "/api/articles//comments", "/api/articles/.", "/api/articles/..", "/api/%2e%2e/etc/passwd",
    "/..%2f..%2fetc/passwd", "/.%2e/.%2e/etc/passwd", "/api\\tags", "/api/tags;x", "/api/tags%20",
    "/api/tags%00", "/api%2ftags", "/%61pi/tags", "/api/tags%2f", "/api/tags?/../../etc/passwd",
    "http://localhost/api/tags", "http://evil.example/api/tags", "*", "/a" * 3000,
    "/api/articles/" + "a" * 8192, "/api/articles/" + "a/" * 4096, "/api/profiles/" + "%41" * 2800,
])
def test_path_tricks(api, path):
    """Nothing but what is public answers, and an error has the shape that all have, or is a page."""
    answer = api.get(path)
    if answer.status == 200:
        assert list(answer.ok()) == ["tags"]
    elif answer.header("Content-Type").startswith("text/html"):
        answer.page(400, 404, 414)
    else:
        answer.errors(400, 401, 404, 414)


@pytest.mark.parametrize("name", ["Authorization", "Content-Type", "If-None-Match", "Host",
                                  "Origin", "Accept", "Cookie", "User-Agent", "X-Forwarded-For"])
def test_headers_sent_twice(api, name):
    for values in (("a", "b"), ("", ""), ("x" * 5000, "y"), ("\xff\xfe", "\x80")):
        answer = api.get("/api/articles", headers=[(name, value) for value in values])
        answer.check(answer.status == 200 or answer.errors(400, 401), "status")


@pytest.mark.parametrize("name", ["Accept", "Cookie", "User-Agent", "If-None-Match", "Origin",
                                  "X-Forwarded-For", "Referer", "X-Anything", "Accept-Encoding"])
def test_long_headers(api, name):
    assert api.get("/api/tags", headers={name: "x" * 10000}).ok()
    api.get("/api/tags", headers={name: "x" * 30000}).errors(431)


def test_header_flood(api):
    for count, statuses in ((500, [200]), (5000, [431])):
        answer = api.get("/api/tags", headers=[(f"X-{n}", "y") for n in range(count)])
        answer.check(answer.status in statuses, f"expected {statuses}")


def test_odd_user_agents(alice):
    for agent in ("\xff\xfe", "x" * 3000, "a b", '"\\', "é".encode().decode("latin-1") * 200, "\t"):
        login = {"user": {"email": alice.email, "password": alice.password}}
        headers = {"User-Agent": agent}
        answer = alice.anonymous().post("/api/users/login", login, headers=headers).ok()
        signed_in = Client(alice.transport, answer["user"]["token"])
        sessions = signed_in.get("/api/user/sessions").ok()["sessions"]
        assert all(len(session["userAgent"]) <= 200 for session in sessions)


def test_a_broken_request_hinders_nobody(api, alice):
    for data in (b"{", b"\xff", b"[" * 100000):
        for _ in range(20):
            alice.post("/api/articles", data=data).errors(400)
            api.get("/api/tags").ok()
    Client(api.transport, "x").get("/api/user").error(401, token=INVALID)
