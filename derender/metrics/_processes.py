"""Processes for the metrics that keep Python's lock to themselves: on threads they would only wait for each other.

A process is exec'ed, never forked from the caller, so that a script, a notebook and a program that holds a GPU can all
have them. It is handed pixels and the names of metrics, and gives back what `score` would; nothing else passes.
"""

from __future__ import annotations

import pickle
import queue
import struct
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any

from ._catalogue import catalogue
from ._facts import Facts, rgb
from ._metric import Metric, Mode

if TYPE_CHECKING:
    from ._scores import Scores

HEAVY_MS = 40
"""What a metric must cost to be worth the way to another process: pixels of 1024x768 take 2 ms."""
_LENGTH = struct.Struct("<Q")


def belongs_elsewhere(metric: Metric) -> bool:
    """Whether a metric is better computed in another process: it works on pixels alone, long, and without a model."""
    known = catalogue().get(metric.name) is metric
    own = metric.weights or metric.tools or metric.of_programs or metric.family == "text"
    return known and not own and metric.cost_ms >= HEAVY_MS and not any(need.of_program for need in metric.needs)


class Processes:
    """So many processes, each started when there is work for it. A context manager; safe to use from threads."""

    def __init__(self, most: int) -> None:
        self._idle: queue.LifoQueue[subprocess.Popen[bytes] | None] = queue.LifoQueue()
        self._all: list[subprocess.Popen[bytes]] = []
        for _ in range(most):
            self._idle.put(None)

    def close(self) -> None:
        """End them all."""
        for process in self._all:
            process.kill()
        for process in self._all:
            with process:
                process.wait()

    def score(self, sides: tuple[Facts, Facts], metrics: list[Metric], mode: Mode) -> Scores | None:
        """What `score` says of two pictures; None where the process was lost."""
        process = self._idle.get()
        try:
            if process is None or process.poll() is not None:
                process = self._start()
            pixels = [side[rgb] for side in sides]
            _send(process.stdin, (pixels, [side.name for side in sides], [each.name for each in metrics], mode.value))
            found: Scores = _receive(process.stdout)
            return found
        except (OSError, EOFError):
            return None
        finally:
            self._idle.put(process)

    def _start(self) -> subprocess.Popen[bytes]:
        # -P: the folder it is called from is no place to find modules in.
        begin = f"import sys; sys.path[:0] = {_paths()!r}; from {__name__} import main; main()"
        command = [sys.executable, "-P", "-c", begin]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self._all.append(process)
        return process


def _paths() -> list[str]:
    """Where this process finds derender and what it needs, so that the others find the same."""
    return [path for path in sys.path if path]


def _send(stream: IO[bytes] | None, message: object) -> None:
    if stream is None:
        raise EOFError
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def _receive(stream: IO[bytes] | None) -> Any:  # noqa: ANN401 - what was sent
    head = stream.read(_LENGTH.size) if stream else b""
    if stream is None or len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)


def main() -> None:
    """Answer until nobody asks any more; run in a process of its own."""
    import cv2

    from ._scores import score_pictures

    cv2.setNumThreads(1)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    # Nothing a library prints may get into the answers.
    sys.stdout = sys.stderr
    reference: Facts | None = None
    while True:
        try:
            (wanted, given), names, metrics, mode = _receive(asked)
        except EOFError:
            return
        if reference is None or reference[rgb].shape != wanted.shape or (reference[rgb] != wanted).any():
            # The next candidate's reference is mostly the same: what is known of it is used again.
            reference = _side(wanted, names[0])
        chosen = [catalogue()[name] for name in metrics]
        _send(answers, score_pictures(reference, _side(given, names[1]), chosen, Mode(mode)))


def _side(pixels: Any, name: str | None) -> Facts:  # noqa: ANN401 - an array
    return Facts(lambda: pixels, name=name)
