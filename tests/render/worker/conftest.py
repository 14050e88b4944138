"""A real forking worker, driven through its protocol as the engine drives it."""

import functools
import io
import os
import socket
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from derender.render.containers import Mounts, bubblewrap, wrap
from derender.render.environments import Environment
from derender.render.worker import boot, frames
from derender.render.workers import INSIDE, worker_environment

PRELOAD = ("numpy", "matplotlib.pyplot", "PIL.Image")
LIMITS = {"wall_s": 20.0, "cpu_s": 20.0, "memory_mb": 1024, "output_mb": 32, "pixels": 8_000_000}


@dataclass(frozen=True)
class Result:
    """A result frame, opened."""

    header: dict
    blobs: list

    @property
    def kind(self):
        return self.header["failure"] and self.header["failure"]["kind"]

    @property
    def failure(self):
        return self.header["failure"]

    @property
    def stdout(self):
        return self.header["stdout"]

    @property
    def names(self):
        return [entry["name"] for entry in self.header["pictures"]]

    @property
    def sizes(self):
        return [(entry["width"], entry["height"]) for entry in self.header["pictures"]]

    @property
    def texts(self):
        return self.header["pictures"][0]["texts"]

    def image(self, number=0):
        return Image.open(io.BytesIO(self.blobs[number]))


class ForkingWorker:
    """A worker process and its control socket."""

    def __init__(self, home: Path, kind="python", *, contained=False, prefix=(), **config):
        self._control, theirs = socket.socketpair()
        settings = home / "matplotlib"
        settings.mkdir(parents=True, exist_ok=True)
        inside = Path("/tmp") if contained else home
        environment = {**worker_environment(inside, inside / "matplotlib"), "SECRET_TOKEN": "hunter2"}
        folder = INSIDE if contained else boot.HERE
        command = boot.command(sys.executable, folder, kind, theirs.fileno(), {"preload": list(PRELOAD), **config})
        if contained:
            mounts = Mounts(
                read=Environment.default().prefixes,
                place={Path(boot.HERE): INSIDE},
                write={settings: environment["MPLCONFIGDIR"]},
            )
            command = wrap(bubblewrap(), command, mounts, environment)
        with theirs:
            self.process = subprocess.Popen(
                [*prefix, *command],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.hello, _ = frames.recv(self._control, 1 << 20)

    def start(self, source, files=None, **limits):
        """Hand a job over; the socket on which its result comes."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"J"], [theirs.fileno()])
        files = files or {}
        header = {"kind": "python", **LIMITS, "options": {}, "files": list(files), **limits}
        source = textwrap.dedent(source).encode("utf-8", "surrogatepass")
        frames.send(ours, header, [source, *files.values()])
        ours.settimeout(120)
        return ours

    def run(self, source, files=None, **limits) -> Result:
        """Run a program and wait for its result."""
        with self.start(source, files, **limits) as job:
            return Result(*frames.recv(job, 1 << 30))

    def close(self):
        self._control.close()
        self.process.wait(20)


@pytest.fixture(scope="session")
def worker_home(request):
    """Where workers keep their font cache, from one test run to the next."""
    return Path(request.config.cache.mkdir("worker"))


@pytest.fixture(scope="session")
def start_worker(worker_home):
    """Starts a worker; whoever calls it closes it."""
    return functools.partial(ForkingWorker, worker_home)


@pytest.fixture(scope="session")
def worker(worker_home):
    """A worker without any container around it."""
    started = ForkingWorker(worker_home)
    yield started
    started.close()


@pytest.fixture(scope="session", params=["bare", "bubblewrap"])
def walled_worker(request, worker_home, worker):
    """The same, and one inside bubblewrap: programs must be contained in both."""
    if request.param == "bare":
        yield worker
        return
    if bubblewrap() is None:
        pytest.skip("needs bubblewrap")
    started = ForkingWorker(worker_home, contained=True)
    yield started
    started.close()


@pytest.fixture
def own_worker(worker_home):
    """A worker for one test that does it harm."""
    started = ForkingWorker(worker_home)
    yield started
    started.close()


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def descendants(pid: int) -> set[int]:
    """All living processes beneath one."""
    found = set()
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        try:
            children = Path(f"/proc/{each}/task/{each}/children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.update(map(int, children))
        waiting += map(int, children)
    return {each for each in found if alive(each) and each != os.getpid()}


@pytest.fixture
def living_under():
    return descendants
