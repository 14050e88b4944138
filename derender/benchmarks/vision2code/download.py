"""Fetching the published package, by the clients of the places that hold such data.

What arrives lies beside the folder that is asked for, in one with ``.partial`` behind its name, until all of it is
there; an interrupted download goes on from what lies there. The clients look for proxies, endpoints and credentials
where they always do.
"""

import contextlib
import hashlib
import os
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from derender.core import InfraError, Missing, UserError

from .data import MANIFEST

_EXTRA = "pip install 'derender[bench]'"
_HANDLE = re.compile(r"\w[\w.-]*/\w[\w.-]*")


class Place(StrEnum):
    """Who holds the package."""

    KAGGLE = "kaggle"
    """Where the authors published it."""
    HF = "hf"
    """Hugging Face, for those who keep a copy there."""

    @property
    def handle(self) -> str | None:
        """The dataset's name there; None where none was published."""
        return "vision2code/vision2code" if self is Place.KAGGLE else None

    @property
    def label(self) -> str:
        """As people call it."""
        return {Place.KAGGLE: "Kaggle", Place.HF: "Hugging Face"}[self]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A package to be fetched.

    Attributes:
        place: who holds it.
        handle: its name there, ``OWNER/NAME``.
        revision: Kaggle's number of a version, or a branch, tag or commit; None for the newest.

    Raises:
        UserError: the name or the revision can't be one.
    """

    place: Place
    handle: str
    revision: str | None = None

    def __post_init__(self) -> None:
        if not _HANDLE.fullmatch(self.handle):
            raise UserError(f"a dataset's name is like OWNER/NAME, not {self.handle!r}")
        if self.place is Place.KAGGLE and self.revision is not None and not re.fullmatch(r"[1-9]\d*", self.revision):
            raise UserError(f"Kaggle numbers its versions from 1: there is no {self.revision!r}")

    @classmethod
    def of(cls, place: Place, handle: str | None, revision: str | None = None) -> "Wanted":
        """What is wanted, by the published name where none is given.

        Raises:
            UserError: there is no published name, or a name can't be one.
        """
        found = handle or place.handle
        if found is None:
            raise UserError(f"nobody published it on {place.label} under a name known here: give OWNER/NAME")
        return cls(place, found, revision)

    def __str__(self) -> str:
        return f"{self.place.label}'s {self.handle}{f' at {self.revision}' if self.revision else ''}"


def download(wanted: Wanted, folder: Path, *, quiet: bool = False) -> Path:
    """Fetch a package; gives the folder it lies in.

    Args:
        wanted: which.
        folder: where it is to lie; missing yet, or empty.
        quiet: whether to show no bars.

    Raises:
        UserError: there is something in the folder, no such dataset, or none that these credentials may see.
        Missing: the client is not installed.
        InfraError: the place can't be reached, or what came is damaged. What is there is kept for the next try.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UserError(f"{folder}: is no folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise UserError(f"{folder}: there is something in it; name a folder that isn't there yet")
    partial = folder.absolute().with_name(f"{folder.absolute().name}.partial")
    try:
        partial.mkdir(parents=True, exist_ok=True)
        # Some clients say on standard output what belongs on the other one.
        with contextlib.redirect_stdout(sys.stderr):
            fetched = _FETCHERS[wanted.place](wanted, partial, quiet)
        if folder.is_dir():
            folder.rmdir()
        _root(fetched).rename(folder)
    except OSError as error:
        raise InfraError(f"{partial}: can't be written ({(error.strerror or str(error)).lower()})") from None
    except _BrokenOff as error:
        kept = f"; what came lies in {partial}, the same command goes on from there" if _holds_data(partial) else ""
        raise InfraError(f"{wanted.place.label} can't be reached, or broke off ({error}){kept}") from None
    finally:
        if folder.is_dir() or not _holds_data(partial):
            shutil.rmtree(partial, ignore_errors=True)
    return folder


class _BrokenOff(InfraError):
    """The connection failed; says of what."""


def _holds_data(partial: Path) -> bool:
    return any(path.is_file() and path.stat().st_size for path in partial.rglob("*"))


def _root(folder: Path) -> Path:
    """The folder of the manifest, which archives may have put one further in."""
    inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    alone = inside[0] if len(inside) == 1 and inside[0].is_dir() else None
    return alone if alone is not None and (alone / MANIFEST).is_file() else folder


