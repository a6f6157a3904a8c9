"""What nginx does by itself: health for the machine alone, its own errors, static files."""
import gzip
import re
import socket
import subprocess
from urllib.parse import urlsplit

import pytest
from client import Answer
from harness import BUILD, ROOT

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


def is_page(answer, status, language="en"):
    """The answer is an error's page in the site's clothes."""
    answer.check(answer.status == status, f"expected {status}")
    answer.check(answer.header("Content-Type") == "text/html; charset=utf-8", "not HTML")
    answer.check(f'<html lang="{language}"'.encode() in answer.body, f"not in {language}")
    answer.check(b"/static/style." in answer.body, "without the site's style")


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
    answer.check(answer.status in (403, 404), "expected 403 or 404")
    assert b"workers" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_health_can_only_be_read(api, method):
    answer = api.request(method, "/healthz")
    answer.check(answer.status == 405, "expected 405")
    answer.check(answer.header("Allow") == "GET, HEAD, OPTIONS", "Allow")


def test_head_of_health(api):
    answer = api.head("/healthz")
    answer.check((answer.status, answer.body) == (200, b""), "expected 200 without a body")


@pytest.fixture
def assets(api):
    """The static files of the page at the top: the addresses by the names in nginx/static."""
    page = api.get("/").body.decode()
    found = re.findall(r'"(/static/([\w-]+)\.[0-9a-f]{10}(\.\w+))"', page)
    return {name + suffix: address for address, name, suffix in found}


def test_a_page_names_its_files_by_what_is_in_them(assets):
    assert {"style.css", "quire.js", "quire.svg", "manifest.webmanifest"} <= assets.keys()


@pytest.mark.parametrize("name, content_type", [
    ("style.css", "text/css; charset=utf-8"), ("quire.js", "text/javascript; charset=utf-8"),
    ("quire.svg", "image/svg+xml; charset=utf-8"),
    ("manifest.webmanifest", "application/manifest+json; charset=utf-8")])
def test_static_files_are_kept_for_ever(api, assets, name, content_type):
    answer = api.get(assets[name])
    answer.check(answer.status == 200, "expected 200")
    assert answer.header("Content-Type") == content_type
    assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Vary") == "Accept-Encoding"


def test_static_files_are_compressed_ahead(api, assets):
    plain, zipped, smallest = (api.get(assets["style.css"], headers={"Accept-Encoding": accepted})
                               for accepted in ("", "gzip", "gzip, br"))
    assert [answer.header("Content-Encoding") for answer in (plain, zipped, smallest)] == [
        None, "gzip", "br"]
    assert len(smallest.body) < len(zipped.body) < len(plain.body)
    assert gzip.decompress(zipped.body) == plain.body
    assert subprocess.run(["brotli", "-dc"], input=smallest.body, stdout=subprocess.PIPE,
                          check=True).stdout == plain.body


def test_the_scripts_are_small():
    sizes = [file.stat().st_size for file in (BUILD / "static/static").glob("*.js.br")]
    assert len(sizes) == 2 and sum(sizes) <= 10 * 1024


def test_static_files_refer_to_each_other_by_the_new_names(api, assets):
    for name, address in assets.items():
        for reference in re.findall(rb"/static/[\w.-]+", api.get(address).body):
            answer = api.get(reference.decode())
            answer.check(answer.status == 200 and "immutable" in answer.header("Cache-Control"),
                         f"{name} refers to it")


@pytest.mark.parametrize("path", ["/static/", "/static/style.css", "/static/none.0123456789.js",
                                  "/static/x/../style.css", "/static//", "/static/%00"])
def test_no_pool_is_asked_for_a_static_file_that_is_not_there(api, path):
    answer = api.get(path)
    is_page(answer, 400 if "%00" in path else 404)
    answer.check(answer.header("Vary") == "Accept-Encoding", "the program was asked")


def test_what_is_asked_for_by_a_fixed_name(api, assets):
    drawing = api.get(assets["quire.svg"]).body
    for path in ("/favicon.ico", "/quire.svg"):
        answer = api.get(path)
        answer.check(answer.status == 200 and answer.body == drawing, "not the drawing")
        assert answer.header("Content-Type") == "image/svg+xml"


@pytest.mark.parametrize("path", ["/none.html", "/.git/config", "/nginx.conf", "/quire.conf",
                                  "/index.html", "/static", "/.env", "/apis", "/-/error",
                                  "/static/../quire.conf", "/errors/404.en.html", "/errors/"])
def test_pages_that_are_not_there(api, path):
    is_page(api.get(path), 404)


def test_there_is_a_page_for_each_of_its_errors():
    files = ("nginx/quire.conf", "nginx/quire/handlers.conf")
    text = "".join((ROOT / file).read_text() for file in files)
    lines = re.findall(r"error_page ([\d =]+) \$quire_error_path;", text)
    statuses = {status for line in lines
                for status in (re.findall(r"=(\d+)", line) or re.findall(r"\d+", line))}
    assert {file.name for file in (BUILD / "static/errors").iterdir()} == {
        f"{status}.{language}.html" for status in statuses for language in ("en", "de")}


@pytest.mark.parametrize("accepted, language", [
    ("de", "de"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr, de;q=0.7, en;q=0.3", "de"),
    ("en-GB,de;q=0.5", "en"), ("fr", "en"), ("", "en"), ("*", "en")])
def test_its_errors_speak_the_readers_language(api, accepted, language):
    is_page(api.get("/static/none", headers={"Accept-Language": accepted}), 404, language)


def test_its_errors_speak_the_language_that_was_chosen(api):
    headers = {"Accept-Language": "en", "Cookie": "theme=dark; language=de"}
    is_page(api.get("/static/none", headers=headers), 404, "de")


def test_what_is_too_large_for_it(api):
    body = b"x" * (4 << 20 | 1)
    is_page(api.request("POST", "/editor", data=body), 413)
    api.request("POST", "/api/articles", data=body).error(413, body="is too large")


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
    (b"GET /api/" + b"a" * 13000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", [414]),
    (b"TRACE /api/tags HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", [405]),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 13000 + b"\r\n\r\n", [431]),
    (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 10000 + b"\r\n", [431]),
], ids=lambda value: value[:40].decode() if isinstance(value, bytes) else "")
def test_its_own_errors_have_the_same_shape(environment, data, statuses):
    answer = raw(environment, data)
    if b" /api" in data.partition(b"\r\n")[0]:
        answer.errors(*statuses)
        answer.check(answer.header("Access-Control-Allow-Origin") == "*", "CORS")
    else:
        assert answer.status in statuses
        is_page(answer, answer.status)
        answer.check(answer.header("Access-Control-Allow-Origin") is None, "CORS")
    answer.check(answer.header("Server") == "nginx", "a version is told")
    answer.check(answer.header("X-Content-Type-Options") == "nosniff", "nosniff")


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
