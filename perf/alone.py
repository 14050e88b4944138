"""Run a program as if alone on the machine: its own /tmp, shared memory, SysV memory and process numbers.

What it leaves behind is then told from what others do meanwhile. Takes root; for others nothing changes.
"""

import os
import shutil
import sys
from pathlib import Path

INSIDE = "DERENDER_ALONE"
"""Set where the program runs in namespaces of its own."""
_SHELL = 'mount -t tmpfs tmpfs /dev/shm && mount -t tmpfs tmpfs /tmp && "$@"; exit $?'


def go_alone() -> bool:
    """Start this program anew in namespaces of its own, unless it is there or can't be; whether it is alone."""
    if os.environ.get(INSIDE):
        return True
    needed = [Path(sys.prefix), Path(sys.base_prefix), Path(__file__), Path(sys.argv[0]).absolute()]
    unshare = shutil.which("unshare")
    if os.geteuid() != 0 or unshare is None or any(path.is_relative_to("/tmp") for path in needed):
        return False
    # The shell stays as process 1: it takes in orphans, as a machine's own does.
    spaces = [unshare, "--mount", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]
    environment = {**os.environ, INSIDE: "1", "TMPDIR": "/tmp"}
    return os.execve(unshare, [*spaces, "sh", "-c", _SHELL, "sh", sys.executable, *sys.argv], environment)


def leftovers() -> dict[str, int]:
    """What lies about that programs may leave: files in the folders for it, and shared memory of System V."""
    folders = {os.environ.get("TMPDIR", "/tmp"), "/tmp", "/dev/shm"}
    counts = {folder: sum(len(files) + len(below) for _, below, files in os.walk(folder)) for folder in sorted(folders)}
    segments = Path("/proc/sysvipc/shm").read_text("ascii").splitlines()[1:]
    return {**counts, "SysV memory": len(segments)}
