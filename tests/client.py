"""A thin Conduit client. What does not hold is reported with the request and its answer."""
import http.client
import json
import secrets
import urllib.parse

PASSWORD = "correct horse battery staple"
BLANK = "can't be blank"
TAKEN = "has already been taken"
MISSING = "is missing"
INVALID = "is invalid"
NOT_FOUND = "not found"
FORBIDDEN = "forbidden"


def unique(stem="x"):
    """A name that no other test and no other run uses."""
    return f"{stem}{secrets.token_hex(6)}"


def quote(text):
    """A path segment."""
    return urllib.parse.quote(text, safe="")


class Http:
    """Requests over HTTP, each on a connection of its own. Paths and headers go out as they are."""

    def __init__(self, url, timeout=30):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.timeout = parts.hostname, parts.port or 80, timeout

    def exchange(self, method, path, headers, body):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            try:
                connection.endheaders(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all of it was sent: the answer says why
            reply = connection.getresponse()
            return reply.status, reply.getheaders(), reply.read()
        finally:
            connection.close()


class Answer:
    def __init__(self, request, status, headers, body):
        self.request, self.status, self.headers, self.body = request, status, headers, body

    def __repr__(self):
        method, path, headers, body = self.request
        lines = [f"{method} {path[:300]}", *(f"{name}: {value[:200]}" for name, value in headers)]
        lines += [show(body), f"--> {self.status}"]
        lines += [f"{name}: {value[:200]}" for name, value in self.headers]
        return "\n".join(["", *lines, show(self.body), ""])

    def check(self, holds, complaint):
        assert holds, f"{complaint}{self!r}"

    def header(self, name):
        """The header's values as one, None if it was not sent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def json(self):
        content_type = self.header("Content-Type")
        self.check(content_type == "application/json; charset=utf-8", "not announced as JSON")
        try:
            return json.loads(self.body.decode("utf-8"))
        except ValueError as error:
            self.check(False, f"no JSON: {error}")

    def page(self, *statuses):
        """The answer is a page of the site, for people; returns its text."""
        self.check(self.status in statuses, f"expected {statuses}")
        self.check(self.header("Content-Type") == "text/html; charset=utf-8", "not announced as HTML")
        text = self.body.decode("utf-8")
        self.check(text.startswith("<!doctype html>") and "</html>" in text, "not a page")
        return text

    def ok(self, status=200):
        """The answer's object; None for 204."""
        self.check(self.status == status, f"expected {status}")
        if status == 204:
            self.check(self.body == b"", "204 has a body")
            return None
        return self.json()

    def error(self, status, **messages):
        """The answer is this error, and says nothing but these messages, one for each key."""
        errors = self.errors(status)
        self.check(errors == {key: [text] for key, text in messages.items()}, f"not {messages}")
        return self

    def errors(self, *statuses):
        """The answer is an error in the shape that all errors have; returns what it says."""
        self.check(self.status in statuses, f"expected {statuses}")
        answer = self.json()
        self.check(list(answer) == ["errors"] and answer["errors"], "not the shape of an error")
        for messages in answer["errors"].values():
            self.check(messages and all(isinstance(text, str) for text in messages), "no texts")
        return answer["errors"]


class Client:
    """Somebody who uses the API: anonymous, or signed in when there is a token."""

    def __init__(self, transport, token=None):
        self.transport, self.token = transport, token
        self.username = self.email = self.password = None

    def request(self, method, path, body=None, headers=(), data=None, **query):
        """Sends `body` as JSON, or `data` as it is."""
        headers = list(dict(headers).items() if isinstance(headers, dict) else headers)
        if query:
            path += "?" + urllib.parse.urlencode(query)
        if self.token is not None:
            headers.append(("Authorization", f"Token {self.token}"))
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        names = {name.lower() for name, _ in headers}
        if data is not None and "content-type" not in names:
            headers.append(("Content-Type", "application/json"))
        if "transfer-encoding" not in names and (data is not None or method in ("POST", "PUT")):
            headers.append(("Content-Length", str(len(data or b""))))
        answer = self.transport.exchange(method, path, headers, data)
        return Answer((method, path, headers, data), *answer)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def head(self, path, **options):
        return self.request("HEAD", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def put(self, path, body=None, **options):
        return self.request("PUT", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def register(self, username=None, email=None, password=PASSWORD):
        """A new user, signed in."""
        username = username or unique("user")
        email = email or f"{unique('mail')}@example.org"
        fields = {"username": username, "email": email, "password": password}
        user = self.post("/api/users", {"user": fields}).ok(201)["user"]
        return self.as_user(user, password)

    def login(self, **fields):
        """The same user with a new token."""
        fields = {"email": self.email, "password": self.password, **fields}
        user = self.post("/api/users/login", {"user": fields}).ok()["user"]
        return self.as_user(user, fields["password"])

    def as_user(self, user, password):
        client = Client(self.transport, user["token"])
        client.username, client.email, client.password = user["username"], user["email"], password
        return client

    def anonymous(self):
        return Client(self.transport)

    def publish(self, **fields):
        fields = {"title": unique("A title "), "description": "What it is about", "body": "Text.",
                  **fields}
        return self.post("/api/articles", {"article": fields}).ok(201)["article"]

    def comment(self, slug, body="A comment."):
        answer = self.post(f"/api/articles/{slug}/comments", {"comment": {"body": body}})
        return answer.ok(201)["comment"]

    def follow(self, username):
        return self.post(f"/api/profiles/{quote(username)}/follow").ok()["profile"]

    def favorite(self, slug):
        return self.post(f"/api/articles/{slug}/favorite").ok()["article"]


def show(body):
    text = (body or b"").decode("utf-8", "replace")
    return text if len(text) <= 1500 else f"{text[:1500]}… ({len(body)} bytes)"
