"""The demo: bundled programs → pictures → the offline model `trace` → programs again → scores → a gallery.

    python demo/run.py -o demo-out

Every picture is drawn by a program of this folder, so each has a reference program and its true words. A benchmark on
fifteen more follows, whose page lies beside the gallery. Progress goes to standard error; the gallery's path is the
last line of standard output.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from leaderboard import leaderboard
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from derender.core import Language, Picture, Program, Rendering
from derender.metrics import score
from derender.models.trace import Scene, Trace, write
from derender.render import Engine, RenderOptions
from derender.report import write_gallery

PROGRAMS = Path(__file__).parent / "programs"
TARGETS = (Language.SVG, Language.PYTHON, Language.HTML)
WRITTEN = {"reference", *TARGETS, "results.jsonl", "index.html", "vision2code", "leaderboard.html"}
"""All that a demo leaves in its folder, which the next one removes."""
METRICS = ("ssim", "edges", "psnr", "color_histogram", "phash", "words")
console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Item:
    """One demo picture: its name, the program that drew it, the picture itself."""

    name: str
    program: Program
    picture: Picture

    @property
    def group(self) -> str:
        """What kind of picture it is: the first word of the file's name."""
        return self.name.split("-")[0]


def main() -> int:
    """Run the demo; 0 when every picture that this machine can draw was turned into programs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=Path("demo-out"))
    parser.add_argument("-j", "--jobs", type=int, default=None)
    arguments = parser.parse_args()
    folder: Path = arguments.output.resolve()
    if problem := not_ours(folder):
        parser.error(problem)
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("reference", *TARGETS):
        (folder / name).mkdir(parents=True)
    started = time.monotonic()
    with Engine(jobs=arguments.jobs) as engine:
        items = list(draw_references(engine, folder))
        rows = list(turn_back(engine, items, folder))
    (folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    gallery = write_gallery(folder, title="derender demo: trace, the offline model")
    summarise(rows, time.monotonic() - started)
    with console.status("asking, drawing and rating as the benchmark Vision2Code does"):
        page = leaderboard(folder, arguments.jobs)
    console.print(f"no leaderboard: {page}" if isinstance(page, str) else f"leaderboard: {page}", soft_wrap=True)
    print(gallery)
    return int(not rows or any(not row["rendering"]["ok"] for row in rows))


def not_ours(folder: Path) -> str | None:
    """Why a folder must not be removed to make room, in a sentence; None where it may."""
    if folder.exists() and not folder.is_dir():
        return f"{folder}: is a file, and a folder is needed"
    # Pages that were being written when a demo was killed begin with a dot.
    found = sorted(os.listdir(folder)) if folder.is_dir() else []
    strangers = [
        name for name in found if name not in WRITTEN and not name.startswith((".index.html", ".leaderboard."))
    ]
    return f"{folder}: holds what no demo wrote, such as {strangers[0]}" if strangers else None


def draw_references(engine: Engine, folder: Path) -> Iterator[Item]:
    """Render the bundled programs; those this machine has no renderer for are named and left out."""
    paths = sorted(path for path in PROGRAMS.iterdir() if Language.of_file(path))
    programs = [Program.from_file(path) for path in paths]
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("drawing the pictures", total=len(paths))
        for index, rendering in engine.render_many(programs, in_order=True):
            progress.advance(task)
            if rendering.picture is None:
                reason = rendering.failure.message if rendering.failure else "no picture"
                console.print(f"left out {paths[index].name}: {reason}")
                continue
            rendering.picture.save(folder / "reference" / f"{paths[index].stem}.png")
            true_words = "\n".join(rendering.picture.texts or ())
            (folder / "reference" / f"{paths[index].stem}.txt").write_text(true_words, "utf-8")
            yield Item(paths[index].stem, programs[index], rendering.picture)


def turn_back(engine: Engine, items: list[Item], folder: Path) -> Iterator[dict[str, object]]:
    """Trace each picture once, write it in three languages, render and score all."""
    import numpy as np

    trace = Trace()
    with Progress(console=console, transient=True) as progress, ThreadPoolExecutor(1) as beside:
        task = progress.add_task("turning them back into programs", total=len(items))
        scored: list[Future[list[dict[str, object]]]] = []
        for item in items:
            started = time.monotonic()
            scene = trace.scene(np.asarray(item.picture.image().convert("RGBA")))
            elapsed_s = time.monotonic() - started
            # The programs of one picture are drawn and scored while the next picture is traced.
            scored.append(beside.submit(lambda *job: list(score_targets(engine, *job)), item, scene, folder, elapsed_s))
            progress.advance(task)
        for rows in scored:
            yield from rows.result()


def score_targets(
    engine: Engine, item: Item, scene: Scene, folder: Path, elapsed_s: float
) -> Iterator[dict[str, object]]:
    """One row of the run for each target language."""
    programs = [write(scene, target) for target in TARGETS]
    # A page is drawn in a viewport as large as the picture; the others know their size, which is the same.
    options = RenderOptions(width=item.picture.width, height=item.picture.height)
    for index, rendering in engine.render_many(programs, options, in_order=True):
        yield {**row_of(item, programs[index], rendering, folder), "model": "trace", "model_s": round(elapsed_s, 3)}


def row_of(item: Item, program: Program, rendering: Rendering, folder: Path) -> dict[str, object]:
    """Write a candidate's files and describe it as one line of results.jsonl."""
    target = program.language
    path = folder / target / f"{item.name}{target.suffix}"
    path.write_text(program.source, "utf-8")
    pictures = []
    if rendering.picture is not None:
        rendering.picture.save(folder / target / f"{item.name}.png")
        pictures.append(f"{target}/{item.name}.png")
    scores = score(item.picture, rendering, METRICS)
    failure = rendering.failure
    return {
        "id": f"{item.name}-{target}",
        "reference": f"reference/{item.name}.png",
        "target": target,
        "group": item.group,
        "program": f"{target}/{path.name}",
        "rendering": {
            "ok": rendering.ok,
            "failure": failure and {"kind": failure.kind, "message": failure.message, "line": failure.line},
            "pictures": pictures,
            "warnings": list(rendering.warnings),
            "elapsed_s": round(rendering.elapsed_s, 4),
        },
        "scores": {name: dict(parts) for name, parts in scores.scores.items()},
        "unscored": dict(scores.unscored),
        "bytes": len(program.source.encode()),
    }


def summarise(rows: list[dict], elapsed_s: float) -> None:
    """A table for people, on standard error."""
    table = Table(title=f"{len(rows)} programs in {elapsed_s:.0f} s")
    for column in ("target", "pictures", "SSIM median", "words found (mean)", "size median", "trace median"):
        table.add_column(column, justify="right")
    for target in TARGETS:
        mine = [row for row in rows if row["target"] == target]
        if mine:
            table.add_row(target, str(len(mine)), *_figures(mine))
    console.print(table)


def _figures(rows: list[dict]) -> tuple[str, str, str, str]:
    ssim = [row["scores"]["ssim"]["ssim"] for row in rows if row["scores"].get("ssim", {}).get("ssim") is not None]
    words = [
        row["scores"]["words"]["recall"] for row in rows if row["scores"].get("words", {}).get("recall") is not None
    ]
    return (
        f"{statistics.median(ssim):.3f}" if ssim else "–",
        f"{statistics.mean(words):.3f}" if words else "–",
        f"{statistics.median(row['bytes'] for row in rows) / 1024:.1f} KB",
        f"{statistics.median(row['model_s'] for row in rows):.2f} s",
    )


if __name__ == "__main__":
    sys.exit(main())
