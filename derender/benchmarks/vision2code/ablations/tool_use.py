"""Other tools than Matplotlib: documents as LaTeX, diagrams as Excalidraw scenes, through whatever renders them here.

The statuses are the official runner's. Where this machine has no renderer of the language there is none: such samples
stay without a rating, and no model is asked about them.
"""

import hashlib
import json
import re
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path

from derender.benchmarks.vision2code.data import Sample
from derender.benchmarks.vision2code.predictions import Prediction
from derender.benchmarks.vision2code.rendering import OK, TIMEOUT, Drawn
from derender.benchmarks.vision2code.scoring import (
    Dropped,
    JudgeOf,
    Scored,
    Task,
    reference_of,
    score_drawn,
    size_of,
)
from derender.core import Failure, FailureKind, Language, Picture, Program, Rendering, UserError, read_picture
from derender.judges import Mode
from derender.models import ChatModel, ImagePart, Message, ModelError, Sampling, wait
from derender.render import Engine, Limits, RenderOptions
from derender.render.languages import choose
from derender.render.needs import NEEDS, install_line

from .excalidraw import UNKNOWN_SIZE, BadScene, Canvas, read_scene, scaled, scene_text

TIMEOUT_S = 60.0
DOCUMENTS = "DocVQA"
"""The dataset that the paper sets in LaTeX."""
_TIMED_OUT = frozenset({FailureKind.DEADLINE, FailureKind.CPU_BUDGET})
_OPENING, _CLOSING = re.compile(r"\A```[A-Za-z0-9_-]*\s*"), "```"
_LONGEST_REPORT = 1200


class Tool(StrEnum):
    """What a model writes in place of Python."""

    LATEX = "latex"
    """A document; rated by the dataset's rubric."""
    EXCALIDRAW = "excalidraw"
    """A scene; rated by the generic rubric, for such pictures are of none of the datasets."""

    @property
    def language(self) -> Language:
        """What its programs are written in."""
        return Language(self.value)

    def options(self, canvas: Canvas) -> RenderOptions:
        """How its programs are drawn."""
        limits = Limits.of_timeout(TIMEOUT_S)
        if self is Tool.LATEX:
            return RenderOptions(limits=limits)
        return RenderOptions(width=canvas.width, height=canvas.height, limits=limits)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Who writes for a tool, what draws, and who rates.

    Attributes:
        tool: which.
        model: who writes.
        engine: what draws.
        sampling: how the model answers.
        judge_of: who rates by a rubric; None where nobody does.
    """

    tool: Tool
    model: ChatModel
    engine: Engine
    sampling: Sampling
    judge_of: JudgeOf | None = None

    def use(self, task: Task) -> Scored:
        """Have a picture drawn with the tool, and rate it. Runs in any thread.

        Raises:
            InfraError: the engine was closed.
            UnknownName: the sample is of no dataset that has a rubric.
        """
        name = task.sample.question_folder
        try:
            picture = reference_of(task)
            asked = messages(self.tool, picture, task.sample.question)
        except UserError as error:
            return Scored(task, dropped=Dropped.BAD_REFERENCE, why=str(error))
        try:
            answer = wait(self.model.ask(asked, self.sampling, item=name))
        except ModelError as error:
            return Scored(task, dropped=Dropped.NO_ANSWER, why=str(error))
        reply = answer.samples[0].text
        try:
            program = program_of(self.tool, reply)
        except BadScene as error:
            program = Program(reply, self.tool.language)
            status = f"excalidraw_render_failed: ValueError: {error}"
            drawn = Drawn(Mode.OFFICIAL, status, None, Failure(FailureKind.SYNTAX, str(error)))
        else:
            drawn = self._draw(program, size_of(picture) or UNKNOWN_SIZE)
        told = replace(task, prediction=Prediction(name, program))
        return wait(score_drawn(told, drawn, self.judge_of))

    def _draw(self, program: Program, size: tuple[int, int]) -> Drawn:
        canvas = Canvas.of_size(size)
        ready = program
        if self.tool is Tool.EXCALIDRAW:
            ready = Program(json.dumps(scaled(read_scene(program.source), canvas.scale)), program.language)
        return read(self.tool, self.engine.render(ready, self.tool.options(canvas)))


def lacking(tool: Tool) -> str | None:
    """Why nothing can be drawn with a tool on this machine, in a sentence; None where it can."""
    found = choose(Program("x", tool.language), tool.options(Canvas.of_size()))
    if isinstance(found, Failure):
        return found.message
    absent = found.missing()
    if not absent:
        return None
    names = ", ".join(NEEDS[name].name for name in absent)
    return f"the renderer of {tool.language} lacks {names}: install with {install_line(absent)}"


def task_of_picture(path: Path, name: str, dataset: str) -> Task:
    """A picture of one's own as a sample.

    Args:
        path: its file.
        name: what to call it.
        dataset: whose rubric rates it: one of the fifteen, or ``generic``.
    """
    cells = dict.fromkeys((field.name for field in fields(Sample)), "")
    cells |= {"question_folder": name, "source_id": name, "source_dataset": dataset, "image_path": path.name}
    return Task(Sample(**cells), path.absolute().parent, None)


def messages(tool: Tool, picture: bytes, question: str = "") -> list[Message]:
    """What a model is asked about a picture.

    Raises:
        UserError: it is of a kind that models don't take.
    """
    width, height = size_of(picture) or UNKNOWN_SIZE
    rules, asked = _prompts(tool)
    text = asked.format(question=question, width=width, height=height)
    return [Message.system(rules), Message.user(ImagePart.of_file(picture), text)]


@cache
def tool_digest(tool: Tool) -> str:
    """SHA-256 of the tool's prompts."""
    return hashlib.sha256("\0".join(_prompts(tool)).encode()).hexdigest()


