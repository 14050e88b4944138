"""One Chromium inside bubblewrap: start it, talk to it, see what it uses, end it.

The container shows Chromium the system's programs and fonts read-only, an empty ``/tmp`` and nothing else; it has no
network. Chromium's own sandbox (namespaces and seccomp around every page) is kept on where the machine lets it nest.
"""

import asyncio
import fcntl
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import cdp
from .browser_flags import FLAGS
from .browser_helpers import Helpers
from .browser_usage import tree

START_S = 60.0
"""Seconds a browser may take to come up on a loaded machine."""
STARTS = 3
"""How often it is tried: one that is killed meanwhile says nothing about the machine."""

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
READABLE = ("/etc/fonts", "/etc/ld.so.cache", "/etc/alternatives", "/etc/nsswitch.conf", "/etc/chromium.d", "/opt")
TMPFS_BYTES = {"/tmp": 256 << 20, "/dev/shm": 1 << 30}
ENVIRONMENT = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "en_US.UTF-8",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "en_US",
    "TZ": "UTC",
    # Without an address Chromium's parts look for a message bus at every start, and log that there is none.
    "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    "DBUS_SYSTEM_BUS_ADDRESS": "disabled:",
}

_NO_UDP = "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"


@dataclass(frozen=True, slots=True)
class Setup:
    """How browsers are started on this machine.

    Attributes:
        browser: path of the browser.
        bwrap: path of bubblewrap; None starts the browser bare, which only weak isolation allows.
        sandbox: whether Chromium's own sandbox stays on.
        users: whether the container has user numbers of its own; some machines refuse them even to root.
    """

    browser: str
    bwrap: str | None
    sandbox: bool = True
    users: bool = True

    def argv(self, profile: str) -> list[str]:
        """The command that starts a browser; it speaks on descriptors 3 and 4."""
        flags = [] if self.sandbox else ["--no-sandbox"]
        inside = [_executable(self.browser), *flags, *FLAGS]
        if self.bwrap is None:
            # The browser shares the machine's network here, so that its own settings must keep it off.
            offline = ("--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>", _NO_UDP)
            return [*inside, *offline, f"--user-data-dir={profile}"]
        return [self.bwrap, *_container(self.browser, self.users), "--", *inside, "--user-data-dir=/tmp/profile"]

    def isolation(self) -> list[str]:
        """The layers around a page, outermost first."""
        if self.bwrap is None:
            outer = [f"weak:{promise}:no-bwrap" for promise in ("network", "files", "tree")]
        else:
            outer = ["bwrap", *(["userns"] if self.users else []), "netns", "pidns"]
        return [*outer, *(["chromium-sandbox", "seccomp"] if self.sandbox else []), "browser-context", "rlimits"]


class BrowserProcess:
    """A running browser and the connection to it. Made by `launch`.

    Attributes:
        known: its processes when it was last looked after.
    """

    def __init__(self, pid: int, connection: cdp.Connection, files: "_Files") -> None:
        self._pid = pid
        self._files = files
        self._reaped = False
        self._helpers = Helpers(())
        self.known: list[int] = []
        self.connection = connection

    @property
    def alive(self) -> bool:
        """Whether the browser can take calls and draw."""
        return not self.connection.closed and not self._helpers.lost

    async def greet(self) -> None:
        """Wait until the browser answers, and get to know the processes it needs.

        Raises:
            BrowserGone: it ended instead.
            Refused: it has no version.
        """
        await self.connection.call("Browser.getVersion")
        self.known = self.processes()
        self._helpers = Helpers(self.known)

    def look_after(self) -> None:
        """Get to know processes that it needs and has started since."""
        self.known = self.processes()
        self._helpers.look(self.known)

    def processes(self) -> list[int]:
        """Ids of everything in the container, as this process sees them."""
        return tree(self._pid, self._helpers.childless)

    def log_tail(self, since: int = 0) -> str:
        """The end of what the browser wrote to its error stream."""
        size = self.log_size()
        start = max(since, size - 4000)
        return os.pread(self._files.log, size - start, start).decode("utf-8", "replace")

    def log_size(self) -> int:
        """Bytes written to the error stream so far."""
        return 0 if self._reaped else os.fstat(self._files.log).st_size

    async def was_killed(self) -> bool:
        """Whether it has just ended because someone killed it or its container, rather than by itself."""
        for _ in range(20):
            ended = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                # A container whose first process was killed leaves with the second code.
                return ended.si_status in {signal.SIGKILL, 128 + signal.SIGKILL}
            await asyncio.sleep(0.1)
        return False

    def kill(self) -> None:
        """End the browser and everything it started, at once."""
        self.connection.close()
        if self._reaped:
            return
        self._reaped = True
        # The container's process 1 dies with its parent and takes the whole process namespace along.
        for pid in [self._pid, *tree(self._pid)]:
            _kill(pid)
        os.waitpid(self._pid, 0)
        self._helpers.close()
        self._files.close()


