"""A benchmark's run folder as the leaderboard needs it: its rows checked one by one, and what was said of the run.

A row that the benchmark's own summary could not take, or that could not have been written by it, is left out and
counted; everything that only people read is shown as far as it is there.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derender.benchmarks.vision2code import SOURCES, FailureClass
from derender.benchmarks.vision2code.runs import ABOUT
from derender.benchmarks.vision2code.scoring import Dropped
from derender.core import UserError
from derender.core.files import read_file
from derender.judges import Mode
from derender.report.reading import fields_of, items_of, lines_of, number_of, object_of, text_of
from derender.report.runs import Row, row_of

from .places import Places

BENCHMARK = "vision2code"
_HIGHEST = 5.0
_MOST = 10**15
"""Of anything that is counted; a number beyond it is a mistake."""
_RATING = ("final_rating_0_to_5", "raw_score_0_to_5", "provisional_rating_0_to_5")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge wrote beside its scores, as much as there is.

    Attributes:
        rationales: category → why.
        summary: its overall words.
        strengths: what is good.
        issues: what is not.
        addressed: what in the pictures spoke to the judge.
    """

    rationales: Mapping[str, str]
    summary: str
    strengths: tuple[str, ...]
    issues: tuple[str, ...]
    addressed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a run.

    Attributes:
        row: its files and its failure.
        record: what the benchmark's summary is made of, checked.
        verdict: None where no judge was asked.
    """

    row: Row
    record: Mapping[str, Any]
    verdict: Verdict | None

    @property
    def name(self) -> str:
        """Which sample of the benchmark it is."""
        return str(self.record["question_folder"])

    def final(self, mode: Mode) -> float | None:
        """Its rating; None where it has none."""
        rating = self.record[mode.value]
        return None if rating is None else float(rating["final_rating_0_to_5"])


@dataclass(frozen=True, slots=True)
class Spent:
    """What one model was asked.

    Attributes:
        model: its name.
        requests: that were answered.
        input_tokens: sent.
        output_tokens: written.
        uncounted: requests whose tokens the endpoint didn't tell.
        cost: in the user's currency; None where it is not known.
    """

    model: str
    requests: int
    input_tokens: int
    output_tokens: int
    uncounted: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class Package:
    """What a run says of the package that its samples come from.

    Attributes:
        samples: of the run's split in it.
        published: whether they are as many of each dataset as were published.
    """

    samples: int
    published: bool


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """A run folder.

    Attributes:
        folder: where it lies.
        model: who answered; the folder's name where nobody says.
        split: which samples; None where nobody says.
        judge: who rated; None where nobody says.
        prompt: hash of what the model was asked by; None where nobody says.
        package: where the samples come from; None where nobody says.
        stated: whether ``run.json`` says what the run is.
        samples: in the order of the file; of one that is there twice, the last.
        unusable: lines that are no row of this benchmark.
        spent: by model.
        refused: files that rows name and that are not theirs to show.
    """

    folder: Path
    model: str
    split: str | None
    judge: str | None
    prompt: str | None
    package: Package | None
    stated: bool
    samples: tuple[Sample, ...]
    unusable: int
    spent: tuple[Spent, ...]
    refused: int


def read_measured(folder: Path) -> MeasuredRun:
    """A run folder of the benchmark.

    Raises:
        UserError: it is no run folder, or one of another benchmark.
    """
    said = _object(folder / ABOUT)
    if said.get("benchmark", BENCHMARK) != BENCHMARK:
        raise UserError(f"{folder}: is a run of {text_of(said['benchmark']) or 'something else'}, not of {BENCHMARK}")
    samples: dict[str, Sample] = {}
    unusable = 0
    places = Places(folder)
    for number, line in enumerate(lines_of(folder), 1):
        sample = _sample(object_of(line), places, number)
        if sample is None:
            unusable += 1
        else:
            samples[sample.name] = sample
    judges = dict.fromkeys(each.record["judge"] for each in samples.values() if each.record["judge"])
    return MeasuredRun(
        folder=folder,
        model=text_of(said.get("model")).strip() or folder.resolve().name or "run",
        split=text_of(said.get("split")) or None,
        judge=text_of(said.get("judge")) or ", ".join(judges) or None,
        prompt=text_of(said.get("prompt_sha256")) or None,
        package=_package(fields_of(said.get("package"))),
        stated=bool(said),
        samples=tuple(samples.values()),
        unusable=unusable,
        spent=tuple(_spent(model, fields_of(row)) for model, row in _object(folder / "ledger.json").items()),
        refused=places.refused,
    )


def _package(said: Mapping[str, Any]) -> Package | None:
    published = said.get("published")
    return Package(_count(said.get("samples")), published) if isinstance(published, bool) else None


def _object(path: Path) -> dict[str, Any]:
    """What a JSON file holds; nothing where it is missing or no object."""
    try:
        return fields_of(json.loads(read_file(path).decode("utf-8", "replace")))
    except (UserError, ValueError, RecursionError):
        return {}


def _spent(model: str, row: Mapping[str, Any]) -> Spent:
    usage, cost = fields_of(row.get("usage")), number_of(row.get("cost"))
    return Spent(
        text_of(model),
        _count(row.get("requests")),
        _count(usage.get("input_tokens")),
        _count(usage.get("output_tokens")),
        _count(row.get("uncounted")),
        cost if cost is not None and 0 <= cost < _MOST else None,
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST else 0


def _sample(data: dict[str, Any] | None, places: Places, number: int) -> Sample | None:
    record = _record(data) if data is not None else None
    if data is None or record is None:
        return None
    said = data.get("verdict")
    row = places.checked(row_of(data, places.folder, number))
    return Sample(row, record, _verdict(said) if isinstance(said, dict) else None)


def _record(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields that numbers are made of, and None where one of them is not what the benchmark writes."""
    name, dataset = text_of(data.get("question_folder")), data.get("dataset")
    rendered, dropped = data.get("render_success"), data.get("dropped")
    ratings = {mode.value: data.get(mode.value) for mode in Mode}
    rated = [_rating(each) for each in ratings.values() if each is not None]
    whole = (
        bool(name)
        and isinstance(dataset, str)
        and dataset in SOURCES
        and (rendered is None or isinstance(rendered, bool))
        and None not in rated
        # Either there are both ratings, or there is a reason why there is none.
        and (len(rated) == len(ratings) if dropped is None else not rated and text_of(dropped) in set(Dropped))
    )
    if not whole:
        return None
    scores = {text_of(key): number_of(value) for key, value in fields_of(data.get("category_scores")).items()}
    return {
        "question_folder": name,
        "dataset": dataset,
        "render_success": rendered,
        **{mode: _rating(rating) for mode, rating in ratings.items()},
        "category_scores": {key: value for key, value in scores.items() if _is_rating(value)},
        "dropped": dropped,
        "why": text_of(data.get("why")),
        "failure_class": _class(data.get("failure_class")),
        "failure_class_fixed": _class(data.get("failure_class_fixed")),
        "failure_kind": text_of(data.get("failure_kind")) or None,
        "judge": text_of(fields_of(data.get("verdict")).get("judge")),
    }


