"""The model's door."""

from derender.core import Language, Program, UnknownName

from ._arrays import Bytes
from .ocr import Reader
from .scene import Scene
from .tracing import trace_scene
from .write_html import write_html
from .write_python import write_python
from .write_svg import write_svg

_WRITERS = {Language.SVG: write_svg, Language.PYTHON: write_python, Language.HTML: write_html}


class Trace:
    """Turns pictures into programs by reading, measuring and comparing; keeps its reading networks between calls."""

    def __init__(self, threads: int = 2) -> None:
        self._reader = Reader(threads)

    def scene(self, image: Bytes) -> Scene:
        """What a picture, HxWx3 or HxWx4 of bytes, is made of."""
        return trace_scene(image, self._reader)

    def convert(self, image: Bytes, target: "Language | str" = Language.SVG) -> Program:
        """A program in the target language that draws the picture."""
        return write(self.scene(image), target)


def write(scene: Scene, target: "Language | str") -> Program:
    """The scene as a program: SVG, Python (Matplotlib) or HTML."""
    language = Language.parse(target)
    if language not in _WRITERS:
        raise UnknownName("target of trace", language, _WRITERS)
    return Program(_WRITERS[language](scene), language)
