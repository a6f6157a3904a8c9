"""What all answers have in common: methods, headers, caching, CORS."""
import gzip
import json
import re
import time
from pathlib import Path

import pytest
from client import NOT_FOUND
from operations import NOWHERE, PATHS, methods_of

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


def words(value):
    """The set of a header's comma-separated words."""
    return {word.strip() for word in (value or "").split(",")}


def allowed(path):
    methods = methods_of(path) | {"OPTIONS"}
    if path == "/api/articles/feed":  # which could be an article's
        methods |= methods_of("/api/articles/{slug}")
    return methods | ({"HEAD"} if "GET" in methods else set())


@pytest.mark.parametrize("path, method", [
    (path, method) for path in PATHS for method in sorted(METHODS - allowed(path))])
def test_a_method_that_a_path_has_not(api, path, method):
    answer = api.request(method, path.format(**NOWHERE))
    answer.check(words(answer.header("Allow")) == allowed(path), f"Allow is not {allowed(path)}")
    if method == "HEAD":
        answer.check((answer.status, answer.body) == (405, b""), "expected 405 without a body")
    else:
        answer.error(405, method="not allowed")


@pytest.mark.parametrize("method", ["get", "FOO", "PROPFIND", "COPY", "LOCK", "TRACE", "CONNECT"])
def test_methods_that_nothing_has(api, method):
    api.request(method, "/api/articles").errors(400, 405, 501)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/user/none", "/api/usersx",
                                  "/api/articles/a/b", "/api/articles/a/comments/1/2",
                                  "/api/profiles", "/api/tags/x"])
def test_paths_that_are_not_there(api, method, path):
    api.request(method, path).error(404, path=NOT_FOUND)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/nowhere", "/API/tags", "/index.php", "/-/error", "/apis"])
def test_pages_that_are_not_there(api, method, path):
    api.request(method, path).page(404)


def test_not_there_is_told_before_the_token(api):
    api.get("/api/none", headers={"Authorization": "Token bad"}).error(404, path=NOT_FOUND)


@pytest.mark.parametrize("path", PATHS)
def test_options(api, path):
    answer = api.request("OPTIONS", path.format(**NOWHERE))
    answer.check(answer.status == 200 and answer.body == b"", "expected 200 without a body")
    answer.check(words(answer.header("Allow")) == allowed(path), f"Allow is not {allowed(path)}")


@pytest.mark.parametrize("path", ["/api/articles", "/api/user", "/api/nothing", "/api/x/y/z"])
def test_preflight(api, path):
    answer = api.request("OPTIONS", path, headers={
        "Origin": "https://client.example", "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, content-type, x-requested-with"})
    answer.check(answer.status == 200, "expected 200")
    answer.check(answer.header("Access-Control-Allow-Origin") == "*", "Allow-Origin")
    methods = words(answer.header("Access-Control-Allow-Methods"))
    answer.check({"GET", "POST", "PUT", "DELETE", "OPTIONS"} <= methods, "Allow-Methods")
    headers = {word.lower() for word in words(answer.header("Access-Control-Allow-Headers"))}
    answer.check({"content-type", "authorization", "x-requested-with"} <= headers, "Allow-Headers")


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/api/tags", 200), ("GET", "/api/user", 401), ("GET", "/api/nothing", 404),
    ("PATCH", "/api/tags", 405), ("POST", "/api/users", 422), ("GET", "/api/articles/%ff", 400),
    ("GET", "/api/articles?limit=0", 422), ("HEAD", "/api/tags", 200),
])
def test_every_answer_may_be_read_from_elsewhere(api, method, path, status):
    answer = api.request(method, path, headers={"Origin": "https://client.example"})
    answer.check(answer.status == status, f"expected {status}")
    answer.check(answer.header("Access-Control-Allow-Origin") == "*", "CORS")
    answer.check(answer.header("Access-Control-Allow-Credentials") is None, "no cookies here")


@pytest.mark.parametrize("method, path", [
    ("GET", "/"), ("GET", "/api/tags"), ("GET", "/api/user"), ("GET", "/api/nothing"),
    ("POST", "/api/users"), ("OPTIONS", "/api/tags"), ("GET", "/api/articles/%00"),
])
def test_headers_of_every_answer(api, method, path):
    answer = api.request(method, path)
    answer.check(re.fullmatch(r"[0-9a-f]{32}", answer.header("X-Request-Id") or ""), "request id")
    answer.check(answer.header("X-Content-Type-Options") == "nosniff", "nosniff")
    answer.check(answer.header("X-Frame-Options") == "DENY", "frames")
    answer.check("frame-ancestors 'none'" in answer.header("Content-Security-Policy"), "policy")
    answer.check(answer.header("Referrer-Policy"), "referrer")
    answer.check(answer.header("Server") == "nginx", "a version is told")
    answer.check(answer.header("X-Powered-By") is None, "powered by")
    names = [name.lower() for name, _ in answer.headers]
    answer.check(len(names) == len(set(names)), "a header is there twice")


def test_request_ids_differ_and_are_not_the_clients(api):
    mine = {"X-Request-Id": "0" * 32}
    ids = {api.get("/api/tags", headers=mine).header("X-Request-Id") for _ in range(20)}
    assert len(ids) == 20 and "0" * 32 not in ids


