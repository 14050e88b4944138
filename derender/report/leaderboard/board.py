"""Everything a leaderboard shows, gathered: who stands on it, how they compare, and what must be said about that."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from derender.benchmarks.vision2code.published_standings import PublishedLeaderboard, published_leaderboard
from derender.benchmarks.vision2code.sources import Split, counts
from derender.benchmarks.vision2code.standings import Origin, Pair, Place, Standing, compared, measured, placed, ranked
from derender.core import UnknownName, UserError
from derender.judges import Mode

from .measured import BENCHMARK, MeasuredRun, Package, Spent, read_measured

_ENOUGH = 0.99
"""Share of a split's samples that a rank asks for ratings of; the published model with the fewest has 99.4 %."""
_NOBODY = PublishedLeaderboard((), (), ())


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard.

    Attributes:
        mode: by which formula measured ratings count.
        split: of the published numbers.
        standings: those with a rank first, best first; then those that have none.
        pairs: models compared sample by sample, published ones and measured ones among themselves.
        places: ranks, best first; published and measured apart.
        spent: model → what asking cost.
        runs: model → its run folder.
        notes: what keeps models from being compared as they stand, a sentence each.
    """

    mode: Mode
    split: Split
    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    places: Mapping[Origin, tuple[Place, ...]]
    spent: Mapping[str, tuple[Spent, ...]]
    runs: Mapping[str, MeasuredRun]
    notes: tuple[str, ...]

    def of(self, origin: Origin) -> tuple[Standing, ...]:
        """The measured or the published ones."""
        return tuple(each for each in self.standings if each.origin is origin)


def read_board(
    folders: Sequence[Path],
    *,
    mode: Mode = Mode.OFFICIAL,
    published: bool = False,
    split: Split | None = None,
    labels: Mapping[Path, str] = MappingProxyType({}),
) -> Board:
    """The leaderboard of run folders, of what was published, or of both.

    Args:
        folders: run folders of the benchmark; without any, the published numbers are shown.
        mode: by which formula measured ratings count; published ones follow the official one.
        published: whether published numbers are shown beside the runs.
        split: of the published numbers; that of the first run that says one by default, else ``test``.
        labels: folder → what its model is called, instead of what the run says.

    Raises:
        UserError: a folder is no run folder of the benchmark, or has no row of it.
    """
    # A folder that is named twice is one run.
    runs = [_read(folder, labels.get(folder)) for folder in {each.resolve(): each for each in folders}.values()]
    shown = split or next((found for run in runs if (found := _split(run.split))), Split.TEST)
    known = published_leaderboard(shown) if published or not runs else _NOBODY
    by_name = dict(zip(_names(runs, [each.name for each in known.standings]), runs, strict=True))
    own = [_standing(name, run, mode) for name, run in by_name.items()]
    ratings = {name: _ratings(run, mode) for name, run in by_name.items()}
    # A run in which nothing that was drawn is rated has no mean, and its zeros are not compared either.
    ratings = {each.name: ratings[each.name] if each.macro.value is not None else {} for each in own}
    standings = ranked([*own, *known.standings], _beside(own, known.standings, by_name))
    board = Board(
        mode=mode,
        split=shown,
        standings=tuple(standings),
        pairs=(*compared(ratings), *known.pairs),
        places={Origin.MEASURED: tuple(placed(ratings)), Origin.PUBLISHED: known.places},
        spent={name: run.spent for name, run in by_name.items()},
        runs=by_name,
        notes=(),
    )
    return replace(board, notes=tuple(_notes(board)))


def _read(folder: Path, label: str | None) -> MeasuredRun:
    run = read_measured(folder)
    if not run.samples:
        raise UserError(f"{folder}: has no scored sample of {BENCHMARK}")
    return replace(run, model=label) if label else run


def _split(name: str | None) -> Split | None:
    try:
        return Split.parse(name) if name else None
    except UnknownName:
        return None


def _standing(name: str, run: MeasuredRun, mode: Mode) -> Standing:
    known = _split(run.split)
    split = known.value if known else run.split
    return measured(name, [each.record for each in run.samples], mode, split=split, judge=run.judge)


def _beside(own: Sequence[Standing], published: Sequence[Standing], runs: Mapping[str, MeasuredRun]) -> set[str]:
    """Models whose headlines are of the same samples: of all of a split as published, else of whatever all have."""
    whole = [each for each in own if _is_whole(each, runs[each.name])]
    if published:
        alike = {each.name for each in whole if (each.split, each.mode) == (published[0].split, published[0].mode)}
        return {each.name for each in published} | alike
    if whole and len({each.split for each in whole}) == 1:
        return {each.name for each in whole}
    samples = {frozenset(sample.name for sample in run.samples) for run in runs.values()}
    return {each.name for each in own} if len(samples) == 1 and not whole else set()


def _is_whole(each: Standing, run: MeasuredRun) -> bool:
    """Whether a run is of all samples of a split as published, and next to none lacks a rating."""
    split = _split(each.split)
    if split is None or (run.package and not run.package.published):
        return False
    sizes = {name: of.n for name, of in each.datasets.items()}
    return sizes == counts(split) and each.rated >= _ENOUGH * each.samples


def _ratings(run: MeasuredRun, mode: Mode) -> dict[str, float]:
    finals = ((each.name, each.final(mode)) for each in run.samples)
    return {name: final for name, final in finals if final is not None}


def _names(runs: Sequence[MeasuredRun], taken: Iterable[str]) -> list[str]:
    """A name for each run, by which no other model goes: with its folder's where needed, and a number at last."""
    times = Counter(run.model for run in runs)
    used = set(taken)
    found = []
    for run in runs:
        name = run.model
        if times[name] > 1:
            name += f" ({run.folder.resolve().name})"
        elif name in used:
            name += " (measured)"
        unique, number = name, 1
        while unique in used:
            number += 1
            unique = f"{name} {number}"
        used.add(unique)
        found.append(unique)
    return found


