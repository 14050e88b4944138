"""Same key, same bytes: what programs leave to chance comes out the same in every run, on a busy machine too."""

import functools
import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from derender.core import Program
from derender.render import Engine
from derender.render.containers import bubblewrap
from derender.render.worker.addresses import same_layout

TESTS = Path(__file__).parent.parent
MANIFEST = json.loads((TESTS / "programs" / "manifest.json").read_text("utf-8"))
CHANCE = sorted(path for path in (TESTS / "chance").iterdir() if path.suffix in {".py", ".html", ".svg"})
CORPUS = sorted(TESTS / "programs" / name for name, entry in MANIFEST.items() if entry["failure"] is None)
BUSY = "import time\nend = time.monotonic() + 120\nwhile time.monotonic() < end: pass"
ORDINARY = ("addresses.py", "random_arrays.py", "random_numbers.py", "surroundings.py", "time_of_day.py")
"""Programs that need no picture to show that two ordinary runs of them differ, and start quickly."""


HOLD = "from derender.render.worker.clock import Clock; print(Clock().hold())"
CLOCK = ("random_numbers.py", "time_of_day.py", "waiting.py")
LAYOUT = ("addresses.py", "surroundings.py")


def said(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@functools.cache
def clock_can_be_held():
    return said(HOLD) == "True"


@functools.cache
def layout_can_be_fixed():
    with same_layout():
        return said("print(id(object()))") == said("print(id(object()))") and bubblewrap() is not None


@pytest.fixture(autouse=True)
def machine_can(request):
    """Skips programs that show what can't be fixed on this machine."""
    name = getattr(request.node, "callspec", None) and getattr(request.node.callspec.params.get("path"), "name", None)
    if name in CLOCK and not clock_can_be_held():
        pytest.skip("the clock of this machine can't be held")
    if name in LAYOUT and not layout_can_be_fixed():
        pytest.skip("this machine puts programs at random addresses, or has no bubblewrap")


def digests(rendering):
    """What came out, short enough to be compared at a glance."""
    pictures = [(picture.name, hashlib.sha256(picture.png).hexdigest()[:16]) for picture in rendering.pictures]
    return rendering.failure and rendering.failure.message, pictures


@pytest.fixture(scope="module")
def calm():
    """Every program in order through one engine, and then those that show chance once more through the same workers."""
    programs = [Program.from_file(path) for path in (*CORPUS, *CHANCE, *CHANCE)]
    with Engine(jobs=1, cache=False) as engine:
        rendered = [digests(engine.render(program)) for program in programs]
    again = rendered[-len(CHANCE) :]
    return dict(zip((*CORPUS, *CHANCE), rendered, strict=False)), dict(zip(CHANCE, again, strict=True))


@pytest.fixture(scope="module")
def busy():
    """Every program in another order, two at a time, through fresh workers, while something else wants a processor."""
    paths = [*CORPUS, *CHANCE]
    random.Random(1).shuffle(paths)
    with subprocess.Popen([sys.executable, "-c", BUSY]) as other:
        try:
            with Engine(jobs=2, cache=False) as engine:
                rendered = engine.render_many([Program.from_file(path) for path in paths])
                return {paths[index]: digests(rendering) for index, rendering in rendered}
        finally:
            other.kill()


@pytest.mark.parametrize("path", [*CHANCE, *CORPUS], ids=lambda path: path.name)
def test_fresh_workers_on_a_busy_machine_draw_the_same_bytes(calm, busy, path):
    first, _ = calm
    failure, pictures = first[path]
    assert failure is None
    assert pictures
    assert busy[path] == first[path]


@pytest.mark.parametrize("path", CHANCE, ids=lambda path: path.name)
def test_the_same_worker_draws_the_same_bytes_again(calm, path):
    first, again = calm
    assert again[path] == first[path]


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_runs_of_these_programs_differ(tmp_path, name):
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib" / "__init__.py").write_text("raise SystemExit")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    shown = set()
    for run in "12":
        folder = tmp_path / run
        folder.mkdir()
        command = [sys.executable, TESTS / "chance" / name]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip()
        shown.add(done.stdout)
    assert len(shown) == 2
