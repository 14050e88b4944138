"""How a program is to be rendered, and how much it may use."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from derender.core import UserError

MEBIBYTE = 1 << 20


class Isolation(StrEnum):
    """How a program must be contained before the engine runs it."""

    STRICT = "strict"
    """Refuse below the floor: no network, no foreign files, a tree that can be killed, memory and output limits."""
    WEAK = "weak"
    """Use every layer the machine offers and say in the Rendering which promises that leaves unkept."""


_OPEN = {
    "network": "reach the network",
    "files": "read and change your files",
    "neighbours": "read and disturb each other",
    "tree": "outlive their deadline",
    "memory": "take memory without bound",
    "output": "fill the disk",
}
_LACKS = {
    "landlock": "no Landlock",
    "seccomp": "no system-call filter",
    "bwrap": "no bubblewrap",
    "io": "no count of what they write",
}


def unprotected(layers: Iterable[str]) -> str | None:
    """What weak isolation left open, in a sentence; None where every promise held.

    Args:
        layers: of `Rendering.isolation`: a promise that was not kept stands there as ``weak:files:no-landlock``.
    """
    broken = dict.fromkeys(tuple(layer.split(":no-")) for layer in layers if layer.startswith("weak:"))
    if not broken:
        return None
    promises = list(dict.fromkeys(_OPEN[promise.removeprefix("weak:")] for promise, _ in broken))
    lacks = dict.fromkeys(_LACKS[lack] for _, lack in broken)
    *most, last = promises
    can = f"{', '.join(most)} and {last}" if most else last
    return f"weak isolation: programs can {can} ({', '.join(lacks)})"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use.

    Attributes:
        wall_s: seconds until its deadline, counting only time in which it could have run.
        cpu_s: processor seconds.
        memory_mb: address space in MiB.
        output_mb: all it may write, pictures and streams together, in MiB.
        pixels: the largest picture, width times height.
    """

    wall_s: float = 30.0
    cpu_s: float = 30.0
    memory_mb: int = 2048
    output_mb: int = 512
    pixels: int = 64_000_000

    @classmethod
    def of_timeout(cls, timeout_s: float) -> "Limits":
        """Limits whose deadline and processor budget are both ``timeout_s`` seconds."""
        if timeout_s <= 0:
            raise UserError(f"the timeout must be more than 0 seconds, not {timeout_s:g}")
        return cls(wall_s=timeout_s, cpu_s=timeout_s)


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What the picture should be like; None leaves it to the program.

    Attributes:
        width: pixels: the viewport of a page, the width of an SVG. Charts keep the size their program gives them.
        height: pixels, likewise.
        background: a CSS colour put behind pages and SVGs; None is white for pages, nothing for SVGs.
        full_page: whether a page is shot to its end rather than to the viewport's.
        browser: whether an SVG is drawn by Chromium instead of resvg.
        limits: what the program may use.
        environment: name of the set of Python packages to run in, whatever the program asks for; None leaves it to the
            program, and to ``default`` where that asks for none.
        trace: name of what the run is to tell beside its pictures, see `Rendering.trace`: ``artists`` or
            ``chartmimic`` for Python, ``texts`` for pages.
    """

    width: int | None = None
    height: int | None = None
    background: str | None = None
    full_page: bool = True
    browser: bool = False
    limits: Limits = field(default_factory=Limits)
    environment: str | None = None
    trace: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("width", self.width), ("height", self.height)):
            if value is not None and not 1 <= value <= 32_768:
                raise UserError(f"{name} must be between 1 and 32768 pixels, not {value}")
        if (self.width or 1) * (self.height or 1) > self.limits.pixels:
            raise UserError(f"{self.width}x{self.height} is more than {self.limits.pixels} pixels")

    def drawing(self) -> dict[str, int | str | bool | None]:
        """The part that a worker needs, ready for its job header."""
        return {
            "width": self.width,
            "height": self.height,
            "background": self.background,
            "full_page": self.full_page,
            "trace": self.trace,
        }
