"""What nginx does by itself: health for the machine alone, its own errors, the static page."""
import socket
from urllib.parse import urlsplit

import pytest
from client import NOT_FOUND, Answer

ELSEWHERE = {"X-Forwarded-For": "203.0.113.5"}  # as the proxy in front of nginx would tell it


def raw(environment, data):
    """Sends bytes as they are."""
    port = urlsplit(environment["QUIRE_URL"]).port
    with socket.create_connection(("localhost", port), 20) as server:
        server.sendall(data)
        reply = b""
        while part := server.recv(65536):
            reply += part
    head, _, body = reply.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in lines]
    request = ("raw", repr(data[:500]), [], None)
    return Answer(request, int(first.split()[1]), headers, body)


def test_the_process_answers(api):
    assert api.get("/healthz").ok() == {"status": "ok"}


def test_what_it_depends_on_does(api):
    assert api.get("/readyz").ok() == {"status": "ok", "database": "ok", "redis": "ok"}


def test_status_tells_of_workers_and_routes(api):
    api.get("/api/tags").ok()
    status = api.get("/statusz").ok()
    assert status["workers"] and status["routes"]
    assert {"GET /api/tags", "POST /api/users"} <= {
        f"{route['method']} {route['route']}" for route in status["routes"]}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/statusz", "/healthz/", "//statusz",
                                  "/statusz?x", "/%73tatusz", "/api/../statusz", "/./readyz"])
def test_only_the_machine_itself_may_ask(api, path):
    answer = api.get(path, headers=ELSEWHERE)
    answer.errors(403, 404)
    assert b"workers" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_health_can_only_be_read(api, method):
    api.request(method, "/healthz").error(405, method="not allowed")


def test_head_of_health(api):
    answer = api.head("/healthz")
    answer.check((answer.status, answer.body) == (200, b""), "expected 200 without a body")


def test_the_page_at_the_top(api):
    answer = api.get("/")
    answer.check(answer.status == 200, "expected 200")
    answer.check(answer.header("Content-Type") == "text/html; charset=utf-8", "not HTML")
    assert b"Quire" in answer.body
    assert b"<script" not in answer.body.lower()
    assert api.get("/index.html").body == answer.body


def test_the_page_is_not_sent_again(api):
    tag = api.get("/").header("ETag")
    answer = api.get("/", headers={"If-None-Match": tag})
    answer.check(answer.status == 304, "expected 304")


@pytest.mark.parametrize("path", ["/none.html", "/.git/config", "/nginx.conf", "/quire.conf",
                                  "/index.html/", "/static", "/.env"])
def test_files_that_are_not_there(api, path):
    api.get(path).error(404, path=NOT_FOUND)


@pytest.mark.parametrize("data, statuses", [
    (b"GET / HTTP/1.1\r\n\r\n", [400]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", [400]),
    (b"GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", [400]),
    (b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    (b"nonsense\r\n\r\n", [400]),
    (b"GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", [400, 505]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", [400]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", [400]),
    (b"PUT /api HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", [400]),
    (b"POST /api/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: rot13\r\n\r\n", [400, 501]),
    (b"POST /api/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
     b"Connection: close\r\n\r\nzz\r\n", [400]),
    (b"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", [405]),
    (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", [400, 405]),
    (b"GET /" + b"a" * 13000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", [414]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 13000 + b"\r\n\r\n", [431]),
    (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 10000 + b"\r\n", [431]),
], ids=lambda value: value[:40].decode() if isinstance(value, bytes) else "")
def test_its_own_errors_have_the_same_shape(environment, data, statuses):
    answer = raw(environment, data)
    answer.errors(*statuses)
    answer.check(answer.header("Server") == "nginx", "a version is told")
    answer.check(answer.header("X-Content-Type-Options") == "nosniff", "nosniff")
    answer.check(answer.header("Access-Control-Allow-Origin") == "*", "CORS")


def test_http_1_0(environment):
    answer = raw(environment, b"GET /api/tags HTTP/1.0\r\n\r\n")
    assert "tags" in answer.ok()


def test_two_requests_at_once_on_a_connection(environment):
    one = b"GET /api/nothing HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = raw(environment, one + last)
    assert answer.status == 404 and answer.body.endswith(b'{"status":"ok"}')


def test_many_headers(api):
    headers = {f"X-Header-{number}": "x" * 20 for number in range(150)}
    assert "tags" in api.get("/api/tags", headers=headers).ok()


def test_a_body_where_none_belongs(api, alice, article):
    body = b'{"article":{"title":"x"}}'
    for method in ("GET", "DELETE"):
        answer = alice.request(method, f"/api/articles/{article['slug']}/favorite", data=body)
        answer.check(answer.status == (405 if method == "GET" else 200), "the body was looked at")
    assert "tags" in api.request("GET", "/api/tags", data=b"x" * 10000).ok()
    assert "tags" in api.get("/api/tags").ok()
