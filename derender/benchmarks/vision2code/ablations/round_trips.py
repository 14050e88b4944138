"""Round trips for self-training: a picture into a program, what that draws into a program again, and both rated.

::

    image0 ──model──▶ code1 ──▶ image1 ──model──▶ code2 ──▶ image2
       R1 rates image1 as a redrawing of image0, R2 image2 as one of image1

What is trained on is image1 with code1: the program of that very picture, whatever was lost of image0.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from derender.benchmarks.vision2code.prompt import messages, question_digest
from derender.benchmarks.vision2code.rendering import OK, OPTIONS, Drawn, prepare
from derender.benchmarks.vision2code.replies import program_of
from derender.benchmarks.vision2code.scoring import Dropped, JudgeOf, size_of
from derender.benchmarks.vision2code.similarity import similarity
from derender.core import Program, UserError, read_picture
from derender.core.files import read_file
from derender.judges import Case, Mode, Rubric, Verdict, rubric_of
from derender.judges.saved import rating_file
from derender.models import ChatModel, ImagePart, ModelError, Sampling, wait
from derender.render import Engine

from .training_pairs import FIRST, SECOND

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif"})
"""Suffixes of pictures that models take."""


@dataclass(frozen=True, slots=True)
class Source:
    """A picture to begin with.

    Attributes:
        path: its file.
        name: what it is called; recorded answers about it are found by the name, ``~2`` behind it for the second.
        rubric: what its judge looks at.
        sha256: of the file.
        size: width and height in pixels.
    """

    path: Path
    name: str
    rubric: Rubric
    sha256: str
    size: tuple[int, int]

    @classmethod
    def of_file(cls, path: Path, name: str, dataset: str | None = None) -> "Source":
        """A picture's file, looked at once and not kept: pools are large.

        Args:
            path: the file.
            name: what to call it.
            dataset: whose rubric rates it; told by the file's name or its folder's where it is not given.

        Raises:
            UserError: it can't be read, models don't take it, or nothing tells its dataset; one sentence.
        """
        content = read_file(path, "picture")
        size = size_of(content)
        if size is None:
            raise UserError(f"{path}: is no picture")
        try:
            ImagePart.of_file(content)
            rubric = rubric_of("vision2code", *([dataset] if dataset else [path.stem, path.absolute().parent.name]))
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
        return cls(path, name, rubric, hashlib.sha256(content).hexdigest(), size)

    def content(self) -> bytes:
        """The file's bytes.

        Raises:
            UserError: it can't be read any more, or is another than before.
        """
        content = read_file(self.path, "picture")
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise UserError(f"{self.path}: has changed meanwhile")
        return content

    @property
    def dataset(self) -> str:
        """Whose rubric rates it."""
        return self.rubric.name.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Leg:
    """One half of a round trip.

    Attributes:
        program: what the model wrote.
        drawn: what came of it.
        verdict: of the picture as a redrawing of that before; None where nobody was asked.
    """

    program: Program
    drawn: Drawn
    verdict: Verdict | None

    @property
    def status(self) -> str:
        """Of the rating, by the official names."""
        if self.verdict is None or self.verdict.rating is None:
            return "rating_failed"
        return "ok" if self.drawn.status == OK else "render_failed"

    @property
    def final(self) -> float | None:
        """The rating; None where there is none."""
        return self.verdict.final if self.verdict else None


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What came of a picture.

    Attributes:
        source: which.
        first: from it to a program and its picture; None where the model could not be asked.
        second: from that picture to another; None where there was none, or the model could not be asked.
        dropped: what of ours kept it from being whole; None where nothing did.
        why: the same in a sentence.
    """

    source: Source
    first: Leg | None = None
    second: Leg | None = None
    dropped: Dropped | None = None
    why: str = ""

    def result(self, model: str, files: Mapping[str, str]) -> dict[str, Any]:
        """The fields of ``result.json``.

        Args:
            model: who wrote, as a slug.
            files: the official name of a field → the file in the sample's folder.

        Raises:
            UserError: the source can't be read any more.
            ValueError: the model was never asked.
        """
        if self.first is None:
            raise ValueError("a trip that never began has no result")
        picture = self.first.drawn.picture
        return {
            "question_folder": self.source.name,
            "dataset": self.source.dataset,
            "render_success": self.first.drawn.render_success,
            "status": self.first.drawn.status,
            "similarity": similarity(self.source.content(), picture.png) if picture else 0.0,
            "generated_code_chars": len(self.first.program.source),
            "model_slug": model,
            **files,
            "source_image_sha256": self.source.sha256,
            "prompt_sha256": question_digest(),
        }

    def ratings(self) -> dict[str, Any] | None:
        """The fields of the file of ratings; None where there are not two legs that a judge was asked about."""
        if self.first is None or self.second is None or self.first.verdict is None or self.second.verdict is None:
            return None
        row: dict[str, Any] = {"question_folder": self.source.name, "dataset": self.source.dataset}
        whole: dict[str, Any] = {}
        for which, leg, verdict in (
            (FIRST, self.first, self.first.verdict),
            (SECOND, self.second, self.second.verdict),
        ):
            row |= {f"{which}_rating_status": leg.status, f"{which}_final_0_to_5": leg.final}
            saved = rating_file(verdict, execution_status=leg.drawn.status or "")
            whole[which] = {"rating_status": leg.status, "judge": verdict.judge, "rating": saved}
        return {"row": row, **whole}


