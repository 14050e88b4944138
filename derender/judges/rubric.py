"""What a judge looks at: categories, weights, anchors and caps, each rubric a data file of its own.

A rubric's name is its place below ``rubrics/``: ``vision2code/ChartQA``, ``januscoder/chart_edit``. Numbers and ids are
those of the papers, the words are our own.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from derender.core import UnknownName

RAW = "raw"
"""What a condition on the weighted sum names in place of a category."""
_TOLERANCE = 1e-8
_SPLIT = re.compile(r"_(?:train|test)_")


class Shown(StrEnum):
    """What a rubric wants the judge to see."""

    REFERENCE = "reference"
    """The picture to recreate, or the picture before an edit."""
    CANDIDATE = "candidate"
    """The picture to be judged."""
    INSTRUCTION = "instruction"
    """What was asked for."""
    CODE_BEFORE = "code_before"
    """The program before an edit."""
    CODE = "code"
    """The program to be judged."""


class Aggregate(StrEnum):
    """How category scores become one number."""

    WEIGHTED = "weighted"
    """The sum of weight times score."""
    MEAN = "mean"
    """Their plain mean."""
    ALL_AT_LEAST = "all_at_least"
    """1 when every score reaches the rubric's mark, else 0."""
    HOLISTIC = "holistic"
    """The judge's own total, which need not follow from the scores."""


@dataclass(frozen=True, slots=True)
class Category:
    """One thing to be scored.

    Attributes:
        id: its key in a reply.
        label: its name for people.
        weight: its share of the weighted sum.
        critical: whether weakness in it caps the rating.
        description: what it judges.
    """

    id: str
    label: str
    weight: float
    critical: bool
    description: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound on a category's score, or on the weighted sum, that a cap waits for.

    Attributes:
        subject: a category's id, or `RAW`.
        bound: ``max`` (at most), ``min`` (at least) or ``below`` (less than).
        value: the bound.
    """

    subject: str
    bound: str
    value: float

    def holds(self, scores: Mapping[str, float], raw: float) -> bool:
        """Whether it is met; on scores with the paper's tolerance of 1e-8, on the weighted sum to the bit."""
        score, slack = (raw, 0.0) if self.subject == RAW else (scores[self.subject], _TOLERANCE)
        if self.bound == "max":
            return score <= self.value + slack
        if self.bound == "min":
            return score >= self.value - slack
        return score < self.value - slack


@dataclass(frozen=True, slots=True)
class Cap:
    """The most a rating may be under conditions: all of ``all_of``, and one of ``any_of`` where there are any."""

    type: str
    cap_to: float
    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()

    def fires(self, scores: Mapping[str, float], raw: float) -> bool:
        """Whether the conditions are met."""
        any_of = [each.holds(scores, raw) for each in self.any_of]
        return all(each.holds(scores, raw) for each in self.all_of) and (any(any_of) or not any_of)


@dataclass(frozen=True, slots=True)
class Rubric:
    """What a judge looks at, and how its scores become a rating.

    Attributes:
        name: ``vision2code/ChartQA``.
        version: of the formula, as its paper names it; ``edition`` counts ours of the words.
        source: whose rubric it is, and what of it is whose.
        digest: SHA-256 of the data file, which goes into every verdict.
        task: ``recreation``, ``generation`` or ``edit``: which prompt asks for it.
        shows: what the judge must be shown, in this order.
        low: the lowest score of a category.
        high: the highest.
        decimals: to how many a score is rounded; 0 demands whole numbers; None leaves it as it is.
        anchors: score → what earns it.
        guards: cap → value, where the picture alone decides: ``execution_failure``,
            ``candidate_missing_or_unreadable``, ``blank_or_degenerate``.
        caps: in the order they are listed where they fire.
        total_key: how a reply names its own total; None where it must not compute one.
        every_at_least: the mark of `Aggregate.ALL_AT_LEAST`.
        gate: the least rating that passes; None where the paper publishes none.
    """

    name: str
    version: str
    edition: int
    source: str
    digest: str
    task: str
    shows: tuple[Shown, ...]
    low: float
    high: float
    decimals: int | None
    anchors: Mapping[str, str]
    guidance: str
    notes: tuple[str, ...]
    categories: tuple[Category, ...]
    guards: Mapping[str, float]
    caps: tuple[Cap, ...]
    aggregate: Aggregate
    total_key: str | None
    every_at_least: float | None
    gate: float | None

    @property
    def ids(self) -> tuple[str, ...]:
        """The categories' ids, in order."""
        return tuple(each.id for each in self.categories)


@cache
def rubric_names() -> tuple[str, ...]:
    """The names of all rubrics, sorted."""
    folders = (each for each in _home().iterdir() if each.is_dir())
    files = ((folder.name, file.name) for folder in folders for file in folder.iterdir())
    return tuple(sorted(f"{folder}/{file[:-5]}" for folder, file in files if file.endswith(".json")))


@cache
def rubric_families() -> tuple[str, ...]:
    """What stands before the slash of rubrics' names, sorted."""
    return tuple(sorted({name.partition("/")[0] for name in rubric_names()}))


@cache
def get_rubric(name: str) -> Rubric:
    """A rubric by its name; the part behind the slash will do where only one rubric has it.

    Raises:
        UnknownName: there is none, or several.
    """
    found = [each for each in rubric_names() if name in {each, each.partition("/")[2]}]
    if len(found) != 1:
        raise UnknownName("rubric", name, rubric_names())
    data = _home().joinpath(f"{found[0]}.json").read_bytes()
    return _parse(found[0], data)


def rubric_of(family: str, *said: str | None) -> Rubric:
    """The rubric of a family that the first telling name means: a dataset, a sample's id, or a path's part.

    A name tells when it is a rubric's, or its part before a colon is, or that before ``_train_`` or ``_test_``:
    ``ChartQA_test_000509_2ac3907c97d2`` means ChartQA.

    Raises:
        UnknownName: none of them does, or there is no such family.
    """
    names = {each.partition("/")[2] for each in rubric_names() if each.partition("/")[0] == family}
    if not names:
        raise UnknownName("family of rubrics", family, rubric_families())
    given = [name for name in said if name]
    for name in given:
        for part in (name, name.partition(":")[0], _SPLIT.split(name)[0]):
            if part in names:
                return get_rubric(f"{family}/{part}")
    raise UnknownName("dataset", given[0] if given else "", names)


def _home() -> Traversable:
    return resources.files("derender.judges").joinpath("rubrics")


def _parse(name: str, data: bytes) -> Rubric:
    fields: dict[str, Any] = json.loads(data)
    fields["shows"] = tuple(map(Shown, fields["shows"]))
    fields["notes"] = tuple(fields["notes"])
    fields["categories"] = tuple(Category(**each) for each in fields["categories"])
    fields["caps"] = tuple(
        Cap(each["type"], each["cap_to"], _conditions(each["all_of"]), _conditions(each["any_of"]))
        for each in fields["caps"]
    )
    fields["aggregate"] = Aggregate(fields["aggregate"])
    return Rubric(name=name, digest=hashlib.sha256(data).hexdigest(), **fields)


def _conditions(listed: list[list[Any]]) -> tuple[Condition, ...]:
    return tuple(Condition(subject, bound, value) for subject, bound, value in listed)
