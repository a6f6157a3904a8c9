"""What the checker watches: each is written in one way and read in several."""
import re

from checker import Actor, Register, answered, anybody, count_of, of_article, of_list
from client import unique

VERSION = re.compile(r"version (\d+)\.")


def version(text):
    return int(VERSION.search(text)[1])


def all_registers(system):
    return [make(system) for make in (text, slug, biography, username, posts, newest, favorites,
                                      fame, follow, comments, life, tags)]


def published(writer, **fields):
    return writer.client.publish(**fields)["slug"]


def follower_of(system, writer):
    follower = Actor(system)
    follower.client.follow(writer.username)
    return follower


def text(system):
    writer, tag = Actor(system), unique("t")
    at = published(writer, description="version 0.", tagList=[tag])
    follower = follower_of(system, writer)

    def pick(article):
        return version(article["description"])

    def page(path):
        def a_page(_):
            answer = system.anonymous().get(path)
            return None if answer.status == 503 else version(answer.page(200))
        return a_page

    views = [of_list(follower.request, "/api/articles/feed", at, pick), page(f"/articles/{at}"),
             page(f"/tags/{tag}"), page(f"/profiles/{writer.username}")]
    for ask in anybody(system):
        views += [of_article(ask, f"/api/articles/{at}", pick),
                  of_list(ask, f"/api/articles?author={writer.username}", at, pick),
                  of_list(ask, f"/api/articles?tag={tag}", at, pick)]
    return Register("text", lambda n: writer.request(
        "PUT", f"/api/articles/{at}", {"article": {"description": f"version {n}."}}), views)


def slug(system):
    """A new title gives a new slug; the first one leads there."""
    writer, word = Actor(system), unique("s")
    first = published(writer, title=f"{word} version 0.")
    current = [first]

    def rename(n):
        title = f"{word} version {n}."
        answer = writer.request("PUT", f"/api/articles/{current[0]}", {"article": {"title": title}})
        if answer.status == 200:
            current[0] = answer.json()["article"]["slug"]
        return answer

    def by_first(ask):
        def first_slug(_):
            path, passed = f"/api/articles/{first}", set()
            while path not in passed:
                passed.add(path)
                known = register.acknowledged
                found = answered(answer := ask("GET", path), 200, 301, 404)
                if answer.status == 404:  # it leads to what nobody was told of yet
                    assert int(path.rpartition("version-")[2]) > known, f"{path} is lost"
                    return None
                if answer.status != 301:
                    return None if found is None else version(found["article"]["title"])
                path = "/api/" + answer.header("Location").partition("/api/")[2]
            raise AssertionError(f"{first} leads back to {path}")
        return first_slug

    def by_author(ask):
        def author(_):
            found = answered(ask("GET", f"/api/articles?author={writer.username}"))
            return None if found is None else version(found["articles"][0]["title"])
        return author

    register = Register("slug", rename, [
        view(ask) for ask in anybody(system) for view in (by_first, by_author)])
    return register


def biography(system):
    writer = Actor(system)
    writer.client.put("/api/user", {"user": {"bio": "version 0."}}).ok()
    at = published(writer)
    writer.client.comment(at)

    def of_profile(ask):
        def profile(_):
            found = answered(ask("GET", f"/api/profiles/{writer.username}"))
            return None if found is None else version(found["profile"]["bio"])
        return profile

    def of_comment(ask):
        def comment(_):
            found = answered(ask("GET", f"/api/articles/{at}/comments"))
            return None if found is None else version(found["comments"][0]["author"]["bio"])
        return comment

    def pick(article):
        return version(article["author"]["bio"])

    views = []
    for ask in anybody(system):
        views += [of_profile(ask), of_comment(ask), of_article(ask, f"/api/articles/{at}", pick),
                  of_list(ask, f"/api/articles?author={writer.username}", at, pick)]
    return Register("biography", lambda n: writer.request(
        "PUT", "/api/user", {"user": {"bio": f"version {n}."}}), views)


def username(system):
    writer, word, tag = Actor(system), unique("n"), unique("t")
    names = [f"{word}v0"]
    writer.client.put("/api/user", {"user": {"username": names[0]}}).ok()
    at = published(writer, tagList=[tag])

    def rename(n):
        name = f"{word}v{n}"
        if name not in names:
            names.append(name)
        return writer.request("PUT", "/api/user", {"user": {"username": name}})

    def pick(article):
        return int(article["author"]["username"].rpartition("v")[2])

    def by_name(ask):
        def name(n):
            answer = ask("GET", f"/api/profiles/{word}v{n}")
            if answer.status == 404:
                return register.begun  # right only if another name was on its way
            return None if answered(answer) is None else n
        return name

    def ahead(ask):
        def next_name(n):
            answered(ask("GET", f"/api/profiles/{word}v{n + 1}"), 200, 404)
        return next_name

    views = []
    for ask in anybody(system):
        views += [by_name(ask), ahead(ask), of_article(ask, f"/api/articles/{at}", pick),
                  of_list(ask, f"/api/articles?tag={tag}", at, pick)]
    register = Register("username", rename, views)
    return register


def posts(system):
    """How many there are."""
    writer, word = Actor(system), unique("p")
    follower = follower_of(system, writer)

    def publish(n):
        return writer.request("POST", "/api/articles", {"article": {
            "title": f"{word} {n}", "description": "D", "body": "B", "tagList": [word]}})

    views = [count_of(follower.request, "/api/articles/feed")]
    for ask in anybody(system):
        views += [count_of(ask, f"/api/articles?tag={word}"),
                  count_of(ask, f"/api/articles?author={writer.username}")]
    return Register("posts", publish, views, counts=True)


