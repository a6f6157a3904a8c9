"""Somebody with a browser that has no scripts: keeps cookies, reads pages, fills in forms."""
import urllib.parse
from http.cookies import SimpleCookie

from client import PASSWORD, Answer, unique
from lxml import html


class Page(Answer):
    """An answer that is a page."""

    def __init__(self, *answer):
        super().__init__(*answer)
        is_page = (self.header("Content-Type") or "").startswith("text/html")
        self.tree = html.fromstring(self.body.decode()) if is_page and self.body else None

    @property
    def path(self):
        return self.request[1]

    def ok(self, status=200):
        self.check(self.status == status, f"expected {status}")
        return self

    def find(self, xpath):
        """The one element of that XPath."""
        found = self.tree.xpath(xpath)
        self.check(len(found) == 1, f"{len(found)} elements are {xpath}")
        return found[0]

    def text(self, xpath="//body"):
        """Its text, each run of white space one space."""
        return " ".join(self.find(xpath).text_content().split())

    def texts(self, xpath):
        return [" ".join(one.text_content().split()) for one in self.tree.xpath(xpath)]

    def has(self, xpath):
        return self.tree is not None and bool(self.tree.xpath(xpath))

    def form(self, action):
        """The form, or one of several alike, that posts to the address."""
        found = [one for one in self.tree.forms if one.get("action") == action]
        self.check(found, f"no form goes to {action}")
        return found[0]

    def error(self, field):
        """What is said beside a field: aria-describedby names it, aria-invalid marks it."""
        box = self.find(f'//*[@name="{field}" and not(@type="hidden")]')
        self.check(box.get("aria-invalid") == "true", f"{field} is not marked invalid")
        told = [self.find(f'//*[@id="{name}"]') for name in box.get("aria-describedby").split()]
        return " ".join(" ".join(one.text_content().split()) for one in told)

    def value(self, field):
        """What a form's field holds. A browser drops the first line break of a textarea and sends \\r\\n for each."""
        box = self.find(f'//*[@name="{field}" and not(@type="hidden")]')
        if box.tag == "textarea":
            return (box.value or "").removeprefix("\n").replace("\r\n", "\n")
        return box.get("value")


class Visitor:
    def __init__(self, transport, language="en"):
        self.transport = transport
        self.cookies = {}
        self.headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": language}
        self.username = self.email = self.password = None

    def send(self, method, path, data=None, headers=None):
        """One request, whose cookies are kept. A header that is None is not sent."""
        sent = {**self.headers, **(headers or {})}
        if self.cookies:
            sent.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if data is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            sent["Content-Length"] = str(len(data))
        fields = [(name, value) for name, value in sent.items() if value is not None]
        answer = Page((method, path, fields, data), *self.transport.exchange(method, path, fields, data))
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                self.keep(value)
        return answer

    def keep(self, line):
        for name, cookie in SimpleCookie(line).items():
            if cookie["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value

    def get(self, path, **headers):
        return self.send("GET", path, headers=headers)

    def open(self, path):
        """A page, wherever it is."""
        return self.follow(self.get(path))

    def follow(self, answer):
        for _ in range(5):
            if answer.status not in (301, 303):
                return answer
            answer = self.get(answer.header("Location").split("#")[0])
        answer.check(False, "redirects without an end")

    def post(self, path, fields, **headers):
        """A form as a browser of today sends it from a page of ours; the answer itself."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self.origin(), **headers}
        return self.send("POST", path, urllib.parse.urlencode(fields).encode(), headers)

    def origin(self):
        return f"http://{self.host()}"

    def host(self):
        port = getattr(self.transport, "port", 80)
        return f"{getattr(self.transport, 'host', 'localhost')}:{port}"

    def fill(self, page, action, **fields):
        """Fills in a form of the page and sends it: the answer itself. None leaves a field out."""
        form = page.form(action)
        values = {**dict(form.form_values()), **fields}
        return self.post(action, {k: v for k, v in values.items() if v is not None})

    def submit(self, page, action, **fields):
        """As fill, and goes where it leads."""
        return self.follow(self.fill(page, action, **fields))

    def register(self, **fields):
        self.username = fields.setdefault("username", unique("user"))
        self.email = fields.setdefault("email", f"{unique('mail')}@example.org")
        self.password = fields.setdefault("password", PASSWORD)
        self.submit(self.open("/register").ok(), "/register", **fields).ok()
        return self

    def sign_in(self, **fields):
        fields = {"email": self.email, "password": self.password, **fields}
        return self.submit(self.open("/login").ok(), "/login", **fields)

    def publish(self, **fields):
        """Writes an article; its page."""
        fields = {"title": unique("A title "), "description": "What it is about",
                  "body": "Some *text*.", "tagList": "", **fields}
        return self.submit(self.open("/editor").ok(), "/editor", **fields).ok()
