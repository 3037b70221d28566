"""What PocketBase makes of the values it is sent: one field, one value, and what is stored or said."""

# Filled in for whatever a case does not set.
BASE = {
    "images": {"url": "https://v3.fal.media/files/x.png", "user_id": "userann00000001", "prompt": "p", "model": "m"},
    "folders": {"name": "f", "user_id": "userann00000001"},
    "model_preferences": {"model_name": "m", "preferences": {"steps": 1}},
    "generatio_users": {"password": "long enough", "passwordConfirm": "long enough"},
}
TEXTS = [
    "", " ", " x ", "é", "a\tb\nc", "\u0000", "a\u0000b", 5, 1.0, 1.5, -0.0, 0.1, 1e-7, 1e20, 1e21,
    12345678901234567890, 9007199254740993, 0, True, False, None, [], ["a"], ["a", "b"], [5], {}, {"a": 1},
]
NUMBERS = [
    3, -1, 0, 1.5, 1e3, 9007199254740993, 1e308, True, False, None, "", "3", "-3", "+5", "1.5", "1e3", ".5", "5.",
    " 2 ", "0x10", "1_000", "abc", "true", "Infinity", "NaN", [], [3], {}, {"a": 3},
]
BOOLS = [
    True, False, 1, 2, 0, -1, 0.5, "1", "0", "2", "t", "T", "true", "TRUE", "True", "tRUE", "f", "false", "yes", "on", "y", "", " true", None, [], [True], {},
]
DATES = [
    "", None, "2024-01-01 12:00:00.123Z", "2024-01-01", "2024-01-01 10:00:00", "2024-01-01 10:00:00Z",
    "2024-01-01 10:00", "2024-01-01T10:00:00Z", "2024-01-01T10:00:00.5Z", "2024-01-01T10:00:00", "2024-01-01T10:00",
    "2024-01-01T10:00:00+02:00", "2024-01-01T10:00:00.123+02:00", "2024-01-01 12:00:00.123+02:00",
    "2024-01-01 12:00:00 +0200", "2024-01-01 12:00:00.123456Z", "2024-01-01T12:00:00.9999Z",
    "2024-01-01T12:00:00.123456789Z", "Mon, 01 Jan 2024 10:00:00 GMT", "Mon, 01 Jan 2024 10:00:00 +0200",
    "Mon Jan  1 10:00:00 2024", "01 Jan 24 10:00 UTC", "Jan 1, 2024", "1 Jan 2024", "2024-1-1", "20240101", "2024-01",
    "2024", "10:00", "3:04PM", "01/02/2024", "2024/01/02", "2024-02-30", "2024-13-01", "2024-01-01 24:00:00",
    "2024-01-01 23:59:60", "0001-01-01", "0000-01-01", "1970-01-01 00:00:00.000Z", "1969-12-31 23:59:59.999Z",
    "9999-12-31 23:59:59.999Z", "10000-01-01 00:00:00.000Z", " 2024-01-01", "2024-01-01 ",
    "2024-01-01 12:00:00.123Z x", 1704067200, 1704067200000, "1704067200", 0, -1, 1.5, True, False, "now", "@now", [],
    ["2024-01-01"], {}, {"a": "2024-01-01"},
]
JSONS = [
    None, True, False, 0, 5, -1.5, 1.0, 0.1, -0.0, 1e-7, 1e20, 1e21, 1e300, 9007199254740991, 9007199254740993,
    12345678901234567890, -9223372036854775808, [], [1, "a", None], {}, {"b": 1, "a": {"z": 1, "y": 2}},
    {"x": "<b> & 'q' \u2028"}, {"seed": 12345678901234567890}, {"a": 1.0}, {"é": "猫"}, {"": 0}, "", " ", "plain",
    "12", "-1.5", " 12", "12 ", "1e3", "01", "1.0", "12345678901234567890", "true", "false", "null", "TRUE", "None",
    '"quoted"', '"half', '{"a":1}', '{"b":1, "a":2}', ' {"a":1}', "{bad", "[1,2]", "[1,", "[bad]", "-", "+1", "'a'",
    '{"a":1}{"b":2}', "<b>", "猫", "\\u0041", '"\\u0041"',
]
EMPTIES = [None, "", [], {}, 0, False, "x", [0], "null", "{}", '""', "[]"]
FOLDER = [
    "", None, "wfholidays00001", "mfbobholiday010", "hftrash00000008", "nope", "missing00000000", " wfholidays00001",
    "WFHOLIDAYS00001", ["wfholidays00001"], ["wfholidays00001", "fy202400000002x"],
    ["wfholidays00001", "wfholidays00001"], ["nope", "wfholidays00001"], [], [""], {}, {"id": "wfholidays00001"}, 5,
    0, True, False, '["wfholidays00001"]',
]
OWNERS = [
    "userann00000001", ["userann00000001"], ["userbob00000002", "userann00000001"], "userbob00000002", "", None,
    "nope", 5, {},
]
IDS = [
    "given0000000001", "short", "fourteen000014", "sixteen000000016", "UPPER0000000015", "under_score0015", "", None,
    123456789012345, 5, True, [], {}, "aimgann00xx0000", "cimgbob00xx0004", "ünïcödé00000015", "given 000000015",
]
PREFERENCES = [
    [], None, "", "prefluxdev00001", ["prefluxdev00001"], ["prefluxdev00001", "prefschnell0002", "prefluxdev00001"],
    ["nope"], ["prefluxdev00001", "nope"], [""], {}, 5, True, '["prefluxdev00001"]',
    "prefluxdev00001,prefschnell0002",
]
EMAILS = [
    "new@example.com", "New@Example.COM", "ann@example.com", "ANN@example.com", "", None, 5, "plain", "a@b",
    "user@localhost", "a@x..com", "a@x.com.", " a@x.com", "a@x.com ", "a b@x.com", '"a b"@x.com', '"ab"@x.com',
    "o'hara@x.com", "a%b@x.com", "a@X.COM", "a+tag@x.com", "ü@x.com", "a@ü.com", "a@xn--tda.com", ".a@x.com",
    "a.@x.com", "a..b@x.com", "a@-x.com", "a@x_y.com", "a@1.2.3.4", "a@[1.2.3.4]", "Ann <a@x.com>", "a@x.c", "@x.com",
    "a@", "a@@x.com", "a" * 64 + "@x.com", "a" * 65 + "@x.com",
]
PASSWORDS = [
    "1234567", "12345678", "üüüüüüüü", "üüüüüüü", "x" * 71, "x" * 72, "x" * 73, "ü" * 36, "ü" * 37, "", "        ",
    12345678, None,
]
LONG = [("title", 5000), ("title", 5001), ("prompt", 5000), ("prompt", 5001), ("other_info", 1048574), ("other_info", 1048575)]

