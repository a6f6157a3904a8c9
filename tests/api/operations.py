"""The operations of API.md and Quire's own: method, path, is a token needed, a fine body."""
USER = {"user": {"bio": "A bio."}}
ARTICLE = {"article": {"title": "A title", "description": "About", "body": "Text."}}
COMMENT = {"comment": {"body": "A comment."}}

OPERATIONS = [
    ("POST", "/api/users", "no", {}),
    ("POST", "/api/users/login", "no", {}),
    ("GET", "/api/user", "yes", None),
    ("PUT", "/api/user", "yes", USER),
    ("GET", "/api/user/sessions", "yes", None),
    ("DELETE", "/api/user/sessions", "yes", None),
    ("DELETE", "/api/user/sessions/{session}", "yes", None),
    ("POST", "/api/user/logout", "yes", None),
    ("GET", "/api/profiles/{username}", "optional", None),
    ("POST", "/api/profiles/{username}/follow", "yes", None),
    ("DELETE", "/api/profiles/{username}/follow", "yes", None),
    ("GET", "/api/articles", "optional", None),
    ("GET", "/api/articles/feed", "yes", None),
    ("POST", "/api/articles", "yes", ARTICLE),
    ("GET", "/api/articles/{slug}", "optional", None),
    ("PUT", "/api/articles/{slug}", "yes", ARTICLE),
    ("DELETE", "/api/articles/{slug}", "yes", None),
    ("GET", "/api/articles/{slug}/comments", "optional", None),
    ("POST", "/api/articles/{slug}/comments", "yes", COMMENT),
    ("DELETE", "/api/articles/{slug}/comments/{id}", "yes", None),
    ("POST", "/api/articles/{slug}/favorite", "yes", None),
    ("DELETE", "/api/articles/{slug}/favorite", "yes", None),
    ("GET", "/api/tags", "no", None),
]
PATHS = sorted({path for _, path, _, _ in OPERATIONS})
NOWHERE = {"username": "nobody-here", "slug": "no-such-article", "id": "1", "session": "none"}


def operations(*needs):
    """Method, path and body of those that need a token so. The path leads to nothing."""
    return [(method, path.format(**NOWHERE), body) for method, path, need, body in OPERATIONS
            if need in needs]


def methods_of(path):
    return {method for method, other, _, _ in OPERATIONS if other == path}
