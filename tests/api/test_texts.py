"""Texts come back exactly as they were sent, whatever they hold; what is no text is refused."""
import json
import unicodedata

import pytest
from client import NOT_FOUND, quote, unique
from inputs import ALL, NAMES, ONE_LINE, PROSE, SHOWN, TAGS, TITLES

TEXTS = {
    "SQL": "'; DROP TABLE users; -- \" $1 %s E'\\x41' $$x$$",
    "HTML": "<script>alert('&amp;')</script><img src=x>",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽",
    "right to left": "שלום עולם \u200fمرحبا\u200e",
    "combining": "e\u0301 and \u00e9, Z\u0351\u036b\u0343a\u0329",
    "escapes": "\\ \\\\ \\n \\u0041 \\0 / \" ' ` {{x}} ${x} %00 %s %n",
    "scripts": "日本語 한국어 ไทย हिन्दी Ελλάδα Україна ß İı",
    "planes": "\U00010348 \U0001d11e \U0010fffd \ue000 \ufffd",
    "headers": "a: b, c; d=e?f&g#h+i",
    "null": "null", "number": "0", "object": '{"a":[]}',
}
# They have joiners, marks of direction, several scripts or characters that no font has.
NO_NAMES = {"emoji", "right to left", "scripts", "planes"}
SEVERAL_LINES = ["one\ntwo", "one\r\ntwo", "tab\there", "\u2028 and \u2029", "# H\n\n- a\n- b\n"]
CONTROL = ["\x01", "\x07", "\x1b[31m", "\x7f", "\n", "\r", "\t", "\x00"]


def composed(text):
    """In normalization form C, as texts of one line are kept."""
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("field", SHOWN, ids=repr)
def test_round_trip(alice, field, kind):
    text = unique(TEXTS[kind]) if field in NAMES else TEXTS[kind]
    if field in NAMES and kind in NO_NAMES:
        field.send(alice, text).errors(422)
    else:
        assert field.read(field.send(alice, text)) == (composed(text) if field in ONE_LINE else text)


@pytest.mark.parametrize("text", SEVERAL_LINES)
@pytest.mark.parametrize("field", PROSE, ids=repr)
def test_several_lines(alice, field, text):
    expected = text.strip() if field.name == "bio" else text
    assert field.read(field.send(alice, text)) == expected


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("field", TAGS, ids=repr)
def test_tags(api, alice, field, text):
    assert field.read(field.send(alice, [text, "a"])) == sorted([composed(text), "a"])
    listed = api.get("/api/articles", tag=text, limit=1).ok()["articles"]
    assert listed[0]["author"]["username"] == alice.username


@pytest.mark.parametrize("kind", TEXTS)
def test_usernames_and_slugs_of_it_can_be_asked_for(api, kind):
    text = TEXTS[kind]
    author = api.register(username=unique("" if kind in NO_NAMES else text))
    assert api.get(f"/api/profiles/{quote(author.username)}").ok()
    article = author.publish(title=text)
    assert api.get(f"/api/articles/{quote(article['slug'])}").ok()["article"] == article
    found = api.get("/api/articles", author=author.username).ok()
    assert [item["slug"] for item in found["articles"]] == [article["slug"]]
    author.favorite(quote(article["slug"]))
    assert api.get("/api/articles", favorited=author.username).ok()["articlesCount"] == 1


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_asked_for_is_only_data(api, text):
    for path in ("/api/articles/{}", "/api/articles/{}/comments"):
        api.get(path.format(quote(unique(text)))).error(404, article=NOT_FOUND)
    api.get(f"/api/profiles/{quote(unique(text))}").error(404, profile=NOT_FOUND)
    for name in ("tag", "author", "favorited"):
        answer = api.get("/api/articles", **{name: unique(text)})
        assert answer.ok() == {"articles": [], "articlesCount": 0}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_passwords(api, text):
    api.register(password=text + " and more").login()


@pytest.mark.parametrize("control", CONTROL[:-1], ids=repr)
@pytest.mark.parametrize("field", [*NAMES, *TITLES], ids=repr)
def test_control_characters_in_one_line(alice, field, control):
    answer = field.send(alice, f"be{control}fore")
    answer.error(422, **{field.name: "is invalid"})


@pytest.mark.parametrize("control", CONTROL[:-1], ids=repr)
@pytest.mark.parametrize("field", TAGS, ids=repr)
def test_control_characters_in_a_tag(alice, field, control):
    field.send(alice, ["fine", f"be{control}fore"]).error(422, tagList="is invalid")


@pytest.mark.parametrize("field", ALL, ids=repr)
def test_nul(alice, field):
    answer = field.send(alice, "with a \0 in it@example.org")
    assert answer.errors(422)[field.name] == ["must not contain NUL"]


@pytest.mark.parametrize("field", TAGS, ids=repr)
def test_nul_in_a_tag(alice, field):
    assert list(field.send(alice, ["a\0b"]).errors(422)) == ["tagList"]


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00", "\\ud800\\u0041", "\\udc00\\ud800"])
def test_half_a_surrogate_pair_is_no_text(alice, escape):
    data = f'{{"article":{{"title":"a{escape}","description":"d","body":"b"}}}}'.encode()
    answer = alice.post("/api/articles", data=data)
    if answer.status == 201:  # as U+FFFD it is text again
        assert "\ufffd" in answer.ok(201)["article"]["title"]
    else:
        answer.errors(400, 422)


def test_escapes_of_json(alice):
    """The same text written in another way."""
    text = "é😀/\"\\ \u200d and \u200f"
    title = "".join(f"\\u{unit:04X}" for unit in units(text))
    data = f'{{"article":{{"title":"{title}","description":"\\/","body":"\\b\\f\\n\\r\\t"}}}}'
    article = alice.post("/api/articles", data=data.encode()).ok(201)["article"]
    assert (article["title"], article["description"]) == (text, "/")
    assert article["body"] == "\b\f\n\r\t"


def units(text):
    """UTF-16's, which JSON's escapes are."""
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2)]


@pytest.mark.parametrize("field", ALL, ids=repr)
@pytest.mark.parametrize("value", [1, 1.5, True, False, [], ["a"], {}, {"a": "b"}], ids=json.dumps)
def test_what_is_no_text(alice, field, value):
    field.send(alice, value).error(422, **{field.name: "must be a string"})
