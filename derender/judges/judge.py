"""A model that looks at pictures by a rubric, and what it said.

What can be known without it is looked at first; what it says is read within limits, asked for once more where it can't
be used, and brought to a rating by the rubric's own formula. Where that fails the case is unscored, never zero.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import BadPicture, FailureKind, read_picture
from derender.models.chat import Answer, ChatModel, Message, Sample, Sampling, Usage, forget
from derender.models.errors import ModelError, NoAnswer

from .formula import AppliedCap, BadScores, Outcome, Rating, rate
from .inspection import Inspection, inspect, inspect_pixels, is_emptier
from .prompt import Exhibits, again, messages, prompt_digest
from .ratings import Mode, record
from .reply import BadReply, Marks, read_reply, schema
from .rubric import Aggregate, Rubric, Shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    PictureSource = str | Path | bytes | NDArray[np.uint8]

MAX_TOKENS = 2200
"""Of one reply, as Vision2Code's rater had them."""
_OURS = frozenset(kind.value for kind in FailureKind if kind.ours)
_ROUNDING = 0.05
_LONGEST_TOTAL = 80


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be judged. What the rubric does not show may be left out.

    Attributes:
        reference: the picture to recreate, or that before an edit: a file, its bytes, or pixels.
        candidate: the picture to be judged, likewise.
        instruction: what was asked for.
        code: the program to be judged.
        code_before: the program before an edit.
        execution_status: ``ok``, or why there is no candidate: a `FailureKind`'s value, or a word of one's own.
        about: facts that the judge may know, such as ``question``. By default none: it judges blind.
    """

    reference: "PictureSource | None" = None
    candidate: "PictureSource | None" = None
    instruction: str | None = None
    code: str | None = None
    code_before: str | None = None
    execution_status: str = "ok"
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case.

    Attributes:
        rubric: its name.
        digest: SHA-256 of its file.
        prompt: SHA-256 of the prompt's files.
        judge: the model's name.
        mode: which formula.
        swapped: whether the candidate was shown first.
        rating: None where it is unscored.
        unscored: why; None where it is scored.
        marks: what the judge said; None where it was not asked, or not understood.
        inspection: of the candidate's picture; None where the rubric shows none.
        total_differs: whether the judge's own total is another than its scores make.
        replies: all that it said, in order.
        usage: tokens spent, those that a cache saved left out; None where the endpoint does not say.
        saved: tokens that a cache saved.
    """

    rubric: str
    digest: str
    prompt: str
    judge: str
    mode: Mode
    swapped: bool
    rating: Rating | None = None
    unscored: str | None = None
    marks: Marks | None = None
    inspection: Inspection | None = None
    total_differs: bool = False
    replies: tuple[str, ...] = ()
    usage: Usage | None = field(default_factory=Usage)
    saved: Usage = field(default_factory=Usage)

    @property
    def final(self) -> float | None:
        """The rating after caps; None where there is none."""
        return None if self.rating is None else self.rating.final

    def record(self) -> dict[str, Any]:
        """As JSON, the ratings under their published names."""
        marks = self.marks or Marks({})
        rating = {} if self.rating is None else {"category_scores": dict(self.rating.scores), **record(self.rating)}
        return {
            "rubric": self.rubric,
            "rubric_sha256": self.digest,
            "prompt_sha256": self.prompt,
            "judge": self.judge,
            "mode": self.mode.value,
            "swapped": self.swapped,
            "status": "ok" if self.rating else "unscored",
            "unscored": self.unscored,
            **rating,
            "rationales": dict(marks.rationales),
            "strengths": list(marks.strengths),
            "issues": list(marks.issues),
            "overall_summary": marks.summary,
            "addressed_to_judge": list(marks.addressed),
            "judge_total": None if marks.total is None else str(marks.total)[:_LONGEST_TOTAL],
            "judge_total_differs": self.total_differs,
            "candidate_inspection": self.inspection.record() if self.inspection else None,
            "replies": len(self.replies),
            "tokens": None if self.usage is None else _tokens(self.usage),
            "tokens_saved": _tokens(self.saved),
        }


