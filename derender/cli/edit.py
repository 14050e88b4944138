"""``derender edit``: a program and a wish in, the changed program out, rendered."""

from pathlib import Path
from typing import Annotated

import typer

from derender.core import Program

from ._converted import Item
from ._environments import EnvironmentName, checked
from ._files import Names
from ._help import Section, TeachingCommand
from ._models import (
    Asked,
    AskedModel,
    BaseUrl,
    ExtraBody,
    MaxTokens,
    NoCacheOfAnswers,
    Prices,
    Samples,
    ScoredBy,
    Seed,
    Temperature,
    Wanted,
    sampling_of,
)
from ._options import EngineOptions, Isolation, Json, OutputFolder, Timeout, split_names
from ._written import Job, Work, items_of

_EPILOG = """
Examples:
  derender edit chart.py "make the bars green" -m openai/NAME
  derender edit page.html "put the menu on the left" -m openai/NAME -o edited
  derender edit chart.py "use a log scale" --reference wanted.png -m openai/NAME

FILE stays as it is: the folder gets the changed program, its rendering, what
the model replied, what it cost (ledger.json), and results.jsonl, which
`derender report` shows as a page. An answer is kept and not asked for again,
unless --no-cache is given. The model does not see the reference.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("edit", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.PICTURES)(edit)


def edit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The program.")],
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="What is to be changed, in words.")],
    model: AskedModel,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", metavar="L", help="What it is written in; told by the suffix by default."),
    ] = None,
    base_url: BaseUrl = None,
    output: OutputFolder = Path("derender-out"),
    samples: Samples = 1,
    seed: Seed = None,
    temperature: Temperature = None,
    max_tokens: MaxTokens = None,
    extra_body: ExtraBody = None,
    reference: Wanted = None,
    metric: ScoredBy = None,
    prices: Prices = None,
    environment: EnvironmentName = None,
    timeout: Timeout = None,
    isolation: Isolation = "strict",
    no_cache: NoCacheOfAnswers = False,
    json: Json = False,
) -> None:
    """Have a program changed as is said in words, and render it."""
    from derender.metrics import get_metric
    from derender.models import load_chat_model

    engine = EngineOptions(None, timeout, isolation, cache=not no_cache)
    sampling = sampling_of(samples, seed, temperature, max_tokens)
    metrics = [get_metric(name).name for name in split_names(metric)] or None
    job = _job(file, Program.from_file(file, language), request, samples, reference, output)
    asked = Asked.around(load_chat_model(model, base_url), prices, cache=not no_cache, extra_body=extra_body)
    work = Work(asked, sampling, engine, reference, metrics, checked(environment))
    raise typer.Exit(work.run([job], output, model, json_lines=json))


def _job(file: Path, program: Program, request: str, samples: int, reference: Path | None, output: Path) -> Job:
    from derender.models.drafts import editing

    here = file.absolute().parent == output.absolute()
    # The program that is edited, and what was drawn of it, stay.
    names = Names([file.stem] if here else ())
    name = names.claim(file.stem)
    assignment = editing(program, request, name)
    given = {"request": request, "file": str(file.absolute())}
    picture, copy = (str(reference), reference.stem) if reference else (None, None)
    template = Item(str(file), program.language, name, given, picture, copy, given)
    return Job(assignment, items_of(assignment, template, names, samples))
