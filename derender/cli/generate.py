"""``derender generate``: words in, programs out, rendered, and scored where there is a picture of what is wanted."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from derender.core import Language

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
  derender generate "a bar chart of rain by month" --to python -m openai/NAME
  derender generate "a login page" --to html -m openai/NAME \\
      --base-url http://host:8000/v1
  derender generate "a red traffic light" --to svg,python -n 3 -m openai/NAME
  derender generate "the chart" --reference chart.png -m replay/answers.jsonl

The folder gets the programs, their renderings, what the model replied, what it
cost (ledger.json), and results.jsonl, which `derender report` shows as a page.
An answer is kept and not asked for again, unless --no-cache is given. The model
does not see the reference; renderings are scored against it.
"""
_STEM_LENGTH = 40


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("generate", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.PICTURES)(generate)


def generate(
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="What is to be drawn, in words.")],
    model: AskedModel,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", "-t", metavar="L", help="Language of the program, or several; python by default."),
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
    """Have programs written that draw what is said in words, and render them."""
    from derender.metrics import get_metric
    from derender.models import load_chat_model

    engine = EngineOptions(None, timeout, isolation, cache=not no_cache)
    sampling = sampling_of(samples, seed, temperature, max_tokens)
    metrics = [get_metric(name).name for name in split_names(metric)] or None
    targets = list(dict.fromkeys(map(Language.parse, split_names(to) or ["python"])))
    jobs = list(_jobs(request, targets, samples, reference))
    asked = Asked.around(load_chat_model(model, base_url), prices, cache=not no_cache, extra_body=extra_body)
    work = Work(asked, sampling, engine, reference, metrics, checked(environment))
    raise typer.Exit(work.run(jobs, output, model, json_lines=json))


def _jobs(request: str, targets: list[Language], samples: int, reference: Path | None) -> Iterator[Job]:
    from derender.models.drafts import generation

    names = Names()
    stem = re.sub(r"\W+", "-", request.strip().lower())[:_STEM_LENGTH].strip("-") or "generated"
    for target in targets:
        name = names.claim(stem if len(targets) == 1 else f"{stem}-{target}")
        assignment = generation(request, target, name)
        given = {"request": request}
        picture, copy = (str(reference), reference.stem) if reference else (None, None)
        template = Item(request, target, name, given, picture, copy, given)
        yield Job(assignment, items_of(assignment, template, names, samples))