def newest(system):
    """The newest one of all, and its tag."""
    writer, word = Actor(system), unique("w")
    slugs = {}

    def publish(n):
        answer = writer.request("POST", "/api/articles", {"article": {
            "title": f"{word} {n}", "description": "D", "body": "B", "tagList": [f"{word}v{n}"]}})
        if answer.status == 201:
            slugs[n] = answer.json()["article"]["slug"]
        return answer

    def by_slug(ask):
        def that(n):
            if n == 0 or answered(ask("GET", f"/api/articles/{slugs[n]}")) is None:
                return None
            return n
        return that

    def of_list(ask):
        def listed(_):
            found = answered(ask("GET", "/api/articles?limit=100"))
            return None if found is None else newest_of(
                tag for article in found["articles"] for tag in article["tagList"]) or None
        return listed

    def of_tags(ask):
        def all_tags(_):
            found = answered(ask("GET", "/api/tags"))
            return None if found is None else newest_of(found["tags"])
        return all_tags

    def newest_of(names):
        return max((int(name[len(word) + 1:]) for name in names if name.startswith(word)),
                   default=0)

    return Register("newest", publish, [
        view(ask) for ask in anybody(system) for view in (by_slug, of_list, of_tags)])


def favorites(system):
    """What somebody has as favourites."""
    writer, author = Actor(system), Actor(system)
    slugs = [published(author) for _ in range(20)]

    def change(n):
        turn, index = divmod(n - 1, len(slugs))
        method = "POST" if turn % 2 == 0 else "DELETE"
        return writer.request(method, f"/api/articles/{slugs[index]}/favorite")

    def state(n):
        turn, count = divmod(n, len(slugs))
        return count if turn % 2 == 0 else len(slugs) - count

    path = f"/api/articles?favorited={writer.username}"
    return Register("favorites", change, [count_of(ask, path) for ask in anybody(system)], state)


def fame(system):
    """How many have an article as a favourite."""
    author, fans = Actor(system), [Actor(system) for _ in range(10)]
    at = published(author)

    def change(n):
        turn, index = divmod(n - 1, len(fans))
        method = "POST" if turn % 2 == 0 else "DELETE"
        return fans[index].request(method, f"/api/articles/{at}/favorite")

    def state(n):
        turn, count = divmod(n, len(fans))
        return count if turn % 2 == 0 else len(fans) - count

    def pick(article):
        return article["favoritesCount"]

    views = []
    for ask in anybody(system):
        views += [of_article(ask, f"/api/articles/{at}", pick),
                  of_list(ask, f"/api/articles?author={author.username}", at, pick)]
    return Register("fame", change, views, state)


def follow(system):
    writer, author = Actor(system), Actor(system)
    published(author)
    path = f"/api/profiles/{author.username}"

    def following(_):
        found = answered(writer.request("GET", path))
        return None if found is None else int(found["profile"]["following"])

    def change(n):
        return writer.request("POST" if n % 2 else "DELETE", f"{path}/follow")

    return Register("follow", change, [following, count_of(writer.request, "/api/articles/feed")],
                    lambda n: n % 2)


def comments(system):
    writer, author = Actor(system), Actor(system)
    at = published(author)

    def of_comments(ask):
        def count(_):
            found = answered(ask("GET", f"/api/articles/{at}/comments"))
            return None if found is None else len(found["comments"])
        return count

    return Register("comments", lambda n: writer.request(
        "POST", f"/api/articles/{at}/comments", {"comment": {"body": str(n)}}),
        [of_comments(ask) for ask in anybody(system)], last=450, counts=True)


def life(system):
    """What is deleted is gone; what is published is there."""
    writer, word = Actor(system), unique("l")
    slugs = {}

    def change(n):
        if n % 2 == 0:
            answer = writer.request("DELETE", f"/api/articles/{slugs[n - 1]}")
            if answer.status == 404:
                answer.status = 204  # the try before, which was not answered, did it
            return answer
        answer = writer.request("POST", "/api/articles", {"article": {
            "title": f"{word} {n}", "description": "D", "body": "B"}})
        if answer.status == 201:
            slugs[n] = answer.json()["article"]["slug"]
        return answer

    def by_slug(ask):
        def the_one(n):
            if n == 0:
                return None
            created = n if n % 2 else n - 1
            answer = ask("GET", f"/api/articles/{slugs[created]}")
            if answered(answer, 200, 404) is None:
                return None
            return created if answer.status == 200 else created + 1
        return the_one

    return Register("life", change, [by_slug(ask) for ask in anybody(system)])


def tags(system):
    """An article that goes from one tag to another and back."""
    writer, names = Actor(system), [unique("even"), unique("odd")]
    at = published(writer, tagList=[names[0]])

    def listed(ask, parity):
        def is_listed(_):
            found = answered(ask("GET", f"/api/articles?tag={names[parity]}"))
            return None if found is None else (parity if found["articlesCount"] else 1 - parity)
        return is_listed

    return Register("tags", lambda n: writer.request(
        "PUT", f"/api/articles/{at}", {"article": {"tagList": [names[n % 2]]}}),
        [listed(ask, parity) for ask in anybody(system) for parity in (0, 1)], lambda n: n % 2)
