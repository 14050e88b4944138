"""The stage: runs inside the arena, holds one engine and the sentinels, and answers requests of `arena.Arena`.

A request and its answer are one line of JSON each. Started by the arena alone: ``stage.py FOLDER WALLS``, as process 1
of a PID namespace and with mount, IPC and network namespaces of its own. Of its WALLS the engine finds all with
``bubblewrap``, all but that with ``namespaces``, and nothing but Landlock and the system-call filter with ``filters``.
"""

import ast
import base64
import contextlib
import fcntl
import hashlib
import itertools
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHART = """\
import matplotlib.pyplot as plt
import numpy as np
x = np.linspace(0, 6, {n})
plt.figure(figsize=(4, 3))
plt.{draw}(x, np.sin(x), color="{colour}", label="wave {n}")
plt.title("honest {n}")
plt.legend()
plt.savefig("honest.png")
"""
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80">
<rect width="120" height="80" fill="#eef"/><circle cx="60" cy="40" r="30" fill="#c33"/>
<text x="20" y="45" font-size="14">honest</text></svg>
"""
PAGE = """\
<body style="margin:0;background:#efe"><h1>honest page</h1>
<table border="1"><tr><td>1</td><td>2</td></tr></table></body>
"""
HONEST = {
    "chart": (CHART.format(n=40, draw="plot", colour="tab:blue"), "python"),
    "bars": (CHART.format(n=9, draw="bar", colour="tab:green"), "python"),
    "svg": (SVG, "svg"),
    "page": (PAGE, "html"),
}
"""Programs that harm no one; their pictures must never change."""
_TMPFS = {"size": "1g", "shm": "256m"}
_CLONE_NEWUTS = 0x04000000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND = 1, 32, 4096


def main() -> None:
    """Build the arena's inside, then serve requests until the arena closes the pipe."""
    folder = Path(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _be_second_process()
    _seal(folder)
    if sys.argv[2] == "filters":
        _give_up_namespaces()
    stage = _Stage(folder)
    print(json.dumps(stage.introduce()), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_served(stage, json.loads(line))), file=answers, flush=True)
    # The engine dies with its caller: leaving without goodbye is what a crash would do.
    os._exit(0)


def _served(stage: "_Stage", request: dict[str, Any]) -> dict[str, Any]:
    try:
        return getattr(stage, request.pop("do"))(**request)
    except Exception:  # noqa: BLE001 - the other side raises it
        return {"broken": traceback.format_exc()}


def _be_second_process() -> None:
    """Leave process 1 to a reaper of orphans, so that what is left behind is seen and a zombie is someone's fault."""
    child = os.fork()
    if child == 0:
        return
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _seal(folder: Path) -> None:
    """Make everything read-only but the arena's own folder and ``/dev/shm``, both on small disks; bring loopback up."""
    from derender.render.worker import linux

    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.freeze_mounts()
    safe = linux.MS_NOSUID | linux.MS_NODEV
    linux.mount("arena", str(folder), "tmpfs", linux.MS_NOSUID, f"size={_TMPFS['size']},mode=755")
    linux.mount("arena", "/dev/shm", "tmpfs", safe, f"size={_TMPFS['shm']},mode=1777")
    for name in ("tmp", "home", "cache", "proc"):
        (folder / name).mkdir()
    # The engine makes namespaces of its own: their maps are written in /proc. The kernel lets it mount one more only
    # where one is to be seen whole: that is the second, for in the first the machine's own settings are covered.
    for place in ("/proc", str(folder / "proc")):
        linux.mount("proc", place, "proc", safe | linux.MS_NOEXEC)
    found = shutil.which("bwrap")
    if found and sys.argv[2] != "bubblewrap":
        linux.mount("/dev/null", found, None, _MS_BIND)
    for settings in ("/proc/sys", "/proc/sysrq-trigger"):
        if os.path.exists(settings):
            linux.mount(settings, settings, None, _MS_BIND)
            linux.mount("none", settings, None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY | safe | linux.MS_NOEXEC)
    os.environ.update(TMPDIR=str(folder / "tmp"), HOME=str(folder / "home"), DERENDER_CACHE=str(folder / "cache"))
    os.environ.pop("XDG_CACHE_HOME", None)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        # SIOCSIFFLAGS with IFF_UP and IFF_RUNNING.
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))


