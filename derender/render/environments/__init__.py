"""The Python environments programs run in: named, locked sets of packages, each under an interpreter of its own."""

from .building import build, definition_of
from .definition import Definition
from .environment import DEFAULT, Environment
from .shelf import Shelved, built_from, find, shelved

__all__ = ["DEFAULT", "Definition", "Environment", "Shelved", "build", "built_from", "definition_of", "find", "shelved"]
