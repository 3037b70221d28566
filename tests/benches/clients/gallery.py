"""Prepares a PocketBase for `cargo xtask bench gallery`: `gallery.py BINARY FOLDER EMAIL PASSWORD`.

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
# What somebody would make who knows which lists the gallery asks for.
INDEXES = [
    "CREATE INDEX images_by_owner ON images (user_id, created)",
    "CREATE INDEX images_by_folder ON images (folder_id, created)",
]


def main(binary, folder, email, password):
    server = Server(binary, folder)
    server.superuser(*SUPERUSER)
    with server:
        superuser = server.log_in("_superusers", *SUPERUSER)
        schema.create(server, superuser)
        server.must("PATCH", "/api/collections/images", {"indexes": INDEXES}, superuser)
        account = {"email": email, "password": password, "passwordConfirm": password}
        server.must("POST", "/api/collections/generatio_users/records", account)


if __name__ == "__main__":
    main(*sys.argv[1:])