CASES = [
    *[("images", "title", value) for value in TEXTS],
    *[("images", "prompt", value) for value in ("", " ", None, 0, False, [], {}, "\n")],
    *[("folders", "name", value) for value in ("", " ", None, 0, False, [], "x")],
    *[("images", "batch_number", value) for value in NUMBERS],
    *[("folders", "private", value) for value in BOOLS],
    *[("images", "deleted_at", value) for value in DATES],
    *[("images", "image_size", value) for value in JSONS],
    *[("model_preferences", "preferences", value) for value in EMPTIES],
    *[("images", "folder_id", value) for value in FOLDER],
    *[("images", "user_id", value) for value in OWNERS],
    *[("images", "id", value) for value in IDS],
    *[("images", "created", value) for value in ("2001-01-01 00:00:00.000Z", None, "x")],
    *[("images", "collectionId", value) for value in ("x",)],
    *[("generatio_users", "model_preferences", value) for value in PREFERENCES],
    *[("generatio_users", "email", value) for value in EMAILS],
    *[("generatio_users", "password", value) for value in PASSWORDS],
    *[("generatio_users", "verified", value) for value in (True, False, "", 1, None)],
    *[("generatio_users", "emailVisibility", value) for value in (True, "yes", "1")],
]


def record(server, ann, superuser, marker):
    """Rows of `coercions`: a create with that one value, and the field as it is read before the record is removed."""
    rows = []
    for number, (collection, field, value) in enumerate(CASES):
        row = {"collection": collection, "field": field, "sent": value}
        values = {"email": f"coerced{number}@example.com", field: value}
        rows.append(row | outcome(server, ann, superuser, marker, row, values))
    for field, length in LONG:
        row = {"collection": "images", "field": field, "sentLength": length}
        found = outcome(server, ann, superuser, marker, row, {field: "x" * length})
        if "stored" in found:
            found["storedLength"] = len(found.pop("stored"))
        rows.append(row | found)
    return rows


def outcome(server, ann, superuser, marker, row, values):
    """Ann creates, but registering is for guests; a superuser reads, for whom no field is left out."""
    collection, field = row["collection"], row["field"]
    sent = {**BASE[collection], **values}
    marker.learn(sent)
    if collection == "generatio_users":
        sent["passwordConfirm"] = sent["password"]
    path = f"/api/collections/{collection}/records"
    answer = server.send("POST", path, sent, None if collection == "generatio_users" else ann)
    if answer.status != 200:
        return {"status": answer.status, "answer": marker.mark(answer.body)}
    read = server.must("GET", f"{path}/{answer.body['id']}", None, superuser)
    server.must("DELETE", f"{path}/{answer.body['id']}", None, superuser)
    return {"status": 200, "stored": marker.mark(read).get(field, "<never shown>")}
