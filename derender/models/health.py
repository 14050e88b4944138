"""Whether a model can be asked, found out with a question that costs next to nothing.

The first question is like a judge's: two pictures, temperature 0, a JSON Schema. Where an endpoint rejects it, less and
less is asked for, so that it is known what stands in the way.
"""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from .chat import Answer, ChatModel, ImagePart, Message, Sampling, one_line
from .errors import BadKey, ModelError, NoAnswer, Rejected
from .inspect import InspectModel
from .openai import OpenAIModel
from .replay import Replay
from .traced import Traced

AS_JUDGES_ASK = Sampling(temperature=0.0, max_tokens=2200)
"""How the first question is asked where nobody says."""
NO_THOUGHTS = '{"chat_template_kwargs": {"enable_thinking": false}}'
"""What vLLM and SGLang take in a request's body where a model is not to think."""
_SIDE = 96
_COLOURS = {"red": (220, 20, 20), "blue": (20, 20, 220)}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "colours": {"type": "array", "items": {"type": "string"}},
        "sure": {"type": "number", "minimum": 0, "maximum": 5},
    },
    "required": ["colours", "sure"],
    "additionalProperties": False,
}
"""Of the same words as judges' schemas are."""
_MOST_NAMES = 5


class Part(StrEnum):
    """What is looked at."""

    REACHABLE = "reachable"
    """Whether anything answers at the address."""
    KEY = "key"
    """Whether it lets one in."""
    SERVED = "served"
    """Whether the model is in the list of those served."""
    ANSWERS = "answers"
    """Whether the model answers."""
    PICTURE = "picture"
    """Whether it takes a picture, and sees what is on it."""
    PAIR = "pair"
    """Whether it takes two at once, as judges show them."""
    SCHEMA = "schema"
    """Whether its answers can be held to a JSON Schema, as judges' are."""
    THOUGHTS = "thoughts"
    """Whether it thinks before it answers."""


class State(StrEnum):
    """What was found of a part."""

    GOOD = "good"
    """It works."""
    ODD = "odd"
    """It is worth knowing, and stands in nobody's way."""
    BAD = "bad"
    """It does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a part, in a sentence that says what to do where it is bad."""

    part: Part
    state: State
    sentence: str


