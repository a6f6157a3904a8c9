"""Who needs a token, what a token looks like, and that it is looked at before anything else."""
import pytest
from client import INVALID, MISSING, Client
from operations import operations

NO_TOKENS = ["x", "jwt.prepaid.ing", "0" * 43, "A" * 43, "é", "a b", "../..", "'\"", "%00", "*",
             "session:1", "\\", "{}", "A" * 44, "A" * 1000, "A" * 5000]


@pytest.mark.parametrize("method, path, body", operations("yes"))
def test_a_token_is_needed(api, method, path, body):
    api.request(method, path, body).error(401, token=MISSING)


@pytest.mark.parametrize("method, path, body", operations("yes", "optional"))
def test_a_bad_token_is_refused_also_where_none_is_needed(api, method, path, body):
    Client(api.transport, "0" * 43).request(method, path, body).error(401, token=INVALID)


@pytest.mark.parametrize("method, path, body", operations("yes"))
def test_the_token_comes_before_the_body(api, method, path, body):
    answer = api.request(method, path, data=b'{"broken', headers={"Content-Type": "text/html"})
    answer.error(401, token=MISSING)


@pytest.mark.parametrize("path", ["/api/users", "/api/users/login"])
def test_a_bad_token_may_not_hinder_who_signs_in(api, path):
    """A client whose session has ended still sends its token when it logs in again."""
    Client(api.transport, "0" * 43).post(path, {}).errors(422)


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "token", "bearer", "TOKEN", "Token  "])
def test_schemes(alice, scheme):
    headers = {"Authorization": f"{scheme} {alice.token}"}
    answer = alice.anonymous().get("/api/user", headers=headers)
    assert answer.ok()["user"]["token"] == alice.token


@pytest.mark.parametrize("value", ["Basic YTpi", "Token", "Token ", "Bearer", "Digest x", ""])
def test_what_is_no_token(api, value):
    errors = api.get("/api/user", headers={"Authorization": value}).errors(401)
    assert errors in ({"token": [MISSING]}, {"token": [INVALID]})


@pytest.mark.parametrize("token", NO_TOKENS)
def test_bad_tokens(api, token):
    for path in ("/api/user", "/api/articles"):
        Client(api.transport, token.encode().decode("latin-1")).get(path).error(401, token=INVALID)


@pytest.mark.parametrize("change", [
    str.swapcase, lambda token: token[:-1], lambda token: token + "A", lambda token: token[::-1],
    lambda token: f"{token} {token}", lambda token: f"{token}=", lambda token: f'"{token}"',
], ids=["case", "shorter", "longer", "backwards", "twice", "padded", "quoted"])
def test_almost_the_token(alice, change):
    Client(alice.transport, change(alice.token)).get("/api/user").error(401, token=INVALID)


@pytest.mark.parametrize("token", ["A" * 10000, "A" * 30000], ids=["10,000", "30,000"])
def test_tokens_that_are_too_long_for_the_edge(api, token):
    answer = Client(api.transport, token).get("/api/articles")
    answer.errors(400, 401, 431)


def test_a_token_belongs_to_one_user(alice, bob):
    assert alice.get("/api/user").ok()["user"]["username"] == alice.username
    assert bob.get("/api/user").ok()["user"]["username"] == bob.username


def test_a_session_cookie_is_no_token(alice):
    headers = {"Cookie": f"token={alice.token}; session={alice.token}"}
    alice.anonymous().get("/api/user", headers=headers).error(401, token=MISSING)