@dataclass(frozen=True, slots=True)
class Judge:
    """A rubric in the hands of a model.

    Attributes:
        model: whom to ask.
        rubric: what it looks at.
        swapped: whether the candidate is shown before the reference.
        mode: ``fixed`` calls a candidate blank only beside its reference.
        sampling: how it answers.
        constrained: whether the endpoint is to hold the reply to the rubric's schema; some know no such thing.
    """

    model: ChatModel
    rubric: Rubric
    swapped: bool = False
    mode: Mode = Mode.OFFICIAL
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.0, max_tokens=MAX_TOKENS))
    constrained: bool = True

    async def judge(self, case: Case, *, item: str | None = None, deadline: float | None = None) -> Verdict:
        """The verdict on a case; the model is asked twice at most.

        Args:
            case: what to judge.
            item: what recorded answers are found by, with ``/swapped`` behind it where that is so, and ``/again``
                behind that for the second question.
            deadline: when to give up, as `time.monotonic` tells time.

        Raises:
            UserError: the case lacks what the rubric shows.
        """
        # Pictures take a while to read and to pack: meanwhile the loop must serve the others.
        prepared = await asyncio.to_thread(self._prepared, case)
        if isinstance(prepared, Verdict):
            return prepared
        return await self._ask(*prepared, (item, deadline))

    def _prepared(self, case: Case) -> Verdict | tuple[Verdict, list[Message], Outcome]:
        """What is known without asking, and the question where there is one."""
        blank = self._verdict()
        if case.execution_status in _OURS:
            return replace(blank, unscored=f"{case.execution_status}: the machine failed, not the program")
        if case.execution_status != "ok":
            return self._decided(blank, "execution_failure", case.execution_status)
        pictures = {}
        for shown, source in ((Shown.REFERENCE, case.reference), (Shown.CANDIDATE, case.candidate)):
            if shown not in self.rubric.shows:
                continue
            try:
                pictures[shown] = _pixels(shown, source)
            except BadPicture as error:
                if shown is Shown.REFERENCE or not _is_at_fault(source):
                    return replace(blank, unscored=str(error))
                blank = replace(blank, inspection=_looked_at(source))
                return self._decided(blank, "candidate_missing_or_unreadable", str(error))
        outcome, inspection = self._outcome(pictures)
        texts = {
            Shown.INSTRUCTION: case.instruction,
            Shown.CODE: case.code,
            Shown.CODE_BEFORE: case.code_before,
        }
        exhibits = Exhibits(pictures, {name: text for name, text in texts.items() if text is not None}, case.about)
        asked = messages(self.rubric, exhibits, swapped=self.swapped)
        return replace(blank, inspection=inspection), asked, outcome

    async def _ask(
        self, verdict: Verdict, asked: list[Message], outcome: Outcome, about: tuple[str | None, float | None]
    ) -> Verdict:
        item, deadline = about
        sampling = replace(self.sampling, schema=schema(self.rubric)) if self.constrained else self.sampling
        problem = ""
        questions: list[list[Message]] = []
        first = f"{item}/swapped" if item and self.swapped else item
        for name in (first, first and f"{first}/again"):
            questions.append(asked)
            try:
                answer = await self.model.ask(asked, sampling, deadline=deadline, item=name)
                verdict = _spent(verdict, answer)
                said = answer.said()
            except ModelError as error:
                if isinstance(error, NoAnswer):
                    await self._forget(questions, sampling)
                return replace(verdict, unscored=f"{problem}; {error}" if problem else str(error))
            verdict = replace(verdict, replies=(*verdict.replies, said))
            try:
                _check_whole(answer.samples[0])
                marks = read_reply(said, self.rubric)
                rating = rate(self.rubric, marks.scores, outcome, total=marks.total)
            except (BadReply, BadScores) as error:
                problem = str(error)
                asked = again(self.rubric, asked, said, problem)
                continue
            return replace(verdict, rating=rating, marks=marks, total_differs=_differs(self.rubric, marks, rating))
        await self._forget(questions, sampling)
        return replace(
            verdict, unscored=f"the judge's reply can't be used, and neither could the one before: {problem}"
        )

    async def _forget(self, questions: list[list[Message]], sampling: Sampling) -> None:
        # A verdict out of the second reply needs the first one kept; where neither is of use, both are asked anew.
        for each in questions:
            await forget(self.model, each, sampling)

    def _verdict(self) -> Verdict:
        return Verdict(self.rubric.name, self.rubric.digest, prompt_digest(), self.model.name, self.mode, self.swapped)

    def _decided(self, verdict: Verdict, guard: str, why: str) -> Verdict:
        """A rating that needs no judge: there is no picture, and every category has the lowest score."""
        if guard not in self.rubric.guards:
            return replace(verdict, unscored=why)
        cap_to = self.rubric.guards[guard]
        lowest = dict.fromkeys(self.rubric.ids, self.rubric.low)
        passed = None if self.rubric.gate is None else cap_to >= self.rubric.gate
        caps = (AppliedCap(guard, cap_to, changed=False),)
        marks = Marks({}, issues=(why,))
        return replace(verdict, rating=Rating(lowest, cap_to, cap_to, cap_to, caps, passed), marks=marks)

    def _outcome(self, pictures: "Mapping[Shown, NDArray[np.uint8]]") -> tuple[Outcome, Inspection | None]:
        if Shown.CANDIDATE not in pictures:
            return Outcome(), None
        found = inspect_pixels(pictures[Shown.CANDIDATE])
        blank = found.blank
        if blank and self.mode is Mode.FIXED and Shown.REFERENCE in pictures:
            blank = is_emptier(found, inspect_pixels(pictures[Shown.REFERENCE]))
        return Outcome(blank=blank), found


def _pixels(shown: Shown, source: "PictureSource | None") -> "NDArray[np.uint8]":
    if source is None:
        raise BadPicture(f"there is no {shown} picture")
    return read_picture(source) if isinstance(source, str | Path | bytes) else source


def _is_at_fault(source: "PictureSource | None") -> bool:
    """Whether it is the program's doing that its picture can't be read, and not this machine's."""
    return not isinstance(source, str | Path) or not Path(source).exists() or os.access(source, os.R_OK)


def _looked_at(source: "PictureSource | None") -> Inspection | None:
    return inspect(source) if source is None or isinstance(source, str | Path | bytes) else None


def _check_whole(sample: Sample) -> None:
    """Thoughts without an end may quote what looks like marks.

    Raises:
        BadReply: there is nothing else.
    """
    if sample.finish == "length" and sample.text.lstrip().startswith("<think>"):
        raise BadReply("it was cut off in thought")


def _spent(verdict: Verdict, answer: Answer) -> Verdict:
    usage = None if verdict.usage is None or answer.usage is None else verdict.usage + answer.usage
    return replace(verdict, usage=usage, saved=verdict.saved + (answer.saved or Usage()))


def _tokens(usage: Usage) -> dict[str, int]:
    return {"input": usage.input_tokens, "output": usage.output_tokens}


def _differs(rubric: Rubric, marks: Marks, rating: Rating) -> bool:
    """Whether the judge added up wrongly; a holistic total is its own to give."""
    if rubric.aggregate is Aggregate.HOLISTIC or marks.total is None:
        return False
    try:
        # NaN is near nothing.
        return not abs(float(str(marks.total)) - rating.raw) <= _ROUNDING
    except ValueError:
        return True