@dataclass(frozen=True, slots=True)
class Health:
    """What was found out about a model.

    Attributes:
        model: its name.
        findings: in the order they were made.
        latency_s: seconds that the question took which was answered; None where none was.
    """

    model: str
    findings: tuple[Finding, ...]
    latency_s: float | None = None

    def problem(self, *, judge: bool = False, plain: bool = False) -> str | None:
        """What stands in the way of asking it, as a sentence; None where nothing does.

        Args:
            judge: whether it is to judge, and so to look at two pictures at once and be held to a schema.
            plain: whether neither schema nor temperature will be sent.
        """
        spared = {Part.SCHEMA} if plain else set()
        spared |= set() if judge else {Part.PAIR, Part.SCHEMA}
        bad = (each.sentence for each in self.findings if each.state is State.BAD and each.part not in spared)
        return next(bad, None)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is tried.

    Attributes:
        pictures: how many are shown.
        plain: whether it is asked without schema and temperature.
    """

    pictures: int
    plain: bool

    async def ask(self, model: ChatModel, sampling: Sampling, deadline: float | None) -> Answer:
        how = replace(sampling, temperature=None) if self.plain else replace(sampling, schema=_SCHEMA)
        text = "What colour is the first square, and what colour is the second? Name both in English, in that order."
        if self.pictures == 1:
            text = "What colour is the square? Name it in English."
        elif not self.pictures:
            text = "Name the colour of blood, in English."
        return await model.ask([Message.user(*_squares(self.pictures), text)], how, deadline=deadline)


_QUESTIONS = (_Question(2, plain=False), _Question(2, plain=True), _Question(1, plain=True), _Question(0, plain=True))


async def check(model: ChatModel, *, sampling: Sampling | None = None, deadline: float | None = None) -> Health:
    """Find out whether a model can be asked.

    Args:
        model: itself, without a cache around it, whose answers would tell nothing.
        sampling: how it will be asked; `AS_JUDGES_ASK` by default.
        deadline: when to give up, as `time.monotonic` tells time.

    Raises:
        UserError: the key, or the proxy that the environment names, can't be one.
        Missing: a package that it needs is not installed.
    """
    if isinstance(model, Replay):
        count = len(model.items())
        items = "1 item" if count == 1 else f"{count} items"
        return _found(model, State.GOOD, f"it gives back what was recorded about {items}")
    if isinstance(model, Traced):
        return await _traced(model, deadline)
    findings: list[Finding] = []
    if isinstance(model, OpenAIModel):
        findings += await _endpoint(model, deadline)
        if any(each.state is State.BAD for each in findings):
            return Health(model.name, tuple(findings))
    if isinstance(model, InspectModel):
        # Its many tries would use up the deadline, and the reason be lost.
        model = replace(model, retries=0)
    found = await _ask(model, sampling or AS_JUDGES_ASK, deadline)
    if isinstance(found, Finding):
        return Health(model.name, (*findings, found))
    if isinstance(model, OpenAIModel):
        findings.append(_good(Part.KEY, "it wants no key, or takes the one that is set"))
    return Health(model.name, (*findings, *_told(found)), found.answer.elapsed_s)


@dataclass(frozen=True, slots=True)
class _Answered:
    """The first question that was answered, and why the one before it was not."""

    question: _Question
    answer: Answer
    said: str
    refusal: str


async def _ask(model: ChatModel, sampling: Sampling, deadline: float | None) -> _Answered | Finding:
    """The answer to the first question that gets one, or why none does."""
    refusal = ""
    for question in _QUESTIONS:
        try:
            answer = await question.ask(model, sampling, deadline)
        except ModelError as error:
            refusal = str(error)
            # Nobody but our own endpoints tells what is rejected from what is down.
            if isinstance(model, OpenAIModel) and not isinstance(error, Rejected):
                return _bad(Part.KEY if isinstance(error, BadKey) else Part.ANSWERS, refusal)
            continue
        try:
            return _Answered(question, answer, answer.said(), one_line(refusal))
        except NoAnswer as error:
            return _bad(Part.ANSWERS, _without_words(answer, error))
    return _bad(Part.ANSWERS, refusal)


async def _endpoint(model: OpenAIModel, deadline: float | None) -> list[Finding]:
    """What its list of models tells."""
    try:
        names = await model.served(deadline=deadline)
    except BadKey as error:
        return [_good(Part.REACHABLE, "the endpoint answers"), _bad(Part.KEY, str(error))]
    except ModelError as error:
        return [_bad(Part.REACHABLE, f"{error}; is it running, and is that its address?")]
    found = [_good(Part.REACHABLE, "the endpoint answers")]
    if names is None:
        return [*found, _odd(Part.SERVED, "it keeps no list of models, so that only asking tells what it serves")]
    if model.name in names:
        return [*found, _good(Part.SERVED, f"it serves {model.name}")]
    rest = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    others = one_line(", ".join(names[:_MOST_NAMES])) or "it is empty"
    return [*found, _odd(Part.SERVED, f"{model.name!r} is not in its list of models: {others}{rest}")]


async def _traced(model: Traced, deadline: float | None) -> Health:
    try:
        answer = await model.ask([Message.user(*_squares(1))], deadline=deadline)
    except ModelError as error:
        return _found(model, State.BAD, str(error))
    found = _found(model, State.GOOD, f"it turned a picture into a program in {answer.elapsed_s:.1f} s")
    return replace(found, latency_s=answer.elapsed_s)


def _told(found: _Answered) -> list[Finding]:
    """What an answer tells, and that more was refused."""
    question, said = found.question, found.said
    told = [_good(Part.ANSWERS, "it answers")]
    if not question.pictures:
        return [*told, _bad(Part.PICTURE, f"it takes no pictures ({found.refusal}): name a model that sees")]
    told.append(_sees(question, said))
    if question.pictures == 1:
        advice = "judges show two, which vLLM takes by --limit-mm-per-prompt '{\"image\": 2}'"
        told.append(_bad(Part.PAIR, f"it takes one picture at a time ({found.refusal}): {advice}"))
    else:
        told += [_good(Part.PAIR, "it takes two pictures at once"), _held(found)]
    if found.answer.samples[0].thoughts or "</think>" in said:
        advice = f"some stop by --extra-body '{NO_THOUGHTS}'"
        told.append(_odd(Part.THOUGHTS, f"it thinks before it answers, which takes time and tokens; {advice}"))
    return told


def _held(found: _Answered) -> Finding:
    """Whether it could be held to the schema."""
    if found.question.plain:
        return _bad(Part.SCHEMA, f"it takes no JSON Schema or no temperature ({found.refusal}): judge with --plain")
    if _keeps_to_schema(found.said):
        return _good(Part.SCHEMA, "it keeps to a JSON Schema")
    return _odd(Part.SCHEMA, "it passes over a JSON Schema, so that a judge's marks hang on its doing as it is told")


def _sees(question: _Question, said: str) -> Finding:
    words = _after_thoughts(said).lower()
    colours = list(_COLOURS)[: question.pictures]
    places = [words.find(colour) for colour in colours]
    if -1 not in places and places == sorted(places):
        return _good(Part.PICTURE, "it sees what is on a picture")
    shown = " and ".join(f"a {colour} square" for colour in colours)
    return _odd(Part.PICTURE, f"it was shown {shown} and said {one_line(words)[:80]!r}: does it see pictures?")


def _keeps_to_schema(said: str) -> bool:
    try:
        answer = json.loads(_after_thoughts(said))
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and set(answer) == set(_SCHEMA["required"])


def _after_thoughts(said: str) -> str:
    return said.rpartition("</think>")[2]


def _without_words(answer: Answer, error: NoAnswer) -> str:
    if answer.samples[0].finish == "length":
        return f"{error}; let it think less, for which some take --extra-body '{NO_THOUGHTS}'"
    return str(error)


def _squares(count: int) -> list[ImagePart]:
    import numpy as np

    pixels = (np.full((_SIDE, _SIDE, 3), colour, np.uint8) for colour in _COLOURS.values())
    return [ImagePart.of_pixels(each) for each, _ in zip(pixels, range(count), strict=False)]


def _found(model: ChatModel, state: State, sentence: str) -> Health:
    return Health(model.name, (Finding(Part.ANSWERS, state, sentence),))


def _good(part: Part, sentence: str) -> Finding:
    return Finding(part, State.GOOD, sentence)


def _odd(part: Part, sentence: str) -> Finding:
    return Finding(part, State.ODD, sentence)


def _bad(part: Part, sentence: str) -> Finding:
    return Finding(part, State.BAD, sentence)
