"""The arena: a small closed world in which a program attacks a real engine, and nothing outside can come to harm.

::

    pytest ── arena ── unshare ── process 1, reaps ── stage: engine, sentinels, honest programs
              │  └ a memory and a pids cgroup where this user may make one
              └ JSON lines over pipes

The world has its own processes, mounts (read-only but for a tmpfs of 1 GiB), IPC and network. It is killed whole when
an attack passes its deadline, and started anew for the next.

    outcome = arena.attack(source, "python", wall_s=2)
    assert outcome.kind == "deadline"
    assert outcome.harm == []
"""

import base64
import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fences import Fence

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_START_S = 300.0
_PATIENCE_S = 90.0
"""Seconds an attack may take beside what its limits give it, on a loaded machine."""
_LIMITS = {"wall_s": 20.0, "cpu_s": 20.0}


@dataclass(frozen=True)
class Outcome:
    """What became of one attack.

    Attributes:
        kind: the failure's kind, None when there was none.
        ours: whether the failure is ours: an attack that gets there is never scored, so it has won.
        message: the failure's message.
        detail: its detail.
        warnings: the rendering's.
        isolation: the layers that stood.
        pictures: ``name``, ``width``, ``height``, ``blank``, ``sha256``, ``texts`` of each, ``png`` in base64 if small.
        elapsed_s: how long it took.
        cpu_s: processor seconds it used.
        secrets: kinds of secrets that show in the rendering.
        tripped: what happened to sentinels.
        honest: what was wrong with honest programs, beside it and right after.
        drawn_beside: how many honest programs were drawn while it ran.
        next_s: seconds the honest program right after it took.
        left: what is not as it was before.
        peak_mb: most memory the whole arena took, in MiB; None without a cgroup.
    """

    kind: str | None
    ours: bool
    message: str
    detail: str
    warnings: list[str]
    isolation: list[str]
    pictures: list[dict[str, Any]]
    elapsed_s: float
    cpu_s: float
    secrets: list[str]
    tripped: list[str]
    honest: list[str]
    drawn_beside: int
    next_s: float
    left: list[str]
    peak_mb: float | None = None

    @property
    def texts(self) -> list[str]:
        """All words of all pictures."""
        return [text for picture in self.pictures for text in picture["texts"]]

    @property
    def harm(self) -> list[str]:
        """Everything that happened outside the program, one sentence each; an empty list is what tests ask for."""
        found = [f"the program got hold of the {kind} secret" for kind in self.secrets]
        found += [*self.tripped, *self.honest, *self.left]
        if self.ours:
            found.append(f"the failure counts as ours, so the program is not scored: {self.kind}: {self.message}")
        return found


@dataclass(frozen=True)
class Uncontained:
    """What a program did with no walls but the arena's.

    Attributes:
        code: exit code.
        output: both streams.
        secrets: kinds of secrets in its output.
        tripped: what happened to sentinels.
        left: what it left behind.
    """

    code: int
    output: str
    secrets: list[str]
    tripped: list[str]
    left: list[str]


class Overrun(AssertionError):
    """An attack kept the engine busy past every deadline; the arena was killed."""


class Unavailable(Exception):
    """This machine has no arena; the reason in words."""


