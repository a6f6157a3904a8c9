"""Sessions: opaque tokens, their expiry, and how a user sees and ends them."""
import subprocess
import time

import pytest
from client import INVALID, NOT_FOUND, Client
from shapes import TIME, TOKEN

PATH = "/api/user/sessions"
KEYS = {"id", "createdAt", "lastSeenAt", "userAgent", "address", "current"}
EVERYTHING = """
local found = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  found[#found + 1] = key
  local kind = redis.call('TYPE', key).ok
  local read = {string = {'GET', key}, hash = {'HGETALL', key}, set = {'SMEMBERS', key},
                list = {'LRANGE', key, 0, -1}, zset = {'ZRANGE', key, 0, -1}}
  local value = redis.call(unpack(read[kind]))
  for _, text in ipairs(type(value) == 'table' and value or {value}) do found[#found + 1] = text end
end
return found
"""


def sessions_of(client):
    answer = client.get(PATH)
    content = answer.ok()
    answer.check(list(content) == ["sessions"], "not a list of sessions")
    for session in content["sessions"]:
        answer.check(session.keys() == KEYS and isinstance(session["current"], bool), "keys")
        answer.check(TIME.fullmatch(session["createdAt"]), "createdAt")
        answer.check(TIME.fullmatch(session["lastSeenAt"]), "lastSeenAt")
    return content["sessions"]


def is_signed_in(client):
    answer = client.get("/api/user")
    if answer.status != 200:
        answer.error(401, token=INVALID)
    return answer.status == 200


def test_tokens_are_opaque_and_differ(alice):
    tokens = {alice.login().token for _ in range(5)} | {alice.token}
    assert len(tokens) == 6
    assert all(TOKEN.fullmatch(token) for token in tokens)


def test_list(alice, bob):
    other = alice.login()
    sessions = sessions_of(other)
    assert [session["current"] for session in sessions].count(True) == 1
    assert len({session["id"] for session in sessions}) == 2
    assert len(sessions_of(bob)) == 1, "only one's own"
    seen_by_alice = sessions_of(alice)
    assert ({session["id"]: session["current"] for session in seen_by_alice}
            == {session["id"]: not session["current"] for session in sessions})


def test_a_session_tells_who_signed_in(api, alice):
    login = {"user": {"email": alice.email, "password": alice.password}}
    headers = {"User-Agent": "Browser/1 (\"Ünix\")".encode().decode("latin-1"),
               "X-Forwarded-For": "203.0.113.7"}
    token = api.post("/api/users/login", login, headers=headers).ok()["user"]["token"]
    fields = {"username": alice.username, "email": alice.email, "token": token}
    sessions = sessions_of(alice.as_user(fields, None))
    current, = [session for session in sessions if session["current"]]
    assert current["userAgent"] == 'Browser/1 ("Ünix")'
    assert current["address"] == "203.0.113.7"


def test_an_identifier_is_not_the_token(alice):
    text = alice.get(PATH).body.decode()
    assert alice.token not in text


def test_logout_ends_this_session_alone(alice):
    other = alice.login()
    other.post("/api/user/logout").ok(204)
    assert not is_signed_in(other) and is_signed_in(alice)
    assert len(sessions_of(alice)) == 1
    other.post("/api/user/logout").error(401, token=INVALID)


def test_end_one(alice):
    other = alice.login()
    identifier = [session["id"] for session in sessions_of(alice) if not session["current"]][0]
    alice.delete(f"{PATH}/{identifier}").ok(204)
    assert not is_signed_in(other) and is_signed_in(alice)
    alice.delete(f"{PATH}/{identifier}").error(404, session=NOT_FOUND)


def test_end_the_current_one(alice):
    alice.delete(f"{PATH}/{sessions_of(alice)[0]['id']}").ok(204)
    assert not is_signed_in(alice)


def test_end_all(alice, bob):
    others = [alice.login() for _ in range(3)]
    alice.delete(PATH).ok(204)
    assert not any(map(is_signed_in, [alice, *others]))
    assert is_signed_in(bob)
    assert len(sessions_of(alice.login())) == 1


def test_somebody_elses_session_cannot_be_ended(alice, bob):
    identifier = sessions_of(bob)[0]["id"]
    alice.delete(f"{PATH}/{identifier}").error(404, session=NOT_FOUND)
    assert is_signed_in(bob)


@pytest.mark.parametrize("identifier", ["none", "*", "0", "A" * 43, "..%2F..", "%27", "A" * 2000])
def test_identifiers_of_no_session(alice, identifier):
    alice.delete(f"{PATH}/{identifier}").error(404, session=NOT_FOUND)


def test_a_password_change_ends_the_other_sessions(alice):
    others = [alice.login() for _ in range(2)]
    alice.put("/api/user", {"user": {"password": "another password"}}).ok()
    assert is_signed_in(alice)
    assert not any(map(is_signed_in, others))
    assert len(sessions_of(alice)) == 1


@pytest.mark.parametrize("fields", [{"bio": "New."}, {"password": "short"}])
def test_any_other_change_ends_no_session(alice, fields):
    other = alice.login()
    alice.put("/api/user", {"user": fields})
    assert is_signed_in(other)


def test_a_session_that_is_used_goes_on_and_one_that_is_not_ends(start_pool):
    anonymous = Client(start_pool(QUIRE_SESSION_IDLE_SECONDS="2").transport())
    used = anonymous.register()
    idle = used.login()
    for _ in range(5):
        time.sleep(0.6)
        assert is_signed_in(used)
    assert len(sessions_of(used)) == 1, "the one that ended is not shown"
    assert not is_signed_in(idle)
    time.sleep(2.2)
    assert not is_signed_in(used)


def test_no_session_is_older_than_its_lifetime(start_pool):
    settings = {"QUIRE_SESSION_IDLE_SECONDS": "60", "QUIRE_SESSION_LIFETIME_SECONDS": "3"}
    old = Client(start_pool(**settings).transport()).register()
    time.sleep(1.8)
    new = old.login()
    assert is_signed_in(old)
    time.sleep(1.4)
    assert not is_signed_in(old), "however much it is used"
    assert is_signed_in(new)
    assert len(sessions_of(new)) == 1, "the one that ended is not shown"


def test_the_oldest_session_makes_room(start_pool):
    pool = start_pool(QUIRE_SESSIONS_PER_USER_MAX="3")
    clients = [Client(pool.transport()).register()]
    for _ in range(3):
        time.sleep(1.01)  # their ages are told in seconds
        clients.append(clients[0].login())
    assert [is_signed_in(client) for client in clients] == [False, True, True, True]
    assert len(sessions_of(clients[-1])) == 3


def test_redis_does_not_know_tokens(environment, alice):
    """Who reads Redis cannot sign in."""
    socket = environment["QUIRE_REDIS"].removeprefix("unix:")
    found = subprocess.run(["redis-cli", "-s", socket, "--raw", "eval", EVERYTHING, "0"],
                           capture_output=True, check=True, text=True).stdout
    identifier = sessions_of(alice)[0]["id"]
    assert identifier in found, "all keys and values were read"
    assert alice.token not in found
    assert alice.password not in found
