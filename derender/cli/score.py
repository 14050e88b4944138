"""``derender score``: how alike two pictures are, or two folders of pictures."""

import os
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import BadPicture, UserError

from ._exits import one_line
from ._files import Names, reason
from ._help import Section, TeachingCommand
from ._options import Jobs, Json, split_names
from ._output import Output, mark, style
from ._run_folder import RunFolder

if TYPE_CHECKING:
    from derender.metrics import Scores

_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".avif"}
_EPILOG = """
Examples:
  derender score chart.png out/chart.png
  derender score chart.png out/chart.png --metric ssim,words
  derender score references/ out/ --json > scores.jsonl
  derender score references/ out/ -o compared && derender report compared

Pictures of two folders are matched by name, suffixes left out. A candidate is
brought to the reference's size where a metric needs that.
"""


@dataclass(frozen=True, slots=True)
class _Pair:
    reference: Path
    candidate: Path


@dataclass(frozen=True, slots=True)
class _Single:
    """A picture that nothing can be compared with, and why; one of the two is None."""

    reference: Path | None
    candidate: Path | None
    problem: str


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.PICTURES)(score)


def score(
    reference: Annotated[Path, typer.Argument(metavar="REFERENCE", help="The picture, or a folder of pictures.")],
    candidate: Annotated[Path, typer.Argument(metavar="CANDIDATE", help="What to compare with it, likewise.")],
    metric: Annotated[
        list[str] | None, typer.Option("--metric", "-m", metavar="a,b", help="Metrics to compute; all by default.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Run folder to write too, for `derender report`."),
    ] = None,
    jobs: Jobs = None,
    json: Json = False,
) -> None:
    """Say how alike two pictures are, or the pictures of two folders."""
    from derender.metrics import get_metric, metric_names

    metrics = [get_metric(name).name for name in split_names(metric)] or None
    found = _pairs(reference, candidate)
    pairs = [each for each in found if isinstance(each, _Pair)]
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(output)) if output else None
        out = stack.enter_context(Output(len(found), "scored", json_lines=json))
        results = _Results(out, folder, metrics or metric_names())
        for single in found:
            if isinstance(single, _Single):
                results.reject(single, single.problem)
        for pair, future in stack.enter_context(closing(_score_all(pairs, jobs, metrics))):
            results.add(pair, future, alone=len(found) == 1)
    raise typer.Exit(out.exit_code)


def _pairs(reference: Path, candidate: Path) -> list[_Pair | _Single]:
    """What is to be compared with what."""
    if reference.exists() and candidate.exists() and reference.is_dir() != candidate.is_dir():
        raise UserError(f"{reference} and {candidate}: compare two files or two folders, not one of each")
    if not reference.is_dir():
        return [_Pair(reference, candidate)]
    wanted, given = _pictures(reference), _pictures(candidate)
    if not wanted:
        raise UserError(f"{reference}: the folder holds no pictures")
    stems = {path.stem for path in wanted}
    extra = [path for path in given if path.stem not in stems]
    return [
        *(_match(path, given, candidate) for path in wanted),
        *(_Single(None, path, f"{path}: no picture named {path.stem} in {reference}") for path in extra),
    ]


def _pictures(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    except OSError as error:
        raise UserError(f"{folder}: can't be listed ({reason(error)})") from None


def _match(reference: Path, given: list[Path], folder: Path) -> _Pair | _Single:
    named = [path for path in given if path.stem == reference.stem]
    same = [path for path in named if path.name == reference.name] or named
    if not same:
        return _Single(reference, None, f"{reference}: no picture named {reference.stem} in {folder}")
    if len(same) > 1:
        several = ", ".join(path.name for path in same)
        return _Single(reference, None, f"{reference}: several pictures of that name in {folder}: {several}")
    return _Pair(reference, same[0])


def _score_all(
    pairs: list[_Pair], jobs: int | None, metrics: list[str] | None
) -> "Generator[tuple[_Pair, Future[Scores]]]":
    from derender.metrics import score as score_pictures

    threads = ThreadPoolExecutor(jobs or len(os.sched_getaffinity(0)), thread_name_prefix="score")
    try:
        pending = {threads.submit(score_pictures, pair.reference, pair.candidate, metrics): pair for pair in pairs}
        for future in as_completed(pending):
            yield pending.pop(future), future
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


class _Results:
    """Says what was scored, and writes it to the run folder where one is wanted."""

    def __init__(self, out: Output, folder: RunFolder | None, metrics: Sequence[str]) -> None:
        self._out = out
        self._folder = folder
        self._metrics = metrics
        self._names = Names()

    def reject(self, pair: _Pair | _Single, problem: str) -> None:
        """Report a pair that can't be compared."""
        self._out.rejected(_record(pair, {}, dict.fromkeys(self._metrics, problem)), problem)

    def add(self, pair: _Pair, future: "Future[Scores]", *, alone: bool) -> None:
        """Report one pair's scores."""
        error = future.exception()
        if isinstance(error, BadPicture):
            self.reject(pair, str(error))
            return
        scores = future.result()
        record = _record(pair, scores.scores, scores.unscored)
        if self._folder is not None:
            self._folder.record(self._row(pair, record))
        line = (
            _table(scores)
            if alone
            else f"{mark(bool(scores.scores))} {one_line(pair.reference.name)}  {_headlines(scores)}"
        )
        self._out.result(record, line, ok=bool(scores.scores))

    def _row(self, pair: _Pair, record: Mapping[str, Any]) -> dict[str, Any]:
        rendering = {"ok": True, "failure": None, "pictures": [record["candidate"]], "warnings": [], "elapsed_s": None}
        rest = {"target": None, "program": None, "model": None, "group": None}
        return {"id": self._names.claim(pair.reference.stem), **record, "rendering": rendering, **rest}


def _record(
    pair: _Pair | _Single, scores: Mapping[str, Mapping[str, float | None]], unscored: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "reference": str(pair.reference.absolute()) if pair.reference else None,
        "candidate": str(pair.candidate.absolute()) if pair.candidate else None,
        "scores": {metric: dict(parts) for metric, parts in scores.items()},
        "unscored": dict(unscored),
    }


def _headlines(scores: "Scores") -> str:
    """The first part of each metric."""
    return "  ".join(
        f"{style(name, dim=True)} {_number(next(iter(parts.values())))}" for name, parts in scores.scores.items()
    )


def _table(scores: "Scores") -> str:
    """A line per metric, with all its parts."""
    from derender.metrics import get_metric

    lines = []
    for name, values in scores.scores.items():
        parts = get_metric(name).parts
        texts = [_number(values[part.name], part.unit) for part in parts]
        if len(parts) > 1:
            texts = [f"{style(part.name, dim=True)} {text}" for part, text in zip(parts, texts, strict=True)]
        lower = "" if parts[0].higher_is_better else style("  lower is better", dim=True)
        lines.append(f"{name:<16} {'  '.join(texts)}{lower}")
    lines += [f"{name:<16} {style(f'not scored: {one_line(why)}', dim=True)}" for name, why in scores.unscored.items()]
    return "\n".join(lines)


def _number(value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    text = f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    return f"{text} {unit}" if unit else text
