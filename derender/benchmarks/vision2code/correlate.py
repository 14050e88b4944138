"""How well a run's ratings agree with people's own, sample by sample.

People rated pictures of certain programs. Their ratings are joined with a run by sample, by model where they say whose,
and are refused where they say that the program was another. What is in one and not in the other is counted.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from derender.benchmarks.statistics import DEFAULT, Correlation, Resampling, correlation, correlation_difference
from derender.core import UserError

from .cosine import KINDS, drawn, file_digest
from .runs import ScoredRun, read_rows

_SAMPLE = ("question_folder",)
_RATING = ("rating", "rating_0_to_5", "human_rating_0_to_5")
_MODEL = ("model", "model_slug")
_PROGRAM = ("program_sha256", "program_hash")
_HIGHEST = 5.0
MAIN = "official"
"""The column that the others are compared with."""
COLUMNS = (MAIN, "fixed", "raw", *(f"cosine_{kind}{rows}" for kind in KINDS for rows in ("", "_all_rows")))


@dataclass(frozen=True, slots=True)
class HumanRating:
    """What somebody said of a picture.

    Attributes:
        line: of the file.
        sample: its ``question_folder``.
        rating: 0 to 5.
        model: whose program it was; None where the file doesn't say.
        program: SHA-256 of that program, hexadecimal; None where the file doesn't say.
    """

    line: int
    sample: str
    rating: float
    model: str | None = None
    program: str | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """A sample that people and the run both rated, or could have.

    Attributes:
        model: whose program it is.
        dataset: of the sample.
        human: the mean of people's ratings.
        scores: column → score; NaN where there is none.
        why: why the run has no rating.
    """

    model: str
    dataset: str
    human: float
    scores: Mapping[str, float]
    why: str | None


@dataclass(frozen=True, slots=True)
class Join:
    """Ratings and runs put together.

    Attributes:
        both: the samples that are in both.
        ratings: how many ratings were read.
        strangers: ratings of samples or models that no run has, by sentence.
        unrated: samples of the runs that nobody rated.
        unverified: joined ratings that don't say which program they are about.
    """

    both: tuple[Both, ...]
    ratings: int
    strangers: Mapping[str, int]
    unrated: int
    unverified: int


def read_ratings(path: Path) -> list[HumanRating | UserError]:
    """The ratings of a file, in its order; a line that can't be used says why.

    Args:
        path: a CSV file with columns ``question_folder`` and ``rating``, and maybe ``model`` and ``program_sha256``;
            the published study's names of columns do too.

    Raises:
        UserError: it can't be read, or lacks columns.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [*_ratings(path, csv.DictReader(file))]
    except OSError as error:
        raise UserError(f"{path}: can't be read ({(error.strerror or 'unknown').lower()})") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text") from None
    except csv.Error as error:
        raise UserError(f"{path}: is no table ({error})") from None


def join(ratings: Sequence[HumanRating], runs: Sequence[ScoredRun], cosines: Path | None = None) -> Join:
    """Ratings with what the runs say of the same programs.

    Args:
        ratings: of people; several of one sample are averaged.
        runs: that hold the programs.
        cosines: the folder of cosines of the one run; by default ``cosine`` in each run, where that is.

    Raises:
        UserError: ratings are of other programs than the runs', or don't say whose where there are several runs.
    """
    if len(runs) > 1 and any(each.model is None for each in ratings):
        raise UserError("the ratings don't say whose programs they are of: add a column model, or give one run")
    if len(runs) > 1 and cosines is not None:
        raise UserError("a folder of cosines is of one run, and there are several")
    known = {(run.model, row["question_folder"]): (run, row) for run in runs for row in run.rows}
    alone = runs[0].model
    found: dict[tuple[str, str], list[HumanRating]] = {}
    strangers: Counter[str] = Counter()
    for each in ratings:
        key = (alone if each.model is None else each.model, each.sample)
        if key in known:
            found.setdefault(key, []).append(each)
        else:
            models = {run.model for run in runs}
            strangers[f"no run is of the model {key[0]}" if key[0] not in models else "the run has no such sample"] += 1
    _refuse_others(found, known)
    seen = {run.model: _cosines(run, cosines) for run in runs}
    both = tuple(_both(*known[key], own, seen[key[0]].get(key[1], {})) for key, own in found.items())
    unverified = sum(each.program is None for own in found.values() for each in own)
    return Join(both, len(ratings), strangers, len(known) - len(found), unverified)


