"""Run folders of the benchmark, read back: ``results.jsonl`` has a row a sample, ``run.json`` says what the run is."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derender.core import UserError
from derender.core.files import read_file

from ._run_rows import is_text, row_of

RESULTS, ABOUT = "results.jsonl", "run.json"
_BENCHMARK = "vision2code"


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """A run that was scored.

    Attributes:
        folder: where it lies.
        model: who answered, or the folder's name where the run doesn't say; unique among runs that were read together.
        judge: who rated; None where the run doesn't say.
        split: which samples; None where it doesn't say.
        rows: records of `scoring.Scored` with the run's own fields, in the order of the file; each sample once.
        sampling: how the model was asked; empty where the run doesn't say.
    """

    folder: Path
    model: str
    judge: str | None
    split: str | None
    rows: tuple[Mapping[str, Any], ...]
    sampling: Mapping[str, Any] = field(default_factory=dict)

    def path(self, named: str | None) -> Path | None:
        """A file of the run's own that a row names; None where it names none.

        Raises:
            UserError: it lies outside: a run that came from elsewhere has no business with other files.
        """
        if not named:
            return None
        try:
            inside = (self.folder / named).resolve().is_relative_to(self.folder.resolve())
        except ValueError:
            inside = False
        if not inside:
            raise UserError(f"{self.folder}: a row names a file outside the run: {named!r:.80}")
        return self.folder / named

    def reference(self, row: Mapping[str, Any]) -> Path | None:
        """The picture that a row's program was to draw, which lies in a package; None where the row names none."""
        named = row.get("reference")
        return self.folder / named if named else None


def read_runs(folders: Sequence[Path]) -> list[ScoredRun]:
    """Several runs; those of one model are told apart by their folders.

    Raises:
        UserError: one of them can't be read, or is given twice.
    """
    runs = [read_run(folder) for folder in folders]
    places = Counter(run.folder.resolve() for run in runs)
    twice = next((run.folder for run in runs if places[run.folder.resolve()] > 1), None)
    if twice is not None:
        raise UserError(f"{twice}: is given twice")
    models = Counter(run.model for run in runs)
    return [run if models[run.model] == 1 else replace(run, model=f"{run.model} ({run.folder})") for run in runs]


def read_run(folder: Path) -> ScoredRun:
    """A run.

    Raises:
        UserError: it is no run folder of this benchmark, or a line of it is none of a sample's.
    """
    about = _about(folder / ABOUT)
    rows = read_rows(folder)
    if not any("render_success" in row for row in rows):
        raise UserError(f"{folder}: is no scored run: its rows don't say what was drawn")
    model = about.get("model") or folder.resolve().name
    sampling = about.get("sampling")
    asked = sampling if isinstance(sampling, dict) else {}
    return ScoredRun(folder, model, about.get("judge"), about.get("split"), rows, asked)


def read_rows(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """The rows of a folder, those of a run's cosines too; of a sample that was done again the last one.

    Raises:
        UserError: it is no run folder of this benchmark, or a line of it is none of a sample's.
    """
    path = folder / RESULTS
    if not path.exists():
        raise UserError(f"{folder}: is no run folder, it holds no {RESULTS}")
    lines = read_file(path).split(b"\n")
    found: dict[str, Mapping[str, Any]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = row_of(json.loads(line))
        except (ValueError, RecursionError):
            if number == len(lines):
                # A run that was killed may have been writing it.
                break
            raise UserError(f"{path}, line {number}: is no JSON") from None
        except UserError as error:
            raise UserError(f"{path}, line {number}: {error}") from None
        found[row["question_folder"]] = row
    if not found:
        raise UserError(f"{folder}: the run has no results yet")
    return tuple(found.values())


def _about(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        about = json.loads(read_file(path))
    except (ValueError, RecursionError):
        raise UserError(f"{path}: is no JSON") from None
    if not isinstance(about, dict) or about.get("benchmark", _BENCHMARK) != _BENCHMARK:
        raise UserError(f"{path}: is not of a run of {_BENCHMARK}")
    wrong = [name for name in ("model", "judge", "split") if not is_text(about.get(name))]
    if wrong:
        raise UserError(f"{path}: {wrong[0]} must be text")
    return about
