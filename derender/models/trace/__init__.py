"""`trace`, the offline model: a picture in, a program out, without network or learned guesses beyond reading words."""

from ._model import Trace, write
from .scene import Scene
from .write_html import write_html
from .write_python import write_python
from .write_svg import write_svg

__all__ = ["Scene", "Trace", "write", "write_html", "write_python", "write_svg"]
