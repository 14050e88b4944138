"""An OpenAI-compatible endpoint on loopback that misbehaves on demand, step by step."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-very-secret"


def answer(text, usage=None, **extra):
    """A step: one choice with a text."""
    return answers([text], usage, **extra)


def answers(texts, usage=None, finish="stop", **extra):
    """A step: a choice for each text."""
    choices = [
        {"index": index, "finish_reason": finish, "message": {"role": "assistant", "content": text, **extra}}
        for index, text in enumerate(texts)
    ]
    body = {"id": "1", "object": "chat.completion", "created": 0, "choices": choices}
    return 200, {}, json.dumps(body if usage is None else {**body, "usage": usage})


def listed(*names):
    """What `Endpoint.models` is where an endpoint lists its models."""
    return 200, {}, json.dumps({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


def refusal(status, message, **headers):
    """A step: an error in the usual form."""
    return status, headers, json.dumps({"error": {"message": message, "type": "x", "code": None}})


class Endpoint(ThreadingHTTPServer):
    """Does the steps of its script one after the other, the last again and again.

    A step is status, headers and body; or ``cut``, an answer that breaks off; ``silent``, none; ``slow``, one whose
    bytes never end; ``endless``, one that sends them as fast as it can; ``together``, an answer once as many requests
    as `pairs` asks for are there at once. Asked for its models it gives the step that `models` is.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = []
        self.models = (404, {}, "{}")
        self.requests = []
        self.looked = []
        self.asked = threading.Event()
        self.release = threading.Event()
        self.pairs = threading.Barrier(2)
        self.lock = threading.Lock()
        self.active = self.most_active = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def next_step(self):
        with self.lock:
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        return

    def do_GET(self):
        self.server.looked.append((self.path, dict(self.headers)))
        self.send(*self.server.models)

    def do_POST(self):
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.requests.append((self.path, dict(self.headers), body))
        server.asked.set()
        with server.lock:
            server.active += 1
            server.most_active = max(server.most_active, server.active)
        try:
            self.do_step(server.next_step())
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with server.lock:
                server.active -= 1

    def do_step(self, step):
        if step == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
            self.close_connection = True
        elif step == "silent":
            self.server.release.wait(20)
            self.close_connection = True
        elif step == "slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
            self.close_connection = True
            for _ in range(400):
                self.wfile.write(b" ")
                if self.server.release.wait(0.05):
                    return
        elif step == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            self.close_connection = True
            while not self.server.release.is_set():
                self.wfile.write(b" " * (1 << 16))
        elif step == "together":
            self.server.pairs.wait(10)
            self.send(*answer("both here"))
        else:
            self.send(*step)

    def send(self, status, headers, text):
        with self.server.lock:
            # Whoever gets the answer may come again before this handler is done.
            self.server.active -= 1
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        body = text if isinstance(text, bytes) else text.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        with self.server.lock:
            self.server.active += 1


@contextmanager
def running() -> Iterator[Endpoint]:
    """An endpoint, stopped when it is no longer needed."""
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.pairs.abort()
        server.shutdown()
        thread.join()
        server.server_close()
