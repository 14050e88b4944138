"""``derender bench cosine``: how alike a scored run's pictures are to their references, as vectors see them."""

import json as json_text
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from derender.core import UserError

from ._bench_table import words
from ._exits import one_line
from ._help import TeachingCommand
from ._models import BaseUrl
from ._options import Json
from ._output import Output, mark, say, style
from ._run_folder import RunFolder

_EPILOG = """
Examples:
  derender bench cosine vision2code run
  derender bench cosine vision2code run --embedder efficientnet -o run/seen
  derender bench cosine vision2code run --embedder hf/Qwen3-VL-Embedding-8B
  derender bench cosine vision2code run --embedder openai/NAME --base-url URL

A RUN is a folder that bench score or bench run wrote. Cosines lie in the
output's results.jsonl, their means in summary.json; what an earlier run into
it compared is not compared again. Embedders: pixel (no model), efficientnet,
clip_b32, clip_l14_336, siglip2, dinov2_b, dinov3_b, a checkpoint, an endpoint.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("cosine", cls=TeachingCommand, epilog=_EPILOG)(cosine)


def cosine(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    embedder: Annotated[str, typer.Option(metavar="NAME", help="Who makes the vectors.")] = "pixel",
    base_url: BaseUrl = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Where to; RUN/cosine by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Compare a run's pictures by the cosine of their vectors, with and without words."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code.cosine import compare, focus, pairs_of, summary
    from derender.benchmarks.vision2code.embedders import load_encoder
    from derender.benchmarks.vision2code.runs import read_run

    get_benchmark(name)
    found = read_run(run)
    pairs = pairs_of(found)
    place = output or run / "cosine"
    if place.resolve() == run.resolve():
        raise UserError(f"{place}: holds the run itself, whose rows would be lost: name another folder")
    encoder = load_encoder(embedder, focus().instruction, base_url)
    encoder.ready()
    keys = [pair.key(encoder) for pair in pairs]
    rows: dict[str, Mapping[str, Any]] = {}
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(place, keys))
        out = stack.enter_context(Output(len(pairs), "compared", json_lines=json))
        for key, row in folder.kept.items():
            rows[key] = row
            _say(out, row)
        left = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in rows}
        for key, compared in zip(left, compare([*left.values()], encoder), strict=True):
            record = compared.record()
            row = {"id": compared.pair.sample, "key": key, "again": compared.status.again, **record}
            rows[key] = row
            folder.record(row)
            _say(out, row)
        about = {"embedder": embedder, "fingerprint": encoder.fingerprint, "focus_texts": focus().version}
        table = {"model": found.model, **about, **summary([rows[key] for key in keys])}
        folder.put_in_order()
        folder.write("summary.json", json_text.dumps(table, indent=1) + "\n")
    if json:
        say(json_text.dumps({"summary": table}))
    else:
        for line in _lines(table):
            say(line)
    raise typer.Exit(out.exit_code)


def _say(out: Output, row: Mapping[str, Any]) -> None:
    from derender.benchmarks.vision2code.cosine import Status

    scored = row["status"] == Status.SCORED
    name = one_line(row["question_folder"])
    if scored:
        line = f"{name}  {row['cosine_image_only_0_to_5']:.3f}  {row['cosine_image_plus_text_0_to_5']:.3f}"
    else:
        line = f"{name}  {style(one_line(words(row['status']) + ': ' + row['why']), dim=True)}"
    # What a program failed to draw is a result too: 0 in the mean of all rows.
    out.result(row, f"{mark(scored)} {line}", ok=row["cosine_image_only_0_to_5_all_rows"] is not None)


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    wide = max(map(len, [*table["datasets"], "all"]))
    yield ""
    yield style(f"{'':<{wide}}  samples  compared  picture, all rows  with text, all rows", dim=True)
    for name, each in [*table["datasets"].items(), ("all", table)]:
        kinds = "  ".join(f"{_both(each, kind):>{size}}" for kind, size in _COLUMNS.items())
        yield f"{name:<{wide}}  {each['total_rows']:>7}  {each['scored_rows']:>8}  {kinds}"
    for why, count in table["left_out"].items():
        yield f"left out of means  {count}: {one_line(why)}"


_COLUMNS = {"image_only": 17, "image_plus_text": 19}


def _both(each: Mapping[str, Any], kind: str) -> str:
    """The means over what was compared, and over all rows."""
    column = f"mean_cosine_{kind}_0_to_5"
    return "  ".join("–" if each[name] is None else f"{each[name]:.3f}" for name in (column, f"{column}_all_rows"))
