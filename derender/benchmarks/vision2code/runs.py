"""Run folders of the benchmark, read back: ``results.jsonl`` has a row a sample, ``run.json`` says what the run is."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derender.core import UserError

RESULTS, ABOUT = "results.jsonl", "run.json"
_BENCHMARK = "vision2code"
_NEEDED = ("question_folder", "dataset")


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

    def path(self, named: object) -> Path | None:
        """A file that a row names, relative to the folder or absolute; None where it names none."""
        return self.folder / named if isinstance(named, str) and named else None


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
    found: dict[str, Mapping[str, Any]] = {}
    # Of a sample that was done again the last line counts.
    for row in _rows(folder / RESULTS):
        found[row["question_folder"]] = row
    if not found:
        raise UserError(f"{folder}: the run has no results yet")
    model = about.get("model") or folder.resolve().name
    sampling = about.get("sampling")
    asked = sampling if isinstance(sampling, dict) else {}
    return ScoredRun(folder, str(model), about.get("judge"), about.get("split"), tuple(found.values()), asked)


def _about(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{path}: can't be read ({(error.strerror or 'unknown').lower()})") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path}: is no JSON") from None
    if not isinstance(about, dict) or about.get("benchmark", _BENCHMARK) != _BENCHMARK:
        raise UserError(f"{path}: is not of a run of {_BENCHMARK}")
    return about


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{path.parent}: is no run folder, it holds no {path.name}") from None
    except OSError as error:
        raise UserError(f"{path}: can't be read ({(error.strerror or 'unknown').lower()})") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            if number == len(lines):
                # A run that was killed may have been writing it.
                return
            raise UserError(f"{path}, line {number}: is no JSON") from None
        if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in _NEEDED):
            raise UserError(f"{path}, line {number}: is no row of {_BENCHMARK}: it lacks {' or '.join(_NEEDED)}")
        yield row
