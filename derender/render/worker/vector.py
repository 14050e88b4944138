"""The vector worker's trade: SVG to pixels, each picture in a process of its own."""

import math
import os
import resource
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from . import png
from .journal import Journal
from .svg import Document, read_svg
from .svg_failure import CannotDraw
from .svg_fonts import MONO, SANS, SERIF, files_for
from .svg_size import Size, asked_size, natural_size, view_box

MEMORY_LIMIT = {"svg": "as"}
"""What the memory of a kind of job is limited by: ``as``, all address space."""
STACK_BYTES = 128 << 20
SOURCE = "program.py"
"""The name of the file that holds the document."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, its words, and what was left out of it."""

    packed: png.Packed
    texts: list[str]
    warnings: list[str]


class VectorTrade:
    """Draws one document per process; see `trades.Trade`."""

    def warm(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Import what draws, and look the fonts up once for all."""
        import resvg_py

        files_for("a\u4e00\U0001f600\u05d0")
        files_for("a", "serif")
        warm = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
        draw(warm, {"pixels": 1})
        return {
            "versions": {"resvg": resvg_py.__resvg_version__},
            "modules": ["resvg_py"],
        }

    def run(self, job: Mapping[str, Any], out: str) -> int:
        """Draw the document in the current folder and claim the picture."""
        journal = Journal(out)
        try:
            drawn = draw(Path(SOURCE).read_bytes(), job)
        except CannotDraw as failure:
            journal.failure(failure.kind, str(failure), failure.line, failure.detail)
            return 1
        except MemoryError:
            journal.failure("memory", "the picture takes more memory than it may have", None, "")
            return 1
        for warning in drawn.warnings:
            journal.warning(warning)
        journal.picture("picture", "file", drawn.packed, {"name": "picture.png", "texts": drawn.texts})
        journal.end()
        return 0


def draw(source: bytes, job: Mapping[str, Any]) -> Drawn:
    """Draw an SVG.

    Args:
        source: the document.
        job: the request: ``options``, ``pixels``, and ``given``, the names of files in the current folder.

    Raises:
        CannotDraw: it can't be drawn.
    """
    options = dict(job.get("options", {}))
    given = frozenset(job.get("given", ()))
    document = read_svg(source, lambda name: _beside(name, given))
    size = asked_size(natural_size(document.attributes), options.get("width"), options.get("height"))
    if math.ceil(size.width) * math.ceil(size.height) > int(job["pixels"]):
        message = f"the picture is {size.width:.0f}x{size.height:.0f} pixels; at most {job['pixels']} are allowed"
        raise CannotDraw("output_too_large", message)
    return _rasterised(document, size, options.get("background"))


def _rasterised(document: Document, size: Size, background: str | None) -> Drawn:
    text = _sized(document, size)
    fonts = files_for(document.characters, text)
    warnings = list(document.warnings)
    backdrop = None if background in {None, "transparent", "none"} else background
    try:
        content = _drawn_by_resvg(text, fonts, backdrop)
    except ValueError as error:
        if backdrop is None or "background" not in str(error):
            raise CannotDraw("runtime", f"resvg can't draw it: {error}") from None
        warnings.append(f"background: {backdrop} is no CSS colour that resvg knows; nothing lies behind the picture")
        return _rasterised(replace(document, warnings=dict.fromkeys(warnings)), size, None)
    return Drawn(png.unwrap(content), document.texts, warnings)


def _drawn_by_resvg(text: str, fonts: list[str], background: str | None) -> bytes:
    # resvg walks down nested groups by recursion: 300 of them overflow an ordinary stack.
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if hard == resource.RLIM_INFINITY or hard >= STACK_BYTES:
        # The kernel leaves as much room below the first thread's stack; what further threads get must stay as it was.
        resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES, hard))
        try:
            return _call_resvg(text, fonts, background)
        finally:
            resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))
    before = threading.stack_size(STACK_BYTES)
    try:
        with ThreadPoolExecutor(1) as deep:
            return deep.submit(_call_resvg, text, fonts, background).result()
    finally:
        threading.stack_size(before)


def _call_resvg(text: str, fonts: list[str], background: str | None) -> bytes:
    import resvg_py

    return resvg_py.svg_to_bytes(
        svg_string=text,
        background=background,
        skip_system_fonts=True,
        font_files=fonts,
        font_family=SERIF,
        serif_family=SERIF,
        sans_serif_family=SANS,
        cursive_family=SERIF,
        fantasy_family=SANS,
        monospace_family=MONO,
    )


def _sized(document: Document, size: Size) -> str:
    own = natural_size(document.attributes)
    changes = {"width": f"{size.width:g}", "height": f"{size.height:g}"}
    if view_box(document.attributes) is None:
        changes["viewBox"] = f"0 0 {own.width:g} {own.height:g}"
    return document.text(**changes)


def _beside(name: str, given: frozenset[str]) -> bytes | None:
    path = PurePosixPath(os.path.normpath(name))
    if str(path) not in given:
        return None
    return Path(path).read_bytes()
