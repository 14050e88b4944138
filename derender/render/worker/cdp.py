"""The Chrome DevTools Protocol over a pair of pipes: JSON messages, each ended by a zero byte.

One `Connection` carries the browser's own session and one session per page. Calls are awaited; events go to whoever
asked for them with `Connection.listen`.
"""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

Event = Callable[[str, dict[str, Any]], None]
"""Called with an event's method and its parameters."""

MAX_EVENT = 8 << 20
"""Bytes of an event; a longer one is passed over, since only a page that means harm has so much to say."""
_EVENT = b'{"method":'
BROWSER = ""
"""The session id that stands for the browser itself."""


class BrowserGone(Exception):
    """The browser closed its end: it crashed, was killed, or never came up."""


class NotStarted(BrowserGone):
    """The browser never answered, and said why."""


class Refused(Exception):
    """The browser answered a call with an error; the message is the browser's."""


class Connection:
    """Calls and events of one browser."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._chunks: list[bytes] = []
        self._held = 0
        self._passing_over = False
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._listeners: dict[str, Event] = {}
        self._last = 0
        self._unsent = bytearray()
        self._loop = asyncio.get_running_loop()
        self.closed = False
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)
        self._loop.add_reader(read_fd, self._readable)

    async def call(
        self, method: str, params: Mapping[str, Any] | None = None, *, session: str = BROWSER
    ) -> dict[str, Any]:
        """Call a method and wait for its result.

        Raises:
            BrowserGone: the browser ended before it answered.
            Refused: it answered with an error.
        """
        return await self.start(method, params, session=session)

    def start(
        self, method: str, params: Mapping[str, Any] | None = None, *, session: str = BROWSER
    ) -> "asyncio.Future[dict[str, Any]]":
        """Send a call now; its result can be awaited later, or never."""
        future: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        future.add_done_callback(_observe)
        if self.closed:
            future.set_exception(BrowserGone(f"{method}: the browser is gone"))
            return future
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        self._waiting[self._last] = future
        self._unsent += json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode() + b"\0"
        self._writable()
        return future

    def listen(self, session: str, listener: Event) -> None:
        """Pass the events of a session on."""
        self._listeners[session] = listener

    def unlisten(self, session: str) -> None:
        """Drop the events of a session from now on."""
        self._listeners.pop(session, None)

    def close(self) -> None:
        """Close both pipes; every call under way fails."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._read_fd)
        self._loop.remove_writer(self._write_fd)
        os.close(self._read_fd)
        os.close(self._write_fd)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(BrowserGone("the browser is gone"))
        self._waiting.clear()
        self._listeners.clear()

    def _readable(self) -> None:
        try:
            data = os.read(self._read_fd, 1 << 20)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        *whole, rest = data.split(b"\0")
        for part in whole:
            self._take(part)
            # Pictures come in thousands of pieces: join them once, when the zero byte is there.
            message = b"".join(self._chunks)
            passed_over = self._passing_over
            self._chunks.clear()
            self._held, self._passing_over = 0, False
            if not passed_over:
                self._dispatch(json.loads(message))
        if rest:
            self._take(rest)

    def _take(self, part: bytes) -> None:
        self._held += len(part)
        self._chunks.append(part)
        if self._held > MAX_EVENT and (self._passing_over or self._is_event()):
            self._passing_over = True
            self._chunks.clear()

    def _is_event(self) -> bool:
        return b"".join(chunk[: len(_EVENT)] for chunk in self._chunks[:2]).startswith(_EVENT)

    def _writable(self) -> None:
        try:
            while self._unsent:
                sent = os.write(self._write_fd, self._unsent[: 1 << 16])
                del self._unsent[:sent]
        except BlockingIOError:
            self._loop.add_writer(self._write_fd, self._writable)
            return
        except OSError:
            self.close()
            return
        self._loop.remove_writer(self._write_fd)

    def _dispatch(self, message: dict[str, Any]) -> None:
        if "id" in message:
            future = self._waiting.pop(message["id"], None)
            if future is None or future.done():
                return
            if "error" in message:
                future.set_exception(Refused(str(message["error"].get("message"))))
            else:
                future.set_result(message.get("result", {}))
            return
        listener = self._listeners.get(message.get("sessionId", BROWSER))
        if listener is not None:
            listener(message["method"], message.get("params", {}))


def _observe(future: "asyncio.Future[dict[str, Any]]") -> None:
    # Calls nobody awaits may fail; without this look asyncio would report each at exit.
    if not future.cancelled():
        future.exception()
