"""An endpoint on loopback with a model that paints and one that judges, which may be held up after so many answers."""

import base64
import hashlib
import json
import threading
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from derender.judges import get_rubric

from .six_samples import NAMES, REPLIES, marks_of


class Painter(ThreadingHTTPServer):
    """``painter`` answers by the picture that it is shown, ``eyes`` by the rubric.

    Attributes:
        answered: how often each request was answered.
        left: answers that are given before the others are held up.
        held: how many were.
        bodies: what was asked, in order.
        keys: by whom, a model's name → the keys that came with its requests.
    """

    daemon_threads = True

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Condition()
        self.answered, self.left, self.held = Counter(), 10**6, 0
        self.bodies, self.keys = [], defaultdict(set)
        pictures = {name: (folder / "data/images" / f"{name}.png").read_bytes() for name in NAMES}
        self.names = {hashlib.sha256(content).hexdigest(): name for name, content in pictures.items()}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"

    def allow(self, count):
        with self.lock:
            self.left = count
            self.lock.notify_all()

    def reply(self, body):
        text = json.dumps(body["messages"])
        if "What colour is the first square" in text:
            return json.dumps({"colours": ["red", "blue"], "sure": 5})
        if body["model"] == "painter":
            url = next(part["image_url"]["url"] for part in body["messages"][1]["content"] if "image_url" in part)
            return REPLIES[self.names[hashlib.sha256(base64.b64decode(url.partition(",")[2])).hexdigest()]]
        ids = {name: get_rubric(name.partition("_")[0]).ids for name in NAMES}
        # Both datasets have categories of their own; which pair it is matters less than that it is always the same.
        return marks_of(next(name for name, own in ids.items() if all(f'\\"{each}\\"' in text for each in own)))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        with server.lock:
            if server.left <= 0:
                server.held += 1
                server.lock.wait_for(lambda: server.left > 0, 60)
                # Whoever asked was killed meanwhile.
                self.close_connection = True
                return
            server.left -= 1
            server.answered[raw] += 1
            body = json.loads(raw)
            server.bodies.append(body)
            server.keys[body["model"]].add(self.headers["Authorization"])
        message = {"role": "assistant", "content": server.reply(json.loads(raw))}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        sent = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
        body = json.dumps(sent).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        return