def _from_kaggle(wanted: Wanted, partial: Path, quiet: bool) -> Path:
    # Its own cache, for it resumes nothing elsewhere; a notebook's copy can't be moved.
    variables = {"KAGGLEHUB_CACHE": str(partial), "DISABLE_KAGGLE_CACHE": "1", "DISABLE_COLAB_CACHE": "1"}
    variables |= {"KAGGLEHUB_VERBOSITY": "error"} | ({"TQDM_DISABLE": "1"} if quiet else {})
    with _environment(variables):
        kagglehub, requests = _client("kagglehub"), _client("requests")
        name = f"{wanted.handle}/versions/{wanted.revision}" if wanted.revision else wanted.handle
        try:
            kagglehub.config.get_kaggle_credentials()
        except ValueError as error:
            raise UserError(f"{error}: {_KAGGLE_KEYS}") from None
        try:
            return Path(kagglehub.dataset_download(name))
        except kagglehub.exceptions.DataCorruptionError:
            raise InfraError(f"{wanted}: what came is damaged, its checksum differs; try again") from None
        except requests.HTTPError as error:
            raise _refused(wanted, getattr(error.response, "status_code", None), _KAGGLE_KEYS) from None
        except requests.RequestException as error:
            raise _BrokenOff(_short(error)) from None
        except (zipfile.BadZipFile, tarfile.TarError, ValueError, EOFError) as error:
            # The client would take it for whole the next time.
            shutil.rmtree(partial, ignore_errors=True)
            raise InfraError(f"{wanted}: what came is no archive ({_short(error)}); try again") from None


def _from_hugging_face(wanted: Wanted, partial: Path, quiet: bool) -> Path:
    variables = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_VERBOSITY": "error"}
    with _environment(variables | ({"HF_HUB_DISABLE_PROGRESS_BARS": "1"} if quiet else {})):
        hub, errors = _client("huggingface_hub"), _client("huggingface_hub.errors")
        revision = wanted.revision
        network: tuple[type[Exception], ...] = (ConnectionError, TimeoutError, *_network_errors())
        try:
            found = hub.HfApi().dataset_info(wanted.handle, revision=revision)
            # What came of another state, or under another name, is no part of this one.
            files = partial / hashlib.sha256(f"{wanted.handle} {found.sha}".encode()).hexdigest()
            hub.snapshot_download(wanted.handle, repo_type="dataset", revision=found.sha, local_dir=files)
        except errors.RevisionNotFoundError:
            raise UserError(f"{wanted.place.label}'s {wanted.handle} has no revision {revision!r}") from None
        except errors.RepositoryNotFoundError:
            # It says the same of what is not there and of what may not be seen.
            raise _refused(wanted, _NOT_FOUND, _HF_KEYS) from None
        except errors.HfHubHTTPError as error:
            raise _refused(wanted, error.response.status_code, _HF_KEYS) from None
        except errors.LocalEntryNotFoundError as error:
            answer = getattr(error.__cause__, "response", None)
            if answer is not None:
                raise _refused(wanted, answer.status_code, _HF_KEYS) from None
            raise _BrokenOff(_short(error.__cause__ or error)) from None
        except network as error:
            raise _BrokenOff(_short(error)) from None
        except (ValueError, EOFError) as error:
            raise InfraError(f"{wanted}: what came can't be used ({_short(error)}); try again") from None
    # The client calls what lies there whole when it can't ask what there is.
    lacking = sum(not (files / each.rfilename).is_file() for each in found.siblings or ())
    if lacking:
        raise _BrokenOff(f"{lacking} files have not come")
    shutil.rmtree(files / ".cache", ignore_errors=True)
    return files


def _client(name: str) -> Any:  # noqa: ANN401 - a module
    try:
        return import_module(name)
    except ImportError:
        raise Missing(f"the package {name.partition('.')[0]}", _EXTRA) from None


_FETCHERS: Mapping[Place, Callable[[Wanted, Path, bool], Path]] = {
    Place.KAGGLE: _from_kaggle,
    Place.HF: _from_hugging_face,
}
_KAGGLE_KEYS = "set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY, or keep kaggle.json in ~/.kaggle"
_HF_KEYS = "set HF_TOKEN, or run `hf auth login`; if its page asks for it, accept its terms there"
_SENT = "TransportError"
_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


def _refused(wanted: Wanted, status: int | None, keys: str) -> UserError | InfraError:
    """What an answer other than the data means."""
    if status in {_UNAUTHORISED, _FORBIDDEN}:
        return UserError(f"{wanted.place.label} does not give {wanted.handle} to whoever asks: {keys}")
    if status == _NOT_FOUND:
        return UserError(f"{wanted.place.label} shows no dataset {wanted.handle}: is that its name? If so, {keys}")
    return InfraError(f"{wanted.place.label} answered {status}: try again later")


def _short(error: BaseException) -> str:
    """Why, without objects' addresses and addresses with secrets in them."""
    text = " ".join(str(error).split())
    found = re.search(r"Connection refused|Name or service not known|timed out|IncompleteRead|peer closed[^()]*", text)
    return found[0].lower() if found else type(error).__name__


def _network_errors() -> tuple[type[Exception], ...]:
    """What the hub's client raises while it reads: its own library's, which was another before."""
    found: list[type[Exception]] = []
    for module, name in (("httpx2", _SENT), ("httpx", _SENT), ("requests", "RequestException")):
        with contextlib.suppress(ImportError):
            found.append(getattr(import_module(module), name))
    return tuple(found)


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Environment variables, as they were before once it is left."""
    before: dict[str, Any] = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