def program_of(tool: Tool, reply: str) -> Program:
    """The program in a reply, by the paper's rules.

    Raises:
        BadScene: it holds no scene that may be drawn.
    """
    if tool is Tool.EXCALIDRAW:
        scene = read_scene(scene_text(reply))
        return Program(json.dumps(scene, indent=2, ensure_ascii=False), tool.language)
    text = reply.strip()
    if text.startswith(_CLOSING):
        text = _OPENING.sub("", text).removesuffix(_CLOSING)
    return Program(text.strip(), tool.language)


def read(tool: Tool, rendering: Rendering) -> Drawn:
    """What the engine's rendering means: the official status, none where the machine failed."""
    failure, picture = rendering.failure, rendering.picture
    if failure is not None and failure.ours:
        return Drawn(Mode.OFFICIAL, None, None, failure)
    if failure is None and picture is None:
        failure = Failure(FailureKind.NO_PICTURE, "nothing was drawn")
    if failure is not None or picture is None:
        return Drawn(Mode.OFFICIAL, _status(tool, failure), None, failure)
    flat = _flat(picture)
    if flat is not None:
        only = Failure(FailureKind.NO_PICTURE, "the picture is of one grey level only")
        return Drawn(Mode.OFFICIAL, f"rendered_png_invalid: {flat}", None, only)
    return Drawn(Mode.OFFICIAL, OK, picture, None)


def _status(tool: Tool, failure: Failure | None) -> str:
    kind = failure.kind if failure else FailureKind.NO_PICTURE
    if kind is FailureKind.NO_CODE:
        return "missing_generated_tex" if tool is Tool.LATEX else "missing_scene_json"
    if kind in _TIMED_OUT:
        return TIMEOUT if tool is Tool.LATEX else "chrome_timeout"
    if tool is Tool.LATEX:
        return "latex_compile_failed"
    return f"chrome_failed: {(failure.detail or failure.message if failure else '').strip()[:_LONGEST_REPORT]}"


def _flat(picture: Picture) -> dict[str, object] | None:
    """The official runner's words about a picture of one grey level; None of any other."""
    from PIL import Image

    grey = Image.fromarray(read_picture(picture.png)[:, :, :3]).convert("L")
    low, high = grey.getextrema()
    if low != high:
        return None
    about: dict[str, object] = {"readable": True, "width": picture.width, "height": picture.height}
    return about | {"is_blank": True, "mean_luma": float(low if isinstance(low, int | float) else low[0])}


@cache
def _prompts(tool: Tool) -> tuple[str, str]:
    folder = resources.files("derender.benchmarks.vision2code.ablations").joinpath("prompts")
    rules, asked = (folder.joinpath(f"{tool}_{kind}.txt").read_text("utf-8").strip() for kind in ("system", "user"))
    return rules, asked
