"""What stands in the arena at one moment: processes, files, sockets, shared memory, queues; and what changed since."""

import itertools
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ZOMBIE = " (dead, not buried)"
_IPC = ("shm", "msg", "sem")
_RENDERER = "browser: renderer"
_SUPERVISOR = "supervisor of "
_FREE = 8
_SPARE = 3
_KIND = re.compile(rb"--(?:utility-sub-)?type=([\w.-]+)|^[^\0]*(bwrap)\0")
_PROFILE = re.compile(r"derender-browser-\w+")


@dataclass(frozen=True)
class Standing:
    """Everything that an attack could leave behind, by what it is.

    Attributes:
        processes: process number and start → name, parent and command; those of browsers by their kind and count, since
            a page has a process of its own, and a browser that a page has spoilt gives way to another. Not a worker's
            supervisors, up to the eight it keeps: how many were needed is no attack's doing.
        files: path → mode, size and time of change of all files in the arena, ``/dev/shm`` included.
        sockets: named UNIX sockets, listening and connected ones of the network.
        ipc: System V objects.
        renderers: processes of the browser that draw pages: it starts and ends them as it likes, some ahead of time.
        descriptors: how many the engine's process holds.
    """

    processes: dict[str, str]
    files: dict[str, str]
    sockets: dict[str, str]
    ipc: dict[str, str]
    renderers: int
    descriptors: int

    @classmethod
    def now(cls, base: Path) -> "Standing":
        """Look around."""
        sockets = {line: line for line in _sockets()}
        ipc = {line: line for kind in _IPC for line in _lines(f"/proc/sysvipc/{kind}")}
        everyone = _processes()
        processes = {key: about for key, about in everyone.items() if not about.startswith((_RENDERER, _SUPERVISOR))}
        files = {**_files(base), **_files(Path("/dev/shm"))}
        renderers = sum(about.startswith(_RENDERER) for about in everyone.values())
        return cls(processes, files, sockets, ipc, renderers, len(os.listdir("/proc/self/fd")))

    def changes(self, later: "Standing") -> list[str]:
        """What is different later on, one sentence each; nothing when all is as before."""
        found = []
        for kind in ("processes", "files", "sockets", "ipc"):
            before, after = getattr(self, kind), getattr(later, kind)
            found += [f"{kind}: new: {after[key]}" for key in sorted(after.keys() - before.keys())]
            gone = sorted(before.keys() - after.keys())
            # What was dead already and is buried now is no change.
            found += [f"{kind}: gone: {before[key]}" for key in gone if ZOMBIE not in before[key]]
            both = sorted(before.keys() & after.keys())
            found += [f"{kind}: changed: {before[k]} -> {after[k]}" for k in both if before[k] != after[k]]
        if later.renderers > self.renderers + _SPARE:
            found.append(f"processes: {later.renderers} renderers of the browser instead of {self.renderers}")
        if later.descriptors > self.descriptors:
            found.append(f"descriptors: {self.descriptors} -> {later.descriptors}")
        return found


def _processes() -> dict[str, str]:
    found = {}
    browsers: Counter[str] = Counter()
    supervisors: Counter[str] = Counter()
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            text = Path("/proc", entry, "stat").read_text()
            command = Path("/proc", entry, "cmdline").read_bytes()
        except OSError:
            continue
        if b"chromium" in command:
            kind = b" ".join(filter(None, itertools.chain(*_KIND.findall(command)))).decode() or "itself"
            browsers[kind] += 1
            found[f"browser: {kind} {browsers[kind]}"] = f"browser: {kind}, {browsers[kind]} of them"
            continue
        name, _, rest = text.partition("(")[2].rpartition(")")
        fields = rest.split()
        if name.startswith("chromium") and not command and fields[0] != "Z":
            # A page's process that is just ending has no memory any more, and no arguments.
            continue
        if name == "supervisor" and _in_tree_of(entry, fields[1]) and supervisors[fields[1]] < _FREE:
            supervisors[fields[1]] += 1
            found[f"{entry}@{fields[19]}"] = f"{_SUPERVISOR}{fields[1]}"
            continue
        zombie = ZOMBIE if fields[0] == "Z" else ""
        words = command[:120].replace(b"\0", b" ").decode("utf-8", "replace").strip()
        found[f"{entry}@{fields[19]}"] = f"{entry} {name}{zombie}, child of {fields[1]}: {words}"
    return found


def _in_tree_of(process: str, parent: str) -> bool:
    """Whether a process lies where its parent's children lie by themselves; programs lie in trees of their own."""
    try:
        return os.readlink(f"/proc/{process}/ns/pid") == os.readlink(f"/proc/{parent}/ns/pid_for_children")
    except OSError:
        return False


def _files(base: Path) -> dict[str, str]:
    found = {}
    waiting = [os.fsencode(base)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except FileNotFoundError:
            continue
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            folder = stat.S_ISDIR(status.st_mode)
            about = "" if folder else f" {status.st_size} bytes at {status.st_mtime_ns}"
            path = _PROFILE.sub("derender-browser", repr(entry.path))
            found[path] = f"{path} {stat.filemode(status.st_mode)}{about}"
            if folder and not os.path.ismount(entry.path):
                waiting.append(entry.path)
    return found


def _sockets() -> list[str]:
    found = [f"unix {line.split()[7]}" for line in _lines("/proc/net/unix") if len(line.split()) > 7]
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        found += [f"{kind} {line.split()[1]} to {line.split()[2]}" for line in _lines(f"/proc/net/{kind}")]
    return found


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8", "replace").splitlines()[1:]
    except FileNotFoundError:
        return []
