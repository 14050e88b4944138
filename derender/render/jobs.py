"""One job for a worker, and what came back: the engine's side of the worker protocol.

A job travels over a socket of its own: one frame out, one frame back, end of file. See `derender.render.worker.frames`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from derender.core import Assets, Failure, FailureKind

from .options import Limits

MOST_LEVELS = 50
"""Of lists and objects in each other that a trace may have; tracers need a dozen."""


class WorkerLost(Exception):
    """The worker went away, or sent garbage, before the result was whole."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is asked to run.

    Attributes:
        kind: ``python``, ``svg``, ``vegalite``, ``html`` or ``plotly``.
        source: the program's text.
        assets: files beside it.
        options: what the picture should be like.
        limits: what it may use.
    """

    kind: str
    source: str
    assets: Assets
    options: Mapping[str, int | float | str | bool | None]
    limits: Limits

    def frame(self) -> tuple[dict[str, Any], list[bytes]]:
        """Header and blobs of the job's frame."""
        header = {
            "kind": self.kind,
            "wall_s": self.limits.wall_s,
            "cpu_s": self.limits.cpu_s,
            "memory_mb": self.limits.memory_mb,
            "output_mb": self.limits.output_mb,
            "pixels": self.limits.pixels,
            "options": dict(self.options),
            "files": list(self.assets),
        }
        return header, [self.source.encode("utf-8", "replace"), *self.assets.values()]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture as a worker hands it over; ``media`` other than ``png`` still has to be drawn by a second job."""

    name: str
    media: str
    content: bytes
    width: int
    height: int
    blank: bool | None
    texts: tuple[str, ...] | None
    scale: float


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a worker says of one job.

    Attributes:
        drawn: its pictures.
        failure: why there are none, or not all.
        warnings: one sentence each.
        wall_s: seconds it took.
        cpu_s: processor seconds the program used.
        isolation: the layers that contained it, outermost first.
        doubtful: whether the failure may be another's doing: it only counts if it comes again.
        trace: what a tracer saw, as JSON; None where there is nothing that can be read.
    """

    drawn: tuple[Drawn, ...]
    failure: Failure | None
    warnings: tuple[str, ...]
    wall_s: float
    cpu_s: float
    isolation: tuple[str, ...]
    doubtful: bool = False
    trace: bytes | None = None

    @classmethod
    def of_frame(cls, header: Mapping[str, Any], blobs: list[bytes]) -> "JobResult":
        """The result a frame holds.

        Raises:
            WorkerLost: the frame does not follow the protocol.
        """
        try:
            entries = header["pictures"]
            trace = blobs.pop() if header.get("traced") and blobs else None
            if len(entries) != len(blobs):
                raise WorkerLost("the worker sent another number of pictures than it named")
            return cls(
                drawn=tuple(_drawn(entry, blob) for entry, blob in zip(entries, blobs, strict=True)),
                failure=_failure(header),
                warnings=tuple(_text(warning) for warning in header.get("warnings", ())),
                wall_s=float(header.get("wall_s", 0.0)),
                cpu_s=float(header.get("cpu_s", 0.0)),
                isolation=tuple(str(layer) for layer in header.get("isolation", ())),
                doubtful=bool(header.get("doubtful")),
                trace=trace,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise WorkerLost(f"the worker's answer can't be read ({error})") from error


def _drawn(entry: Mapping[str, Any], content: bytes) -> Drawn:
    texts = entry.get("texts")
    blank = entry.get("blank")
    return Drawn(
        name=_text(entry["name"]),
        media=str(entry.get("media", "png")),
        content=content,
        width=int(entry.get("width") or 0),
        height=int(entry.get("height") or 0),
        blank=None if blank is None else bool(blank),
        texts=None if texts is None else tuple(_text(text) for text in texts),
        scale=float(entry.get("scale") or 1.0),
    )


def _failure(header: Mapping[str, Any]) -> Failure | None:
    failure = header.get("failure")
    if failure is None:
        return None
    line = failure.get("line")
    return Failure(
        kind=FailureKind(failure["kind"]),
        message=_text(failure["message"]),
        line=None if line is None else int(line),
        detail=_text(failure.get("detail") or ""),
    )


def _text(value: object) -> str:
    # A page or program may hold half a surrogate pair, which is a str to Python and can't be written anywhere.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def read_trace(written: bytes | None) -> dict[str, Any] | None:
    """What a tracer saw; None where a program wrote something else in its place, or nested it to no end."""
    if written is None:
        return None
    try:
        seen = json.loads(written, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return seen if isinstance(seen, dict) and _is_flat(seen) else None


def _is_flat(seen: dict[str, Any]) -> bool:
    """Whether it is nested so little that all who write or show it can, however deep in calls they are."""
    level: list[Any] = [seen]
    for _ in range(MOST_LEVELS):
        below = (value for each in level for value in (each.values() if isinstance(each, dict) else each))
        level = [value for value in below if isinstance(value, dict | list)]
        if not level:
            return True
    return False


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
