"""What the model is asked in a round: for a draft, to look at what it drew, or to mend what failed."""

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from derender.core import Failure, Language, Program, Rendering
from derender.models.chat import Answer, ImagePart, Message, Role, one_line
from derender.models.conversion import drawing_options
from derender.models.drafts import Assignment, conversion, fence, program_in
from derender.render import RenderOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DONE = "DONE"


@dataclass(frozen=True, slots=True)
class Task:
    """A picture that a program is wanted of.

    Attributes:
        image: height × width × 3 or 4 bytes.
        target: the program's language.
        item: what the caller calls it. Recorded answers are found by it, those of later rounds by `item_of`.
    """

    image: "NDArray[np.uint8]"
    target: Language
    item: str | None = None

    def item_of(self, number: int) -> str | None:
        """What a round's question is about: ``chart``, ``chart~2``, ``chart~3`` …"""
        return self.item if self.item is None or number == 1 else f"{self.item}~{number}"

    def options(self) -> RenderOptions:
        """How programs are drawn: a page in a viewport as large as the picture."""
        return drawing_options(self.image, self.target)

    def draft(self) -> Assignment:
        """The first question."""
        return conversion(self.image, self.target, self.item)

    def read(self, answer: Answer) -> Program:
        """The program in an answer.

        Raises:
            NoAnswer: it holds none.
        """
        return program_in(answer.said(), self.target, answer.model)

    def improvement(self, base: Rendering, tried: Rendering | None = None) -> Assignment:
        """The question for a better program than one that was drawn.

        Args:
            base: the best so far.
            tried: what the last change gave, where that is no better.
        """
        pictures = [shown for shown in (base, tried) if shown is not None]
        return self._asked("improve" if tried is None else "return", base.program, pictures)

    def repair(self, failed: Rendering, failure: Failure) -> Assignment:
        """The question for a program that draws at all."""
        message = one_line(failure.message)
        lines = failed.program.source.split("\n")
        where = ""
        if failure.line is not None:
            where = f", at line {failure.line}"
            if 0 < failure.line <= len(lines):
                message = f"{message}\nline {failure.line}: {one_line(lines[failure.line - 1])}"
        return self._asked("repair", failed.program, [], failure=message, failure_fence=fence(message), where=where)

    def again(self, asked: Assignment) -> Assignment:
        """A question once more, to which the answer was no program."""
        text, digest = _prompt("nothing")
        *before, last = asked.messages
        messages = [*before, Message(Role.USER, (*last.parts, text))]
        return Assignment(messages, self.target, _joined(asked.prompt, digest), asked.item)

    def _asked(self, prompt: str, program: Program, pictures: list[Rendering], **filled: str) -> Assignment:
        text, digest = _prompt(prompt)
        draft = self.draft()
        *rules, question = draft.messages
        wanted, *task = question.parts
        source = program.source.strip("\n")
        asked = text.format(
            program=source,
            fence=fence(source),
            tag=self.target.value,
            task="\n".join(part for part in task if isinstance(part, str)).strip(),
            **filled,
        )
        drawn = [_picture(rendering) for rendering in pictures]
        messages = [*rules, Message.user(wanted, *drawn, asked)]
        return Assignment(messages, self.target, _joined(draft.prompt, digest), self.item)


def says_done(reply: str) -> bool:
    """Whether the model finds nothing more to change."""
    return reply.rpartition("</think>")[2].strip(" \n.!*_`'\"").upper() == _DONE


def _picture(rendering: Rendering) -> ImagePart:
    """What was drawn, on white, as the metrics see it too."""
    import numpy as np
    from PIL import Image

    image = rendering.image().convert("RGBA")
    ground = Image.new("RGBA", image.size, "white")
    return ImagePart.of_pixels(np.asarray(Image.alpha_composite(ground, image).convert("RGB")))


def _prompt(name: str) -> tuple[str, str]:
    """The text of a file in ``prompts``, and its hash."""
    text = resources.files("derender.agents").joinpath("prompts", f"{name}.txt").read_text("utf-8")
    return text.strip(), hashlib.sha256(text.encode()).hexdigest()


def _joined(*digests: str) -> str:
    return hashlib.sha256("\0".join(digests).encode()).hexdigest()
