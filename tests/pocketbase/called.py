"""Plays `story.py` and writes down what is answered."""

import json

import coerced
from marker import Marker
from story import JSON_TYPE, STORY


def record(server, data, superuser):
    """The two lists of `calls.json`; the data set is no longer what it was afterwards."""
    marker = Marker(data)
    users = zip(("ann", "bob"), data["generatio_users"])
    tokens = {name: server.log_in("generatio_users", row["email"], row["password"]) for name, row in users}
    coercions = coerced.record(server, tokens["ann"], superuser, marker)
    calls = []
    for about, story in STORY.items():
        for step in story:
            marker.learn(step)
            calls.append({"about": about, **answered(server, tokens, marker, step)})
    return {"coercions": coercions, "calls": calls}


def answered(server, tokens, marker, step):
    """The call as it was made, without what is empty, and its answer."""
    shown = {name: value for name, value in step.items() if value is not None}
    headers = {"Content-Type": step.get("type", JSON_TYPE), **step.get("headers", {})}
    if not headers["Content-Type"]:
        del headers["Content-Type"]
    if step["as"] != "guest":
        headers["Authorization"] = step.get("prefix", "") + tokens[step["as"]] + step.get("suffix", "")
    text = step.get("text", "" if step.get("body") is None else json.dumps(step["body"]))
    answer = server.request(step["method"], step["path"], headers, text.encode() or None)
    if "keep" in step:
        tokens[step["keep"]] = answer.body["token"]
    result = {"status": answer.status, "answer": marker.mark(answer.body)}
    if "watch" in step:
        del shown["watch"]
        result["answerHeaders"] = {name: answer.headers[name] for name in step["watch"] if name in answer.headers}
    return {**shown, **result}
