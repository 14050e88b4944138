"""What rendering costs: `python perf/run.py` prints a table and adds a line to perf/history/engine.jsonl.

Every figure is measured beside its cold baseline and its limit in the same run, in alternating rounds; quote ratios and
medians. CPU seconds are those of the whole tree of processes, from /proc.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import history
from baselines import COLD_CHART, COLD_ICON, COLD_PAGE, ICONS_ONE_PROCESS, ONE_PROCESS, in_one_process, one_by_one
from charts import charts
from generators.documents import icon
from pages import pages
from rich.console import Console
from rich.table import Table
from timing import Spent, timed

from derender.core import Language, Program
from derender.render import Engine, RenderOptions

ENGINE = "engine"
CORES = "engine, all cores"
ICON = RenderOptions(width=256, height=256)


@dataclass(frozen=True, slots=True)
class Measured:
    """One way of doing something, over all rounds.

    Attributes:
        what: what is done.
        how: the way.
        count: items a round.
        rounds: what each round took.
    """

    what: str
    how: str
    count: int
    rounds: tuple[Spent, ...]

    def wall_ms(self) -> list[float]:
        """Per item."""
        return [1000 * each.wall / self.count for each in self.rounds]

    def cpu_ms(self) -> list[float]:
        """Per item."""
        return [1000 * each.cpu / self.count for each in self.rounds]


def in_turn(what: str, count: int, rounds: int, ways: Mapping[str, Callable[[], Spent]]) -> list[Measured]:
    """Every way once a round, so that a machine that gets slower does so for all of them."""
    times: dict[str, list[Spent]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            times[name].append(work())
    return [Measured(what, name, count, tuple(each)) for name, each in times.items()]


def render_all(engine: Engine, programs: Sequence[Program], options: RenderOptions | None = None) -> None:
    """The engine, every rendering checked."""
    for _, rendering in engine.render_many(programs, options):
        if not rendering.ok:
            raise SystemExit(f"a timed program failed: {rendering.failure}")


def measure_charts(rounds: int) -> list[Measured]:
    """24 mixed charts: one interpreter each, the engine, and one process without isolation."""
    sources = charts()
    programs = [Program(source, Language.PYTHON) for source in sources]
    names = [f"{index:03d}.py" for index in range(len(sources))]
    with (
        tempfile.TemporaryDirectory() as name,
        Engine(jobs=1, cache=False) as engine,
        Engine(cache=False) as wide,
    ):
        folder = Path(name)
        for file, source in zip(names, sources, strict=True):
            (folder / file).write_text(source)
        render_all(engine, programs[:1])
        render_all(wide, programs[:1])
        ways = {
            ENGINE: lambda: timed(lambda: render_all(engine, programs)),
            CORES: lambda: timed(lambda: render_all(wide, programs)),
            "one process, as is": lambda: in_one_process(ONE_PROCESS, folder),
            "one process, same encoder": lambda: in_one_process(ONE_PROCESS, folder, "encoder"),
            "one process, same shortcuts too": lambda: in_one_process(ONE_PROCESS, folder, "encoder", "shortcuts"),
            "cold": lambda: timed(lambda: one_by_one(COLD_CHART, folder, names)),
        }
        return in_turn("charts", len(sources), rounds, ways)


def measure_pages(rounds: int, count: int = 12) -> list[Measured]:
    """Pages: one Playwright and one browser each, against the engine."""
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if browser is None:
        return []
    sources = pages(count)
    programs = [Program(source, Language.HTML) for source in sources]
    names = [f"{index}.html" for index in range(count)]
    with (
        tempfile.TemporaryDirectory() as name,
        Engine(jobs=1, cache=False) as engine,
        Engine(cache=False) as wide,
    ):
        for file, source in zip(names, sources, strict=True):
            Path(name, file).write_text(source)
        render_all(engine, programs[:2])
        render_all(wide, programs[:2])
        ways = {
            ENGINE: lambda: timed(lambda: render_all(engine, programs)),
            CORES: lambda: timed(lambda: render_all(wide, programs)),
            "cold": lambda: timed(lambda: one_by_one(COLD_PAGE, Path(name), names, browser)),
        }
        return in_turn("pages", count, rounds, ways)


def measure_icons(rounds: int, count: int = 200) -> list[Measured]:
    """SVG icons at 256 pixels: an interpreter each (of 20), the engine, and resvg alone in one process."""
    rng = Random(0)
    sources = [icon(rng) for _ in range(count)]
    programs = [Program(source, Language.SVG) for source in sources]
    names = [f"{index:03d}.svg" for index in range(count)]
    with tempfile.TemporaryDirectory() as name, Engine(jobs=1, cache=False) as engine, Engine(cache=False) as wide:
        for file, source in zip(names, sources, strict=True):
            Path(name, file).write_text(source)
        render_all(engine, programs[:2], ICON)
        render_all(wide, programs[:2], ICON)

        def cold() -> Spent:
            few = names[: count // 10]
            spent = timed(lambda: one_by_one(COLD_ICON, Path(name), few))
            return Spent(10 * spent.wall, 10 * spent.cpu)

        ways = {
            ENGINE: lambda: timed(lambda: render_all(engine, programs, ICON)),
            CORES: lambda: timed(lambda: render_all(wide, programs, ICON)),
            "one process": lambda: in_one_process(ICONS_ONE_PROCESS, Path(name)),
            "cold": cold,
        }
        return in_turn("icons", count, rounds, ways)


def measure_cache(rounds: int, hits: int = 2000) -> list[Measured]:
    """Renderings taken out of the content store by one process."""
    program = Program(charts(1)[0], Language.PYTHON)
    with tempfile.TemporaryDirectory() as name, Engine(jobs=1, cache=Path(name)) as engine:
        engine.render(program)
        return in_turn(
            "cache hits", hits, rounds, {ENGINE: lambda: timed(lambda: [engine.render(program) for _ in range(hits)])}
        )


def measure_starts(rounds: int) -> list[Measured]:
    """Import, help, and the first picture of a fresh process."""
    binary = str(Path(sys.executable).with_name("derender"))
    with tempfile.TemporaryDirectory() as name:
        chart = Path(name, "one.py")
        chart.write_text(charts(1)[0])
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import derender": [sys.executable, "-c", "import derender"],
            "derender --help": [binary, "--help"],
            "derender render one.py": [binary, "render", str(chart), "-o", f"{name}/out", "--no-cache"],
        }
        ways = {label: (lambda c=command: timed(lambda: _quiet(c))) for label, command in commands.items()}
        return in_turn("start", 1, rounds, ways)


def _quiet(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def show(rows: Sequence[Measured]) -> None:
    """The table for people; ratios are medians over the rounds, each against the engine in the same round."""
    table = Table(title=f"per item, medians of alternating rounds ({platform.machine()}, {os.cpu_count()} cores)")
    for column in ("what", "how", "wall ms", "spread", "CPU ms", "wall ×engine", "CPU ×engine"):
        table.add_column(column, justify="left" if column in {"what", "how"} else "right")
    engines = {row.what: row for row in rows if row.how == ENGINE}
    for row in rows:
        walls = row.wall_ms()
        base = engines.get(row.what)
        ratios = ("", "")
        if base is not None:
            ratios = (_ratio(row.wall_ms(), base.wall_ms()), _ratio(row.cpu_ms(), base.cpu_ms()))
        spread = f"{min(walls):.2f}–{max(walls):.2f}"
        cpu = statistics.median(row.cpu_ms())
        table.add_row(row.what, row.how, f"{statistics.median(walls):.2f}", spread, f"{cpu:.2f}", *ratios)
    Console(width=120).print(table)


def _ratio(times: Sequence[float], base: Sequence[float]) -> str:
    each = [a / max(b, 1e-9) for a, b in zip(times, base, strict=True)]
    return f"{statistics.median(each):.2f} ({min(each):.2f}–{max(each):.2f})"


def figures(rows: Sequence[Measured]) -> dict[str, history.Figure]:
    """What goes into the history: milliseconds of the engine, and how many times as long the others take."""
    engines = {row.what: row for row in rows if row.how == ENGINE}
    found = {}
    for row in rows:
        name = f"{row.what}: {row.how}"
        found[f"{name}, wall ms"] = history.Figure.of(row.wall_ms(), better="lower")
        found[f"{name}, CPU ms"] = history.Figure.of(row.cpu_ms(), better="lower")
        base = engines.get(row.what)
        if base is None or base is row:
            continue
        for kind, times, bases in (("wall", row.wall_ms(), base.wall_ms()), ("CPU", row.cpu_ms(), base.cpu_ms())):
            each = [a / max(b, 1e-9) for a, b in zip(times, bases, strict=True)]
            better = None if row.how == CORES else "higher"
            found[f"{name}, {kind} of the engine's"] = history.Figure.of(each, better=better, ratio=True)
    return found


PARTS = {
    "charts": measure_charts,
    "pages": measure_pages,
    "icons": measure_icons,
    "cache": measure_cache,
    "starts": measure_starts,
}


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure; all by default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-history", action="store_true", help="print only")
    wanted = parser.parse_args()
    rows = [row for name in wanted.parts or PARTS for row in PARTS[name](wanted.rounds)]
    show(rows)
    if not wanted.no_history:
        history.append("engine", figures(rows))


if __name__ == "__main__":
    main()
