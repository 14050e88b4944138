"""The arena sees: whatever an escaped program would do trips a sentinel, shown by programs that run uncontained."""

import textwrap
from pathlib import Path

import arena as world
import pytest

PROBE = {"probe.py": (Path(__file__).parent / "python" / "probe.py").read_bytes()}

START = """
from probe import *
def stay(listening):
    listening.listen()
    if os.fork():
        os._exit(0)
    __import__('time').sleep(60)
"""


def run(arena, code):
    return arena.uncontained(START + textwrap.dedent(code), PROBE)


def test_honest_programs_are_drawn_beside_a_harmless_one(arena):
    outcome = arena.attack("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('calm')\nplt.show()\n")
    assert outcome.kind is None
    assert outcome.texts.count("calm") == 1
    assert outcome.harm == []
    assert {"chart", "bars", "svg"} <= set(arena.honest)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("home", "attempt('read', lambda: read('@@home@@/secret.txt'))"),
        ("reference", "attempt('read', lambda: read('@@reference@@'))"),
        ("environment", "attempt('environment', lambda: dict(os.environ))"),
        ("environment", "attempt('environment', lambda: read('/proc/@@stage@@/environ'))"),
        ("descriptor", "attempt('read', lambda: os.pread(@@held@@, 100, 0))"),
        (
            "memory",
            "file = open('/proc/@@stage@@/mem', 'rb'); file.seek(@@memory@@); attempt('m', lambda: file.read(99))",
        ),
    ],
)
def test_a_secret_that_shows_is_seen(arena, kind, code):
    assert run(arena, code).secrets == [kind]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("1 knocks at the tcp4 door", "import socket; socket.create_connection(('127.0.0.1', @@tcp@@))"),
        ("1 knocks at the tcp6 door", "import socket; socket.create_connection(('::1', @@tcp6@@))"),
        ("1 knocks at the udp4 door", "import socket; socket.socket(2, 2).sendto(b'x', ('127.0.0.1', @@udp@@))"),
        ("1 knocks at the udp6 door", "import socket; socket.socket(10, 2).sendto(b'x', ('::1', @@udp6@@))"),
        ("1 knocks at the unix door", "import socket; socket.socket(1).connect('@@open@@/socket')"),
        ("1 knocks at the abstract door", "import socket; socket.socket(1).connect('\\0@@abstract@@')"),
        ("the canary was signalled", "os.kill(@@canary@@, 9)"),
        ("the canary was signalled", "os.kill(@@canary@@, 19)"),
        (
            "the engine's memory was written to",
            "file = open('/proc/@@stage@@/mem', 'r+b', 0); file.seek(@@memory@@); file.write(b'gone')",
        ),
    ],
)
def test_a_touch_of_the_outside_is_seen(arena, what, code):
    if "6 door" in what and what.split()[-2] not in arena.doors:
        pytest.skip("this machine has no IPv6")
    outcome = run(arena, code)
    assert (outcome.code, outcome.tripped) == (0, [what]), outcome.output
    assert run(arena, "pass").tripped == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("files: new: b'", "open('@@open@@/mark', 'w')"),
        ("files: new: b'", "os.symlink('/etc', '@@home@@/link')"),
        ("files: new: b'/dev/shm/", "open('/dev/shm/mark', 'w')"),
        ("files: changed: b'", "os.chmod('@@home@@/secret.txt', 0o600)"),
        ("files: changed: b'", "os.utime('@@reference@@')"),
        ("processes: new: ", "__import__('subprocess').Popen(['sleep', '60'])"),
        ("sockets: new: unix @left", "import socket; s = socket.socket(1); s.bind('\\0left'); stay(s)"),
        ("sockets: new: tcp ", "import socket; s = socket.socket(); s.bind(('', 0)); stay(s)"),
        ("ipc: new: ", "libc.shmget(77, 4096, 0o1600)"),
        ("ipc: new: ", "libc.msgget(77, 0o1600)"),
        ("ipc: new: ", "libc.semget(77, 1, 0o1600)"),
    ],
)  # fmt: skip
def test_what_is_left_behind_is_seen(arena, kind, code):
    outcome = run(arena, code)
    assert any(line.startswith(kind) for line in outcome.left), (outcome.left, outcome.output)


def test_an_honest_picture_that_changes_is_seen(arena):
    arena._ask({"do": "misremember", "name": "chart"}, 60)
    outcome = arena.attack("import time\ntime.sleep(60)\n", wall_s=3)
    assert set(outcome.harm) == {"honest chart came out different"}
    arena._ask({"do": "misremember", "name": "chart"}, 60)


def test_an_attack_that_overruns_everything_is_killed_with_the_whole_arena(arena, monkeypatch):
    arena.attack("pass")
    first = arena._process.pid
    monkeypatch.setattr(world, "_PATIENCE_S", 0.5 - 12 * 30)
    with pytest.raises(world.Overrun):
        arena.attack("import time\ntime.sleep(60)\n", wall_s=30)
    assert not Path(f"/proc/{first}").exists()
    monkeypatch.undo()
    assert arena.attack("pass").kind == "no_picture"