def _rating(value: object) -> dict[str, Any] | None:
    fields = fields_of(value)
    numbers = {name: number_of(fields.get(name)) for name in _RATING}
    if not all(map(_is_rating, numbers.values())):
        return None
    return {**numbers, "applied_caps": [cap for cap in map(_cap, items_of(fields.get("applied_caps"))) if cap]}


def _is_rating(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and 0 <= value <= _HIGHEST


def _cap(value: object) -> tuple[str, float, bool] | None:
    """Its type, the most a rating may be under it, and whether it lowered this one."""
    parts = items_of(value)
    most = number_of(parts[1]) if len(parts) == 3 else None
    return (text_of(parts[0]), most, parts[2] is True) if most is not None and math.isfinite(most) else None


def _class(value: object) -> str | None:
    return value if isinstance(value, str) and value in set(FailureClass) else None


def _verdict(said: Mapping[str, Any]) -> Verdict:
    rationales = {text_of(key): text_of(value) for key, value in fields_of(said.get("rationales")).items()}
    return Verdict(
        {key: value for key, value in rationales.items() if value},
        text_of(said.get("overall_summary")),
        _texts(said.get("strengths")),
        _texts(said.get("issues")),
        _texts(said.get("addressed_to_judge")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for item in items_of(value) if (text := text_of(item)))
