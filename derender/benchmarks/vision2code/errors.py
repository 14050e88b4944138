"""The error analysis of runs: how often programs give no picture, by class, and in which words they fail.

Classes are the paper's, told by its rules from the runner's text (``official``) or by what derender found (``fixed``);
kinds are derender's own. A program that could not be tried here has failed of nothing, and is counted apart.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derender.judges import Mode

from .runs import ScoredRun
from .taxonomy import FailureClass, FailureTable, count_failures

_CLASS_OF = {Mode.OFFICIAL: "failure_class", Mode.FIXED: "failure_class_fixed"}
_ERROR = re.compile(
    r"^((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Exit|Interrupt|Warning))(?::\s*|$)(.*)", re.DOTALL
)
_LONGEST = 160
_NORMAL = (
    (re.compile(r"\s*\([^()\s]+\.py, line \d+\)"), ""),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "0x…"),
    (re.compile(r"(?<![\w.])(?:/[\w.+@-]+){2,}/?"), "PATH"),
    (re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.]\w)"), "N"),
    (re.compile(r"\(N(?:, N)*,?\)"), "(N, …)"),
    (re.compile(r"\[N(?:,? N)*\]"), "[N, …]"),
    (re.compile(r"'[^']{41,}'"), "'…'"),
    (re.compile(r'"[^"]{41,}"'), '"…"'),
)
"""What differs between messages that say the same: places, addresses, paths, numbers, long quotations."""


@dataclass(frozen=True, slots=True)
class FailedSample:
    """A program that gave no picture.

    Attributes:
        model: whose.
        dataset: of the sample.
        sample: its ``question_folder``.
        classes: mode → class; a mode that knows none is missing.
        kind: derender's own word for it; None where the picture was drawn elsewhere.
        error: the exception's type, without its module; empty where none was raised.
        message: its own words, in one line.
    """

    model: str
    dataset: str
    sample: str
    classes: Mapping[Mode, FailureClass]
    kind: str | None
    error: str
    message: str

    @property
    def sentence(self) -> str:
        """The message without what differs between messages that say the same."""
        return normalised(self.message)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A sentence that programs failed with.

    Attributes:
        error: the exception's type; empty where none was raised.
        sentence: the normalised message.
        example: the first message as it was.
        samples: model and ``question_folder`` of each, in the order of the runs.
    """

    error: str
    sentence: str
    example: str
    samples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ErrorAnalysis:
    """Failures of some runs.

    Attributes:
        tried: model → dataset → programs that the machine could try.
        untried: model → reason → samples without a program, or whose program the machine could not try.
        failed: all failures, in the order of the runs.
    """

    tried: Mapping[str, Mapping[str, int]]
    untried: Mapping[str, Mapping[str, int]]
    failed: tuple[FailedSample, ...]

    def table(self, mode: Mode = Mode.OFFICIAL) -> FailureTable:
        """Model → class → failures, models without any among them."""
        classes = ((each.model, each.classes[mode]) for each in self.failed if mode in each.classes)
        counts = count_failures(classes).counts
        return FailureTable({model: counts.get(model, dict.fromkeys(FailureClass, 0)) for model in self.tried})

    def pivot(self, mode: Mode = Mode.OFFICIAL) -> Mapping[str, FailureTable]:
        """Model → the table of its datasets, those without failures among them."""
        found: dict[str, FailureTable] = {}
        for model, datasets in self.tried.items():
            own = [each for each in self.failed if each.model == model and mode in each.classes]
            counts = count_failures((each.dataset, each.classes[mode]) for each in own).counts
            nothing = dict.fromkeys(FailureClass, 0)
            found[model] = FailureTable({dataset: counts.get(dataset, nothing) for dataset in datasets})
        return found

    def kinds(self) -> Mapping[str, Mapping[str, int]]:
        """Model → derender's own kinds of failures → how many."""
        found: dict[str, Counter[str]] = {model: Counter() for model in self.tried}
        for each in self.failed:
            if each.kind is not None:
                found[each.model][each.kind] += 1
        return found

    def complaints(self) -> list[Complaint]:
        """What programs fail with, the commonest first."""
        alike: dict[tuple[str, str], list[FailedSample]] = {}
        for each in self.failed:
            alike.setdefault((each.error, each.sentence), []).append(each)
        found = [
            Complaint(error, sentence, own[0].message, tuple((each.model, each.sample) for each in own))
            for (error, sentence), own in alike.items()
        ]
        return sorted(found, key=lambda each: -len(each.samples))

    def record(self, limit: int | None = None) -> dict[str, Any]:
        """As JSON: totals, shares, pivots, and the commonest sentences.

        Args:
            limit: how many sentences; all of them by default.
        """
        return {
            "runs": sum(sum(datasets.values()) for datasets in self.tried.values()),
            "failures": len(self.failed),
            "models": {model: self._model(model) for model in self.tried},
            **{mode.value: self._shares(mode) for mode in Mode},
            "kinds": {model: dict(kinds) for model, kinds in self.kinds().items()},
            "sentences": [
                {
                    "error": each.error or None,
                    "sentence": each.sentence,
                    "example": each.example,
                    "count": len(each.samples),
                    "samples": [{"model": model, "question_folder": sample} for model, sample in each.samples],
                }
                for each in self.complaints()[:limit]
            ],
        }

    def _model(self, model: str) -> dict[str, Any]:
        tried = sum(self.tried[model].values())
        failed = sum(each.model == model for each in self.failed)
        return {
            "tried": tried,
            "failed": failed,
            "render_success_pct": round(100 * (tried - failed) / tried, 1) if tried else None,
            "untried": dict(self.untried[model]),
        }

    def _shares(self, mode: Mode) -> dict[str, Any]:
        table = self.table(mode)
        totals = {kind: table.total(kind) for kind in FailureClass}
        return {
            "totals": {kind.value: _share(count, sum(totals.values())) for kind, count in totals.items()},
            "models": {
                model: {kind.value: _share(count, sum(counts.values())) for kind, count in counts.items()}
                for model, counts in table.counts.items()
            },
            "datasets": {
                model: {
                    dataset: {kind.value: count for kind, count in counts.items()}
                    for dataset, counts in of_datasets.counts.items()
                }
                for model, of_datasets in self.pivot(mode).items()
            },
        }


