"""libgeneratio for Python, with nothing but the standard library: sealing of FAL keys, the model catalog, exact money,
and pictures from FAL.

The library is looked for where GENERATIO_LIBRARY says, else where the system's loader finds libgeneratio.so.1.
"""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import time
import urllib.parse
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int64, c_size_t, c_uint16, c_uint32
from ctypes import c_uint64, c_void_p, c_bool, sizeof
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Callable, Optional

ABI = 1
NOT_SENT, MAYBE_SENT, TIMED_OUT, CUT_OFF, COMPLETE = 1, 2, 3, 5, 0
FAL_PRICES = 2
SESSION, API_KEY = 1, 2
_INDEX_BYTES = 32
_STATES = {1: "queued", 2: "running", 3: "completed"}
_SILENCE_S = 20.0
_MAX_PICTURE = 64 << 20


class View(Structure):
    """Bytes that a handle lends."""

    _fields_ = [("data", c_void_p), ("len", c_size_t)]

    def bytes(self) -> bytes:
        return ctypes.string_at(self.data, self.len)

    def text(self) -> str:
        return self.bytes().decode()


_Exchange = CFUNCTYPE(c_uint32, c_void_p, c_void_p, c_uint64, c_void_p)
_Progress = CFUNCTYPE(None, c_void_p, c_void_p)


class _Transport(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("context", c_void_p),
        ("exchange", _Exchange),
        ("now_ms", c_void_p),
        ("sleep_ms", c_void_p),
        ("progress", _Progress),
    ]


_TEXT = [c_char_p, c_size_t]
_HANDLE = POINTER(c_void_p)
_STATUS = c_uint32

# What each function takes and gives back, as generatio.h has it.
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "abi": (c_uint32, []),
    "status_message": (c_char_p, [c_uint32]),
    "status_name": (c_char_p, [c_uint32]),
    "error_message": (View, [c_void_p]),
    "error_problem_count": (c_size_t, [c_void_p]),
    "error_problem_path": (View, [c_void_p, c_size_t]),
    "error_problem_message": (View, [c_void_p, c_size_t]),
    "error_may_have_been_taken": (c_bool, [c_void_p]),
    "text_view": (View, [c_void_p]),
    "secret_view": (View, [c_void_p]),
    "seal": (_STATUS, _TEXT * 3 + [c_uint32, _HANDLE]),
    "open": (_STATUS, _TEXT * 3 + [_HANDLE]),
    "account_secret": (_STATUS, _TEXT * 3 + [_HANDLE]),
    "session_index": (_STATUS, _TEXT + [c_char_p]),
    "session_seal": (_STATUS, _TEXT + [c_uint32] + _TEXT + [c_int64] + _TEXT + [_HANDLE]),
    "session_open": (_STATUS, _TEXT + [c_uint32] + _TEXT + [c_int64] + _TEXT + [_HANDLE]),
    "catalog_builtin": (_STATUS, [_HANDLE]),
    "catalog_check": (_STATUS, [c_void_p] + _TEXT * 3 + [_HANDLE, _HANDLE]),
    "generation_quote": (_STATUS, [c_void_p, _HANDLE]),
    "generation_charge": (_STATUS, [c_void_p, c_uint32] + _TEXT + [_HANDLE]),
    "cost_nano_usd": (c_int64, [c_void_p, c_uint32]),
    "fal_new": (_STATUS, _TEXT + [_HANDLE]),
    "fal_submit": (_STATUS, [c_void_p] + _TEXT + [c_void_p] + _TEXT + [c_uint64, c_int64, _HANDLE]),
    "fal_wait": (_STATUS, [c_void_p] + _TEXT + [c_void_p, c_int64, _HANDLE]),
    "fal_result": (_STATUS, [c_void_p] + _TEXT + [c_void_p, c_int64, _HANDLE]),
    "call_run": (_STATUS, [c_void_p, POINTER(_Transport), _HANDLE]),
    "call_wants": (c_bool, [c_void_p, c_uint64]),
    "call_head": (_STATUS, [c_void_p, c_uint64, c_uint16]),
    "call_header": (_STATUS, [c_void_p, c_uint64] + _TEXT * 2),
    "call_head_done": (_STATUS, [c_void_p, c_uint64]),
    "call_chunk": (_STATUS, [c_void_p, c_uint64, c_char_p, c_size_t]),
    "call_submitted": (_STATUS, [c_void_p, _HANDLE]),
    "call_output": (_STATUS, [c_void_p, _HANDLE]),
    "request_method": (View, [c_void_p]),
    "request_url": (View, [c_void_p]),
    "request_header_count": (c_size_t, [c_void_p]),
    "request_header_name": (View, [c_void_p, c_size_t]),
    "request_header_value": (View, [c_void_p, c_size_t]),
    "request_body": (View, [c_void_p]),
    "request_deadline_ms": (c_int64, [c_void_p]),
    "progress_state": (c_uint32, [c_void_p]),
    "progress_queue_position": (c_int64, [c_void_p]),
    "progress_log_count": (c_size_t, [c_void_p]),
    "progress_log_message": (View, [c_void_p, c_size_t]),
    "output_count": (c_size_t, [c_void_p]),
    "output_url": (View, [c_void_p, c_size_t]),
    "output_content_type": (View, [c_void_p, c_size_t]),
    "output_width": (c_uint32, [c_void_p, c_size_t]),
    "output_height": (c_uint32, [c_void_p, c_size_t]),
    "output_billable_units": (View, [c_void_p]),
}
_HANDLES = "text secret catalog generation cost fal call submitted output error".split()


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(os.environ.get("GENERATIO_LIBRARY", "libgeneratio.so.1"))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, "generatio_" + name)
        function.restype, function.argtypes = result, arguments
    for handle in _HANDLES:
        function = getattr(library, f"generatio_{handle}_free")
        function.restype, function.argtypes = None, [c_void_p]
    if library.generatio_abi() != ABI:
        raise ImportError(f"libgeneratio speaks ABI {library.generatio_abi()}, and this module {ABI}")
    return library


