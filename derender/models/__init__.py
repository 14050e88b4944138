"""Models that turn pictures into programs, and `convert`, which also renders and scores what they made."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conversion import Conversion, Model, convert, convert_picture, load_model
    from .openai import ModelError, NoAnswer

_HOMES = {
    "conversion": ("Conversion", "Model", "convert", "convert_picture", "load_model"),
    "openai": ("ModelError", "NoAnswer"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["Conversion", "Model", "ModelError", "NoAnswer", "convert", "convert_picture", "load_model"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    # The models' own modules lie below here, and must not wait for the engine to be imported.
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'derender.models' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
