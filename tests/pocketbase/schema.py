"""The collections of this product in a PocketBase, and the fixed data set in them."""

import json
import sqlite3

OWN = "user_id = @request.auth.id"
OWN_NEW = '@request.auth.id != "" && user_id = @request.auth.id'
OWN_PREFERENCE = "generatio_users_via_model_preferences.id ?= @request.auth.id"
AUTODATES = [
    {"name": "created", "type": "autodate", "onCreate": True, "onUpdate": False},
    {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True},
]


def field(name, kind, **options):
    return {"name": name, "type": kind, **options}


def relation(name, collection, **options):
    return field(name, "relation", collectionId=collection["id"], cascadeDelete=False, **options)


def rules(create, others):
    return {"createRule": create, **{f"{verb}Rule": others for verb in ("list", "view", "update", "delete")}}


def create(server, token):
    """Makes the collections, with the plain owner rules, and switches batches on."""

    def make(name, kind, fields):
        return server.must("POST", "/api/collections", {"name": name, "type": kind, "fields": fields}, token)

    def change(collection, changes):
        server.must("PATCH", f"/api/collections/{collection['id']}", changes, token)

    preferences = make("model_preferences", "base", [
        field("model_name", "text", required=True),
        field("preferences", "json", required=True),
        *AUTODATES,
    ])
    users = make("generatio_users", "auth", [
        field("name", "text"),
        field("fal_token", "text"),
        field("financial_data", "json"),
        relation("model_preferences", preferences, maxSelect=999),
        *AUTODATES,
    ])
    folders = make("folders", "base", [
        field("name", "text", required=True),
        relation("user_id", users, required=True, maxSelect=1),
        field("private", "bool"),
        field("deleted_at", "date"),
        *AUTODATES,
    ])
    images = make("images", "base", [
        field("title", "text"),
        field("url", "text", required=True),
        relation("user_id", users, required=True, maxSelect=1),
        field("prompt", "text", required=True),
        field("request_id", "text"),
        field("model", "text", required=True),
        field("batch_number", "number"),
        field("image_size", "json"),
        field("other_info", "json"),
        relation("folder_id", folders, maxSelect=1),
        field("deleted_at", "date"),
        *AUTODATES,
    ])
    change(folders, {"fields": [*folders["fields"], relation("parent_id", folders, maxSelect=1)], **rules(OWN_NEW, OWN)})
    change(images, rules(OWN_NEW, OWN))
    change(users, rules("", "id = @request.auth.id"))
    change(preferences, rules('@request.auth.id != ""', OWN_PREFERENCE))
    # Mail goes to a port where nobody listens, so that none ever leaves the machine.
    smtp = {"enabled": True, "host": "127.0.0.1", "port": 1}
    server.must("PATCH", "/api/settings", {"batch": {"enabled": True}, "smtp": smtp}, token)


# Every row comes after the ones that it names.
ORDER = ["model_preferences", "generatio_users", "folders", "images"]
JSON_FIELDS = {"preferences", "image_size", "other_info"}


def load(server, token, data):
    """Creates every row through the API, in the order of the file."""
    for collection in ORDER:
        for row in data[collection]:
            sent = {name: as_json(value) if name in JSON_FIELDS else value for name, value in row.items()}
            if collection == "generatio_users":
                sent["passwordConfirm"] = row["password"]
            if collection == "folders" and not row["name"]:
                sent["name"] = "emptied by finish()"
            server.must("POST", f"/api/collections/{collection}/records", sent, token)


def as_json(value):
    """PocketBase decodes a string in a JSON field, so that a bare "512" would become a number."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value


def finish(database, data):
    """Writes what the API does not let one set: `created`, `updated` and an empty folder name.

    The server must not be running.
    """
    connection = sqlite3.connect(database)
    with connection:
        for collection in ORDER:
            dates = [(row["created"], row["updated"], row["id"]) for row in data[collection]]
            connection.executemany(f"UPDATE {collection} SET created = ?, updated = ? WHERE id = ?", dates)
        names = [(row["name"], row["id"]) for row in data["folders"]]
        connection.executemany("UPDATE folders SET name = ? WHERE id = ?", names)
    connection.close()


def check(server, token, data):
    """Fails unless the server gives back exactly the data set, in the order of the file."""
    for collection in ORDER:
        items = server.must("GET", f"/api/collections/{collection}/records?perPage=1000&sort=@rowid", None, token)["items"]
        got = [{name: item[name] for name in row if name != "password"} for row, item in zip(data[collection], items)]
        meant = [{name: value for name, value in row.items() if name != "password"} for row in data[collection]]
        if got != meant or len(items) != len(meant):
            wrong = next((pair for pair in zip(got, meant) if pair[0] != pair[1]), "their number")
            raise RuntimeError(f"{collection} differ: {wrong}")
