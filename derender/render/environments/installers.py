"""What makes a virtual environment and installs into it: uv where there is one, else the standard library and pip."""

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from derender.core import InfraError, Missing

from .definition import Definition
from .interpreters import find_uv

_NO_NETWORK = (
    "dns error",
    "Failed to fetch",
    "error sending request",
    "Connection refused",
    "Network is unreachable",
    "Temporary failure in name resolution",
    "Name or service not known",
    "NewConnectionError",
    "ProxyError",
    "ConnectTimeout",
    "Connection to",
    "timed out",
)
_NO_MATCH = (
    "no usable wheel",
    "has no wheels",
    "no wheels with a matching",
    "No matching distribution",
    "requires-python",
)


class _Refused(Exception):
    """A command failed; its text is what it said."""


@dataclass(frozen=True, slots=True)
class Installer:
    """Runs the commands of one build.

    Attributes:
        definition: what is to be installed.
        place: the folder of the virtual environment.
        kept: a descriptor that every command inherits: who is orphaned still holds the lock.
        tell: takes a line of progress.
    """

    definition: Definition
    place: Path
    kept: int
    tell: Callable[[str], None]

    def run(self, python: Path) -> None:
        """Make the virtual environment and install everything.

        Raises:
            InfraError: it did not work; one sentence that says why.
            Missing: there is neither uv nor pip.
        """
        uv = find_uv()
        if uv is None and importlib.util.find_spec("pip") is None:
            raise Missing("uv or pip, to install packages with,", "pip install uv")
        try:
            self._run(
                [uv, "venv", "--python", str(python), "--no-project", str(self.place)] if uv else self._venv(python)
            )
            self.tell(f"installing with {'uv' if uv else 'pip'} what {self.definition.requirements.name} names")
            self._install(uv)
            self.tell("compiling it")
            self._compile()
        except _Refused as error:
            raise InfraError(_sentence(self.definition.name, str(error))) from None

    def _venv(self, python: Path) -> list[str]:
        return [str(python), "-m", "venv", "--without-pip", str(self.place)]

    def _install(self, uv: str | None) -> None:
        inner = str(self.place / "bin" / "python")
        given = ["-r", str(self.definition.requirements)]
        if self.definition.locked:
            given = ["--require-hashes", "--no-deps", "--only-binary", ":all:", *given]
        if uv is None:
            self._run(
                [
                    sys.executable,
                    "-m",
                    "pip",
                    "--python",
                    inner,
                    "install",
                    "--no-compile",
                    "--disable-pip-version-check",
                    *given,
                ]
            )
            return
        command = [uv, "pip", "install", "--python", inner, *given]
        try:
            self._run(command)
        except _Refused as error:
            if not _is_network(str(error)):
                raise
            # uv brings its own certificates, which are the wrong ones behind some proxies; and where there is no
            # network at all, all that is needed may have been fetched before.
            for more in ({"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}, {"UV_OFFLINE": "1"}):
                try:
                    self._run(command, more)
                except _Refused:
                    continue
                return
            raise

    def _compile(self) -> None:
        """Compile what was installed: workers see it read-only, and each would compile it again."""
        with contextlib.suppress(_Refused):
            # Some packages hold templates that are no Python yet; tests are a third of all there is and never imported.
            inner = str(self.place / "bin" / "python")
            self._run([inner, "-m", "compileall", "-q", "-j", "0", "-x", "/tests/", str(self.place / "lib")])

    def _run(self, command: Sequence[str], more: dict[str, str] | None = None) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", **(more or {})}
        done = subprocess.run(
            command,
            # Where relative paths in a user's requirements begin.
            cwd=self.definition.folder,
            env=environment,
            pass_fds=[self.kept],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise _Refused(done.stdout)


def _is_network(output: str) -> bool:
    return any(words in output for words in _NO_NETWORK)


def _sentence(name: str, output: str) -> str:
    """The one sentence a person gets, of pages that an installer prints."""
    lines = [line.strip(" ×╰▶─│-") for line in output.splitlines() if line.strip()]
    last = next((line for line in lines if line.lower().startswith("error")), lines[-1] if lines else "no word of why")
    said = " ".join(last.removeprefix("error: ").removeprefix("ERROR: ").split())[:300]
    if _is_network(output):
        return f"the packages of the environment {name} can't be fetched: no network, or no package index to be reached"
    if "No space left" in output or "os error 28" in output:
        return f"the environment {name} can't be built: the disk is full"
    if any(words in output for words in _NO_MATCH):
        tail = " ".join(" ".join(lines)[-300:].split())
        return f"the environment {name} can't be built: not every package is to be had for this machine ({tail})"
    return f"the environment {name} can't be built: {said}"
