"""The demonstration content of `quire seed`, as somebody finds it who has just typed `make up`."""


def test_demo_signs_in_and_reads(api):
    demo = api.login(email="demo@quire.example", password="quire-demo")
    assert demo.username == "demo"
    feed = demo.get("/api/articles/feed").ok()
    assert feed["articles"] and feed["articlesCount"] >= len(feed["articles"])
    for article in feed["articles"]:
        whole = demo.get(f"/api/articles/{article['slug']}").ok()["article"]
        assert len(whole["body"]) > 300 and whole["author"]["following"]
