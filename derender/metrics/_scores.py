"""Scoring one candidate against one reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from derender.core import Missing

from ._catalogue import default_metrics, resolve
from ._facts import Facts, Unscorable, size
from ._metric import Metric
from ._sources import Source, observe


@dataclass(frozen=True, slots=True)
class Scores:
    """What metrics say of a candidate.

    Attributes:
        scores: metric → part → value; None for a part that means nothing for these pictures.
        unscored: metric → why there is no score. No metric is in both.
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


def score(reference: Source, candidate: Source, metrics: Sequence[str | Metric] | None = None) -> Scores:
    """Score a candidate against a reference with the metrics named, by default all that this machine has the means for.

    Both may be files, encoded bytes, pixels, PIL images, `Picture`, `Rendering` or what `observe` made of these; what
    is observed once of a reference can so be used for many candidates. Transparency is flattened on white.

    A `Rendering` that failed by its program's fault gets the worst value of each part: 0 where higher is better, else
    the worst bound; parts that mean nothing for the reference stay None. One that failed by ours is unscored.

    Raises:
        UnknownName: no metric goes by one of the names.
        BadPicture: a file or an array is no picture.
        UserError: something else was given.
    """
    wanted, given = observe(reference), observe(candidate)
    chosen = default_metrics(wanted, given) if metrics is None else resolve(metrics)
    if wanted.failure is not None:
        return unscored(chosen, f"the reference has no picture: {wanted.failure.message}")
    if given.failure is None:
        return _collect(chosen, lambda metric: metric(wanted, given), *_on_sizes(wanted, given))
    cause = f"{given.failure.kind}: {given.failure.message}"
    if given.failure.ours:
        return unscored(chosen, f"the candidate was not drawn, by no fault of its program ({cause})")
    return _collect(chosen, lambda metric: _at_failure(metric, wanted), False, (f"the candidate failed ({cause})",))


def unscored(metrics: Iterable[Metric], reason: str) -> Scores:
    """No score by any metric, all for one reason."""
    return Scores(unscored={metric.name: reason for metric in metrics})


def _collect(
    metrics: Iterable[Metric],
    compare: Callable[[Metric], dict[str, float | None]],
    resized: bool,
    notes: tuple[str, ...],
) -> Scores:
    scores, reasons = {}, {}
    for metric in metrics:
        try:
            scores[metric.name] = compare(metric)
        except (Unscorable, Missing) as why:
            reasons[metric.name] = str(why)
    return Scores(scores, reasons, resized, notes)


def _at_failure(metric: Metric, reference: Facts) -> dict[str, float | None]:
    """What a program that drew nothing gets against a reference.

    A failed candidate counts exactly where a drawn one would: what the reference can't give even when compared with
    itself, such as words where it has none, would otherwise be 0 for those that failed and null for the others.
    """
    possible = metric(reference, reference)
    values = {part.name: None if possible[part.name] is None else part.at_failure for part in metric.parts}
    if all(value is None for value in values.values()):
        raise Unscorable(f"the candidate failed, and {metric.name} has no worst value to give it")
    return values


def _on_sizes(reference: Facts, candidate: Facts) -> tuple[bool, tuple[str, ...]]:
    wanted, given = reference[size], candidate[size]
    if wanted == given:
        return False, ()
    return True, (f"the candidate has {given[0]}x{given[1]} pixels, the reference {wanted[0]}x{wanted[1]}",)
