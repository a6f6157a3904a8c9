"""POST /api/users, POST /api/users/login, GET and PUT /api/user."""
import pytest
from client import BLANK, PASSWORD, TAKEN, unique
from shapes import user_of


def new_user(**fields):
    return {"user": {"username": unique("user"), "email": f"{unique()}@example.org",
                     "password": PASSWORD, **fields}}


def test_register(api):
    request = new_user()
    user = user_of(api.post("/api/users", request), 201)
    assert (user["username"], user["email"]) == (request["user"]["username"],
                                                 request["user"]["email"])
    assert (user["bio"], user["image"]) == (None, None)


def test_register_trims_names_but_not_the_password(api):
    request = new_user(password="  two spaces  ")
    name, email = request["user"]["username"], request["user"]["email"]
    padded = {**request["user"], "username": f" \t{name}\n ", "email": f"  {email} "}
    user = user_of(api.post("/api/users", {"user": padded}), 201)
    assert (user["username"], user["email"]) == (name, email)
    login = {"user": {"email": email, "password": "two spaces"}}
    api.post("/api/users/login", login).error(401, credentials="invalid")
    login["user"]["password"] = "  two spaces  "
    api.post("/api/users/login", login).ok()


@pytest.mark.parametrize("value", ["", "   ", "\t\n ", None])
@pytest.mark.parametrize("field", ["username", "email"])
def test_register_with_a_blank_field(api, field, value):
    api.post("/api/users", new_user(**{field: value})).error(422, **{field: BLANK})


@pytest.mark.parametrize("value", ["", None])
def test_register_with_a_blank_password(api, value):
    api.post("/api/users", new_user(password=value)).error(422, password=BLANK)


@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_register_without_a_field(api, field):
    request = new_user()
    del request["user"][field]
    api.post("/api/users", request).error(422, **{field: BLANK})


@pytest.mark.parametrize("request_body", [{"user": {}}, {}, {"other": {"username": "x"}}, None])
def test_register_with_nothing_names_every_field(api, request_body):
    answer = api.post("/api/users", request_body)
    answer.error(422, username=BLANK, email=BLANK, password=BLANK)


@pytest.mark.parametrize("email", ["nobody", "@example.org", "nobody@", "a b@example.org", "a@b@c"])
def test_register_with_no_address(api, email):
    api.post("/api/users", new_user(email=email)).error(422, email="is invalid")


def test_register_with_a_short_password(api):
    message = "is too short (minimum is 8 characters)"
    api.post("/api/users", new_user(password="1234567")).error(422, password=message)


@pytest.mark.parametrize("change", [str, str.upper, str.title], ids=["same", "upper", "title"])
@pytest.mark.parametrize("field", ["username", "email"])
def test_register_what_is_taken(api, alice, field, change):
    request = new_user(**{field: change(getattr(alice, field))})
    api.post("/api/users", request).error(409, **{field: TAKEN})


def test_register_both_taken(api, alice):
    request = new_user(username=alice.username, email=alice.email)
    errors = api.post("/api/users", request).errors(409)
    assert errors.keys() <= {"username", "email"}
    assert all(messages == [TAKEN] for messages in errors.values())


def test_login(api, alice):
    login = {"user": {"email": alice.email, "password": alice.password}}
    user = user_of(api.post("/api/users/login", login))
    assert (user["username"], user["email"]) == (alice.username, alice.email)
    assert user["token"] != alice.token, "each login has a token of its own"


def test_login_with_the_address_in_another_case(alice):
    assert alice.login(email=alice.email.upper()).email == alice.email


@pytest.mark.parametrize("fields", [
    {"password": "not the password"},
    {"password": PASSWORD.upper()},
    {"password": f" {PASSWORD}"},
    {"email": "nobody-has-this@example.org"},
    {"email": "no address"},
])
def test_login_refused(api, alice, fields):
    login = {"user": {"email": alice.email, "password": alice.password, **fields}}
    api.post("/api/users/login", login).error(401, credentials="invalid")


@pytest.mark.parametrize("value", ["", None, "absent"])
@pytest.mark.parametrize("field", ["email", "password"])
def test_login_with_a_blank_field(api, alice, field, value):
    login = {"email": alice.email, "password": alice.password, field: value}
    if value == "absent":
        del login[field]
    api.post("/api/users/login", {"user": login}).error(422, **{field: BLANK})


def test_login_with_nothing(api):
    api.post("/api/users/login", {}).error(422, email=BLANK, password=BLANK)