def test_a_request_is_found_in_the_log_by_its_id(environment, alice, article):
    path = f"/api/articles/{article['slug']}"
    answer = alice.get(f"{path}?x=secret")
    identifier = answer.header("X-Request-Id")
    lines = []
    for _ in range(100):
        for log in Path(environment["QUIRE_LOGS"]).glob("pool-*.log"):
            lines += [line for line in log.read_text().splitlines() if identifier in line]
        if lines:
            break
        time.sleep(0.05)
    assert len(lines) == 1
    line = json.loads(lines[0])
    expected = {"level": "info", "event": "request", "id": identifier, "method": "GET",
                "route": "/api/articles/:slug", "path": path, "status": 200,
                "bytes": len(answer.body)}
    assert {key: line[key] for key in expected} == expected
    assert line["user"] > 0 and 0 < line["ms"] < 5000
    assert "secret" not in lines[0] and alice.token not in lines[0]


@pytest.mark.parametrize("path", ["/api/tags", "/api/articles", "/api/articles/{slug}",
                                  "/api/profiles/{username}", "/api/articles/{slug}/comments"])
def test_head(api, article, path):
    path = path.format(slug=article["slug"], username=article["author"]["username"])
    get, head = api.get(path), api.head(path)
    head.check((head.status, head.body) == (200, b""), "expected 200 without a body")
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control"):
        head.check(head.header(name) == get.header(name), f"{name} of GET: {get.header(name)}")
    head.check(head.header("Content-Length") == str(len(get.body)), "Content-Length")


@pytest.mark.parametrize("path, status", [("/api/user", 401), ("/api/articles/none-such", 404),
                                          ("/api/nothing", 404), ("/api/articles?limit=x", 422)])
def test_head_of_an_error(api, path, status):
    answer = api.head(path)
    answer.check((answer.status, answer.body) == (status, b""), f"expected {status} without a body")


@pytest.mark.parametrize("path", ["/api/tags", "/api/articles", "/api/articles/{slug}",
                                  "/api/profiles/{username}", "/api/articles/{slug}/comments"])
def test_one_trailing_slash_changes_nothing(api, article, path):
    path = path.format(slug=article["slug"], username=article["author"]["username"])
    assert api.get(f"{path}/").ok() == api.get(path).ok()


def test_a_trailing_slash_of_a_post(api):
    api.post("/api/users/login/", {}).errors(422)


@pytest.mark.parametrize("path", ["/api/tags", "/api/articles?limit=5", "/api/articles/{slug}"])
def test_what_has_not_changed_is_not_sent_again(api, article, path):
    path = path.format(slug=article["slug"])
    tag = api.get(path).header("ETag")
    weak = tag if tag.startswith("W/") else f"W/{tag}"
    for condition in (tag, weak, "*", f'"other", {tag}', f'"a,b" , {weak},"c"'):
        for method in ("GET", "HEAD"):
            answer = api.request(method, path, headers={"If-None-Match": condition})
            answer.check((answer.status, answer.body) == (304, b""), "expected 304")
            answer.check(answer.header("ETag") in (tag, weak), "ETag")
            answer.check(answer.header("Access-Control-Allow-Origin") == "*", "CORS")
    for condition in ('"other"', tag.strip('W/"'), tag[:-2] + '"', "", '"'):
        api.get(path, headers={"If-None-Match": condition}).ok()


def test_a_change_has_another_etag(api, alice, article):
    path = f"/api/articles/{article['slug']}"
    tag = api.get(path).header("ETag")
    alice.put(path, {"article": {"body": "Another."}}).ok()
    changed = api.get(path, headers={"If-None-Match": tag})
    assert changed.ok()["article"]["body"] == "Another."
    changed.check(changed.header("ETag") != tag, "the same ETag")


def test_etags_only_where_there_is_something_to_keep(api, alice):
    for answer in (api.get("/api/user"), api.get("/api/articles/none"), api.post("/api/users", {}),
                   alice.post("/api/articles", {}), api.request("OPTIONS", "/api/tags")):
        answer.check(answer.header("ETag") is None, "has an ETag")


def test_answers_are_not_kept_unasked(api, alice):
    for answer in (api.get("/api/articles"), alice.get("/api/user"), api.get("/api/user")):
        answer.check(words(answer.header("Cache-Control")) & {"no-cache", "no-store"}, "cacheable")
    vary = alice.get("/api/articles").header("Vary") or ""
    assert "authorization" in vary.lower(), "the answer depends on who asks"


def test_gzip(api, alice):
    path = f"/api/articles/{alice.publish(body='Many words. ' * 500)['slug']}"
    plain = api.get(path)
    packed = api.get(path, headers={"Accept-Encoding": "gzip"})
    packed.check(packed.header("Content-Encoding") == "gzip", "not compressed")
    packed.check("Accept-Encoding" in packed.header("Vary"), "Vary")
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 5
    headers = {"Accept-Encoding": "gzip", "If-None-Match": packed.header("ETag")}
    again = api.get(path, headers=headers)
    again.check(again.status == 304, "the compressed answer's ETag is not known")


def test_small_answers_are_not_compressed(api):
    answer = api.get("/api/user", headers={"Accept-Encoding": "gzip"})
    answer.check(answer.header("Content-Encoding") is None, "compressed")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*;q=0.1", "", "nonsense"])
def test_json_whatever_is_accepted(api, accept):
    assert "tags" in api.get("/api/tags", headers={"Accept": accept}).ok()


def test_the_old_slug_answers_without_the_article(api, alice, article):
    old = f"/api/articles/{article['slug']}"
    alice.put(old, {"article": {"title": "Renamed"}}).ok()
    for method in ("GET", "HEAD"):
        answer = api.request(method, old)
        answer.check(answer.status == 301 and b"article" not in answer.body, "expected 301")
        answer.check(answer.header("Access-Control-Allow-Origin") == "*", "CORS")