@dataclass
class Arena:
    """Starts when first used, and again after it was killed. Close it.

    Attributes:
        walls: what the engine in it finds to contain programs with: ``bubblewrap`` and all else, ``namespaces`` and all
            that needs no bubblewrap, or ``filters``: Landlock and the system-call filter alone.
    """

    walls: str = "bubblewrap"
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _fence: Fence | None = field(default=None, init=False)
    _folder: str = field(default="", init=False)
    _pending: bytes = field(default=b"", init=False)
    _log: Any = field(default=None, init=False)
    honest: list[str] = field(default_factory=list, init=False)
    """Names of the honest programs that this machine can draw."""
    refused: dict[str, str] = field(default_factory=dict, init=False)
    """Those that it can't, and why."""
    doors: list[str] = field(default_factory=list, init=False)
    """What listens in it: ``tcp4``, ``tcp6``, ``udp4``, ``udp6``, ``unix``, ``abstract``, as the machine has them."""

    @property
    def fenced(self) -> bool:
        """Whether a cgroup bounds the arena's memory and processes, so that even a failing engine harms nothing."""
        return self._started()._fence is not None

    def attack(
        self,
        source: str,
        language: str = "python",
        *,
        assets: Mapping[str, bytes] | None = None,
        options: Mapping[str, Any] | None = None,
        beside: int = 1,
        honest: Sequence[str] = (),
        settles_s: float = 15,
        **limits: float,
    ) -> Outcome:
        """Run one attack.

        Args:
            source: the program; ``@@name@@`` becomes where the sentinel of that name is: ``home``, ``reference``,
                ``open``, ``stage``, ``canary``, ``held``, ``memory``, ``tcp``, ``tcp6``, ``udp``, ``udp6``,
                ``abstract``.
            language: what it is written in.
            assets: files beside it.
            options: of `RenderOptions`.
            beside: how many honest programs to keep drawing while it runs.
            honest: the names of those to draw then and right after; none for all in turn.
            settles_s: how long all may take afterwards to be as it was before.
            **limits: of `Limits`.

        Raises:
            Overrun: it was not over in time, whatever its limits.
        """
        self._started()
        limits = {**_LIMITS, **limits}
        if self._fence:
            self._fence.forget_peak()
        request = {
            "do": "attack",
            "source": source,
            "language": language,
            "assets": {name: base64.b64encode(content).decode() for name, content in (assets or {}).items()},
            "options": {**(options or {}), "limits": limits},
            "beside": beside,
            "honest": list(honest),
            "settles_s": settles_s,
        }
        answer = self._ask(request, _PATIENCE_S + 12 * limits["wall_s"])
        return Outcome(**answer, peak_mb=self._fence.peak_mb() if self._fence else None)

    def uncontained(self, source: str, assets: Mapping[str, bytes] | None = None, timeout_s: float = 60) -> Uncontained:
        """Run a Python program without the engine: what would be seen if it were not contained."""
        self._started()
        encoded = {name: base64.b64encode(content).decode() for name, content in (assets or {}).items()}
        request = {"do": "uncontained", "source": source, "assets": encoded, "timeout_s": timeout_s}
        return Uncontained(**self._ask(request, timeout_s + _PATIENCE_S))

    def close(self) -> None:
        """Kill everything in it."""
        if self._process is None:
            return
        # The kernel ends process 1 of the arena with it, and all others with that.
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            pipe.close()
        if self._fence:
            self._fence.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._process = None

    def _started(self) -> "Arena":
        if self._process is None:
            self._start()
        return self

    def _start(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="derender-arena-")
        self._fence = Fence.raise_one()
        self._pending = b""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [*_closed_world(), sys.executable, "-B", str(HERE / "stage.py"), self._folder, self.walls],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**environment, "PYTHONPATH": str(ROOT), "ARENA_SECRET": f"environment-{secrets.token_hex(8)}"},
            preexec_fn=self._fence.enter if self._fence else None,
            start_new_session=True,
        )
        answer = self._answer(_START_S)
        self.honest, self.refused, self.doors = answer["honest"], answer["refused"], answer["doors"]

    def _ask(self, request: dict[str, Any], patience_s: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer(patience_s)

    def _answer(self, patience_s: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        while b"\n" not in self._pending:
            ready, _, _ = select.select([self._process.stdout], [], [], patience_s)
            part = os.read(self._process.stdout.fileno(), 1 << 20) if ready else b""
            if not part:
                self._log.seek(0)
                log = self._log.read().decode("utf-8", "replace")[-4000:]
                self.close()
                raise Overrun(f"{'the stage died' if ready else f'no answer after {patience_s:g} s'}\n{log}")
            self._pending += part
        line, _, self._pending = self._pending.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        if "broken" in answer:
            raise RuntimeError(answer["broken"])
        return answer


@cache
def _closed_world() -> tuple[str, ...]:
    """The command that starts another as process 1 of a world of its own.

    Raises:
        Unavailable: this machine forbids it.
    """
    found = shutil.which("unshare")
    if found is None:
        raise Unavailable("needs unshare of util-linux")
    # A user namespace for root too: programs that run uncontained must not get at the machine's clock or name.
    spaces = ["--user", "--map-root-user", "--fork", "--kill-child", "--pid", "--mount", "--ipc", "--net", "--uts"]
    spaces.append("--mount-proc")
    probe = subprocess.run([found, *spaces, "true"], capture_output=True, text=True)
    if probe.returncode:
        raise Unavailable(f"no namespaces for an arena: {probe.stderr.strip()}")
    return (found, *spaces)
