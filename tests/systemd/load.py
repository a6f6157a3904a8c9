"""load.py TOKEN SLUG: five people read and write through nginx until its input ends; then a report."""
import collections
import http.client
import json
import sys
import threading

TOKEN, SLUG = sys.argv[1:]
HEADERS = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
COMMENT = json.dumps({"comment": {"body": "A comment."}})
READS = [("GET", path, None, 200) for path in
         (f"/api/articles/{SLUG}", "/api/articles?limit=5", "/api/tags", "/api/user")]
WRITES = [("POST", f"/api/articles/{SLUG}/comments", COMMENT, 201),
          ("POST", f"/api/articles/{SLUG}/favorite", None, 200)]

ended = threading.Event()
answered = collections.Counter()
failures = []


def ask(requests):
    connection = http.client.HTTPConnection("localhost", 80, timeout=30)
    while not ended.is_set():
        for method, path, body, expected in requests:
            try:
                connection.request(method, path, body, HEADERS)
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != expected:
                    failures.append(f"{method} {path}: {answer.status} {text[:200]!r}")
            except (OSError, http.client.HTTPException) as error:
                failures.append(f"{method} {path}: {error!r}")
                connection.close()
            answered[f"{method} {path}"] += 1


people = [threading.Thread(target=ask, args=(requests,))
          for requests in (READS, READS, READS, WRITES, WRITES)]
for person in people:
    person.start()
print("started", flush=True)
sys.stdin.read()
ended.set()
for person in people:
    person.join()
print(json.dumps({"answered": answered, "failures": failures}))
