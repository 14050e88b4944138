"""What `bench run` keeps of the engine's own throughput where answers are instant: `python perf/bench_run.py`.

The same programs are drawn by the engine alone, scored as `bench score` does it, and run by Inspect as `bench run` does
it, in turns; nothing is cached and nobody judges.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path

import history
from charts import charts
from rich.console import Console
from timing import Spent, timed

import derender.benchmarks.inspect_registry  # noqa: F401 - makes the provider known
from derender.benchmarks.vision2code.data import Sample, sha256_of
from derender.benchmarks.vision2code.predictions import Prediction
from derender.benchmarks.vision2code.rendering import OPTIONS, prepare
from derender.benchmarks.vision2code.scoring import Task, score, tasks_of
from derender.cli._bench_asking import Asking
from derender.cli._bench_rows import Results
from derender.cli._output import Output
from derender.cli._run_folder import RunFolder
from derender.core import Language, Program
from derender.judges import Mode
from derender.models import Ledger
from derender.models.inspect import inspect_model
from derender.render import Engine

SHARE = 0.75
"""Of the engine's throughput that must be left."""
_SIZE = (640, 480)


def ready(sources: list[str]) -> list[Program]:
    """The programs as the benchmark has them drawn."""
    return [prepare(Program(source, Language.PYTHON), Mode.OFFICIAL, _SIZE).program for source in sources]


def make_package(engine: Engine, folder: Path, sources: list[str]) -> None:
    """A package with a sample for each program, whose drawing is the reference, and what a model said about each."""
    rows = []
    (folder / "images").mkdir()
    for number, rendering in engine.render_many(ready(sources), OPTIONS, in_order=True):
        name = f"ChartQA_test_{number:06d}_aaaaaaaaaaaa"
        path = folder / "images" / f"{name}.png"
        path.write_bytes(rendering.picture.png)
        cells = dict.fromkeys((field.name for field in fields(Sample)), "")
        cells |= {"split": "test_mini", "question_folder": name, "source_id": name, "source_dataset": "ChartQA"}
        rows.append(asdict(Sample(**cells | {"image_path": f"images/{name}.png", "image_sha256": sha256_of(path)})))
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    said = [
        {"id": row["question_folder"], "text": f"```python\n{source}\n```"}
        for row, source in zip(rows, sources, strict=True)
    ]
    (folder / "said.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said))


def by_engine(engine: Engine, sources: list[str]) -> None:
    """The engine alone, on programs made ready as the benchmark does it."""
    failed = [rendering.failure for _, rendering in engine.render_many(ready(sources), OPTIONS) if not rendering.ok]
    if failed:
        raise SystemExit(f"a program failed: {failed[0]}")


def by_score(engine: Engine, tasks: list[Task], sources: list[str]) -> None:
    """As `bench score` does it."""
    told = [
        replace(task, prediction=Prediction("", Program(source, Language.PYTHON)))
        for task, source in zip(tasks, sources, strict=True)
    ]
    check(sum(each.drawn is not None and each.drawn.render_success for each in score(told, engine)), len(tasks))


def by_run(engine: Engine, tasks: list[Task], package: Path) -> None:
    """As `bench run` does it, run folder and all."""
    asking = Asking(
        model=inspect_model(f"derender/replay/{package / 'said.jsonl'}"),
        judge=None,
        judge_extra={},
        plain=False,
        cached=False,
        connections=16,
        ledger=Ledger(),
    )
    keys = {task.sample.question_folder: asking.key(task) for task in tasks}
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(stack.enter_context(Path(os.devnull).open("w"))))
        folder = stack.enter_context(RunFolder(Path(tempfile.mkdtemp(dir=package)), list(keys.values())))
        out = stack.enter_context(Output(len(tasks), "scored", json_lines=True))
        results = Results(out, folder, tasks, keys)
        asking.run(tasks, results, engine, folder)
    check(sum(row["render_success"] for row in results.in_order()), len(tasks))


def check(drawn: int, wanted: int) -> None:
    """Make sure that what is timed is what it seems to be."""
    if drawn != wanted:
        raise SystemExit(f"{drawn} of {wanted} were drawn")


def main() -> int:
    """Measure in turns, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=6)
    wanted = parser.parse_args()
    sources = charts(wanted.seeds)
    with tempfile.TemporaryDirectory() as name, Engine(cache=False) as engine:
        folder = Path(name)
        make_package(engine, folder, sources)
        tasks = tasks_of(folder, "test_mini")
        ways: dict[str, Callable[[], None]] = {
            "engine": partial(by_engine, engine, sources),
            "bench score": partial(by_score, engine, tasks, sources),
            "bench run": partial(by_run, engine, tasks, folder),
        }
        for work in ways.values():
            work()
        rounds: list[dict[str, Spent]] = []
        for turn in range(wanted.rounds):
            order = [*ways] if turn % 2 else [*reversed(ways)]
            rounds.append({way: timed(ways[way]) for way in order})
    console = Console()
    figures = {}
    for way in ways:
        rate = history.Figure.of([len(sources) / each[way].wall for each in rounds], better="higher")
        shares = [each["engine"].wall / each[way].wall for each in rounds]
        share = history.Figure.of(shares, better="higher", ratio=True)
        cpu_ms = history.Figure.of([1000 * each[way].cpu / len(sources) for each in rounds], better="lower")
        figures |= {f"{way} a second": rate, f"{way} share": share, f"{way} cpu ms": cpu_ms}
        console.print(
            f"{way:<12} {rate.median:6.1f}/s, {share.median:.2f} of the engine's ({share.low:.2f} – {share.high:.2f}),"
            f" {cpu_ms.median:.0f} ms of processors each"
        )
    history.append("bench_run", figures)
    return 0 if figures["bench run share"].median >= SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
