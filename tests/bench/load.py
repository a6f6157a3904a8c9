"""Requests as wrk's Lua sends them: of one kind, or a mixture of kinds."""
import json
import os

CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", "16"))

# A kind's path and token are drawn anew for each request. `skew` above 1 prefers the first paths. Kinds that are undone
# take turns: something new is done, and what was done a while ago is undone. So nothing piles up.
SCRIPT = """
local function lines(text)
  local found = {}
  for line in text:gmatch("[^\\n]+") do found[#found + 1] = line end
  return found
end
local kinds = {KINDS}
local delay_max, threads, id, count = DELAY, 0, "", 0
local weight = 0
for _, kind in ipairs(kinds) do
  weight = weight + kind.weight
  kind.done = {}
end
function setup(thread) threads = threads + 1; thread:set("number", threads) end
function init() math.randomseed(number * 1000003 + os.time()); id = math.random(1000000) .. "t" .. number end
local function choose()
  local left = math.random() * weight
  for _, kind in ipairs(kinds) do
    left = left - kind.weight
    if left < 0 then return kind end
  end
  return kinds[1]
end
local function draw(kind)
  local path = math.floor(#kind.paths * math.random() ^ kind.skew) + 1
  local token = kind.paired and path or math.random(math.max(1, #kind.tokens))
  return kind.method, kind.paths[path], kind.tokens[token]
end
local function what(kind)
  if kind.undone and #kind.done >= 50 and kind.turn then
    kind.turn = false
    local oldest = table.remove(kind.done, 1)
    return "DELETE", oldest[1], oldest[2]
  end
  local method, path, token = draw(kind)
  if kind.undone then
    kind.turn = true
    kind.done[#kind.done + 1] = {path, token}
  end
  return method, path, token
end
function request()
  count = count + 1
  local kind = choose()
  local method, path, token = what(kind)
  local headers = {["Content-Type"] = "application/json"}
  if token and kind.page then headers["Cookie"] = "session=" .. token
  elseif token then headers["Authorization"] = "Token " .. token end
  local body = kind.bodies[math.random(math.max(1, #kind.bodies))]
  if body then body = body:gsub("UNIQUE", id .. "n" .. count):gsub("HUNDRED", math.random(100)) end
  return wrk.format(method, path, headers, body)
end
if delay_max > 0 then function delay() return math.random(0, delay_max) end end
"""


class Target:
    """Requests of one kind, spread over paths and users.

    `bodies`: what is sent, one of them each time, with UNIQUE and HUNDRED replaced
    `paired`: the token that stands beside the path, not any
    `page`:   the token comes as a cookie
    `undone`: a POST that a DELETE of the same undoes
    `pause`:  milliseconds in the mean before a client asks again
    """

    def __init__(self, name, method, paths, tokens=(), bodies=(), connections=CONNECTIONS, pause=0, skew=1,
                 paired=False, page=False, undone=False):
        self.name, self.method, self.paths, self.tokens, self.bodies = name, method, paths, tokens, bodies
        self.connections, self.pause, self.skew = connections, pause, skew
        self.paired, self.page, self.undone = paired, page, undone

    def kind(self, weight=1):
        """As Lua writes it."""
        lists = "".join(f"{name} = lines({lua(chr(10).join(texts))}), " for name, texts in
                        (("paths", self.paths), ("tokens", self.tokens), ("bodies", self.bodies)))
        flags = "".join(f"{name} = {lua(value)}, " for name, value in
                        (("paired", self.paired), ("page", self.page), ("undone", self.undone)))
        return f"{{weight = {weight}, method = {lua(self.method)}, skew = {self.skew}, {lists}{flags}}}"

    def script(self):
        return script([self.kind()], self.pause)


class Mixture:
    """Several kinds, each with its share of the requests in percent."""

    def __init__(self, name, *shares, connections=CONNECTIONS):
        self.name, self.shares, self.connections = name, shares, connections

    def script(self):
        return script([target.kind(share) for share, target in self.shares])


def script(kinds, pause=0):
    return SCRIPT.replace("DELAY", str(2 * pause), 1).replace("KINDS", ",\n".join(kinds), 1)


def lua(value):
    """A string, number or boolean as Lua writes it; strings are escaped as in JSON."""
    return json.dumps(value, ensure_ascii=False)
