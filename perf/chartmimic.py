"""What ChartMimic's scores cost: `python perf/chartmimic.py [--repeats N]` prints CPU seconds per pair of charts.

Every process counts: this one, the engine's workers and the programs themselves. The workers are warm and nothing is
kept between runs: *cold* runs both programs, *reference known* the candidate's alone. The published evaluator starts
eight interpreters per pair: 4.4 to 5.5 CPU seconds on two idle cores, and up to 36 more where it tries all
permutations of eight colours. Colours are assigned in *colours*, by their number on each side.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from timing import timed

from derender.core import Program
from derender.metrics import get_metric, observe
from derender.metrics._chartmimic_scores import color_scores
from derender.render import Engine

HERE = Path(__file__).parent
PAIRS = HERE.parent / "tests" / "metrics" / "vectors" / "chartmimic" / "charts.json"
TARGETS = {"cold": 0.25, "reference known": 0.12}
SIZES = (8, 10, 60)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    pairs = json.loads(PAIRS.read_text())
    with Engine(jobs=1, cache=False) as engine:
        spent = {name: cost_of_pair(engine, pair, options.repeats) for name, pair in pairs.items()}
    colors = {f"{size}x{size}": cost_of_colors(size) for size in SIZES}
    show(spent, colors)
    out = HERE / "out" / "chartmimic.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"pairs": spent, "colours": colors, "targets": TARGETS}, indent=1))


def cost_of_pair(engine: Engine, pair: dict[str, str], repeats: int) -> dict[str, float]:
    """Median CPU seconds of a pair, by what is known beforehand."""
    golden, twin = (Program(pair[side], "python") for side in ("golden", "generated_body"))
    metric = get_metric("chartmimic")
    known = observe(golden, engine=engine)
    metric(known, observe(twin, engine=engine))
    work = {
        "cold": lambda: metric(observe(golden, engine=engine), observe(twin, engine=engine)),
        "reference known": lambda: metric(known, observe(twin, engine=engine)),
    }
    return {name: round(statistics.median(timed(one).cpu for _ in range(repeats)), 3) for name, one in work.items()}


def cost_of_colors(size: int) -> float:
    """Milliseconds of comparing as many colours on each side."""
    rng = np.random.default_rng(size)
    sides = [[("bar", f"#{color:06X}") for color in rng.choice(1 << 24, size, replace=False)] for _ in range(2)]
    color_scores(*sides)
    started = time.process_time()
    for _ in range(10):
        color_scores(*sides)
    return round(100 * (time.process_time() - started), 2)


def show(spent: dict[str, dict[str, float]], colors: dict[str, float]) -> None:
    """Print the table, the median last."""
    table = Table("chart", *TARGETS, title="CPU seconds per pair, median")
    for name, cost in spent.items():
        table.add_row(name, *(f"{cost[which]:.3f}" for which in TARGETS))
    medians = (statistics.median(cost[which] for cost in spent.values()) for which in TARGETS)
    worst = (max(cost[which] for cost in spent.values()) for which in TARGETS)
    table.add_section()
    table.add_row("median", *(f"{value:.3f}" for value in medians))
    table.add_row("worst", *(f"{value:.3f}" for value in worst))
    table.add_row("to reach", *(f"{target:.2f}" for target in TARGETS.values()))
    Console().print(table)
    Console().print(f"colours: {', '.join(f'{size} in {ms} ms' for size, ms in colors.items())}")


if __name__ == "__main__":
    main()
