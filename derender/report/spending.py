"""What a run cost, as its ``ledger.json`` says."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .reading import fields_of, number_of, text_of


@dataclass(frozen=True, slots=True)
class Spent:
    """What one model was used for.

    Attributes:
        answers: in all.
        cached: those that had been given before.
        failed: requests that came to nothing.
        tokens: sent and written; None where the endpoint does not count them.
        waited_s: seconds waited, all requests' added up.
        cost: None where nobody knows it.
    """

    model: str
    answers: int
    cached: int
    failed: int
    tokens: tuple[int, int] | None
    waited_s: float
    cost: float | None


def spent_in(folder: Path) -> tuple[Spent, ...]:
    """What each model was used for; nothing where the folder has no ledger, or none that can be read."""
    try:
        ledger = json.loads((folder / "ledger.json").read_text("utf-8", "replace"))
    except (OSError, ValueError, RecursionError):
        return ()
    return tuple(_spent(text_of(model), row) for model, row in fields_of(ledger).items() if isinstance(row, dict))


def _spent(model: str, row: dict[str, Any]) -> Spent:
    usage = fields_of(row.get("usage"))
    counted = usage and not _count(row.get("uncounted"))
    return Spent(
        model,
        _count(row.get("samples")),
        _count(row.get("cached")),
        _count(row.get("failed")),
        (_count(usage.get("input_tokens")), _count(usage.get("output_tokens"))) if counted else None,
        max(0.0, _finite(row.get("elapsed_s")) or 0.0),
        _finite(row.get("cost")),
    )


def _finite(value: object) -> float | None:
    number = number_of(value)
    return None if number is None or number in {float("inf"), float("-inf")} else number


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value < 2**53 else 0
