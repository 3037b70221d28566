"""Prepares a PocketBase for `cargo xtask bench gallery` and `http`: `gallery.py BINARY FOLDER EMAIL PASSWORD`.

Makes the collections of tests/pocketbase, with indexes for what a gallery asks, and one account; then the server is
stopped, and `generatio-bench gallery-fill` writes into its file.
"""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "pocketbase"))

import schema
from server import Server

SUPERUSER = ("root@example.com", "the superuser's pass phrase")
# What somebody would make who knows which lists are asked for.
INDEXES = {
    "images": [
        "CREATE INDEX images_by_owner ON images (user_id, created)",
        "CREATE INDEX images_by_folder ON images (folder_id, created)",
    ],
    "folders": ["CREATE INDEX folders_by_owner ON folders (user_id, created)"],
}


def main(binary, folder, email, password):
    server = Server(binary, folder)
    server.superuser(*SUPERUSER)
    with server:
        superuser = server.log_in("_superusers", *SUPERUSER)
        schema.create(server, superuser)
        for collection, indexes in INDEXES.items():
            server.must("PATCH", f"/api/collections/{collection}", {"indexes": indexes}, superuser)
        account = {"email": email, "password": password, "passwordConfirm": password}
        server.must("POST", "/api/collections/generatio_users/records", account)


if __name__ == "__main__":
    main(*sys.argv[1:])
