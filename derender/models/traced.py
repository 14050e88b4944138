"""`trace` where a model is asked: the offline model for benchmarks, loops and demonstrations."""

import asyncio
import time
from collections.abc import Sequence
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from derender.core import Language, Missing, UserError
from derender.core.pictures import read_picture
from derender.render.machine import code

from .chat import Answer, ImagePart, Message, Sample, Sampling, Usage
from .errors import ModelError

if TYPE_CHECKING:
    from .trace import Trace

LANGUAGES = (Language.SVG, Language.PYTHON, Language.HTML)
"""What trace writes."""
_LIBRARIES = ("rapidocr", "onnxruntime", "vtracer")


class Traced:
    """A `ChatModel` that answers with a program of the last picture it is shown, whatever it is told in words.

    Args:
        target: the language it writes.

    Raises:
        UserError: it does not write that language.
    """

    def __init__(self, target: Language | str = Language.PYTHON) -> None:
        self._target = Language.parse(target)
        if self._target not in LANGUAGES:
            raise UserError(f"trace does not write {self._target}: use one of {', '.join(LANGUAGES)}")

    @property
    def name(self) -> str:
        """``trace``."""
        return "trace"

    @cached_property
    def identity(self) -> str:
        """Its code, its libraries' versions and the language."""
        versions = [f"{name} {_version(name)}" for name in _LIBRARIES]
        return " ".join(["trace", code(Path(__file__).parent / "trace"), *versions, self._target])

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The program in a fence; every sample is the same.

        Raises:
            ModelError: no picture is shown, or it is not traced in time.
            UserError: what is shown is no picture.
            Missing: a package that it needs is not installed.
        """
        shown = [part for message in messages for part in message.parts if isinstance(part, ImagePart)]
        if not shown:
            raise ModelError("trace only turns pictures into programs, and is shown none")
        started = time.monotonic()
        try:
            # The loop's clock is `time.monotonic`.
            async with asyncio.timeout_at(deadline):
                text = await asyncio.to_thread(self._answer, shown[-1].content)
        except TimeoutError:
            raise ModelError("trace did not answer before the deadline") from None
        count = sampling.n if sampling else 1
        return Answer((Sample(text),) * count, self.name, Usage(), elapsed_s=time.monotonic() - started)

    def _answer(self, picture: bytes) -> str:
        program = shared_trace().convert(read_picture(picture), self._target)
        return f"```{self._target}\n{program.source}\n```"


@cache
def shared_trace() -> "Trace":
    """The one trace of this process: its reading networks take longer to load than a picture takes to trace.

    Raises:
        Missing: a package that it needs is not installed.
    """
    from .trace import Trace

    return Trace()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        raise Missing(f"the package {name}", "pip install 'derender[trace]'") from None
