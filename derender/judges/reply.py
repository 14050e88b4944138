"""What a judge said, out of the text it said it in. Vision2Code, section on parsing and repair.

Repaired are thoughts before it, a fence around the JSON and words around its braces. A score that is missing,
no number or out of range is an error: it is asked for again, never guessed or clamped.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from derender.core import DerenderError

from .rubric import Aggregate, Rubric

LONGEST = 200_000
"""Characters of a reply that are looked at; a longer one is no set of marks."""
MOST_STRENGTHS = 3
MOST_ISSUES = 5
_END = "</think>"
_THOUGHTS = re.compile(r"\A<think>.*?</think>\s*", re.DOTALL)


class BadReply(DerenderError):
    """A judge's reply that holds no marks; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a judge gave.

    Attributes:
        scores: category → what it wrote, still to be checked against the rubric.
        rationales: category → why; empty where it gave no reason.
        strengths: at most 3.
        issues: at most 5.
        summary: its overall words.
        total: the total it computed itself, if any.
        addressed: words in the pictures that speak to a judge, as it quoted them.
    """

    scores: Mapping[str, object]
    rationales: Mapping[str, str] = field(default_factory=dict)
    strengths: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    summary: str = ""
    total: object = None
    addressed: tuple[str, ...] = ()


def read_reply(text: str, rubric: Rubric) -> Marks:
    """The marks in a reply.

    The scores stand under ``category_scores`` or ``subscores``; or, as JanusCoder's judges wrote them, at the top.

    Raises:
        BadReply: it holds no such object.
    """
    said = _object(text)
    nested = said.get("category_scores", said.get("subscores"))
    flat = nested is None and all(name in said for name in rubric.ids)
    scores = said if flat else nested
    if not isinstance(scores, dict):
        raise BadReply('it has no object "category_scores"')
    rationales = said.get("rationales", {} if flat else None)
    if not isinstance(rationales, dict):
        raise BadReply('it has no object "rationales"')
    return Marks(
        {name: scores[name] for name in rubric.ids if name in scores},
        {name: _text(rationales.get(name)) for name in rubric.ids},
        _texts(said.get("strengths"))[:MOST_STRENGTHS],
        _texts(said.get("issues"))[:MOST_ISSUES],
        _text(said.get("overall_summary", said.get("Chain of Thought"))),
        said.get(rubric.total_key) if rubric.total_key else None,
        _texts(said.get("addressed_to_judge")),
    )


def schema(rubric: Rubric) -> dict[str, Any]:
    """The JSON Schema of a reply, for endpoints that can be held to one."""
    score: dict[str, Any] = {
        "type": "integer" if rubric.decimals == 0 else "number",
        "minimum": rubric.low,
        "maximum": rubric.high,
    }
    text = {"type": "string"}
    words = {"type": "array", "items": text}
    parts: dict[str, Any] = {
        "category_scores": _all_of(dict.fromkeys(rubric.ids, score)),
        "rationales": _all_of(dict.fromkeys(rubric.ids, text)),
        "strengths": words,
        "issues": words,
        "overall_summary": text,
        "addressed_to_judge": words,
    }
    if rubric.aggregate is Aggregate.HOLISTIC and rubric.total_key:
        parts[rubric.total_key] = score
    return _all_of(parts)


def _all_of(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _object(text: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise BadReply(f"it has {len(text):,} characters, more than {LONGEST:,}")
    whole = text.strip()
    try:
        said = _repaired(_THOUGHTS.sub("", whole))
    except ValueError as error:
        # Thoughts may be opened by the prompt itself, or quote their own end: the last one counts.
        _, end, answer = whole.rpartition(_END)
        try:
            said = _repaired(answer if end else "")
        except ValueError:
            raise BadReply(f"it is no JSON ({error})") from None
    if not isinstance(said, dict):
        raise BadReply("it is no JSON object")
    return said


def _repaired(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The JSON in a text, without the fence around it or words around its braces."""
    bare = _without_fence(text.strip())
    try:
        return _parsed(bare)
    except ValueError:
        start, end = bare.find("{"), bare.rfind("}")
        if not 0 <= start < end:
            raise
    return _parsed(bare[start : end + 1])


def _parsed(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _without_fence(text: str) -> str:
    lines = text.split("\n")
    fenced = len(lines) >= 3 and lines[0].startswith("```") and lines[-1].strip() == "```"
    return "\n".join(lines[1:-1]).strip() if fenced else text


def _texts(value: object) -> tuple[str, ...]:
    """A list's texts, or a single one's; what is neither counts as nothing said."""
    items = value if isinstance(value, list) else [value]
    return tuple(text for text in map(_text, items) if text)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