def _give_up_namespaces() -> None:
    """Let the kernel refuse every namespace and mount, as it does in a container."""
    from derender.render.worker import linux, seccomp

    # unshare, mount, setns, mount_setattr
    denied = {"x86_64": (272, 165, 308, 442), "aarch64": (97, 40, 268, 442)}[os.uname().machine]
    load_number, allow = seccomp._op(0x20, 0), seccomp._op(6, 0x7FFF0000)
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.apply(load_number + seccomp._rules(denied, 1) + allow)


def _step_aside() -> None:
    """Give an uncontained program mounts and a host name of its own to spoil."""
    from derender.render.worker import linux

    linux.unshare(linux.CLONE_NEWNS | _CLONE_NEWUTS)


class _Stage:
    def __init__(self, folder: Path) -> None:
        from sentinels import Sentinels

        from derender.render import Engine

        self._folder = folder
        self._sentinels = Sentinels(folder)
        self._engine = Engine(jobs=4, cache=False)
        self._calm: dict[str, str] = {}
        self._turn = itertools.cycle(HONEST)

    def introduce(self) -> dict[str, Any]:
        """Take the calm pictures, and say which honest programs can be drawn here at all."""
        refused = {}
        for name in HONEST:
            picture, why = self._draw(name)
            if why:
                refused[name] = why
            else:
                self._calm[name] = picture
        self._turn = itertools.cycle(self._calm)
        return {"honest": list(self._calm), "refused": refused, "doors": self._sentinels.doors}

    def attack(
        self, language: str, source: str, assets: dict[str, str], options: dict[str, Any], **company: Any
    ) -> dict[str, Any]:
        """Run one attack with ``beside`` honest programs beside it, and look at everything afterwards."""
        from derender.core import Assets, Program
        from derender.render import Limits, RenderOptions

        limits = Limits(**options.pop("limits", {}))
        files = Assets({name: base64.b64decode(content) for name, content in assets.items()})
        program = Program(self._placed(source), language, assets=files)
        self._sentinels.tripped()
        before = self._standing()
        over = threading.Event()
        self._turn = itertools.cycle(company["honest"] or self._calm)
        honest: list[str] = []
        threads = [threading.Thread(target=self._keep_drawing, args=(over, honest)) for _ in range(company["beside"])]
        for thread in threads:
            thread.start()
        try:
            rendering = self._engine.render(program, RenderOptions(limits=limits, **options))
        finally:
            over.set()
            for thread in threads:
                thread.join()
        started = time.monotonic()
        honest.append(self._checked(next(self._turn)))
        next_s = time.monotonic() - started
        pictures = [_picture(each) for each in rendering.pictures]
        failure = rendering.failure
        return {
            "kind": failure and failure.kind.value,
            "ours": bool(failure and failure.ours),
            "message": failure.message if failure else "",
            "detail": failure.detail if failure else "",
            "warnings": list(rendering.warnings),
            "isolation": list(rendering.isolation),
            "pictures": pictures,
            "elapsed_s": rendering.elapsed_s,
            "cpu_s": rendering.cpu_s,
            "secrets": self._sentinels.seen_in(list(_haystacks(rendering))),
            "tripped": self._sentinels.tripped(),
            "honest": [each for each in honest if each],
            "drawn_beside": len(honest) - 1,
            "next_s": next_s,
            "left": self._left(before, company["settles_s"]),
        }

    def uncontained(self, source: str, assets: dict[str, str], timeout_s: float) -> dict[str, Any]:
        """Run a Python program with no walls but the arena's: what an attack would do if it were not contained."""
        work = self._folder / "uncontained"
        before = self._standing()
        work.mkdir()
        (work / "program.py").write_text(self._placed(source))
        (work / "plain").touch()
        for name, content in assets.items():
            (work / name).write_bytes(base64.b64decode(content))
        self._sentinels.tripped()
        log = (self._folder / "uncontained.log").open("w+b")
        # A file, not a pipe: a daemon that the program leaves behind would hold a pipe open.
        command = [sys.executable, "program.py"]
        done = subprocess.run(
            command, cwd=work, stdout=log, stderr=log, timeout=timeout_s, close_fds=False, preexec_fn=_step_aside
        )
        log.seek(0)
        output = log.read()
        log.close()
        (self._folder / "uncontained.log").unlink()
        shutil.rmtree(work)
        after = self._standing()
        tripped = self._sentinels.tripped()
        self._clear(before, after)
        return {
            "code": done.returncode,
            "output": output.decode("utf-8", "replace"),
            "secrets": self._sentinels.seen_in([output]),
            "tripped": tripped,
            "left": before.changes(after),
        }

    def _clear(self, before: Any, after: Any) -> None:
        """Undo what an uncontained program left, as far as the next is to be told from it."""
        for kind, remove in (("shm", "-m"), ("msg", "-q"), ("sem", "-s")):
            for line in (Path("/proc/sysvipc") / kind).read_text().splitlines()[1:]:
                subprocess.run(["ipcrm", remove, line.split()[1]], check=True)
        for each in after.processes.keys() - before.processes.keys():
            if "@" not in each:
                continue
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(each.partition("@")[0]), signal.SIGKILL)
        for each in after.files.keys() - before.files.keys():
            path = ast.literal_eval(each)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)

    def misremember(self, name: str) -> dict[str, Any]:
        """Spoil what an honest program's picture is compared with; a second time, make it good again."""
        self._calm[name] = self._calm[name][::-1]
        return {}

    def _placed(self, source: str) -> str:
        """A program's text with ``@@name@@`` replaced by where the sentinel of that name is."""
        for name, place in self._sentinels.places.items():
            source = source.replace(f"@@{name}@@", place)
        return source

    def _keep_drawing(self, over: threading.Event, honest: list[str]) -> None:
        while not over.is_set():
            honest.append(self._checked(next(self._turn)))

    def _checked(self, name: str) -> str:
        """What is wrong with the picture of an honest program; empty when nothing is."""
        picture, why = self._draw(name)
        if why:
            return f"honest {name} failed: {why}"
        return "" if picture == self._calm[name] else f"honest {name} came out different"

    def _draw(self, name: str) -> tuple[str, str]:
        from derender.core import Program
        from derender.render import Limits, RenderOptions

        source, language = HONEST[name]
        rendering = self._engine.render(Program(source, language), RenderOptions(limits=Limits(wall_s=60, cpu_s=60)))
        if rendering.failure:
            return "", f"{rendering.failure.kind.value}: {rendering.failure.message}"
        return hashlib.sha256(rendering.pictures[0].png).hexdigest(), ""

    def _standing(self) -> Any:
        from standing import Standing

        return Standing.now(self._folder)

    def _left(self, before: Any, settles_s: float) -> list[str]:
        """What is not as it was, once what is being torn down had its time."""
        end = time.monotonic() + settles_s
        while (changes := before.changes(self._standing())) and time.monotonic() < end:
            time.sleep(0.02)
        return changes


def _picture(picture: Any) -> dict[str, Any]:
    return {
        "name": picture.name,
        "width": picture.width,
        "height": picture.height,
        "blank": picture.blank,
        "sha256": hashlib.sha256(picture.png).hexdigest(),
        "texts": list(picture.texts or ()),
        "png": base64.b64encode(picture.png).decode() if len(picture.png) < 1 << 20 else None,
    }


def _haystacks(rendering: Any) -> Iterator[bytes]:
    """Everything of a rendering that a secret could hide in."""
    failure = rendering.failure
    if failure:
        yield f"{failure.message}\n{failure.detail}".encode()
    yield "\n".join([*rendering.warnings, *rendering.fingerprint.values()]).encode()
    for picture in rendering.pictures:
        yield "\n".join([picture.name, *(picture.texts or ())]).encode()
        yield picture.png
        if picture.width * picture.height < 1 << 22:
            yield picture.image().convert("RGB").tobytes()


if __name__ == "__main__":
    main()
