"""What was measured before: one JSON line a run in perf/history/<name>.jsonl, kept in git.

    python perf/history.py [name …] [--last 5]     the last runs beside each other; exit code 1 at a regression

Absolute times differ from machine to machine; ratios taken within one run do not, so that only those can regress: the
newest more than 15 % worse than the median of the runs shown before it.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).with_suffix("")
WORSE = 0.15
"""How much worse than before a ratio may be."""

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured, over the rounds of a run.

    Attributes:
        median: of the rounds.
        low: the smallest.
        high: the largest.
        rounds: how many there were.
        better: which way is better; None where neither is.
        ratio: whether it compares two things measured in the same run, so that other machines' runs compare with it.
    """

    median: float
    low: float
    high: float
    rounds: int = 1
    better: Better | None = None
    ratio: bool = False

    @classmethod
    def of(cls, values: float | Sequence[float], *, better: Better | None = None, ratio: bool = False) -> "Figure":
        """The figure of some rounds, or of a single value."""
        each = [values] if isinstance(values, int | float) else list(values)
        middle, low, high = (float(f"{value:.5g}") for value in (statistics.median(each), min(each), max(each)))
        return cls(middle, low, high, len(each), better, ratio)

    def worse_than(self, before: float) -> float:
        """By which share it is worse than an earlier median; 0 where it isn't."""
        if self.better is None or not before or not self.median:
            return 0.0
        share = self.median / before if self.better == "lower" else before / self.median
        return max(0.0, share - 1)


def append(name: str, figures: Mapping[str, Figure], *, folder: Path = FOLDER) -> Path:
    """Write a run's figures down, with the date, the commit, the machine and its load; the file they went to."""
    line = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": machine(),
        "figures": {key: asdict(figure) for key, figure in figures.items()},
    }
    path = folder / f"{name}.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return path


def runs(name: str, *, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The runs written down under a name, oldest first, their figures as `Figure`."""
    path = folder / f"{name}.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines if line.strip()]
    return [{**run, "figures": {key: Figure(**each) for key, each in run["figures"].items()}} for run in found]


def regressions(history: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The ratios of the newest run that got worse by more than `WORSE`, and by how much."""
    if len(history) < 2:
        return {}
    found = {}
    for key, figure in history[-1]["figures"].items():
        before = [run["figures"][key].median for run in history[:-1] if key in run["figures"]]
        if figure.ratio and before and (share := figure.worse_than(statistics.median(before))) > WORSE:
            found[key] = share
    return found


def machine() -> dict[str, Any]:
    """What figures depend on: processor, cores, load, and the versions of what draws."""
    from derender.render.languages._versions import program_version
    from derender.render.languages.html import find_browser

    browser = find_browser()
    return {
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load": [round(each, 1) for each in os.getloadavg()],
        "python": platform.python_version(),
        "matplotlib": _version("matplotlib"),
        "chromium": program_version(browser) if browser else None,
    }


def show(name: str, history: Sequence[Mapping[str, Any]]) -> None:
    """The runs beside each other, newest last, with what got worse."""
    worse = regressions(history)
    table = Table(title=f"{name}: medians (lowest – highest)")
    table.add_column("figure")
    for run in history:
        about = run["machine"]
        table.add_column(f"{run['date'][:16]}\n{run['commit']}\n{about['cores']} cores, load {about['load'][0]}")
    table.add_column("worse by", justify="right")
    for key in dict.fromkeys(key for run in history for key in run["figures"]):
        cells = [_cell(run["figures"].get(key)) for run in history]
        flag = f"[red]{worse[key]:.0%}" if key in worse else ""
        table.add_row(key, *cells, flag)
    Console().print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Show the histories asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="which histories; all by default")
    parser.add_argument("--last", type=int, default=5, help="how many runs to show")
    wanted = parser.parse_args(arguments)
    names: Iterable[str] = wanted.names or sorted(path.stem for path in FOLDER.glob("*.jsonl"))
    worse = False
    for name in names:
        history = runs(name, folder=FOLDER)[-wanted.last :]
        if not history:
            sys.exit(f"there are no runs named {name} in {FOLDER}")
        show(name, history)
        worse = worse or bool(regressions(history))
    return int(worse)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    spread = f" ({figure.low:g} – {figure.high:g})" if figure.rounds > 1 else ""
    return f"{figure.median:g}{spread}{' ×' if figure.ratio else ''}"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=9"]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
