"""The paper's tables of a run, ``benchmark_eval__<rater>`` and ``benchmark_summary__<rater>``: read, and summed up."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from derender.core import UserError

from .summary import Rated, Summary

_NEEDED = ("dataset", "question_folder", "render_success", "rating_final_0_to_5", "rating_raw_score_0_to_5")
_HIGHEST = 5.0
_EVALUATION, _SUMMARY = "benchmark_eval__", "benchmark_summary__"


def summary_record(summary: Summary) -> dict[str, Any]:
    """The part of ``benchmark_summary__<rater>.json`` that ratings decide; without any rating means are 0, as there."""
    rated = {name: means for name, means in sorted(summary.datasets.items()) if means.rated}
    categories = {
        f"{name}.{category}": mean for name, means in rated.items() for category, mean in means.categories.items()
    }
    return {
        "num_samples_evaluated": summary.all.n,
        "num_rated": summary.all.rated,
        "benchmark_score_0_to_5": summary.score or 0.0,
        "mean_final_rating_0_to_5": summary.all.final or 0.0,
        "mean_raw_score_0_to_5": summary.all.raw or 0.0,
        "macro_mean_final_rating_0_to_5": summary.score or 0.0,
        "macro_mean_raw_score_0_to_5": summary.raw_score or 0.0,
        "final_rating_bins_0_to_5": dict(summary.bins),
        "category_means_0_to_5": dict(sorted(categories.items())),
        "by_dataset": {
            name: {
                "num_samples": means.rated,
                "mean_final_rating_0_to_5": means.final,
                "mean_raw_score_0_to_5": means.raw,
                "category_means_0_to_5": dict(sorted(means.categories.items())),
            }
            for name, means in rated.items()
        },
    }


def is_table(path: Path) -> bool:
    """Whether a file is a table of ratings rather than lines of predictions: by its suffix, or by its list of rows."""
    if path.suffix.lower() != ".json":
        return path.suffix.lower() == ".csv"
    try:
        table = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(table, dict) and "rows" in table


def summary_beside(path: Path) -> Path | None:
    """The summary that was saved with a table; None where there is none."""
    slug = path.stem.removeprefix(_EVALUATION)
    beside = path.with_name(f"{_SUMMARY}{slug}.json")
    return beside if slug != path.stem and beside.is_file() else None


def read_ratings(path: Path) -> list[Rated]:
    """The samples of a ``benchmark_eval__<rater>.csv`` or ``.json``, with their ratings.

    Raises:
        UserError: it can't be read, is no such table, or names a sample twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: can't be read ({(error.strerror or 'unknown').lower()})") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text") from None
    rows = _from_json(path, text) if path.suffix.lower() == ".json" else _from_csv(path, text)
    found: dict[str, Rated] = {}
    for number, row in rows:
        try:
            rated, name = _rated(row), str(row["question_folder"])
            if name in found:
                raise UserError(f"{name} stood in a row before")
        except UserError as error:
            raise UserError(f"{path}, row {number}: {error}") from None
        found[name] = rated
    if not found:
        raise UserError(f"{path}: has no rows")
    return [*found.values()]


def differences(ours: Mapping[str, Any], path: Path) -> list[str]:
    """Where a saved ``benchmark_summary__<rater>.json`` has other numbers than ours.

    Raises:
        UserError: it can't be read, or is no such file.
    """
    try:
        theirs = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise UserError(f"{path}: can't be read as JSON") from None
    if not isinstance(theirs, dict):
        raise UserError(f"{path}: is no JSON object")
    return [*_differences("", ours, theirs)]


def _differences(name: str, ours: object, theirs: object) -> Iterator[str]:
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in ours:
            # Tables hold no category scores, so that nothing can be said of their means.
            if key != "category_means_0_to_5":
                yield from _differences(f"{name}.{key}".lstrip("."), ours[key], theirs.get(key))
        for key in theirs.keys() - ours.keys() if name else ():
            yield f"{name}.{key} is there alone"
    elif ours != theirs:
        yield f"{name} is {theirs} there, {ours} here"


def _from_csv(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        _check(path, reader.fieldnames or ())
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise UserError(f"{path}: is no table ({error})") from None


def _from_json(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(f"{path}: is no JSON") from None
    rows = table.get("rows") if isinstance(table, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{path}: is no table of ratings: it has no list of rows")
    for number, row in enumerate(rows, 1):
        _check(path, row)
        yield number, row


def _check(path: Path, columns: Iterable[str]) -> None:
    lacking = [name for name in _NEEDED if name not in {*columns}]
    if lacking:
        raise UserError(f"{path}: is no table of ratings: there is no column {', '.join(lacking)}")


def _rated(row: Mapping[str, Any]) -> Rated:
    final, raw = (_number(row, name) for name in ("rating_final_0_to_5", "rating_raw_score_0_to_5"))
    why = "" if final is not None else str(row.get("rating_status") or "no rating")
    return Rated(str(row["dataset"]), _truth(row, "render_success"), final, raw, unscored=why)


def _number(row: Mapping[str, Any], name: str) -> float | None:
    """A rating; None where the cell is empty."""
    cell = row[name]
    if cell is None or cell == "":
        return None
    try:
        value = float(cell)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    # Python takes underscores in numbers for nothing.
    if isinstance(cell, bool) or "_" in str(cell) or not 0 <= value <= _HIGHEST:
        raise UserError(f"{name} must be from 0 to 5, not {cell!r:.40}")
    return value


def _truth(row: Mapping[str, Any], name: str) -> bool:
    cell = str(row[name]).lower()
    if cell not in {"true", "false"}:
        raise UserError(f"{name} must be true or false, not {row[name]!r:.40}")
    return cell == "true"
