"""Reads calls from standard input, one a line, their texts in hexadecimal with "-" for the empty one, and prints what
comes of each: "0 HEX" or the status. The same as c/vectors.c, through the module of the Python example."""

import sys
from typing import Callable

import generatio
from generatio import Claims


def revealed(secret: generatio.Secret) -> bytes:
    with secret:
        data, length = secret.view()
        return generatio.ctypes.string_at(data, length)


def claims(kind: bytes, user: bytes, expiry: bytes) -> Claims:
    return Claims(user, int(expiry), generatio.SESSION if kind == b"session" else generatio.API_KEY)


CALLS: dict[str, Callable[..., bytes]] = {
    "open": lambda sealed, password, context: revealed(generatio.open_sealed(sealed, password, context)),
    "seal": lambda token, password, context: generatio.seal(token, password, context).encode(),
    "account": lambda email, password, realm: revealed(generatio.account_secret(email, password, realm)),
    "session": lambda id, kind, user, expiry, box: revealed(generatio.open_session(id, claims(kind, user, expiry), box)),
    "box": lambda id, kind, user, expiry, token: generatio.seal_session(id, claims(kind, user, expiry), token).encode(),
    "index": lambda id: generatio.session_index(id),
}


def answer(line: str) -> str:
    name, *fields = line.split()
    try:
        return f"0 {CALLS[name](*(bytes.fromhex(field.strip('-')) for field in fields)).hex()}"
    except generatio.Error as error:
        return f"{error.status} "


for line in sys.stdin:
    print(answer(line))
