"""Python programs that reach for what is not theirs: secrets, files, the network, processes, the kernel.

Each program tries many things and reports what came of each. It is run twice: uncontained, where most of them must
succeed (else the attack proves nothing), and by the engine, where none may.
"""

import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "python"
PROBE = {"probe.py": (PROGRAMS / "probe.py").read_bytes()}
RESULT = re.compile(r"^(?P<name>.+?): (?P<what>allowed|refused): (?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Reach:
    """A program of attempts.

    Attributes:
        program: its file.
        harmless: what it may well do, as a pattern of names.
        works: how many attempts at least must succeed uncontained, as root and as anyone.
        trips: sentinels that must trip uncontained.
        shows: secrets that must show uncontained.
    """

    program: str
    works: int
    harmless: str = "(?!)"
    trips: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()

    @property
    def source(self) -> str:
        return (PROGRAMS / f"{self.program}.py").read_text()


REACHES = [
    Reach(
        "reads_secrets",
        25,
        harmless="environment|own environment at start|own command line|names of own mounts",
        shows=frozenset({"environment", "home", "reference", "memory", "descriptor"}),
    ),
    Reach("writes_outside", 40, harmless="written: /proc/self/comm"),
    Reach("network", 8, trips=frozenset({"tcp4", "tcp6", "udp4", "udp6", "unix", "abstract"})),
    Reach("signals", 10),
    Reach("debugging", 5),
    Reach("starts_programs", 14),
    Reach("kernel", 15),
    Reach("fiddles", 10, harmless="subreaper|dumpable|umask|working folder|name"),
    Reach("descriptors", 8, harmless="held"),
    Reach("leaves_things", 25, harmless=r"(/tmp|/.*/job-\w+|\.\.?|\.\./\.derender)/[^/]*"),
]
WALLS = {"bubblewrap": {"bwrap", "mntns"}, "namespaces": {"mntns"}, "filters": set()}
NOTHING = "(?!)"
HARMLESS = {
    "bubblewrap": NOTHING,
    "namespaces": NOTHING,
    # Changes that report success and do nothing; code from the program's own disk, as contained as the program is.
    "filters": "the secret its (mode|owner|time|attributes)|shared library of one's own",
}
"""What may be allowed by a machine that has only so many walls."""
reaches = pytest.mark.parametrize("reach", REACHES, ids=lambda reach: reach.program)


def results(lines) -> dict[str, tuple[str, str]]:
    found = {}
    for line in lines:
        if match := RESULT.match(line):
            found[match["name"]] = match["what"], match["rest"]
    return found


@reaches
@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64's system calls")
def test_nothing_is_within_reach(walled_arena, reach):
    outcome = walled_arena.attack(reach.source, assets=PROBE)
    assert outcome.kind is None, outcome
    assert WALLS[walled_arena.walls] == {"bwrap", "mntns"} & {*outcome.isolation}
    assert outcome.harm == []
    seen = results(outcome.texts)
    assert len(seen) > 5 or reach.program == "descriptors"
    allowed = {name: rest for name, (what, rest) in seen.items() if what == "allowed"}
    harmless = f"{reach.harmless}|{HARMLESS[walled_arena.walls]}"
    if "tmpfs" in outcome.isolation and sys.prefix.startswith("/tmp/"):
        # The folders on the way to an interpreter under /tmp are the program's own: they lie on its disk.
        harmless += rf"|.* (in|into) {re.escape(sys.prefix)}"
    assert not {name: rest for name, rest in allowed.items() if not re.fullmatch(harmless, name)}


@reaches
@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64's system calls")
def test_uncontained_it_would_be(arena, reach):
    outcome = arena.uncontained(reach.source, PROBE)
    seen = results(outcome.output.splitlines())
    worked = [name for name, (what, _) in seen.items() if what == "allowed"]
    assert len(worked) >= reach.works, outcome.output
    assert set(outcome.secrets) >= reach.shows
    assert {line.split()[-2] for line in outcome.tripped if "knocks" in line} >= reach.trips & {*arena.doors}
