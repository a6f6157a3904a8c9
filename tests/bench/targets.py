"""The routes that are measured, each asked for content from everywhere and by many people."""
import json

from load import Target

HOT = 200  # paths that the cache is expected to have
ARTICLE = {"article": {"title": "Measured UNIQUE", "description": "How fast is it?", "body": "A paragraph. " * 40,
                       "tagList": ["tag HUNDRED"]}}
COMMENT = {"comment": {"body": "UNIQUE: well said. " * 5}}


def login(email):
    return json.dumps({"user": {"email": email, "password": "quire-demo"}})


def api_reads(content):
    articles = [f"/api/articles/{slug}" for slug in content.slugs]
    lists = [f"/api/articles?offset={20 * number}" for number in range(50)]
    profiles = [f"/api/profiles/{name}" for name in content.usernames]
    tokens = content.tokens
    return [
        Target("article, session", "GET", articles, tokens),
        Target("article, anonymous", "GET", articles[:HOT]),
        Target("comments", "GET", [f"{path}/comments" for path in articles], tokens),
        Target("article list", "GET", lists, tokens),
        Target("article list, anonymous", "GET", lists),
        Target("articles of a tag", "GET", [f"/api/articles?tag={tag}" for tag in content.tags], tokens),
        Target("articles of an author", "GET", [f"/api/articles?author={name}" for name in content.authors], tokens),
        Target("favourites of a user", "GET", [f"/api/articles?favorited={name}" for name in content.readers], tokens),
        Target("feed", "GET", ["/api/articles/feed"], tokens),
        Target("feed of 5,000 authors", "GET", ["/api/articles/feed"], [content.argus]),
        Target("profile", "GET", profiles, tokens),
        Target("tags", "GET", ["/api/tags"], tokens),
        Target("own user", "GET", ["/api/user"], tokens),
    ]


def page_reads(content):
    articles = [f"/articles/{slug}" for slug in content.slugs]
    profiles = [f"/profiles/{name}" for name in content.authors]
    tags = [f"/tags/{tag}" for tag in content.tags]
    pages = {"home page": ["/"], "feed page": ["/feed"], "article page": articles, "profile page": profiles,
             "tag page": tags, "Atom feed of a tag": [f"{path}/feed.atom" for path in tags],
             "Atom feed of an author": [f"{path}/feed.atom" for path in profiles], "sitemap": ["/sitemaps/1"]}
    return [*(Target(name, "GET", paths, content.tokens, page=True) for name, paths in pages.items()),
            Target("article page, kept", "GET", articles[:1])]


def writes(content):
    articles = [f"/api/articles/{slug}" for slug in content.slugs]
    own = [f"/api/articles/{slug}" for slug, _ in content.own]
    owners = [token for _, token in content.own]
    change = {"article": {"body": "Changed UNIQUE. " * 40}}
    tokens = content.tokens
    return [
        Target("favourite, and not", "POST", [f"{path}/favorite" for path in articles], tokens, undone=True),
        Target("follow, and not", "POST", [f"/api/profiles/{name}/follow" for name in content.usernames], tokens,
               undone=True),
        Target("comment create", "POST", [f"{path}/comments" for path in articles], tokens,
               [json.dumps(COMMENT)]),
        Target("article create", "POST", ["/api/articles"], tokens, [json.dumps(ARTICLE)]),
        Target("article change", "PUT", own, owners, [json.dumps(change)], paired=True),
        Target("login", "POST", ["/api/users/login"], (), [login(email) for email in content.emails],
               connections=4),
    ]


def every(content):
    return [*api_reads(content), *page_reads(content), *writes(content)]


def budget(method):
    """Trips to PostgreSQL and Redis that a request may take; tests/api/test_budget.py knows the exceptions."""
    return (1, 1) if method == "GET" else (1, 2)


def over_budget(result):
    """The routes that took more, and how many."""
    found = []
    for (method, route), counted in result.routes.items():
        trips = [counted[key] / counted["requests"] for key in ("databaseTrips", "redisTrips")]
        if any(trip > most + 0.01 for trip, most in zip(trips, budget(method))):
            found.append(f"{method} {route} {trips[0]:.2f}, {trips[1]:.2f}")
    return found
