"""A server on loopback that speaks as much of Kaggle's and of Hugging Face's protocol as a download takes.

Kaggle's client is sent here as by a proxy. Bodies may be cut off, and any request be refused.
"""

import base64
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "c0ffee" + 34 * "0"
OWNER = "vision2code/vision2code"
LARGE = 1 << 20
"""Bytes; bodies no larger than that never break off."""


class Hub(ThreadingHTTPServer):
    """Holds a package.

    Attributes:
        files: name → content.
        status: what every request is answered with instead; 0 for none.
        cuts: how many bodies of data are still to break off in the middle.
        no_archive: what is sent instead of one.
        commit: the newest on Hugging Face.
        damaged: whether the archive's hash is another than its content's.
        asked: method, path and range of every request.
        keys: what was sent to be let in.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.status = 0
        self.cuts = 0
        self.damaged = False
        self.no_archive = b""
        self.commit = COMMIT
        self.asked: list[tuple[str, str, str | None]] = []
        self.keys: set[str | None] = set()
        self.lock = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """What sends both clients here."""
        url = f"http://127.0.0.1:{self.server_address[1]}"
        return {
            **{"HF_ENDPOINT": url, "HTTP_PROXY": url, "http_proxy": url, "KAGGLE_API_ENVIRONMENT": "LOCALHOST"},
            **{"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"},
        }

    def archive(self) -> bytes:
        """All files in one."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, content in self.files.items():
                archive.writestr(zipfile.ZipInfo(name), content)
        return buffer.getvalue()


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def log_message(self, *arguments):
        return

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.let_in():
            if self.path.endswith("/GetDataset"):
                self.json({"currentVersionNumber": 3})
            else:
                self.reply(302, b"", Location="http://localhost/archive.zip")

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = urlsplit(self.path).path
        if not self.let_in():
            return
        if path == "/archive.zip":
            content = self.server.no_archive or self.server.archive()
            digest = hashlib.md5(b"other" if self.server.damaged else content).digest()
            self.data(content, **{"x-goog-hash": f"md5={base64.b64encode(digest).decode()}"})
        elif path in {f"/api/datasets/{OWNER}", f"/api/datasets/{OWNER}/revision/{self.server.commit}"}:
            siblings = [{"rfilename": name} for name in self.server.files]
            self.json({"_id": "1", "id": OWNER, "sha": self.server.commit, "siblings": siblings, "private": False})
        elif path == f"/api/datasets/{OWNER}/tree/{self.server.commit}":
            files = self.server.files.items()
            self.json([{"type": "file", "path": name, "size": len(each), "oid": "0"} for name, each in files])
        elif path.startswith(f"/datasets/{OWNER}/resolve/{self.server.commit}/"):
            content = self.server.files[path.partition(f"{self.server.commit}/")[2]]
            etag = f'"{hashlib.sha256(content).hexdigest()}"'
            self.data(content, **{"ETag": etag, "X-Repo-Commit": self.server.commit})
        else:
            self.reply(404, b"{}", **{"X-Error-Code": "EntryNotFound" if "/resolve/" in path else "RevisionNotFound"})

    def let_in(self) -> bool:
        with self.server.lock:
            self.server.asked.append((self.command, self.path, self.headers.get("Range")))
            self.server.keys.add(self.headers.get("Authorization"))
        if self.server.status:
            said = {401: "RepoNotFound", 403: "GatedRepo", 404: "RepoNotFound"}.get(self.server.status, "Other")
            self.reply(self.server.status, b"{}", **{"X-Error-Code": said})
        return not self.server.status

    def json(self, value):
        self.reply(200, json.dumps(value).encode())

    def data(self, content, **headers):
        start = 0
        if wanted := self.headers.get("Range"):
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        headers |= {"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
        self.reply(206 if wanted else 200, content[start:], breaks=True, **headers)

    def reply(self, status, body, *, breaks=False, **headers):
        headers = {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        with self.server.lock:
            cut = breaks and len(body) > LARGE and self.server.cuts > 0
            self.server.cuts -= cut
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut


@contextmanager
def running(files: dict[str, bytes]) -> Iterator[Hub]:
    """A hub, stopped when it is no longer needed."""
    server = Hub(files)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
