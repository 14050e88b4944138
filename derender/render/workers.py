"""Warm worker processes: started once, asked many times."""

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from derender.core import Failure, FailureKind
from derender.core.store import default_folder

from .containers import Mounts, barred_folder, bubblewrap, wrap
from .fonts import fonts_fingerprint
from .jobs import Job, JobResult, WorkerLost
from .worker import boot, frames
from .worker.addresses import same_layout

HELLO_S = 120.0
"""Seconds a worker may take to warm up on a loaded machine."""
KILLED = frozenset({-signal.SIGKILL, 128 + signal.SIGKILL})
"""How a worker that was killed ends: itself, or as bubblewrap reports what it contained."""
ALLOCATOR = {"hugetlb": 1, "top_pad": 16 << 20, "mmap_threshold": 64 << 20, "trim_threshold": 256 << 20}
"""How the C library hands memory out: in large pages, kept for reuse: a fifth fewer page faults a chart."""
GRACE_S = 15.0
"""Seconds beyond the longest extension of a deadline before a silent worker counts as lost."""
INSIDE = "/derender_worker"
"""Where the worker's code lies inside its container."""
SETTINGS_INSIDE = "/derender_settings"
"""Where the folder of `WorkerSpec.settings` lies inside the container."""


class CannotStart(Exception):
    """The worker can't be had on this machine; carries the failure to report.

    Attributes:
        failure: why.
        killed: whether something outside killed it, so that another may well start.
    """

    def __init__(self, failure: Failure, *, killed: bool = False) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.killed = killed


@dataclass(frozen=True)
class WorkerSpec:
    """Which worker is wanted; equal specs share one process.

    Attributes:
        kind: ``python``, ``vector`` or ``browser``.
        python: the interpreter that runs it.
        config: what it is told at its start; plain JSON.
        read: folders it needs to read beside the system.
        contained: whether the whole worker goes into bubblewrap (the browser's puts only the browser there).
    """

    kind: str
    python: Path
    config: Mapping[str, Any] = field(hash=False)
    read: tuple[Path, ...] = ()
    contained: bool = True

    @cached_property
    def settings(self) -> Path:
        """The folder where finding fonts is remembered from one start to the next: seconds with many fonts."""
        name = hashlib.sha256(f"{self.python} {fonts_fingerprint()}".encode()).hexdigest()[:16]
        for base in (default_folder(), Path(tempfile.gettempdir(), f"derender-{os.getuid()}")):
            folder = base / "fonts" / name
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                if os.access(folder, os.W_OK):
                    return folder
        raise CannotStart(Failure(FailureKind.DISK_FULL, f"no folder for the list of fonts: {base} can't be written"))

    @property
    def key(self) -> str:
        """Equal for equal specs."""
        return json.dumps([self.kind, str(self.python), dict(self.config)], sort_keys=True)


