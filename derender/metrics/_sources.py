"""Facts of whatever a caller has: a file, pixels, a PIL image, a picture, a rendering."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from derender.core import BadPicture, Failure, FailureKind, Picture, Rendering, UserError

from ._facts import Facts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from ._facts import Bytes

Source: TypeAlias = "str | os.PathLike[str] | bytes | NDArray[Any] | Image | Picture | Rendering | Facts"
"""A file's path or content, pixels, a PIL image, a `Picture`, a `Rendering`, or facts observed before."""


def observe(source: Source) -> Facts:
    """The facts of a source; nothing is read before a fact is asked for.

    Of a `Rendering` the first picture counts. Pixels are height x width (x 1, 2, 3 or 4 channels; the second or
    fourth is opacity) of 8 or 16 bits, booleans, or floats in 0..1.

    Raises:
        UserError: it is nothing a picture can be had of.
    """
    if isinstance(source, Facts):
        return source
    if isinstance(source, Rendering):
        return _of_rendering(source)
    if isinstance(source, Picture):
        return Facts(lambda: _decoded(source.png), texts=source.texts)
    if isinstance(source, str | bytes | os.PathLike):
        return Facts(lambda: _decoded(source))
    if hasattr(source, "getbands"):
        return Facts(lambda: _of_image(cast("Image", source)))
    if hasattr(source, "__array_interface__"):
        return Facts(lambda: _of_array(source))
    raise UserError(f"a {type(source).__name__} holds no picture; give a file, pixels, a PIL image or a Rendering")


def _of_rendering(rendering: Rendering) -> Facts:
    picture = rendering.picture
    if rendering.failure is None and picture is not None:
        return observe(picture)
    failure = rendering.failure or Failure(FailureKind.NO_PICTURE, "the program drew nothing")
    return Facts(failure=failure)


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
    return np.ascontiguousarray(flatten(pixels))


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