class _Files:
    """What a browser leaves on this machine while it runs: its error stream, and, uncontained, its profile."""

    def __init__(self) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="derender-browser-", ignore_cleanup_errors=True)
        with tempfile.TemporaryFile() as file:
            self.log = fcntl.fcntl(file.fileno(), fcntl.F_DUPFD_CLOEXEC, 10)

    def close(self) -> None:
        os.close(self.log)
        self.profile.cleanup()


async def launch(setup: Setup) -> BrowserProcess:
    """Start a browser and wait until it answers.

    Raises:
        BrowserGone: it died each time, or did not answer in time; the message ends with its last words.
    """
    for left in reversed(range(STARTS)):
        try:
            return await _launch(setup)
        except cdp.BrowserGone:
            if not left:
                raise
    raise AssertionError("the last start returns or raises")


async def _launch(setup: Setup) -> BrowserProcess:
    files = _Files()
    with _pipe() as (their_read, our_write), _pipe() as (our_read, their_write):
        pid = _spawn(setup.argv(files.profile.name), {3: their_read, 4: their_write, 2: files.log})
        connection = cdp.Connection(os.dup(our_read), os.dup(our_write))
    browser = BrowserProcess(pid, connection, files)
    try:
        await asyncio.wait_for(browser.greet(), START_S)
    except (cdp.BrowserGone, cdp.Refused, TimeoutError) as error:
        words = browser.log_tail().strip()
        sentence = f"the browser did not start: {words[-600:] or error}"
        killed = await browser.was_killed()
        browser.kill()
        raise (cdp.BrowserGone if killed else cdp.NotStarted)(sentence) from error
    return browser


async def find_setup(browser: str, bwrap: str | None) -> tuple[Setup, BrowserProcess]:
    """The tightest way of starting browsers that works on this machine, and a first browser started that way.

    Raises:
        BrowserGone: none works.
    """
    # Chromium refuses its own sandbox to root, unless a container gives it an ordinary user id.
    nested = bwrap is not None or os.geteuid() != 0
    if nested:
        setup = Setup(browser, bwrap)
        try:
            return setup, await launch(setup)
        except cdp.BrowserGone:
            pass  # user namespaces may not nest here; the container alone is the next best
    setup = Setup(browser, bwrap, sandbox=False)
    if bwrap is None or os.geteuid() != 0:
        return setup, await launch(setup)
    try:
        return setup, await launch(setup)
    except cdp.BrowserGone:
        setup = Setup(browser, bwrap, sandbox=False, users=False)
        return setup, await launch(setup)


def _container(browser: str, users: bool) -> list[str]:
    command = ["--unshare-all", "--hostname", "derender", "--cap-drop", "ALL"]
    command += ["--unshare-user", "--uid", "1000", "--gid", "1000"] if users else []
    command += ["--die-with-parent", "--new-session", "--clearenv"]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    for folder in map(Path, SYSTEM):
        if folder.is_symlink():
            command += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.exists():
            command += ["--ro-bind", str(folder), str(folder)]
    for path in READABLE:
        command += ["--ro-bind-try", path, path]
    home = Path(os.path.realpath(browser)).parent
    if not any(home.is_relative_to(folder) for folder in (*SYSTEM, "/opt")):
        command += ["--ro-bind", str(home), str(home)]
    command += ["--dev", "/dev", "--proc", "/proc"]
    for folder_name, size in TMPFS_BYTES.items():
        command += ["--size", str(size), "--tmpfs", folder_name]
    return [*command, "--chdir", "/tmp"]


def _executable(browser: str) -> str:
    # Debian's launchers are shell scripts beside the real program's folder; starting the program saves two processes.
    path = Path(os.path.realpath(browser))
    direct = Path("/usr/lib/chromium") / path.name
    return str(direct) if direct.is_file() else str(path)


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    # Out of the way of the numbers that the browser expects.
    raised = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    fcntl.fcntl(raised[0], fcntl.F_SETPIPE_SZ, 1 << 20)
    try:
        yield raised[0], raised[1]
    finally:
        for end in raised:
            os.close(end)


def _spawn(argv: Sequence[str], descriptors: Mapping[int, int]) -> int:
    with open(os.devnull, "r+b") as null:
        actions = [(os.POSIX_SPAWN_DUP2, null.fileno(), 0), (os.POSIX_SPAWN_DUP2, null.fileno(), 1)]
        actions += [(os.POSIX_SPAWN_DUP2, source, target) for target, source in descriptors.items()]
        return os.posix_spawn(argv[0], list(argv), ENVIRONMENT, file_actions=actions)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
