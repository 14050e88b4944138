"""A program: source text, its language, and the files it may read."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from .errors import UserError
from .languages import Language


class Assets(Mapping[str, bytes]):
    """Files that lie beside a program when it runs: relative POSIX path → content. Immutable and hashable."""

    __slots__ = ("_files",)

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        items = sorted((files or {}).items())
        for name, _ in items:
            _check_asset_name(name)
        self._files = dict(items)

    def __getitem__(self, name: str) -> bytes:
        return self._files[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __hash__(self) -> int:
        return hash(tuple(self._files.items()))

    def __repr__(self) -> str:
        return f"Assets({', '.join(self._files)})"


@dataclass(frozen=True, init=False)
class Program:
    """Source text in a language, with optional assets and entry point.

    Attributes:
        source: the program's text.
        language: what it is written in; a name such as ``py`` is taken too.
        assets: files beside it, by relative path.
        entry: the name of the scene, component or page to draw where a language has several; None for the whole.
        environment: name of the set of packages it was written for; None where any will do. Languages without
            environments pass over it.

    Raises:
        UserError: an asset's path is absolute or climbs out of the folder; the language is unknown.
    """

    source: str
    language: Language
    assets: Assets
    entry: str | None
    environment: str | None

    def __init__(
        self,
        source: str,
        language: Language | str,
        assets: Mapping[str, bytes] | None = None,
        entry: str | None = None,
        environment: str | None = None,
    ) -> None:
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "language", Language.parse(language))
        object.__setattr__(self, "assets", assets if isinstance(assets, Assets) else Assets(assets))
        object.__setattr__(self, "entry", entry)
        object.__setattr__(self, "environment", environment)

    @classmethod
    def from_file(cls, path: str | Path, language: "str | Language | None" = None) -> "Program":
        """The program a file holds; the suffix tells the language unless it is given.

        Raises:
            UserError: no such file, not readable, not text, or the suffix says nothing.
        """
        path = Path(path)
        found = Language.parse(language) if language else Language.of_file(path)
        if found is None:
            raise UserError(f"{path}: can't tell the language from the suffix {path.suffix!r}; name it with --language")
        return cls(_read_text(path), found)

    def in_environment(self, name: str | None) -> "Program":
        """The same program, written for a named environment, or for none in particular."""
        return self if name == self.environment else Program(self.source, self.language, self.assets, self.entry, name)

    @cached_property
    def key(self) -> str:
        """Content key: 64 hexadecimal digits, equal exactly when everything about the program is."""
        digest = hashlib.sha256()
        parts = [b"program/1", self.language.encode(), (self.entry or "").encode(), _utf8(self.source)]
        for name, content in self.assets.items():
            parts += [_utf8(name), content]
        if self.environment is not None:
            # Behind the assets, of which each is a pair: an odd part can be nothing else.
            parts.append(_utf8(self.environment))
        for part in parts:
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.hexdigest()


def _utf8(text: str) -> bytes:
    # Models do write lone surrogates; they must get a key too, and one of their own.
    return text.encode("utf-8", "surrogatepass")


def _check_asset_name(name: str) -> None:
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\0" in name or str(path) in {".", ""}:
        raise UserError(f"asset path {name!r} must be relative and stay inside the program's folder")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise UserError(f"{path}: is a folder, not a program") from None
    except PermissionError:
        raise UserError(f"{path}: no permission to read it") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text") from None
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror})") from None