class WorkerProcess:
    """One running worker. Thread-safe: jobs from several threads run side by side."""

    def __init__(self, spec: WorkerSpec, scratch: Path) -> None:
        """Start the worker; `greet` waits until it is warm."""
        self._lock = threading.Lock()
        self._log = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - lives as long as the worker
        self._control, theirs = socket.socketpair()
        self._inner_pid: int | None = None
        self._inner: int | None = None
        self._running = 0
        self._retired = False
        self.hello: dict[str, Any] = {}
        try:
            with theirs:
                self._process = self._start(spec, theirs, scratch)
        except BaseException:
            self.close()
            raise

    def greet(self) -> None:
        """Wait until the worker is warm; it is ended when it doesn't get there.

        Raises:
            CannotStart: it refused, or died before it was warm.
        """
        try:
            self._control.settimeout(HELLO_S)
            self.hello, _ = frames.recv(self._control, 1 << 24)
            self._control.settimeout(None)
        except (frames.Closed, frames.Bad, OSError) as error:
            detail = self._tail()
            code = None if isinstance(error, TimeoutError) else self._exit_code()
            # Bubblewrap whose child is killed early says nothing either; what fails by itself has something to say.
            killed = code in KILLED or (code in {0, 1} and not detail.strip())
            self.close()
            message = f"the worker died while it warmed up ({error})"
            raise CannotStart(Failure(FailureKind.WORKER_LOST, message, detail=detail), killed=killed) from error
        if "error" in self.hello:
            kind = FailureKind(self.hello.get("failure", FailureKind.ISOLATION))
            failure = Failure(kind, str(self.hello["error"]), detail=self._tail())
            self.close()
            raise CannotStart(failure, killed=bool(self.hello.get("killed")))

    def run(self, job: Job) -> JobResult:
        """Run one job and wait for its result.

        Raises:
            WorkerLost: the worker died, stayed silent past every deadline, or sent garbage.
        """
        ours, theirs = socket.socketpair()
        with ours, self._in_use():
            with theirs:
                self._hand_over(theirs)
            ours.settimeout(4 * job.limits.wall_s + GRACE_S)
            header, blobs = job.frame()
            try:
                frames.send(ours, header, blobs)
                reply, pictures = frames.recv(ours, 2 * job.limits.output_mb * (1 << 20) + 4 * job.limits.pixels)
            except TimeoutError as error:
                self.close()
                raise WorkerLost("the worker stayed silent past the deadline") from error
            except (frames.Closed, frames.Bad, OSError) as error:
                raise WorkerLost(str(error) or "the worker died") from error
        result = JobResult.of_frame(reply, pictures)
        return replace(result, isolation=("bwrap", *result.isolation)) if self._inner_pid else result

    def retire(self) -> None:
        """Take no more jobs; end when the last one under way is done."""
        with self._lock:
            self._retired = True
            idle = self._running == 0
        if idle:
            self.close()

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                last = self._retired and self._running == 0
            if last:
                self.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None and self._control.fileno() >= 0

    @property
    def pid(self) -> int:
        """Process id, as seen from here."""
        return self._process.pid

    def close(self) -> None:
        """End the worker and everything it started, at once."""
        self._control.close()
        with self._lock:
            inner, self._inner = self._inner, None
        if inner is not None:
            # Process 1 of the namespace takes everything in it along, and outlives the bubblewrap that waits for it.
            _kill_quietly(inner)
            os.close(inner)
        process = getattr(self, "_process", None)
        if process is not None and process.poll() is None:
            self._kill(process)
        self._log.close()

    def _exit_code(self) -> int | None:
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return None

    def _kill(self, process: "subprocess.Popen[bytes]") -> None:
        try:
            process.wait(timeout=0.5 if self._inner_pid is None else 5)
        except subprocess.TimeoutExpired:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                process.kill()
            process.wait()

    def _start(self, spec: WorkerSpec, theirs: socket.socket, scratch: Path) -> "subprocess.Popen[bytes]":
        barred = barred_folder(spec.python) if spec.contained and os.geteuid() == 0 else None
        if barred is not None:
            message = (
                f"programs run without root's privileges and can't reach {spec.python}: {barred} is closed to them"
            )
            advice = "run derender as that folder's owner, or install it elsewhere"
            raise CannotStart(Failure(FailureKind.ISOLATION, f"{message}; {advice}"))
        code = Path(boot.__file__).parent
        bwrap = bubblewrap() if spec.contained else None
        home, settings = (Path("/tmp"), Path(SETTINGS_INSIDE)) if bwrap else (scratch, spec.settings)
        environment = worker_environment(home, settings)
        where = INSIDE if bwrap else str(code)
        config = {**spec.config, "contained": bwrap is not None}
        argv = boot.command(str(spec.python), where, spec.kind, theirs.fileno(), config)
        read_info, write_info = os.pipe()
        keep = [theirs.fileno()]
        if bwrap:
            mounts = Mounts(read=spec.read, place={code: INSIDE}, write={spec.settings: SETTINGS_INSIDE})
            argv = wrap(bwrap, argv, mounts, environment)
            argv[1:1] = ["--info-fd", str(write_info)]
            keep.append(write_info)
        try:
            # Python's programs alone may do what they like in their process; where things lie there is no secret.
            with same_layout() if spec.kind == "python" else contextlib.nullcontext():
                process = subprocess.Popen(
                    argv,
                    pass_fds=keep,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=self._log,
                    stderr=self._log,
                    start_new_session=True,
                )
        finally:
            os.close(write_info)
        with open(read_info, "rb") as info:
            text = info.read() if bwrap else b""
        if text:
            self._inner_pid = int(json.loads(text)["child-pid"])
            with contextlib.suppress(ProcessLookupError):
                self._inner = os.pidfd_open(self._inner_pid)
        return process

    def _tail(self) -> str:
        if self._log.closed:
            return ""
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 2000))
        return self._log.read().decode("utf-8", "replace")

    def _hand_over(self, job_socket: socket.socket) -> None:
        try:
            with self._lock:
                socket.send_fds(self._control, [b"J"], [job_socket.fileno()])
        except OSError as error:
            raise WorkerLost("the worker is gone") from error


def worker_environment(home: Path, settings: Path) -> dict[str, str]:
    """The whole environment of a worker: nothing of the caller's comes through.

    Args:
        home: its home and scratch folder.
        settings: where Matplotlib keeps the list of fonts it found.
    """
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
    )
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home),
        "MPLCONFIGDIR": str(settings),
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "SOURCE_DATE_EPOCH": "1704067200",
        "GLIBC_TUNABLES": ":".join(f"glibc.malloc.{name}={value}" for name, value in ALLOCATOR.items()),
        **threads,
    }


def _kill_quietly(process: int) -> None:
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def own_interpreter() -> Path:
    """The interpreter that runs derender."""
    return Path(os.path.abspath(sys.executable))
