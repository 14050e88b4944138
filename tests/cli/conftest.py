"""The real command in a process of its own, in a folder and with a cache of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "derender"]


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, both streams, and the folder it ran in."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def rows(self) -> list[dict]:
        """Standard output, every line of which must be a JSON object."""
        rows = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(row, dict) for row in rows)
        return rows


@dataclass
class Shell:
    """Runs the command in a folder."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, stdin: bytes = b"", stdout: object = subprocess.PIPE) -> Done:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            input=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
        err = done.stderr.decode()
        assert "Traceback" not in err, err
        return Done(done.returncode, (done.stdout or b"").decode(), err, self.folder)

    def start(self, *arguments: object, stderr: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        """Start the command and leave it running."""
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )


def make_shell(folder: Path) -> Shell:
    # The package is found from any folder, installed or not.
    root = str(Path(__file__).parents[2])
    return Shell(folder, {"DERENDER_CACHE": str(folder / "cache"), "PYTHONPATH": root, "COLUMNS": "100"})


@pytest.fixture
def derender(tmp_path):
    return make_shell(tmp_path)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """One for all tests of a module."""
    return make_shell(tmp_path_factory.mktemp("shell"))
