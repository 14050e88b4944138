"""Facts of whatever a caller has: a file, pixels, a PIL image, a picture, a program, a rendering."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from derender.core import BadPicture, Language, Picture, Program, Rendering, UserError

from ._facts import Facts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from derender.render import Engine

    from ._facts import Bytes

Source: TypeAlias = "str | os.PathLike[str] | bytes | NDArray[Any] | Image | Picture | Program | Rendering | Facts"
"""A file's path, a picture's content, pixels, a PIL image, a `Picture`, a `Program`, a `Rendering`, or facts observed
before. A path whose suffix is a language's is a program's."""


def observe(
    source: Source, *, engine: Engine | None = None, name: str | None = None, original: str | None = None
) -> Facts:
    """The facts of a source; nothing is decoded or rendered before a fact is asked for.

    Of a program, or a `Rendering`, the first picture counts. Pixels are height x width (x 1, 2, 3 or 4 channels; the
    second or fourth is opacity) of 8 or 16 bits, booleans, or floats in 0..1.

    Args:
        source: what to observe.
        engine: what renders programs; this process's own by default.
        name: a file name to go by, where the source has none or another.
        original: the source text before the edit that the program is the result of.

    Raises:
        UserError: it is nothing a picture can be had of, or a program that can't be read.
    """
    if isinstance(source, Facts):
        return source
    if isinstance(source, Rendering):
        return Facts(rendering=source, name=name, original=original, engine=engine)
    if isinstance(source, Program):
        return Facts(program=source, name=name, original=original, engine=engine)
    if isinstance(source, Picture):
        return Facts(lambda: _decoded(source.png), texts=source.texts, name=name or source.name)
    if isinstance(source, str | os.PathLike):
        name = name or os.fspath(source)
        if Language.of_file(Path(source)):
            return observe(Program.from_file(Path(source)), engine=engine, name=name, original=original)
        return Facts(lambda: _decoded(source), name=name)
    if isinstance(source, bytes):
        return Facts(lambda: _decoded(source), name=name)
    if hasattr(source, "getbands"):
        return Facts(lambda: _of_image(cast("Image", source)), name=name)
    if hasattr(source, "__array_interface__"):
        return Facts(lambda: _of_array(source), name=name)
    raise UserError(
        f"a {type(source).__name__} holds no picture; give a file, pixels, a PIL image, a Program or a Rendering"
    )


def _decoded(encoded: str | os.PathLike[str] | bytes) -> Bytes:
    from derender.core.pictures import flatten, read_picture

    return flatten(read_picture(encoded))


def _of_image(image: Image) -> Bytes:
    import numpy as np

    from derender.core.pictures import flatten

    if image.mode == "F" or image.mode.startswith("I;16"):
        return _of_array(np.asarray(image))
    if image.mode == "I":
        values = np.clip(np.asarray(image), 0, 65535)
        return _of_array(values.astype(np.uint16 if values.max(initial=0) > 255 else np.uint8))
    transparent = {"A", "a"} & set(image.getbands()) or "transparency" in image.info
    return flatten(np.asarray(image.convert("RGBA" if transparent else "RGB")))


def _of_array(values: NDArray[Any]) -> Bytes:
    import numpy as np

    from derender.core.pictures import flatten

    array = np.asarray(values)
    layers = array[:, :, None] if array.ndim == 2 else array
    if layers.ndim != 3 or layers.shape[2] not in {1, 2, 3, 4} or layers.size == 0:
        raise BadPicture(f"an array of shape {array.shape} is no picture: height x width x 1 to 4 channels are")
    pixels = _eight_bits(layers)
    if pixels.shape[2] < 3:
        pixels = np.concatenate([np.repeat(pixels[:, :, :1], 3, axis=2), pixels[:, :, 1:]], axis=2)
    # The caller may draw the next picture into the same array.
    return np.array(flatten(pixels), order="C")


def _eight_bits(values: NDArray[Any]) -> Bytes:
    import numpy as np

    if values.dtype == np.uint8:
        return cast("Bytes", values)
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * 255
    if values.dtype == np.uint16:
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if np.issubdtype(values.dtype, np.floating) and bool(((values >= 0) & (values <= 1)).all()):
        return cast("Bytes", np.rint(values * 255).astype(np.uint8))
    raise BadPicture(f"pixels of type {values.dtype} are taken as uint8, uint16, booleans or floats in 0..1 only")
