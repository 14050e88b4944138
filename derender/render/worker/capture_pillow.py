"""Hooks on Pillow: images saved to any name or object, or shown."""

import functools
from typing import TYPE_CHECKING, Any

from .capture import Board, Target, replace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class PillowHooks:
    """All hooks on Pillow."""

    module = "PIL.Image"

    def __init__(self, board: Board) -> None:
        self._board = board
        self._shown = 0

    def install(self) -> None:
        """Put all hooks in place; once, after ``PIL.Image`` is imported."""
        from PIL import Image

        self._hook_save(Image.Image)
        replace(Image.Image, show=lambda image, *args, **kwargs: self._show(image))

    def finish(self) -> None:
        """Images in memory are no pictures until they are saved or shown."""

    def _hook_save(self, cls: Any) -> None:
        original = cls.save

        @functools.wraps(original)
        def save(image: Any, saved_to: Any, format: Any = None, **params: Any) -> None:
            with self._board.quiet():
                original(image, saved_to, format, **params)
            if self._board.catching_images:
                self._board.picture(self._board.target(saved_to), pixels_of(_best_frame(image, params)), None)

        cls.save = save

    def _show(self, image: Any) -> None:
        if self._board.catching_images:
            self._shown += 1
            name = f"image-{self._shown}"
            self._board.picture(Target(name, f"{name}.png", "shown"), pixels_of(image), None)


def pixels_of(image: Any) -> "NDArray[np.uint8]":
    """The pixels of an image of any mode as RGB, or RGBA where it has transparency."""
    import numpy as np

    if image.mode in ("I;16", "I;16B", "I;16L"):
        image = image.point(lambda value: value / 256).convert("L")
    transparent = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if transparent else "RGB"))


def _best_frame(image: Any, params: dict[str, Any]) -> Any:
    """The first frame of an animation that shows something."""
    frames = [image, *(params.get("append_images") or ())] if params.get("save_all") else [image]
    for frame in frames:
        if has_contrast(frame):
            return frame
    return image


def has_contrast(image: Any) -> bool:
    """Whether an image has more than one colour."""
    return any(low != high for low, high in image.convert("RGB").getextrema())