_library = _load()


def _call(name: str, *arguments: Any) -> Any:
    return getattr(_library, "generatio_" + name)(*arguments)


class Error(Exception):
    """What the library refused or FAL did not do. `name` is stable, such as "wrong_password"."""

    def __init__(self, status: int, message: str, may_have_been_taken: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.name: str = _call("status_name", status).decode()
        self.may_have_been_taken = may_have_been_taken


def _check(status: int, error: Optional[c_void_p] = None) -> None:
    """Raises what a status says, and frees the error that came with it."""
    if status == 0:
        return
    if not error:
        raise Error(status, _call("status_message", status).decode())
    try:
        problems = [
            f"{_call('error_problem_path', error, at).text()}: {_call('error_problem_message', error, at).text()}"
            for at in range(_call("error_problem_count", error))
        ]
        message = "; ".join(problems) or _call("error_message", error).text()
        raise Error(status, message, _call("error_may_have_been_taken", error))
    finally:
        _call("error_free", error)


class _Handle:
    """A handle that is ours: freed once, when it is closed or forgotten."""

    def __init__(self, kind: str, function: str, *arguments: Any, tells: bool = False) -> None:
        self._kind = kind
        self._as_parameter_ = c_void_p()
        error = c_void_p()
        extra = [byref(error)] if tells else []
        _check(_call(function, *arguments, byref(self._as_parameter_), *extra), error)

    def close(self) -> None:
        handle, self._as_parameter_ = self._as_parameter_, c_void_p()
        if handle:
            _call(self._kind + "_free", handle)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


def _text(text: str | bytes) -> tuple[bytes, int]:
    data = text.encode() if isinstance(text, str) else text
    return data, len(data)


def seal(token: str | bytes, password: str | bytes, context: str | bytes = "") -> str:
    """Seals a FAL key under a password; it opens only with the same context."""
    with _Handle("text", "seal", *_text(token), *_text(password), *_text(context), 0) as text:
        return _call("text_view", text).text()


class Secret(_Handle):
    """A secret that the library holds, and overwrites when it is closed."""

    def view(self) -> tuple[c_char_p, int]:
        view = _call("secret_view", self)
        return ctypes.cast(view.data, c_char_p), view.len

    def __repr__(self) -> str:
        return "Secret(...)"


def open_sealed(sealed: str | bytes, password: str | bytes, context: str | bytes = "") -> Secret:
    """Opens what `seal` of any face of Generatio made."""
    return Secret("secret", "open", *_text(sealed), *_text(password), *_text(context))


def account_secret(email: str | bytes, password: str | bytes, realm: str | bytes = "") -> Secret:
    """What a client sends as its account password, so that no server sees the password itself."""
    return Secret("secret", "account_secret", *_text(email), *_text(password), *_text(realm))


@dataclass(frozen=True)
class Claims:
    """Whose a session is, and the last second of Unix time at which it is valid."""

    user_id: str | bytes
    expires_unix_s: int
    kind: int = SESSION

    def arguments(self) -> tuple[Any, ...]:
        return self.kind, *_text(self.user_id), self.expires_unix_s


def session_index(session_id: str | bytes) -> bytes:
    """What a session is kept under; its id cannot be computed back from it."""
    index = ctypes.create_string_buffer(_INDEX_BYTES)
    _check(_call("session_index", *_text(session_id), index))
    return index.raw


def seal_session(session_id: str | bytes, claims: Claims, token: str | bytes) -> str:
    """Seals a FAL key so that it opens with the session's id and these claims alone."""
    with _Handle("text", "session_seal", *_text(session_id), *claims.arguments(), *_text(token)) as text:
        return _call("text_view", text).text()


def open_session(session_id: str | bytes, claims: Claims, box: str | bytes) -> Secret:
    """Opens what `seal_session` made; whether it has expired is not asked."""
    return Secret("secret", "session_open", *_text(session_id), *claims.arguments(), *_text(box))


def _cost(function: str, *arguments: Any) -> Decimal:
    with _Handle("cost", function, *arguments) as cost:
        return Decimal(_call("cost_nano_usd", cost, FAL_PRICES)).scaleb(-9).normalize()


class Generation(_Handle):
    """A request that passed the checks."""

    def quote(self) -> Decimal:
        """Dollars that FAL will bill, at most."""
        return _cost("generation_quote", self)

    def charge(self, images: int, billable_units: str) -> Decimal:
        """Dollars that FAL billed."""
        return _cost("generation_charge", self, images, *_text(billable_units))


class Catalog(_Handle):
    """The models on offer."""

    def __init__(self) -> None:
        super().__init__("catalog", "catalog_builtin")

    def check(self, model: str, prompt: str, parameters: dict[str, Any]) -> Generation:
        arguments = (*_text(model), *_text(prompt), *_text(json.dumps(parameters)))
        return Generation("generation", "catalog_check", self, *arguments, tells=True)


@dataclass(frozen=True)
class Progress:
    """Where a request stands, with the log lines that are new."""

    state: str
    queue_position: Optional[int]
    logs: list[str]


@dataclass(frozen=True)
class Picture:
    """A picture at FAL's public address."""

    url: str
    content_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Output:
    """What a request brought, and dollars that it cost."""

    pictures: list[Picture]
    cost: Decimal


class Fal(_Handle):
    """FAL itself, or a stand-in at `base_url`."""

    def __init__(self, base_url: str = "") -> None:
        super().__init__("fal", "fal_new", *_text(base_url))

    def generate(
        self,
        key: Secret,
        generation: Generation,
        timeout_s: float = 600,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> Output:
        """Submits, waits and fetches. A submit is a purchase: see `Error.may_have_been_taken` before trying again."""
        deadline = int((time.time() + timeout_s) * 1000)
        with _Handle("call", "fal_submit", self, *key.view(), generation, *_text(""), 0, deadline) as call:
            _run(call, on_progress)
            submitted = _Handle("submitted", "call_submitted", call)
        with submitted:
            with _Handle("call", "fal_wait", self, *key.view(), submitted, deadline) as call:
                _run(call, on_progress)
            with _Handle("call", "fal_result", self, *key.view(), submitted, deadline) as call:
                _run(call, on_progress)
                output = _Handle("output", "call_output", call)
        with output:
            pictures = [_picture(output, at) for at in range(_call("output_count", output))]
            units = _call("output_billable_units", output).text()
        return Output(pictures, generation.charge(len(pictures), units))


def _picture(output: _Handle, at: int) -> Picture:
    url, content_type = _call("output_url", output, at).text(), _call("output_content_type", output, at).text()
    return Picture(url, content_type, _call("output_width", output, at), _call("output_height", output, at))


def _progress(progress: int) -> Progress:
    position = _call("progress_queue_position", progress)
    logs = [_call("progress_log_message", progress, at).text() for at in range(_call("progress_log_count", progress))]
    state = _STATES.get(_call("progress_state", progress), "unknown")
    return Progress(state, None if position < 0 else position, logs)


def _run(call: _Handle, on_progress: Callable[[Progress], None]) -> None:
    # ctypes keeps no reference: both must live until the call is back.
    exchange = _Exchange(_exchange)
    tell = _Progress(lambda _, progress: on_progress(_progress(progress)))
    transport = _Transport(sizeof(_Transport), None, exchange, None, None, tell)
    error = c_void_p()
    _check(_call("call_run", call, byref(transport), byref(error)), error)


def _connection(url: urllib.parse.SplitResult, timeout: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    return kind(url.hostname or "", url.port, timeout=timeout)


def _target(url: urllib.parse.SplitResult) -> str:
    return (url.path or "/") + ("?" + url.query if url.query else "")


def _exchange(_context: object, call: int, exchange: int, request: int) -> int:
    """One HTTP exchange for the library. Nothing may be raised into it."""
    left = _call("request_deadline_ms", request) / 1000 - time.time()
    if left <= 0:
        return NOT_SENT
    url = urllib.parse.urlsplit(_call("request_url", request).text())
    connection = _connection(url, min(left, _SILENCE_S))
    try:
        try:
            connection.connect()
        except OSError:
            return NOT_SENT
        return _talk(connection, _target(url), call, exchange, request)
    except TimeoutError:
        return TIMED_OUT
    except (OSError, http.client.HTTPException):
        return MAYBE_SENT
    finally:
        connection.close()


def _talk(connection: http.client.HTTPConnection, target: str, call: int, exchange: int, request: int) -> int:
    headers = {
        _call("request_header_name", request, at).text(): _call("request_header_value", request, at).text()
        for at in range(_call("request_header_count", request))
    }
    body = _call("request_body", request).bytes()
    connection.request(_call("request_method", request).text(), target, body or None, headers)
    answer = connection.getresponse()
    _call("call_head", call, exchange, answer.status)
    for name, value in answer.getheaders():
        _call("call_header", call, exchange, *_text(name), *_text(value))
    _call("call_head_done", call, exchange)
    while _call("call_wants", call, exchange):
        chunk = answer.read1(1 << 16)
        if not chunk:
            # What its Content-Length promised may be missing.
            return MAYBE_SENT if answer.length else COMPLETE
        _call("call_chunk", call, exchange, chunk, len(chunk))
    return CUT_OFF


def download(picture: Picture, timeout_s: float = 60) -> bytes:
    """Fetches a picture. Its address is public: no key goes there."""
    url = urllib.parse.urlsplit(picture.url)
    connection = _connection(url, timeout_s)
    try:
        connection.request("GET", _target(url))
        answer = connection.getresponse()
        if answer.status != 200:
            raise http.client.HTTPException(f"the picture's address answered {answer.status}")
        data = answer.read(_MAX_PICTURE + 1)
    finally:
        connection.close()
    if len(data) > _MAX_PICTURE:
        raise http.client.HTTPException("the picture is larger than 64 MiB")
    return data
