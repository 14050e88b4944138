"""Values and errors the whole package speaks in; programs out of replies; pictures; the content store."""

import importlib
from typing import TYPE_CHECKING

from .errors import (
    BadPicture,
    DerenderError,
    InfraError,
    Missing,
    NoProgram,
    UnknownLanguage,
    UnknownName,
    UserError,
)
from .failures import Failure, FailureKind
from .languages import Language
from .programs import Assets, Program
from .renderings import Picture, Rendering

if TYPE_CHECKING:
    from .extract import Extraction, extract_program, guess_language
    from .pictures import flatten, read_picture, write_png
    from .store import ContentStore

# Loaded when first asked for: compiling patterns and opening databases is not part of importing the values.
_LAZY = {
    "ContentStore": "store",
    "Extraction": "extract",
    "extract_program": "extract",
    "flatten": "pictures",
    "guess_language": "extract",
    "read_picture": "pictures",
    "write_png": "pictures",
}

__all__ = [
    "Assets",
    "BadPicture",
    "ContentStore",
    "DerenderError",
    "Extraction",
    "Failure",
    "FailureKind",
    "InfraError",
    "Language",
    "Missing",
    "NoProgram",
    "Picture",
    "Program",
    "Rendering",
    "UnknownLanguage",
    "UnknownName",
    "UserError",
    "extract_program",
    "flatten",
    "guess_language",
    "read_picture",
    "write_png",
]


def __getattr__(name: str) -> object:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
