"""``derender convert``: pictures in, programs out, rendered and scored."""

from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derender.core import Language, UserError

from ._converted import Item
from ._environments import EnvironmentName, checked
from ._files import Names
from ._help import Section, TeachingCommand
from ._models import Asked, BaseUrl, ExtraBody, NoCacheOfAnswers, Prices
from ._options import EngineOptions, Isolation, Jobs, Json, OutputFolder, Timeout, split_names
from ._output import Output
from ._rounds import Revised, RoundResults, RoundsWanted, check_rounds, revise
from ._run_folder import RunFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derender.models import ChatModel, Conversion, Model
    from derender.render import Engine, Limits

_EPILOG = """
Examples:
  derender convert chart.png                     writes derender-out/chart.svg
  derender convert *.png --to python -o out      Matplotlib programs
  derender convert page.png --to html,svg        two programs of each picture
  derender convert chart.png --model openai/NAME --base-url http://host:8000/v1
  derender convert chart.png --model openai/NAME --rounds 3 --metric ssim,words

The model trace needs no network. An openai/ model is asked with the key in
OPENAI_API_KEY, if there is one; what it answered is kept and not asked again.
An hf/ model is a checkpoint's folder, or a name in Hugging Face's cache;
replay/ gives the recorded answers of a folder or a .jsonl file.
The folder gets the programs, their renderings, the pictures they were made
from, what a model replied, and results.jsonl, which `derender report` shows as
a page. With --rounds every round is kept, good or bad, and the best one is the
result.
"""
_ASKED_AT_ONCE = 16
"""Pictures that a model is asked about at once, where the user doesn't say."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What all items share; runs in the threads that convert."""

    model: "Model | ChatModel"
    engine: "Engine"
    limits: "Limits"
    metrics: list[str] | None
    environment: str | None
    rounds: int

    def convert(self, item: Item) -> "tuple[bytes, Conversion | Revised]":
        """One item's picture as PNG, and what became of it."""
        from dataclasses import replace

        from derender.models import ChatModel
        from derender.models.conversion import as_array, convert_picture, drawing_options

        path = Path(item.shown)
        image = as_array(path)
        options = drawing_options(image, item.target)
        options = replace(options, limits=self.limits, environment=self.environment)
        if self.rounds > 1 and isinstance(self.model, ChatModel):
            revised = revise(self.model, self.engine, image, item, self.rounds, metrics=self.metrics, options=options)
            return png(path, image), revised
        made = convert_picture(
            self.model, self.engine, image, item.target, metrics=self.metrics, options=options, item=item.stem
        )
        return png(path, image), made


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.PICTURES)(convert)


def convert(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE", help="Pictures: PNG, JPEG, WebP, GIF, BMP, TIFF.")],
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            "-t",
            metavar="L",
            help="Language of the program, or several: svg by default, python, html; of a model that is asked, any.",
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--model", "-m", metavar="MODEL", help="Who writes: trace, openai/NAME, hf/CHECKPOINT, or replay/PATH."
        ),
    ] = "trace",
    base_url: BaseUrl = None,
    extra_body: ExtraBody = None,
    rounds: RoundsWanted = 1,
    prices: Prices = None,
    output: OutputFolder = Path("derender-out"),
    metric: Annotated[
        list[str] | None, typer.Option(metavar="a,b", help="How the rendering is scored; all metrics by default.")
    ] = None,
    environment: EnvironmentName = None,
    timeout: Timeout = None,
    jobs: Jobs = None,
    isolation: Isolation = "strict",
    no_cache: NoCacheOfAnswers = False,
    json: Json = False,
) -> None:
    """Turn pictures into programs, render these, and score the renderings against the pictures."""
    from derender.metrics import get_metric
    from derender.models import ChatModel
    from derender.models.conversion import load_model, parse_target
    from derender.models.drafts import conversion_prompt

    engine_options = EngineOptions(jobs, timeout, isolation, cache=not no_cache)
    limits = engine_options.limits()
    run_in = checked(environment)
    metrics = [get_metric(name).name for name in split_names(metric)] or None
    chosen = load_model(model, base_url)
    targets = list(dict.fromkeys(parse_target(name, chosen) for name in split_names(to) or ["svg"]))
    check_rounds(rounds, model, chosen)
    if extra_body and not isinstance(chosen, ChatModel):
        raise UserError(f"the model {model} is sent no request: leave out --extra-body")
    asked = None
    if isinstance(chosen, ChatModel):
        asked = Asked.around(chosen, prices, cache=not no_cache, extra_body=extra_body)
    prompts = {target: {"prompt": conversion_prompt(target)} for target in targets} if asked else {}
    items = list(_items(images, targets, output, prompts))
    with (
        RunFolder(output) as folder,
        Output(len(items), "converted", json_lines=json) as out,
        engine_options.engine() as engine,
    ):
        results = RoundResults(folder, out, model)
        # Whoever waits for an endpoint needs no core; the engine sees to it that not too much is drawn at once.
        at_once = max(engine.jobs, _ASKED_AT_ONCE) if asked and jobs is None else engine.jobs
        work = _Work(asked.model if asked else chosen, engine, limits, metrics, run_in, rounds)
        try:
            with closing(_convert_all(work, items, at_once)) as conversions:
                for item, future in conversions:
                    results.take(item, future)
        finally:
            # What was spent is spent, also where this was stopped.
            if asked:
                asked.tell(folder, json_lines=json)
    raise typer.Exit(out.exit_code)


def _items(
    images: list[str], targets: list[Language], output: Path, notes: Mapping[Language, Mapping[str, str]]
) -> Iterator[Item]:
    here = output.absolute()
    # The rendering of an input that lies in the output folder must not take its place.
    names = Names(Path(image).stem for image in images if Path(image).absolute().parent == here)
    references = Names()
    for image in images:
        stem = Path(image).stem
        reference = references.claim(stem)
        for target in targets:
            name = names.claim(stem if len(targets) == 1 else f"{stem}-{target}")
            given = {"image": str(Path(image).absolute())}
            yield Item(image, target, name, given, image, reference, notes.get(target, {}))


def _convert_all(
    work: _Work, items: list[Item], jobs: int
) -> "Generator[tuple[Item, Future[tuple[bytes, Conversion | Revised]]]]":
    threads = ThreadPoolExecutor(jobs, thread_name_prefix="convert")
    try:
        pending = {threads.submit(work.convert, item): item for item in items}
        for future in as_completed(pending):
            yield pending.pop(future), future
    finally:
        # Not waited for: when this breaks off, a model may be busy for long and nobody wants its answer.
        threads.shutdown(wait=False, cancel_futures=True)


def png(path: Path, image: "NDArray[np.uint8]") -> bytes:
    """A picture as PNG: the file itself where it is one."""
    import io

    from PIL import Image

    content = path.read_bytes()
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return content
    target = io.BytesIO()
    Image.fromarray(image).save(target, "PNG")
    return target.getvalue()
