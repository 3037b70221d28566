"""Asks a real PocketBase for what `queries.json`, `filters.json` and `calls.json` say. See README.md."""

import functools
import json
import pathlib
import sys
import tempfile
import urllib.parse

sys.dont_write_bytecode = True

import asked
import called
import schema
from server import VERSION, Server, install

HERE = pathlib.Path(__file__).parent
SUPERUSER = ("root@example.com", "the superuser's pass phrase")
SORT = "-created"
DEFAULT_MESSAGE = "Something went wrong while processing your request."
# A sort that ends in one of these leaves no two rows in an order of their own.
UNIQUE = {"id", "created", "@rowid"}


def main():
    data = json.loads((HERE / "data.json").read_text(encoding="utf-8"))
    ann = data["generatio_users"][0]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(install(folder), pathlib.Path(folder) / "pb_data")
        server.superuser(*SUPERUSER)
        with server:
            superuser = server.log_in("_superusers", *SUPERUSER)
            schema.create(server, superuser)
            schema.load(server, superuser, data)
        schema.finish(pathlib.Path(folder) / "pb_data" / "data.db", data)
        with server:
            schema.check(server, superuser, data)
            token = server.log_in("generatio_users", ann["email"], ann["password"])
            ask = functools.partial(answer_to, server, token)
            filters = [ask_filter(ask, *row) for row in asked.filters(HERE / "filters.txt")]
            others = [ask_query(ask, *row) for row in asked.others()]
            calls = called.record(server, data, superuser)
    head = {"pocketbase": VERSION, "as": ann["email"]}
    write("filters.json", {**head, "sort": SORT}, {"filters": filters})
    write("queries.json", head, {"queries": others})
    write("calls.json", {"pocketbase": VERSION}, calls)


def ask_filter(ask, about, collection, text):
    """A row of `filters.json`. The first page tells enough: what is not on it is in the total."""
    answer = ask(collection, {"filter": text, "sort": SORT})
    kept = ("status", "message", "data", "totalItems", "ids")
    told = {name: answer[name] for name in kept if name in answer}
    return {"about": about, "collection": collection, "filter": text, **told}


def ask_query(ask, about, collection, query):
    """A row of `queries.json`. A query that is a string goes as it stands."""
    return {"about": about, "collection": collection, "query": query, **ask(collection, query)}


def answer_to(server, token, collection, query):
    """What came back for a list."""
    text = query if isinstance(query, str) else urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
    answer = server.send("GET", f"/api/collections/{collection}/records?{text}", None, token)
    if answer.status != 200:
        return {"status": answer.status, **complaint(answer.body)}
    if answer.body == "":
        return {"status": 200, "empty": True}
    page = dict(answer.body)
    items = page.pop("items")
    found = {"status": 200, **{name: page[name] for name in ("page", "perPage", "totalItems", "totalPages")}}
    if all("id" in item for item in items):
        found |= listed([item["id"] for item in items], page["totalItems"], text)
    if items and ("fields=" in text or "expand=" in text):
        found["first"] = in_order(items[0])
    return found


def complaint(body):
    """What an error says beyond the default message and empty `data`."""
    said = {"message": body["message"], "data": body["data"]}
    return {name: text for name, text in said.items() if text and text != DEFAULT_MESSAGE}


def listed(ids, total, text):
    """The ids, sorted and marked where their order is not defined; their number where not even the choice is."""
    sort = urllib.parse.parse_qs(text).get("sort", [""])[0]
    keys = {key.strip(" \t\n+-") for key in sort.split(",")}
    if keys & UNIQUE or len(ids) < 2:
        return {"ids": ids}
    return {"ordered": False, "ids": sorted(ids)} if len(ids) == total else {"ordered": False, "count": len(ids)}


def in_order(value):
    """The same value with sorted keys: PocketBase shuffles them."""
    return json.loads(json.dumps(value, sort_keys=True))


def write(name, head, lists):
    """One row a line, so that a change of one answer is one changed line."""
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for key, rows in lists.items():
        lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
    (HERE / name).write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
