"""Scoring one candidate against one reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from derender.core import DerenderError, Missing

from ._catalogue import default_metrics, resolve
from ._facts import Facts, Unscorable, size
from ._metric import Metric, Mode, Value
from ._sources import Source, observe


@dataclass(frozen=True, slots=True)
class Scores:
    """What metrics say of a candidate.

    Attributes:
        scores: metric → part → value; None for a part that means nothing for these pictures.
        unscored: metric → why there is no score; where other parts of a metric have one, ``metric.part`` → why this
            part has none.
        resized: whether the candidate had another size than the reference. Metrics that compare pixel by pixel then
            saw it brought to the reference's size: by area where it shrinks, linearly where it grows.
        notes: one sentence for everything else that a reader of the numbers must know.
    """

    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)
    resized: bool = False
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """A mapping that `json.dumps` takes; every number in it is finite."""
        return {
            "scores": self.scores,
            "unscored": self.unscored,
            "resized": self.resized,
            "notes": list(self.notes),
        }


def score(
    reference: Source,
    candidate: Source,
    metrics: Sequence[str | Metric] | None = None,
    *,
    mode: Mode | str = Mode.OFFICIAL,
) -> Scores:
    """Score a candidate against a reference with the metrics named, by default all that this machine has the means for.

    Both may be files, encoded bytes, pixels, PIL images, `Picture`, `Program`, `Rendering` or what `observe` made of
    these; what is observed once of a reference can so be used for many candidates. Metrics that compare programs get
    them, those that compare pictures get what the programs draw. Transparency is flattened on white.

    A program that failed by its own fault gets the worst value of each part of the metrics that compare pictures: 0
    where higher is better, else the worst bound; parts that mean nothing for the reference stay None. One that failed
    by ours is unscored.

    Args:
        reference: what is wanted.
        candidate: what was made.
        metrics: names, or metrics themselves.
        mode: whether papers' metrics are computed as published or with their defects corrected.

    Raises:
        UnknownName: no metric goes by one of the names, or no mode by that.
        BadPicture: a file or an array is no picture.
        UserError: something else was given.
    """
    mode = Mode(mode)
    wanted, given = observe(reference), observe(candidate)
    chosen = default_metrics(wanted, given) if metrics is None else resolve(metrics)
    of_programs = [metric for metric in chosen if metric.of_programs]
    found = _collect(of_programs, lambda metric: metric(wanted, given, mode))
    of_pictures = [metric for metric in chosen if not metric.of_programs]
    seen = score_pictures(wanted, given, of_pictures, mode) if of_pictures else Scores()
    return joined(chosen, seen, found)


def score_pictures(wanted: Facts, given: Facts, chosen: Sequence[Metric], mode: Mode) -> Scores:
    """The scores of two pictures by metrics that compare pictures, or why there are none."""
    if wanted.failure is not None:
        return unscored(chosen, f"the reference has no picture: {wanted.failure.message}")
    failure = given.failure
    if failure is None:
        return _collect(chosen, lambda metric: metric(wanted, given, mode), *_on_sizes(wanted, given))
    cause = f"{failure.kind}: {failure.message}"
    if failure.ours:
        return unscored(chosen, f"the candidate was not drawn, by no fault of its program ({cause})")
    notes = (f"the candidate failed ({cause})",)
    return _collect(chosen, lambda metric: _at_failure(metric, wanted, mode), False, notes)


def joined(chosen: Sequence[Metric], *found: Scores) -> Scores:
    """What was found of a pair, in the order in which the metrics were asked for."""
    names = [metric.name for metric in chosen]
    scores = {name: parts for each in found for name, parts in each.scores.items()}
    reasons = {name: why for each in found for name, why in each.unscored.items()}
    ordered = sorted(reasons.items(), key=lambda item: names.index(item[0].partition(".")[0]))
    return Scores(
        {name: scores[name] for name in names if name in scores},
        dict(ordered),
        any(each.resized for each in found),
        tuple(dict.fromkeys(note for each in found for note in each.notes)),
    )


def unscored(metrics: Iterable[Metric], reason: str) -> Scores:
    """No score by any metric, all for one reason."""
    return Scores(unscored={metric.name: reason for metric in metrics})


def _collect(
    metrics: Iterable[Metric],
    compare: Callable[[Metric], dict[str, Value]],
    resized: bool = False,
    notes: tuple[str, ...] = (),
) -> Scores:
    scores: dict[str, dict[str, float | None]] = {}
    reasons: dict[str, str] = {}
    for metric in metrics:
        try:
            values = compare(metric)
        except (Unscorable, Missing) as why:
            reasons[metric.name] = str(why)
            continue
        errors = {part: str(value) for part, value in values.items() if isinstance(value, DerenderError)}
        if len(errors) == len(values):
            reasons[metric.name] = "; ".join(dict.fromkeys(errors.values()))
            continue
        scores[metric.name] = {part: value for part, value in values.items() if not isinstance(value, DerenderError)}
        reasons |= {f"{metric.name}.{part}": why for part, why in errors.items()}
    return Scores(scores, reasons, resized, notes)


def _at_failure(metric: Metric, reference: Facts, mode: Mode) -> dict[str, Value]:
    """What a program that drew nothing gets against a reference.

    A failed candidate counts exactly where a drawn one would: what the reference can't give even when compared with
    itself, such as words where it has none, would otherwise be 0 for those that failed and null for the others.
    """
    possible = metric(reference, reference, mode)
    values = {
        part.name: part.at_failure if isinstance(possible[part.name], float) else possible[part.name]
        for part in metric.parts
    }
    if all(value is None for value in values.values()):
        raise Unscorable(f"the candidate failed, and {metric.name} has no worst value to give it")
    return values


def _on_sizes(reference: Facts, candidate: Facts) -> tuple[bool, tuple[str, ...]]:
    wanted, given = reference[size], candidate[size]
    if wanted == given:
        return False, ()
    return True, (f"the candidate has {given[0]}x{given[1]} pixels, the reference {wanted[0]}x{wanted[1]}",)
