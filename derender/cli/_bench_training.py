"""``derender bench training-sets``: rated round trips selected and written down for trainers of models."""

import json as json_text
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UserError
from derender.core.pictures import write_whole

from ._exits import complain
from ._files import make_folder
from ._help import TeachingCommand
from ._options import Json, OutputFolder, split_names
from ._output import say, style

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.ablations.training_pairs import Pool
    from derender.benchmarks.vision2code.ablations.training_sets import Selection, Sifted, TrainingSet

_EPILOG = """
Examples:
  derender bench training-sets vision2code pairs -o sets
  derender bench training-sets vision2code pairs --variants si4_self_drop --size 0
  derender bench training-sets vision2code pairs --exclude vision2code-data --unique

POOL is a folder of samples' folders, as `derender bench pairs` and the official
runner write them. Each variant becomes a folder with the paper's records and
with talks for trainers, sft_train.jsonl and sft_train.parquet. Pictures of the
benchmark's own test split are left out: by their samples' names, and by SHA-256
those of the packages that --exclude or VISION2CODE_DATA_DIR names.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("training-sets", cls=TeachingCommand, epilog=_EPILOG)(training_sets)


def training_sets(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    pool: Annotated[Path, typer.Argument(metavar="POOL", help="Folder of rated round trips.")],
    variants: Annotated[
        list[str] | None, typer.Option(metavar="a,b", help="Which sets; the paper's five by default.")
    ] = None,
    alpha: Annotated[float, typer.Option(metavar="R", help="The least R1 of a high one.")] = 4.0,
    size: Annotated[
        int | None, typer.Option(metavar="N", help="Pairs of each set; 0 for all, by default as many as the smallest.")
    ] = None,
    dev_ratio: Annotated[float, typer.Option(metavar="SHARE", help="How much of a set is for development.")] = 0.1,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the shuffles.")] = 42,
    rater: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Whose ratings; the first by name where there are several.")
    ] = None,
    max_code_chars: Annotated[int, typer.Option(metavar="N", help="Leave longer programs out; 0 keeps all.")] = 0,
    exclude: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Leave out pictures that this package names by SHA-256.")
    ] = None,
    keep_test: Annotated[
        bool, typer.Option("--keep-test", help="Keep the benchmark's own test pictures. Do not test on it afterwards.")
    ] = False,
    unique: Annotated[
        bool, typer.Option("--unique", help="Of pairs with the same program or picture keep one.")
    ] = False,
    output: OutputFolder = Path("training-sets"),
    json: Json = False,
) -> None:
    """Select sets for self-training from rated round trips."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code.ablations.training_exports import write_set
    from derender.benchmarks.vision2code.ablations.training_pairs import read_pool
    from derender.benchmarks.vision2code.ablations.training_sets import Selection, Variant, pictures_of, select, sift

    get_benchmark(name)
    chosen = tuple(dict.fromkeys(Variant.parse(each) for each in split_names(variants))) or tuple(Variant)
    how = Selection(chosen, alpha, size, dev_ratio, seed)
    found = read_pool(pool, rater, most_chars=max_code_chars)
    packages = [] if keep_test else exclude or _named_package()
    forbidden = pictures_of(packages)
    kept = sift(found.pairs, forbidden, keep_test=keep_test, unique=unique)
    if not kept.pairs:
        raise UserError(f"{pool}: holds no pairs that may be trained on ({_counts(found, kept)})")
    sets = select(kept.pairs, how)
    folder = make_folder(output)
    for each in sets:
        write_set(folder, each, _stats(each, how))
    summary = _summary(sets, found, kept, how)
    write_whole(folder / "summary.json", (json_text.dumps(summary, indent=1) + "\n").encode())
    _tell(summary, sets, found, kept, json_lines=json)
    if not packages and not keep_test:
        complain("test pictures were told by their names alone: --exclude compares with a package's pictures")


def _named_package() -> list[Path]:
    from derender.benchmarks.vision2code.data import VARIABLE, data_folder

    return [data_folder()] if os.environ.get(VARIABLE) else []


def _stats(chosen: "TrainingSet", how: "Selection") -> dict[str, Any]:
    return {
        "dataset_variant": chosen.variant.value,
        "paper_name": chosen.variant.paper,
        "threshold": how.alpha,
        "seed": how.seed,
        "dev_ratio": how.dev_ratio,
        "candidate_records": chosen.candidates,
        "total_records": len(chosen.pairs),
        "train_records": len(chosen.pairs) - len(chosen.dev),
        "dev_records": len(chosen.dev),
        "by_dataset": chosen.by_dataset(),
        "dev_by_dataset": chosen.by_dataset(dev=True),
    }


def _summary(sets: "Sequence[TrainingSet]", found: "Pool", kept: "Sifted", how: "Selection") -> dict[str, Any]:
    return {
        "threshold": how.alpha,
        "sample_size": len(sets[0].pairs) if how.size is None else how.size,
        "dev_ratio": how.dev_ratio,
        "seed": how.seed,
        "raw_stats": found.record(),
        "left_out": {"of_test": kept.of_test, "repeated": kept.repeated},
        "source_not_checked": kept.unchecked,
        "variants": {each.variant.value: _stats(each, how) for each in sets},
    }


def _tell(
    summary: dict[str, Any], sets: "Sequence[TrainingSet]", found: "Pool", kept: "Sifted", *, json_lines: bool
) -> None:
    if json_lines:
        say(json_text.dumps(summary))
        return
    wide = max(len(each.variant) for each in sets)
    say(style(f"{'':<{wide}}  candidates  train  dev", dim=True))
    for each in sets:
        train = len(each.pairs) - len(each.dev)
        say(f"{each.variant:<{wide}}  {each.candidates:>10}  {train:>5}  {len(each.dev):>3}")
    say(style(_counts(found, kept), dim=True))


def _counts(found: "Pool", kept: "Sifted") -> str:
    counts = {name.replace("_", " "): count for name, count in found.record().items()}
    counts |= {"pictures of the test split left out": kept.of_test}
    counts |= {"repeated left out": kept.repeated, "without a source to compare": kept.unchecked}
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count)
