"""Python programs that would spoil it for the next one: libraries, caches, locks, leftovers, tables of the machine."""

import ast
import sys
from pathlib import Path

PROGRAMS = Path(__file__).parent / "python"
PROBE = {"probe.py": (PROGRAMS / "probe.py").read_bytes()}


def source(name):
    return (PROGRAMS / f"{name}.py").read_text()


def counts(lines):
    return {name: int(count) for name, _, count in (line.partition(": ") for line in lines)}


def test_spoiled_libraries_are_spoiled_for_one_program_alone(arena):
    for _ in range(2):
        assert arena.attack(source("spoils_libraries")).harm == []
    after = arena.attack("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('as ever')\nplt.show()\n")
    assert "as ever" in after.texts
    assert after.harm == []


def test_no_memory_is_shared_with_other_programs(arena):
    outcome = arena.attack(source("writes_shared_memory"), assets=PROBE)
    assert not [line for line in outcome.texts if line.startswith("shared and writable")]
    assert any(line.startswith("looked at") for line in outcome.texts), outcome
    assert outcome.harm == []


def test_what_one_program_leaves_the_next_does_not_find(arena):
    left = arena.attack(source("leaves_things"), assets=PROBE)
    assert sum(": allowed" in line for line in left.texts) >= 18
    found = arena.attack(source("finds_things"), assets=PROBE)
    # An interpreter that lies under /tmp stays there, the way to it on the program's own disk.
    way = {Path(path).parts[2] for path in (sys.prefix, sys.base_prefix) if path.startswith("/tmp/")}
    start = "names in ..: allowed: "
    names = next(ast.literal_eval(line.removeprefix(start)) for line in found.texts if line.startswith(start))
    assert {*names} - way == {".derender", "work"}
    assert not [line for line in found.texts if "mark" in line or "sitecustomize" in line]
    assert left.harm == found.harm == []


def test_uncontained_it_would_find_everything(arena):
    # One program that leaves and looks: the next would see the same, for all of it outlives its process.
    both = source("leaves_things") + source("finds_things")
    output = arena.uncontained(both, PROBE).output
    for place in ("names in /dev/shm", "names in @@open@@", "segment", "queue", "key"):
        line = next(each for each in output.splitlines()[::-1] if each.startswith(place.partition("@@")[0]))
        assert "allowed" in line, line
    assert output.count("mark-of-an-attack") > 20


def test_locks_of_a_program_hold_up_no_one(arena):
    outcome = arena.attack(source("holds_locks"), wall_s=3)
    assert outcome.kind == "deadline"
    assert outcome.drawn_beside >= 1
    assert outcome.harm == []


def test_tables_that_others_share_are_not_used_up(arena):
    outcome = arena.attack(source("exhausts"), assets=PROBE)
    assert outcome.kind is None, outcome
    taken = counts(outcome.texts)
    assert 0 < taken["files"] < 256
    assert 0 < taken["pipes"] < 128
    assert taken["timers"] <= 256
    none = ("wide pipes", "watchers", "folder watchers", "asynchronous contexts", "keys", "shared segments", "queues")
    assert {name: taken[name] for name in none} == dict.fromkeys(none, 0)
    assert outcome.harm == []


def test_uncontained_they_would_be(arena):
    taken = counts(arena.uncontained(source("exhausts"), PROBE).output.splitlines())
    assert taken["wide pipes"] > 0
    assert taken["watchers"] > 0
    assert taken["timers"] > 256
    assert taken["shared segments"] > 0


def test_greed_beside_many_honest_programs_leaves_nothing(arena):
    for name in ("fill_disk", "threads", "allocate_slowly"):
        assert arena.attack(source(name), beside=3, wall_s=2, cpu_s=2, memory_mb=256, output_mb=32).harm == []
