"""Python programs that take all they can get: time, memory, disk, processes, threads, the stack."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "python"
HELD_MB = 1500
"""What the engine, its workers, the browser and honest programs take by themselves, generously."""


@dataclass(frozen=True)
class Greed:
    """A program, what it is to be called, and what it may use."""

    program: str
    kinds: str
    limits: dict[str, float] = field(default_factory=dict)

    @property
    def expected(self) -> set[str | None]:
        return {None if kind == "none" else kind for kind in self.kinds.split()}


QUICK = {"wall_s": 1, "cpu_s": 1}
BUSY = {"wall_s": 10, "cpu_s": 1}
SMALL = {"output_mb": 48, "wall_s": 10, "cpu_s": 10}
GREEDS = [
    Greed("endless_loop", "cpu_budget", BUSY),
    Greed("sleep", "deadline", QUICK),
    Greed("deaf_to_signals", "deadline", QUICK),
    Greed("deaf_and_busy", "cpu_budget", BUSY),
    Greed("catches_everything", "deadline", QUICK),
    Greed("stops_itself", "deadline", QUICK),
    Greed("leader_leaves", "deadline", QUICK),
    Greed("leader_leaves_busy", "cpu_budget", BUSY),
    Greed("fork_bomb", "policy"),
    Greed("threads", "policy deadline", QUICK),
    Greed("small_threads", "policy"),
    Greed("allocate_64_gb", "memory"),
    Greed("allocate_slowly", "memory", {"memory_mb": 512}),
    Greed("allocate_shared", "memory", {"memory_mb": 512}),
    Greed("figure_100000", "output_too_large memory"),
    Greed("png_bomb", "memory"),
    Greed("png_bomb_left", "output_too_large"),
    Greed("zlib_bomb", "memory", {"memory_mb": 512}),
    Greed("fill_disk", "output_too_large", SMALL),
    Greed("fill_disk_quietly", "output_too_large", SMALL),
    Greed("million_files", "output_too_large", SMALL),
    Greed("million_folders_deep", "output_too_large runtime", SMALL),
    Greed("gigabyte_of_output", "output_too_large", SMALL),
    Greed("sparse_output", "output_too_large", SMALL),
    Greed("recursion", "runtime memory cpu_budget", {"memory_mb": 192, "cpu_s": 3}),
    Greed("recursion_caught", "runtime cpu_budget", BUSY),
    Greed("recursion_in_c", "runtime"),
    Greed("catastrophic_regex", "cpu_budget", BUSY),
    Greed("segfault", "runtime"),
    Greed("aborts", "runtime"),
    Greed("real_time_signal", "runtime no_picture"),
    Greed("kills_itself", "memory runtime"),
    Greed("leaves_by_the_back_door", "no_picture"),
    Greed("leaves_with_code", "runtime"),
    Greed("smashes_memory", "runtime"),
    Greed("endless_exit_handler", "deadline", QUICK),
    Greed("endless_formatter", "cpu_budget", BUSY),
    Greed("endless_thread", "deadline", QUICK),
]


@pytest.mark.parametrize("greed", GREEDS, ids=lambda greed: greed.program)
def test_greed_hurts_the_greedy_alone(arena, greed):
    source = (PROGRAMS / f"{greed.program}.py").read_text()
    outcome = arena.attack(source, **greed.limits)
    assert outcome.kind in greed.expected, outcome
    assert outcome.harm == []
    limit_mb = greed.limits.get("memory_mb", 2048) + greed.limits.get("output_mb", 512)
    assert outcome.peak_mb is None or outcome.peak_mb < limit_mb + HELD_MB


def test_who_starves_itself_is_not_kept_waiting_by_the_machine(arena):
    outcome = arena.attack((PROGRAMS / "starves_itself.py").read_text(), beside=0, wall_s=2, cpu_s=60)
    if outcome.kind == "starved":
        # Then the machine gave all its threads together less than one alone may have.
        assert outcome.cpu_s < 2
    else:
        assert outcome.kind == "deadline"
        assert outcome.harm == []