def _notes(board: Board) -> Iterable[str]:
    own, published = board.of(Origin.MEASURED), board.of(Origin.PUBLISHED)
    yield from _of_published(board, own, published)
    yield from _of_splits(own)
    judges = dict.fromkeys(each.judge or "nobody who is named" for each in own)
    if len(judges) > 1:
        yield f"Measured models were rated by different judges: {_listed(judges)}."
    if len({board.runs[each.name].prompt for each in own} - {None}) > 1:
        yield "Measured models were not all asked by the same prompt."
    yield from _of_ranks(board)
    yield from _of_sizes(own, board.runs)
    for each in own:
        yield from _of_run(each, board.runs[each.name])


def _of_published(board: Board, own: Sequence[Standing], published: Sequence[Standing]) -> Iterable[str]:
    if not published:
        return
    if board.split is Split.TEST_MINI:
        yield (
            "Published numbers of test_mini are those of the same samples in the paper's run over test; "
            "it tells failures by class for test alone."
        )
    unpaired = [each.name for each in published if each.micro.low is None]
    if unpaired:
        yield f"The paper gives no interval, no differences and no rank of {_listed(unpaired)}."
    if not own:
        return
    yield (
        "Published ratings are not public sample by sample, so that no measured model is compared with a published "
        f"one in pairs. They were given by {published[0].judge}, under the paper's own prompt."
    )
    if board.mode is Mode.FIXED:
        yield "Measured ratings follow the corrected formula, published ones the official one."
    others = [each.name for each in own if each.split != board.split.value]
    if others:
        yield f"Published numbers are of {board.split.value}; {_listed(others)} {_are(others)} not, or not said to be."


def _of_splits(own: Sequence[Standing]) -> Iterable[str]:
    splits: dict[str, list[str]] = {}
    for each in own:
        splits.setdefault(each.split or "an unnamed split", []).append(each.name)
    if len(splits) > 1:
        parts = (f"{_listed(names)} of {split}" for split, names in splits.items())
        yield f"Measured models are of different splits: {'; '.join(parts)}."


def _of_ranks(board: Board) -> Iterable[str]:
    without = [each.name for each in board.standings if each.rank is None and each.macro.value is not None]
    if without and board.of(Origin.PUBLISHED):
        asked = "among published models takes ratings of all samples of the published split, by the same formula"
        yield f"Without a rank: {_listed(without)}. One {asked}."
    elif without:
        yield f"Without a rank: {_listed(without)}. One takes ratings of the samples that the others are rated on."


def _of_sizes(own: Sequence[Standing], runs: Mapping[str, MeasuredRun]) -> Iterable[str]:
    """Which runs are of a part of their split or of another package, those of as many samples together."""
    parts: dict[str, list[str]] = {}
    for each in own:
        if told := _size(each, runs[each.name].package):
            parts.setdefault(told, []).append(each.name)
    yield from (f"{_listed(names)}: {told}." for told, names in parts.items())
    bounded = [each for each in own if each.macro.low is not None]
    alone = [each.name for each in bounded if any(of.rated == 1 for of in each.datasets.values())]
    if alone:
        yield f"{_listed(alone)}: a dataset with a single rated sample makes the interval of the macro mean too narrow."


def _size(each: Standing, package: Package | None) -> str | None:
    """What part of which split a run is; None where it is all of a published one, or nobody says."""
    split = _split(each.split)
    if split is None:
        return None
    published = sum(counts(split).values())
    if package and not package.published:
        part = "all" if each.samples == package.samples else f"{each.samples:,} of the"
        return f"{part} {package.samples:,} samples that {split} has in a package which is not the published one"
    return f"{each.samples:,} of the {published:,} samples of {split}" if each.samples != published else None


def _of_run(each: Standing, run: MeasuredRun) -> Iterable[str]:
    if not run.stated:
        yield f"{each.name}: the folder has no run.json, so that nobody says its split and its judge."
    if run.unusable:
        lines = "1 line" if run.unusable == 1 else f"{run.unusable:,} lines"
        yield f"{each.name}: {lines} of results.jsonl could not be used."
    if run.refused:
        files = "1 file is" if run.refused == 1 else f"{run.refused:,} files are"
        yield f"{each.name}: {files} not shown: rows name what lies neither in the run's folder nor in a package."
    if each.dropped:
        reasons = (
            f"{count:,} {kind.replace('_', ' ')}{_example(each.why.get(kind))}" for kind, count in each.dropped.items()
        )
        missing = f"{each.samples - each.rated:,} of {each.samples:,} samples without a rating"
        yield f"{each.name}: {missing}: {'; '.join(reasons)}."


def _example(sentence: str | None) -> str:
    return f" (such as: {sentence[:200]})" if sentence else ""


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
