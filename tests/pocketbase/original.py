"""Makes a data directory of the original: `original.py BINARY FOLDER [COMMAND…] < DATA`.

DATA is JSON of the form of `data.json`. The rows go through the API of a PocketBase, which is then stopped; dates are
written into its file. With a COMMAND, the PocketBase is started once more, `late` of DATA is created as a last image, and
the command runs while it is there. The exit code is the command's.
"""

import json
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True

import schema
from server import Server

SUPERUSER = ("root@example.com", "the superuser's pass phrase")


def main(binary, folder, *command):
    data = json.load(sys.stdin)
    server = Server(binary, folder)
    server.superuser(*SUPERUSER)
    with server:
        superuser = server.log_in("_superusers", *SUPERUSER)
        schema.create(server, superuser)
        schema.load(server, superuser, data)
    schema.finish(pathlib.Path(folder) / "data.db", data)
    if not command:
        return 0
    with server:
        server.must("POST", "/api/collections/images/records", data["late"], superuser)
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
