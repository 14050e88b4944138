"""What an escaped program would give itself away by: secrets to read, doors to knock at, a process to kill.

All of it lies inside the arena. The stage plants it before the engine starts and looks at it after each attack.
"""

import io
import os
import secrets
import socket
import subprocess
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo


class Sentinels:
    """Planted in one arena; `places` tells a program where to look, never what it would find there."""

    def __init__(self, base: Path) -> None:
        # The environment's is there from the process's start, so that /proc shows it too.
        self.tokens = {kind: f"{kind}-{secrets.token_hex(8)}" for kind in _KINDS}
        self.tokens["environment"] = os.environ["ARENA_SECRET"]
        self._memory = bytearray(self.tokens["memory"].encode() * 64)
        home = Path(os.environ["HOME"])
        (home / "secret.txt").write_text(self.tokens["home"])
        reference = base / "reference" / "reference.png"
        reference.parent.mkdir()
        reference.write_bytes(_picture(self.tokens["reference"]))
        held = base / "reference" / "held.txt"
        held.write_text(self.tokens["descriptor"])
        self._held = os.open(held, os.O_RDWR)
        os.set_inheritable(self._held, True)
        self._open = base / "open"
        self._open.mkdir(mode=0o777)
        self._open.chmod(0o1777)
        self._doors = _doors(self._open)
        self._canary = subprocess.Popen(["sleep", "infinity"], start_new_session=True)
        self.places = {
            "home": str(home),
            "reference": str(reference),
            "open": str(self._open),
            "stage": str(os.getpid()),
            "canary": str(self._canary.pid),
            "held": str(self._held),
            "memory": str(_address(self._memory)),
            "tcp": _port(self._doors.get("tcp4")),
            "tcp6": _port(self._doors.get("tcp6")),
            "udp": _port(self._doors.get("udp4")),
            "udp6": _port(self._doors.get("udp6")),
            "abstract": _ABSTRACT,
        }

    @property
    def doors(self) -> list[str]:
        """The kinds of doors there are."""
        return list(self._doors)

    def tripped(self) -> list[str]:
        """Everything that happened outside a program since this was last asked, one sentence each."""
        found = [f"{count} knocks at the {kind} door" for kind, door in self._doors.items() if (count := _knocks(door))]
        if self._canary.poll() is not None or _state(self._canary.pid) != "S":
            found.append("the canary was signalled")
            self._canary.kill()
            self._canary.wait()
            self._canary = subprocess.Popen(["sleep", "infinity"], start_new_session=True)
            self.places["canary"] = str(self._canary.pid)
        if bytes(self._memory) != self.tokens["memory"].encode() * 64:
            found.append("the engine's memory was written to")
            self._memory[:] = self.tokens["memory"].encode() * 64
        return found

    def seen_in(self, haystacks: list[bytes]) -> list[str]:
        """The kinds of secrets that show in any of the given bytes."""
        return [kind for kind, token in self.tokens.items() if any(token.encode() in each for each in haystacks)]


_KINDS = ("home", "reference", "memory", "descriptor")
_ABSTRACT = "derender-arena"


def _picture(token: str) -> bytes:
    about = PngInfo()
    about.add_text("secret", token)
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "PNG", pnginfo=about)
    return buffer.getvalue()


def _doors(folder: Path) -> dict[str, socket.socket]:
    doors = {}
    for name, family, kind, address in (
        ("tcp4", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        ("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
        ("udp4", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        ("udp6", socket.AF_INET6, socket.SOCK_DGRAM, ("::1", 0)),
        ("unix", socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket")),
        ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0" + _ABSTRACT),
    ):
        try:
            door = socket.socket(family, kind)
            door.bind(address)
        except OSError:
            # Not every machine has IPv6.
            if family != socket.AF_INET6:
                raise
            continue
        if kind == socket.SOCK_STREAM:
            door.listen(64)
        door.setblocking(False)
        doors[name] = door
    os.chmod(folder / "socket", 0o777)
    return doors


def _port(door: socket.socket | None) -> str:
    return str(door.getsockname()[1]) if door else "9"


def _knocks(door: socket.socket) -> int:
    count = 0
    while True:
        try:
            if door.type == socket.SOCK_DGRAM:
                door.recv(1 << 16)
            else:
                door.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _address(memory: bytearray) -> int:
    import ctypes

    return ctypes.addressof(ctypes.c_char.from_buffer(memory))