def test_current_user(alice):
    user = user_of(alice.get("/api/user"))
    assert user == {"username": alice.username, "email": alice.email, "token": alice.token,
                    "bio": None, "image": None}


@pytest.mark.parametrize("field, value", [
    ("bio", "I write.\nOften."), ("image", "https://example.org/a.png?b=c&d=é"),
])
def test_change_a_text(alice, field, value):
    before = alice.get("/api/user").ok()["user"]
    changed = user_of(alice.put("/api/user", {"user": {field: value}}))
    assert changed == {**before, field: value}
    assert alice.get("/api/user").ok()["user"] == changed


@pytest.mark.parametrize("nothing", ["", None, "   "])
@pytest.mark.parametrize("field", ["bio", "image"])
def test_a_text_set_to_nothing_is_null(alice, field, nothing):
    alice.put("/api/user", {"user": {"bio": "A bio.", "image": "https://example.org/a"}}).ok()
    user = user_of(alice.put("/api/user", {"user": {field: nothing}}))
    other = "image" if field == "bio" else "bio"
    assert user[field] is None and user[other] is not None


def test_change_all_at_once(api, alice):
    fields = {"username": unique("user"), "email": f"{unique()}@example.org", "bio": "New.",
              "image": "https://example.org/new"}
    user = user_of(alice.put("/api/user", {"user": {**fields, "password": "another password"}}))
    assert user == {**fields, "token": alice.token}
    alice.login(email=fields["email"], password="another password")


def test_a_changed_username_keeps_every_token(api, alice):
    other = alice.login()
    slug = alice.publish()["slug"]
    name = unique("renamed")
    alice.put("/api/user", {"user": {"username": name}}).ok()
    for client in (alice, other):
        assert client.get("/api/user").ok()["user"]["username"] == name
    api.get(f"/api/profiles/{alice.username}").error(404, profile="not found")
    assert api.get(f"/api/articles/{slug}").ok()["article"]["author"]["username"] == name


def test_a_changed_address_is_the_one_to_log_in_with(api, alice):
    email = f"{unique('New')}@Example.org"
    assert user_of(alice.put("/api/user", {"user": {"email": email}}))["email"] == email
    login = {"user": {"email": alice.email, "password": alice.password}}
    api.post("/api/users/login", login).error(401, credentials="invalid")
    alice.login(email=email.lower())


def test_a_changed_password_is_the_one_to_log_in_with(api, alice):
    alice.put("/api/user", {"user": {"password": "another password"}}).ok()
    login = {"user": {"email": alice.email, "password": alice.password}}
    api.post("/api/users/login", login).error(401, credentials="invalid")
    alice.login(password="another password")


@pytest.mark.parametrize("field, value, message", [
    ("email", "", BLANK), ("email", None, BLANK), ("email", " ", BLANK),
    ("email", "nobody", "is invalid"),
    ("username", "", BLANK), ("username", None, BLANK), ("username", " \n", BLANK),
    ("password", "", BLANK), ("password", "1234567", "is too short (minimum is 8 characters)"),
])
def test_change_refused(alice, field, value, message):
    before = alice.get("/api/user").ok()
    request = {"user": {field: value, "bio": "Not this either."}}
    alice.put("/api/user", request).error(422, **{field: message})
    assert alice.get("/api/user").ok() == before


@pytest.mark.parametrize("field", ["username", "email"])
def test_change_to_what_is_taken(alice, bob, field):
    taken = {"user": {field: getattr(bob, field).upper(), "bio": "Not this either."}}
    before = alice.get("/api/user").ok()
    alice.put("/api/user", taken).error(409, **{field: TAKEN})
    assert alice.get("/api/user").ok() == before


@pytest.mark.parametrize("change", [str, str.upper], ids=["same", "upper"])
@pytest.mark.parametrize("field", ["username", "email"])
def test_change_to_what_one_has(alice, field, change):
    value = change(getattr(alice, field))
    assert user_of(alice.put("/api/user", {"user": {field: value}}))[field] == value


@pytest.mark.parametrize("request_body", [{"user": {}}, {}, {"user": {"unknown": 1}}, None])
def test_change_nothing(alice, request_body):
    alice.put("/api/user", request_body).error(422, user=BLANK)


@pytest.mark.parametrize("password", ["x" * 64, "é" * 8, " " * 3 + "inside" + " " * 3])
def test_passwords_that_are_fine(api, password):
    api.register(password=password).login()
