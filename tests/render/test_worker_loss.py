"""Every process of the engine is killed once while a program runs: nothing is lost, nothing differs, none is blamed."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from derender.core import Language, Program
from derender.render import Engine, Limits, RenderOptions

sys.path.insert(0, str(Path(__file__).parents[2] / "perf"))
from kill_workers import shoot
from processes import tree

CHART = Program(
    "import matplotlib.pyplot as plt\nn = sum(range(2 * 10**7))\nplt.title(n)\nplt.plot([1, 3])\nplt.show()\n",
    Language.PYTHON,
)
PAGE = Program(
    "<h1 id=a></h1><script>let s = 0; for (let i = 0; i < 3e8; i++) s += i % 7; a.textContent = s</script>",
    Language.HTML,
)
ICON = Program("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='5' height='5'/></svg>", "svg")
OPTIONS = RenderOptions(limits=Limits(wall_s=300, cpu_s=300))
PATIENCE_S = 120.0


OTHERS: set[int] = set()
"""Processes of other tests in this one's process: workers that they share."""


def ours():
    """The processes below this one that are there because of the tests here."""
    return [process for process in tree(os.getpid()) if process.pid not in OTHERS]


@pytest.fixture(scope="module")
def engine():
    OTHERS.update(process.pid for process in tree(os.getpid()))
    with Engine(jobs=2, cache=False) as engine:
        yield engine


@pytest.fixture(scope="module")
def calm(engine):
    return {program: engine.render(program, OPTIONS).pictures for program in (CHART, PAGE)}


class Rendering(threading.Thread):
    """A rendering under way."""

    def __init__(self, engine, program):
        super().__init__()
        self.engine, self.program, self.result = engine, program, None
        self.start()

    def run(self):
        self.result = self.engine.render(self.program, OPTIONS)

    def done(self):
        self.join(PATIENCE_S)
        assert not self.is_alive()
        return self.result


def first_of(workers, roles):
    """Who of these turns up first below this process."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for process in ours():
            if process.worker in workers and process.role in roles and process.state != "Z":
                return process
    raise AssertionError(f"no {roles} of {workers} turned up")


@pytest.mark.parametrize("role", ["program", "supervisor", "forker", "dispatcher", "process 1", "bwrap"])
def test_a_chart_survives_the_loss_of(role, engine, calm):
    rendering = Rendering(engine, CHART)
    running = first_of({"python small"}, {"program"})
    victim = running if role == "program" else first_of({"python small"}, {role})
    assert shoot(victim)
    result = rendering.done()
    assert result.failure is None
    assert result.pictures == calm[CHART]


@pytest.mark.parametrize(
    "role", ["renderer", "GPU", "utility", "zygote", "browser", "process 1", "bwrap", "browser worker"]
)
def test_a_page_survives_the_loss_of(role, engine, calm):
    rendering = Rendering(engine, PAGE)
    first_of({"Chromium"}, {"renderer"})
    assert shoot(first_of({"Chromium", "browser worker"}, {role}))
    result = rendering.done()
    assert result.failure is None
    assert result.pictures == calm[PAGE]


@pytest.mark.parametrize("role", ["bwrap", "process 1", "dispatcher", "forker"])
def test_a_worker_killed_while_it_warms_up_is_started_again(role):
    with Engine(jobs=1, cache=False) as fresh:
        # The engines of other tests have such a worker too.
        known = {process.pid for process in ours() if process.worker == "vector"}
        rendering = Rendering(fresh, ICON)
        until = time.monotonic() + PATIENCE_S
        victim = None
        while victim is None and time.monotonic() < until:
            found = [p for p in ours() if p.worker == "vector" and p.role == role and p.pid not in known]
            victim = found[0] if found else None
        assert victim is not None
        shoot(victim)
        assert rendering.done().failure is None


def test_the_killer_hits_what_it_aims_at(engine, calm):
    """Else all the above would pass with nothing killed."""
    assert engine.render(CHART, OPTIONS).ok
    victim = first_of({"python small"}, {"forker"})
    assert shoot(victim)
    until = time.monotonic() + PATIENCE_S
    while any(process.pid == victim.pid and process.state != "Z" for process in ours()):
        assert time.monotonic() < until
    assert not shoot(victim)


def test_browsers_killed_while_they_start_are_started_again():
    others = {process.pid for process in tree(os.getpid())}
    with Engine(jobs=1, cache=False) as engine:
        rendering = Rendering(engine, Program("<p>words</p>", Language.HTML))
        shot: set[int] = set()
        while len(shot) < 10 and rendering.is_alive():
            found = [p for p in tree(os.getpid()) if p.pid not in others and p.worker == "Chromium"]
            for process in found:
                if process.role == "browser" and process.pid not in shot and shoot(process):
                    shot.add(process.pid)
        result = rendering.done()
    assert len(shot) == 10
    assert result.failure is None, result.failure


def test_a_program_that_someone_kills_again_and_again_is_not_to_blame(engine, calm):
    rendering = Rendering(engine, CHART)
    shot: set[int] = set()
    while len(shot) < 5 and rendering.is_alive():
        for process in ours():
            if process.worker == "python small" and process.role == "program" and process.pid not in shot:
                shot |= {process.pid} if shoot(process) else set()
    result = rendering.done()
    assert len(shot) == 5
    assert result.failure is None, result.failure
    assert result.pictures == calm[CHART]
