"""Every text that a client can send: how it is sent, and how the answer shows it."""
from client import PASSWORD, unique


def new_user(**fields):
    return {"user": {"username": unique("user"), "email": f"{unique()}@example.org",
                     "password": PASSWORD, **fields}}


def new_article(**fields):
    return {"article": {"title": unique("A title "), "description": "About", "body": "Text.",
                        **fields}}


class Field:
    """A text of a request: `send` it as a client who may, and `read` it from the answer."""

    def __init__(self, name, method, path, wrapper):
        self.name, self.method, self.path, self.wrapper = name, method, path, wrapper

    def send(self, client, value):
        path = self.path
        if "{slug}" in path:
            path = path.format(slug=client.publish()["slug"])
        fields = {**self.complete(), self.name: value}
        return client.request(self.method, path, {self.wrapper: fields})

    def complete(self):
        """What is required beside it."""
        if self.path == "/api/users":
            return new_user()["user"]
        return new_article()["article"] if self.path == "/api/articles" else {}

    def read(self, answer):
        return answer.ok(201 if self.method == "POST" else 200)[self.wrapper][self.name]

    def __repr__(self):
        return f"{self.method} {self.wrapper} {self.name}"


NAMES = [Field("username", "POST", "/api/users", "user"),
         Field("username", "PUT", "/api/user", "user")]
EMAILS = [Field("email", "POST", "/api/users", "user"), Field("email", "PUT", "/api/user", "user")]
PASSWORDS = [Field("password", "POST", "/api/users", "user"),
             Field("password", "PUT", "/api/user", "user")]
BIO = Field("bio", "PUT", "/api/user", "user")
IMAGE = Field("image", "PUT", "/api/user", "user")
TITLES = [Field("title", "POST", "/api/articles", "article"),
          Field("title", "PUT", "/api/articles/{slug}", "article")]
DESCRIPTIONS = [Field("description", "POST", "/api/articles", "article"),
                Field("description", "PUT", "/api/articles/{slug}", "article")]
BODIES = [Field("body", "POST", "/api/articles", "article"),
          Field("body", "PUT", "/api/articles/{slug}", "article")]
COMMENT = Field("body", "POST", "/api/articles/{slug}/comments", "comment")
TAGS = [Field("tagList", "POST", "/api/articles", "article"),
        Field("tagList", "PUT", "/api/articles/{slug}", "article")]

ONE_LINE = [*NAMES, *TITLES, *DESCRIPTIONS]
PROSE = [BIO, *BODIES, COMMENT]
SHOWN = [*ONE_LINE, IMAGE, *PROSE]
ALL = [*SHOWN, *EMAILS, *PASSWORDS]
