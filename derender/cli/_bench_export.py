"""``derender bench export``: a scored run in the files of the benchmark's own tools."""

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from ._bench_table import words
from ._exits import complain
from ._files import make_folder, shown
from ._help import TeachingCommand
from ._options import Json
from ._output import mark, say

_EPILOG = """
Examples:
  derender bench export vision2code RUN --official DIR --data PACKAGE
  derender bench export vision2code RUN --official DIR --model NAME
  derender bench export vision2code RUN --official DIR --rater openai/NAME

RUN is a folder that bench run or bench score left. Its model and judge are as
they were named there, unless others are given. A run that was judged by others
too may be written into the same DIR: ratings of the same programs stay.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("export", cls=TeachingCommand, epilog=_EPILOG)(export)


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder of a scored run.")],
    official: Annotated[
        Path, typer.Option("--official", metavar="DIR", help="Where to write what the paper's runner would leave.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The published package; by default what VISION2CODE_DATA_DIR names."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who wrote the programs, where the run doesn't say it well.")
    ] = None,
    rater: Annotated[
        str | None, typer.Option(metavar="PROVIDER/MODEL", help="Who rated, where the run doesn't say it well.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a scored run as the paper's runner leaves one."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code import data_folder
    from derender.benchmarks.vision2code.official_folders import Model, Rater, write_official
    from derender.benchmarks.vision2code.runs import read_run

    get_benchmark(name)
    found = read_run(run)
    make_folder(official)
    judged = Rater.of_judge(found.judge) if found.judge else None
    written = write_official(
        official,
        found,
        data_folder(data),
        Model.parse(model or found.model),
        Rater.parse(rater) if rater else judged,
    )
    for kind, count in written.left_out.items():
        complain(f"{count} left out: {words(kind)}")
    if json:
        said = {"folder": str(written.folder.absolute()), "samples": written.samples, "rated": written.rated}
        say(json_text.dumps({**said, "left_out": dict(written.left_out)}))
    else:
        say(f"{mark(True)} {shown(written.folder)}  {written.samples} samples, {written.rated} rated")
