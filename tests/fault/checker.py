"""Does anybody read the past? Writers, readers, and what a reader may see.

A register is something that one writer changes step by step. Whoever begins to read after step n
was acknowledged must see the state of step n or of one that was begun meanwhile.
"""
import random
import threading

from client import PASSWORD, Client


class Actor:
    """Somebody who signs in again when Redis has forgotten everything."""

    def __init__(self, system):
        self.system = system
        self.client = system.user()
        self.username = self.client.username

    def request(self, *words, **options):
        answer = self.client.request(*words, **options)
        if answer.status == 401:
            credentials = {"user": {"email": self.client.email, "password": PASSWORD}}
            login = self.system.anonymous().post("/api/users/login", credentials)
            if login.status == 503:
                return login
            client = self.client.as_user(login.ok()["user"], PASSWORD)
            client.email = self.client.email
            self.client = client
            answer = self.client.request(*words, **options)
        return answer


class Register:
    """`write(n)` does step n and returns its answer. Each of `views` is asked with the last step
    that was acknowledged and says what it sees, or None if it cannot tell. `state(n)` is what is
    right. With `counts`, n is how many were acknowledged: what was answered 503 is not tried
    again."""

    def __init__(self, name, write, views, state=lambda n: n, last=10 ** 9, counts=False):
        self.name, self.write, self.views, self.state = name, write, views, state
        self.begun = self.acknowledged = 0
        self.last, self.counts = last, counts
        self.reads = self.unavailable = 0
        self.lock = threading.Lock()
        self.unsure = False

    def step(self):
        if self.unsure and not self.counts:
            number = self.begun
        elif self.begun >= self.last:
            return
        else:
            number = self.begun = self.begun + 1
        answer = self.write(number)
        answer.check(answer.status in (200, 201, 204, 503), f"{self.name}: step {number}: ")
        self.unsure = answer.status == 503
        if not self.unsure:
            self.acknowledged += 1

    def look(self):
        view = random.choice(self.views)
        oldest = self.acknowledged
        seen = view(oldest)
        newest = self.begun
        with self.lock:
            self.reads += seen is not None
            self.unavailable += seen is None
        if seen is not None:
            allowed = [self.state(n) for n in range(oldest, newest + 1)]
            assert seen in allowed, (f"{self.name} by {view.__name__} shows {seen!r} and not one "
                                     f"of {allowed} (steps {oldest} to {newest})")


def answered(answer, *statuses):
    """Its JSON; None for 503."""
    if answer.status == 503:
        return None
    answer.check(answer.status in (statuses or (200,)), "wrong status")
    return answer.json() if answer.status == 200 else answer


def of_article(ask, path, pick):
    def article(_):
        found = answered(ask("GET", path))
        return None if found is None else pick(found["article"])
    return article


def of_list(ask, path, slug, pick):
    """From the one of that slug in a list."""
    def a_list(_):
        found = answered(ask("GET", path))
        if found is None:
            return None
        articles = {article["slug"]: article for article in found["articles"]}
        assert slug in articles, f"{path} has no {slug}"
        return pick(articles[slug])
    return a_list


def count_of(ask, path):
    def count(_):
        found = answered(ask("GET", path))
        return None if found is None else found["articlesCount"]
    return count


def anybody(system):
    """The anonymous and somebody who is signed in, at any pool."""
    anonymous, actor = Client.request, Actor(system)
    visitor = system.anonymous()
    return [lambda *words: anonymous(visitor, *words), actor.request]