def agreement(both: Sequence[Both], how: Resampling = DEFAULT) -> dict[str, Any]:
    """Column → how well it agrees with people, and how much better or worse than the official rating.

    Correlations are of the samples that have the column; differences of those that have both.
    """
    human = [each.human for each in both]
    scores = {column: [each.scores[column] for each in both] for column in COLUMNS}
    found: dict[str, Any] = {}
    for column, own in scores.items():
        scored = [(one, other) for one, other in zip(human, own, strict=True) if not math.isnan(other)]
        if not scored:
            continue
        found[column] = {
            "n": len(scored),
            "missing": len(own) - len(scored),
            "mean_human": fmean(one for one, _ in scored),
            "mean_metric": fmean(other for _, other in scored),
            **{kind.value: asdict(correlation(human, own, kind, how)) for kind in Correlation},
        }
        if column != MAIN and MAIN in found:
            deltas = {
                kind.value: asdict(correlation_difference(human, own, scores[MAIN], kind, how)) for kind in Correlation
            }
            found[column]["minus_official"] = deltas
    return found


def _ratings(path: Path, reader: "csv.DictReader[str]") -> Iterator[HumanRating | UserError]:
    names = reader.fieldnames or ()
    columns = {each[0]: next((name for name in each if name in names), None) for each in (_SAMPLE, _RATING)}
    lacking = [name for name, column in columns.items() if column is None]
    if lacking:
        raise UserError(f"{path}: there is no column {', '.join(lacking)}")
    for row in reader:
        try:
            yield _rating(reader.line_num, row)
        except UserError as error:
            yield UserError(f"{path}, line {reader.line_num}: {error}")


def _rating(line: int, row: Mapping[str, str | None]) -> HumanRating:
    sample, said, model, program = (_cell(row, names) for names in (_SAMPLE, _RATING, _MODEL, _PROGRAM))
    if sample is None:
        raise UserError("names no sample")
    try:
        rating = float(said or "")
    except ValueError:
        rating = math.nan
    # Python takes underscores in numbers for nothing.
    if "_" in (said or "") or not 0 <= rating <= _HIGHEST:
        raise UserError(f"the rating must be a number from 0 to 5, not {said or ''!r:.40}")
    return HumanRating(line, sample, rating, model, program.lower() if program else None)


def _cell(row: Mapping[str, str | None], names: Sequence[str]) -> str | None:
    """The first of the columns that says something."""
    return next((cell.strip() for name in names if (cell := row.get(name)) and cell.strip()), None)


def _refuse_others(
    found: Mapping[tuple[str, str], Sequence[HumanRating]],
    known: Mapping[tuple[str, str], tuple[ScoredRun, Mapping[str, Any]]],
) -> None:
    """Refuse ratings of programs that are not the runs'."""
    others: list[str] = []
    for key, own in found.items():
        said = {each.program for each in own if each.program is not None}
        if said and said != {_program(*known[key])}:
            others.append(key[1])
    if others:
        many = f"{len(others)} samples were" if len(others) > 1 else "one sample was"
        raise UserError(
            f"{many} rated as drawn by another program than the run's, such as {others[0]}: the ratings are of another"
            " run, and would say nothing of this one"
        )


def _cosines(run: ScoredRun, folder: Path | None) -> dict[str, Mapping[str, Any]]:
    """Sample → its record of cosines."""
    place = folder or run.folder / "cosine"
    if folder is None and not place.is_dir():
        return {}
    pictures = {row["question_folder"]: drawn(run, row) for row in run.rows}
    found = {row["question_folder"]: row for row in read_rows(place)}
    for sample, row in found.items():
        if row.get("candidate_sha256") != file_digest(pictures.get(sample)):
            raise UserError(f"{place}: its cosine of {sample} is of another picture than the run's; compare them anew")
    return found


def _program(run: ScoredRun, row: Mapping[str, Any]) -> str | None:
    return file_digest(run.path(row.get("program")))


def _both(run: ScoredRun, row: Mapping[str, Any], ratings: Sequence[HumanRating], cosines: Mapping[str, Any]) -> Both:
    official, fixed = (row.get(mode) or {} for mode in ("official", "fixed"))
    final, raw = "final_rating_0_to_5", "raw_score_0_to_5"
    values = {MAIN: official.get(final), "fixed": fixed.get(final), "raw": official.get(raw)}
    for kind in KINDS:
        for rows in ("", "_all_rows"):
            values[f"cosine_{kind}{rows}"] = cosines.get(f"cosine_{kind}_0_to_5{rows}")
    scores = {name: math.nan if value is None else float(value) for name, value in values.items()}
    why = None if row.get("official") else str(row.get("dropped") or "no rating")
    return Both(run.model, row["dataset"], fmean(each.rating for each in ratings), scores, why)