def analyse(runs: Sequence[ScoredRun]) -> ErrorAnalysis:
    """The failures of runs."""
    tried: dict[str, Counter[str]] = {run.model: Counter() for run in runs}
    untried: dict[str, Counter[str]] = {run.model: Counter() for run in runs}
    failed: list[FailedSample] = []
    for run in runs:
        for row in run.rows:
            success = row.get("render_success")
            if success is None:
                untried[run.model][str(row.get("dropped") or "no reason given")] += 1
                continue
            tried[run.model][row["dataset"]] += 1
            if not success:
                failed.append(_failed(run.model, row))
    return ErrorAnalysis(tried, untried, tuple(failed))


def normalised(message: str) -> str:
    """A message without what differs between messages that say the same: places, addresses, paths, numbers."""
    text = " ".join(message.split())
    for pattern, instead in _NORMAL:
        text = pattern.sub(instead, text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _failed(model: str, row: Mapping[str, Any]) -> FailedSample:
    classes = {mode: row.get(column) for mode, column in _CLASS_OF.items()}
    error, message = _said(row)
    known = {mode: FailureClass(name) for mode, name in classes.items() if name in set(FailureClass)}
    return FailedSample(model, row["dataset"], row["question_folder"], known, row.get("failure_kind"), error, message)


def _said(row: Mapping[str, Any]) -> tuple[str, str]:
    """Type and words of what a program failed of: as derender found it, else the last line of the runner's text."""
    failure = (row.get("rendering") or {}).get("failure") or {}
    told = failure.get("message")
    lines = [line for line in (row.get("render_status") or "").splitlines() if line.strip()]
    text = told or next(
        (line for line in reversed(lines) if _ERROR.match(line)), lines[-1] if lines else "no word of it"
    )
    found = _ERROR.match(text)
    if found is None:
        return "", " ".join(text.split())
    return found[1].rpartition(".")[2], " ".join((found[2] or found[1]).split())


def _share(count: int, whole: int) -> dict[str, float | int]:
    return {"count": count, "share": round(count / whole, 6) if whole else 0.0}
