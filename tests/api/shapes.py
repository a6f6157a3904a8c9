"""The shapes of API.md: exactly these keys, of these types."""
import re

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
SLUG = re.compile(r"[^\W_]+(-[^\W_]+)*")


def is_text(value):
    return isinstance(value, str)


def is_text_or_null(value):
    return value is None or isinstance(value, str)


def is_flag(value):
    return isinstance(value, bool)


def is_count(value):
    return type(value) is int and value >= 0


def is_time(value):
    return is_text(value) and TIME.fullmatch(value)


def is_token(value):
    return is_text(value) and TOKEN.fullmatch(value)


def is_tag_list(value):
    return isinstance(value, list) and all(map(is_text, value)) and value == sorted(set(value))


def is_profile(value):
    return has_shape(value, PROFILE)


USER = {"email": is_text, "token": is_token, "username": is_text, "bio": is_text_or_null,
        "image": is_text_or_null}
PROFILE = {"username": is_text, "bio": is_text_or_null, "image": is_text_or_null,
           "following": is_flag}
LISTED_ARTICLE = {"slug": is_text, "title": is_text, "description": is_text,
                  "tagList": is_tag_list, "createdAt": is_time, "updatedAt": is_time,
                  "favorited": is_flag, "favoritesCount": is_count, "author": is_profile}
ARTICLE = {**LISTED_ARTICLE, "body": is_text}
COMMENT = {"id": is_count, "createdAt": is_time, "updatedAt": is_time, "body": is_text,
           "author": is_profile}


def has_shape(value, shape):
    return (isinstance(value, dict) and value.keys() == shape.keys()
            and all(holds(value[key]) for key, holds in shape.items()))


def one(answer, wrapper, shape, status=200):
    """The single thing in the answer, which must have that shape."""
    content = answer.ok(status)
    answer.check(list(content) == [wrapper], f"not wrapped in {wrapper}")
    answer.check(has_shape(content[wrapper], shape), f"not a {wrapper}")
    return content[wrapper]


def user_of(answer, status=200):
    return one(answer, "user", USER, status)


def profile_of(answer):
    return one(answer, "profile", PROFILE)


def article_of(answer, status=200):
    return one(answer, "article", ARTICLE, status)


def comment_of(answer, status=200):
    return one(answer, "comment", COMMENT, status)


def articles_of(answer):
    """The articles of a list and how many there are in all."""
    content = answer.ok()
    answer.check(content.keys() == {"articles", "articlesCount"}, "not a list of articles")
    answer.check(all(has_shape(item, LISTED_ARTICLE) for item in content["articles"]),
                 "not all are articles without a body")
    answer.check(is_count(content["articlesCount"]), "articlesCount")
    return content["articles"], content["articlesCount"]


def comments_of(answer):
    content = answer.ok()
    answer.check(list(content) == ["comments"], "not a list of comments")
    answer.check(all(has_shape(item, COMMENT) for item in content["comments"]), "not all comments")
    return content["comments"]