@dataclass(frozen=True, slots=True)
class Traveller:
    """Who takes pictures around.

    Attributes:
        model: who writes.
        engine: what draws, the official way.
        sampling: how the model answers.
        judge_of: who rates by a rubric; None where nobody does.
    """

    model: ChatModel
    engine: Engine
    sampling: Sampling
    judge_of: JudgeOf | None = None

    def travel(self, source: Source) -> RoundTrip:
        """Send a picture around. Runs in any thread; the same answers give the same.

        Raises:
            InfraError: the engine was closed.
        """
        made = RoundTrip(source)
        try:
            picture, size = source.content(), source.size
            # Broken off in the middle it has a size all the same, and nothing could be compared with it.
            read_picture(picture)
        except UserError as error:
            return replace(made, dropped=Dropped.BAD_REFERENCE, why=str(error))
        for item in (source.name, f"{source.name}~2"):
            try:
                leg = self._leg(source.rubric, picture, size, item)
            except ModelError as error:
                return replace(made, dropped=Dropped.NO_ANSWER, why=str(error))
            made = replace(made, second=leg) if made.first else replace(made, first=leg)
            drawn = leg.drawn
            if drawn.status is None:
                return replace(made, dropped=Dropped.MACHINE_FAILED, why=drawn.unscored or "the machine failed")
            if drawn.picture is None:
                break
            picture, size = drawn.picture.png, (drawn.picture.width, drawn.picture.height)
        return _judged(made)

    def _leg(self, rubric: Rubric, picture: bytes, size: tuple[int, int], item: str) -> Leg:
        answer = wait(self.model.ask(messages(picture), self.sampling, item=item))
        program = program_of(answer.samples[0].text)
        ready = prepare(program, Mode.OFFICIAL, size)
        drawn = ready.read(self.engine.render(ready.program, OPTIONS))
        if self.judge_of is None or drawn.status is None:
            return Leg(program, drawn, None)
        candidate = drawn.picture.png if drawn.picture else None
        case = Case(picture, candidate, execution_status=drawn.status)
        return Leg(program, drawn, wait(self.judge_of(rubric).judge(case, item=item)))


def _judged(made: RoundTrip) -> RoundTrip:
    """A trip with what its judge could not do."""
    for leg in (made.first, made.second):
        verdict = leg.verdict if leg else None
        if verdict and verdict.rating is None:
            return replace(made, dropped=Dropped.JUDGE_FAILED, why=verdict.unscored or "the judge gave no rating")
    return made
