"""What rendering costs: `python perf/run.py` prints a table and writes perf/out/engine.json.

Every figure is measured beside its cold baseline and its limit in the same run, in alternating rounds; quote ratios and
medians. CPU seconds are those of the whole tree of processes, from /proc.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from charts import charts
from pages import pages
from rich.console import Console
from rich.table import Table

from derender.core import Language, Program
from derender.render import Engine

HERE = Path(__file__).parent
COLD = """
import sys, os
os.environ["MPLBACKEND"] = "Agg"
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))
"""
LIMIT = """
import sys, time, os, glob
import numpy, matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt, mpl_toolkits.mplot3d
plt.plot([0], label="$x$"); plt.legend(); plt.savefig("warm.png"); plt.close("all")
sources = [open(path).read() for path in sorted(glob.glob("*.py"))]
started, cpu = time.monotonic(), time.process_time()
for source in sources:
    exec(compile(source, "program", "exec"), {"__name__": "__main__"})
    plt.close("all")
print(time.monotonic() - started, time.process_time() - cpu)
"""
COLD_PAGE = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    arguments = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    browser = p.chromium.launch(executable_path=sys.argv[2], args=arguments)
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.set_content(open(sys.argv[1]).read())
    page.screenshot(path="out.png", full_page=True)
    browser.close()
"""


def tree_cpu_s() -> float:
    """CPU seconds of this process's living descendants and of all those they have reaped."""
    stats = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            stats[int(entry)] = (int(fields[1]), sum(map(int, fields[11:15])))
    total, ours = 0, {os.getpid()}
    grew = True
    while grew:
        new = {pid for pid, (parent, _) in stats.items() if parent in ours} - ours
        ours |= new
        grew = bool(new)
    total = sum(stats[pid][1] for pid in ours - {os.getpid()})
    return total / os.sysconf("SC_CLK_TCK")


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Wall and CPU seconds of some work, children included."""
    cpu, own, started = tree_cpu_s() + _reaped_s(), time.process_time(), time.monotonic()
    work()
    wall = time.monotonic() - started
    return {"wall": wall, "cpu": tree_cpu_s() + _reaped_s() - cpu + time.process_time() - own}


def _reaped_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def cold_charts(folder: Path, sources: list[str]) -> None:
    """One interpreter a program, as benchmark repositories do it."""
    for index in range(len(sources)):
        subprocess.run([sys.executable, "-c", COLD, f"{index:03d}.py"], cwd=folder, check=True)


def limit_charts(folder: Path) -> dict[str, float]:
    """The same drawing in one process without isolation: nothing that runs these programs can beat it."""
    done = subprocess.run([sys.executable, "-c", LIMIT], cwd=folder, check=True, capture_output=True, text=True)
    wall, cpu = map(float, done.stdout.split())
    return {"wall": wall, "cpu": cpu}


def cold_pages(folder: Path, sources: list[str], browser: str) -> None:
    """One Playwright and one browser a page."""
    for index, source in enumerate(sources):
        path = folder / f"{index}.html"
        path.write_text(source)
        subprocess.run([sys.executable, "-c", COLD_PAGE, path.name, browser], cwd=folder, check=True)


def warm(engine: Engine, programs: list[Program]) -> None:
    """The engine, every rendering checked."""
    for _, rendering in engine.render_many(programs):
        if not rendering.ok:
            raise SystemExit(f"a timed program failed: {rendering.failure}")


def measure_charts(rounds: int) -> list[dict]:
    """Charts on one job: cold, engine, limit, round by round."""
    sources = charts()
    programs = [Program(source, Language.PYTHON) for source in sources]
    rows: dict[str, list[dict[str, float]]] = {"cold": [], "engine": [], "limit": []}
    with tempfile.TemporaryDirectory() as name, Engine(jobs=1, cache=False) as engine:
        folder = Path(name)
        for index, source in enumerate(sources):
            (folder / f"{index:03d}.py").write_text(source)
        warm(engine, programs[:1])
        for _ in range(rounds):
            rows["engine"].append(timed(lambda: warm(engine, programs)))
            rows["limit"].append(limit_charts(folder))
            rows["cold"].append(timed(lambda: cold_charts(folder, sources)))
    return [_row("charts", name, len(sources), each) for name, each in rows.items()]


def measure_pages(rounds: int, count: int = 8) -> list[dict]:
    """Pages on one job: Playwright and browser per page against the engine."""
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if browser is None:
        return []
    sources = pages(count)
    programs = [Program(source, Language.HTML) for source in sources]
    rows: dict[str, list[dict[str, float]]] = {"cold": [], "engine": []}
    with tempfile.TemporaryDirectory() as name, Engine(jobs=1, cache=False) as engine:
        warm(engine, programs[:1])
        for _ in range(rounds):
            rows["engine"].append(timed(lambda: warm(engine, programs)))
            rows["cold"].append(timed(lambda: cold_pages(Path(name), sources, browser)))
    return [_row("pages", name, len(sources), each) for name, each in rows.items()]


def measure_cache(rounds: int) -> list[dict]:
    """Renderings taken out of the content store."""
    program = Program(charts(1)[0], Language.PYTHON)
    with tempfile.TemporaryDirectory() as name, Engine(jobs=1, cache=Path(name)) as engine:
        engine.render(program)
        hits = 2000
        times = [timed(lambda: [engine.render(program) for _ in range(hits)]) for _ in range(rounds)]
    return [_row("cache hits", "engine", hits, times)]


def measure_starts(rounds: int) -> list[dict]:
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
        return [
            _row("start", label, 1, [timed(lambda c=command: _quiet(c)) for _ in range(rounds)])
            for label, command in commands.items()
        ]


def _quiet(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _row(what: str, how: str, count: int, times: list[dict[str, float]]) -> dict:
    row: dict = {"what": what, "how": how, "count": count, "rounds": len(times)}
    for name in ("wall", "cpu"):
        each = sorted(1000 * entry[name] / count for entry in times)
        row[f"{name}_ms"] = statistics.median(each)
        row[f"{name}_ms_range"] = [each[0], each[-1]]
    return row


def show(rows: list[dict]) -> None:
    """The table for people; ratios against the engine of the same run."""
    table = Table(title=f"per item, medians of alternating rounds ({platform.machine()}, {os.cpu_count()} cores)")
    for column in ("what", "how", "wall ms", "spread", "CPU ms", "wall ×engine", "CPU ×engine"):
        table.add_column(column, justify="left" if column in {"what", "how"} else "right")
    engines = {row["what"]: row for row in rows if row["how"] == "engine"}
    for row in rows:
        base = engines.get(row["what"])
        ratios = (
            ("", "") if base is None else tuple(f"{row[k] / max(base[k], 1e-9):.2f}" for k in ("wall_ms", "cpu_ms"))
        )
        low, high = row["wall_ms_range"]
        table.add_row(
            row["what"], row["how"], f"{row['wall_ms']:.2f}", f"{low:.2f}–{high:.2f}", f"{row['cpu_ms']:.2f}", *ratios
        )
    Console().print(table)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    rows = [*measure_charts(rounds), *measure_pages(rounds), *measure_cache(rounds), *measure_starts(max(5, rounds))]
    show(rows)
    out = HERE / "out" / "engine.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"machine": platform.platform(), "cores": os.cpu_count(), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
