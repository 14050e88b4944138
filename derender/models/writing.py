"""Programs by request: asked of a model in words, rendered, and scored where there is something to score against."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import Language, Program
from derender.render import Engine, RenderOptions, shared_engine

from .chat import ChatModel, Sampling
from .conversion import Conversion, as_array, drawing_options
from .drafts import Assignment, editing, generation, program_in
from .errors import NoAnswer
from .loading import load_chat_model
from .waiting import wait

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Reference = NDArray[np.uint8]


def generate(
    request: str,
    to: Language | str,
    model: str | ChatModel,
    *,
    base_url: str | None = None,
    reference: "str | Path | Image | NDArray[Any] | None" = None,
) -> Conversion:
    """Have a program written that draws what a request says, and render it.

    Args:
        request: in words, such as ``a bar chart of …``.
        to: the program's language.
        model: ``openai/NAME``, ``replay/PATH``, or a model.
        base_url: the endpoint of an ``openai/`` model.
        reference: a picture of what is wanted, to score the rendering against; the model does not see it.

    Raises:
        UserError: the request is empty, the reference no picture, or there is no such language or model.
        ModelError: the model did not answer.
        NoAnswer: it answered without a program.
    """
    return _written(generation(request, Language.parse(to)), model, base_url, reference)


def edit(
    program: "Program | str | Path",
    request: str,
    model: str | ChatModel,
    *,
    base_url: str | None = None,
    reference: "str | Path | Image | NDArray[Any] | None" = None,
) -> Conversion:
    """Have a program changed as a request says, and render it.

    Args:
        program: the program, or its file.
        request: in words, such as ``make the bars green``.
        model: ``openai/NAME``, ``replay/PATH``, or a model.
        base_url: the endpoint of an ``openai/`` model.
        reference: a picture of what is wanted, to score the rendering against; the model does not see it.

    Raises:
        UserError: program or request is empty, the reference no picture, or there is no such model or file.
        ModelError: the model did not answer.
        NoAnswer: it answered without a program.
    """
    given = program if isinstance(program, Program) else Program.from_file(program)
    return _written(editing(given, request), model, base_url, reference)


def _written(
    assignment: Assignment,
    model: str | ChatModel,
    base_url: str | None,
    reference: "str | Path | Image | NDArray[Any] | None",
) -> Conversion:
    wanted = None if reference is None else as_array(reference)
    chosen = load_chat_model(model, base_url) if isinstance(model, str) else model
    (made,) = write_programs(chosen, shared_engine(), assignment, reference=wanted)
    if isinstance(made, NoAnswer):
        raise made
    return made


def write_programs(
    model: ChatModel,
    engine: Engine,
    assignment: Assignment,
    *,
    sampling: Sampling | None = None,
    options: RenderOptions | None = None,
    reference: "Reference | None" = None,
    metrics: Sequence[str] | None = None,
) -> list[Conversion | NoAnswer]:
    """What a model makes of an assignment: as many programs as are asked for, or why one of them is none.

    A page is drawn in a viewport as large as the reference, where there is one.

    Raises:
        ModelError: the model did not answer at all.
    """
    answer = wait(model.ask(assignment.messages, sampling, item=assignment.item))
    if options is None:
        options = RenderOptions() if reference is None else drawing_options(reference, assignment.target)
    found: list[Conversion | NoAnswer] = []
    for index in range(len(answer.samples)):
        try:
            reply = answer.said(index)
            program = program_in(reply, assignment.target, answer.model)
        except NoAnswer as error:
            found.append(error)
            continue
        made = _rendered(engine, program.in_environment(options.environment), options, reference, metrics)
        found.append(replace(made, reply=reply, model_s=answer.elapsed_s))
    return found


def _rendered(
    engine: Engine,
    program: Program,
    options: RenderOptions,
    reference: "Reference | None",
    metrics: Sequence[str] | None,
) -> Conversion:
    rendering = engine.render(program, options)
    if reference is None:
        return Conversion(program, rendering)
    from derender.metrics import score

    scores = score(reference, rendering, metrics)
    return Conversion(program, rendering, scores.scores, scores.unscored)
