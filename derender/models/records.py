"""Answers as JSON: how they are kept, recorded and replayed."""

from collections.abc import Mapping
from typing import Any

from .chat import Sample, Usage


def sample_row(sample: Sample) -> dict[str, Any]:
    """A sample as JSON holds it."""
    return {"text": sample.text, "finish": sample.finish, "refusal": sample.refusal, "thoughts": sample.thoughts}


def read_sample(row: object) -> Sample:
    """A sample out of JSON; ``finish``, ``refusal`` and ``thoughts`` may be left out, and ``text`` of a refusal.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    if not isinstance(row, Mapping):
        raise ValueError("it is no object")
    refusal = _text(row, "refusal")
    text = _text(row, "text")
    if text is None and refusal is None:
        raise ValueError("it has neither text nor refusal")
    finish = _text(row, "finish") if "finish" in row else "stop"
    return Sample(text or "", finish, refusal, _text(row, "thoughts") or "")


def usage_row(usage: Usage | None) -> dict[str, int] | None:
    """Tokens as JSON holds them."""
    if usage is None:
        return None
    names = ("input_tokens", "output_tokens", "cached_tokens")
    return {name: getattr(usage, name) for name in names}


def read_usage(row: object) -> Usage | None:
    """The field ``usage`` of a row; None where there is none.

    Raises:
        ValueError: a count is no number of tokens.
    """
    said = row.get("usage") if isinstance(row, Mapping) else None
    if said is None:
        return None
    if not isinstance(said, Mapping):
        raise ValueError("its usage is no object")
    return Usage(_count(said, "input_tokens"), _count(said, "output_tokens"), _count(said, "cached_tokens"))


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"its {name} is no text")
    return value


def _count(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"its {name} is no number of tokens")
    return value
