"""Whether a folder is the published package, whole and unchanged.

The rules are the official validator's, and one more: that a sample's folder is named as the benchmark names folders.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from derender.core import UserError
from derender.core.files import read_file

from .data import MANIFEST, PROVENANCE, Sample, path_problem, read_manifest, sha256_of
from .identifiers import Folder, digest
from .sources import SOURCES, Split, counts

FILES = (MANIFEST, "manifest.jsonl", PROVENANCE, "croissant.json")
PICTURES = "images"
_PRIVATE = ("/usr/xtmp/", "/usr/project/", "/home/users/")
"""Where the authors' own files lay; no row may name one."""
_KEY = ("dataset", "question_folder", "sample_id")


def check_package(folder: Path, *, small: bool = False) -> list[str]:
    """What is wrong with a package, a sentence each; empty where it is as published.

    Args:
        folder: of the manifest.
        small: whether it is an excerpt, whose counts and names may be any.
    """
    lacking = [name for name in FILES if not (folder / name).is_file()]
    lacking += [] if (folder / PICTURES).is_dir() else [f"{PICTURES}/"]
    if lacking:
        return [f"{name} is missing" for name in lacking]
    try:
        samples = read_manifest(folder)
    except UserError as error:
        return [str(error)]
    found = [*_lines(folder / "manifest.jsonl", len(samples))]
    if not samples:
        return [*found, "the manifest has no rows"]
    for number, sample in enumerate(samples, start=1):
        found += [f"row {number}: {problem}" for problem in _row(sample, folder)]
    found += _twice(samples)
    return found if small else [*found, *_counts(samples), *_names(samples)]


def has_published_counts(samples: Sequence[Sample], split: Split) -> bool:
    """Whether a split has as many samples of each dataset as the published package: a glance, and no check of it."""
    return Counter(sample.source_dataset for sample in samples) == counts(split)


def check_filters(test: Path, mini: Path) -> list[str]:
    """What is wrong with the two lists of accepted samples; empty where they are as published."""
    try:
        records = {Split.TEST: _records(test), Split.TEST_MINI: _records(mini)}
    except UserError as error:
        return [str(error)]
    found: list[str] = []
    for split, rows in records.items():
        found += _compare(split, Counter(str(row.get("dataset")) for row in rows))
    keys = {split: {tuple(str(row.get(name)) for name in _KEY) for row in rows} for split, rows in records.items()}
    strangers = sorted(keys[Split.TEST_MINI] - keys[Split.TEST])
    return found + [f"{folder} is in {Split.TEST_MINI} and not in {Split.TEST}" for _, folder, _ in strangers]


def _lines(path: Path, rows: int) -> Iterator[str]:
    try:
        # Not splitlines: a question may hold other separators than a line's end.
        lines = [line for line in read_file(path).decode("utf-8-sig").split("\n") if line.strip()]
        for line in lines:
            json.loads(line)
    except (UserError, ValueError, RecursionError) as error:
        yield f"{path.name} can't be read ({error})"
        return
    if len(lines) != rows:
        yield f"{MANIFEST} has {rows} rows and {path.name} has {len(lines)}"


def _row(sample: Sample, folder: Path) -> Iterator[str]:
    text = json.dumps(asdict(sample), ensure_ascii=False)
    yield from (f"a private path stands in it: {prefix}…" for prefix in _PRIVATE if prefix in text)
    if not sample.image_path:
        return
    problem = path_problem(sample.image_path)
    if problem is not None:
        yield problem
        return
    try:
        found = sha256_of(folder / sample.image_path)
    except UserError as error:
        yield str(error)
        return
    if sample.published_sha256 not in {"", found}:
        yield f"the picture is not the published one, its SHA-256 is another: {sample.image_path}"


def _twice(samples: list[Sample]) -> Iterator[str]:
    for (split, name), count in Counter((_split(sample), sample.question_folder) for sample in samples).items():
        if count > 1:
            yield f"{split} has {count} rows of {name!r}"


def _counts(samples: list[Sample]) -> Iterator[str]:
    expected = {split: sum(counts(split).values()) for split in Split}
    splits = Counter(_split(sample) for sample in samples)
    for split, count in expected.items():
        if splits[split] != count:
            yield f"{split} must have {count} rows, and has {splits[split]}"
    if len(samples) != sum(expected.values()):
        yield f"the manifest must have {sum(expected.values())} rows, and has {len(samples)}"
    for split in Split:
        yield from _compare(split, Counter(each.source_dataset for each in samples if _split(each) == split))


def _compare(split: Split, found: Counter[str]) -> Iterator[str]:
    for name in [*SOURCES, *sorted(found.keys() - SOURCES.keys())]:
        if found[name] != counts(split)[name]:
            yield f"{split} must have {counts(split)[name]} samples of {name}, and has {found[name]}"


def _split(sample: Sample) -> str:
    return (sample.split or sample.benchmark_split).replace("-", "_")


def _names(samples: Iterable[Sample]) -> Iterator[str]:
    for sample in samples:
        try:
            folder = Folder.parse(sample.question_folder)
        except UserError as error:
            yield str(error)
            continue
        said = {
            "dataset": (folder.dataset, sample.source_dataset),
            "line": (str(folder.line), sample.source_jsonl_line),
            "digest": (folder.digest, digest(sample.source_id)),
        }
        for what, (in_name, in_row) in said.items():
            if in_name != in_row:
                yield f"{folder}: the {what} in the name is {in_name}, and by the row it is {in_row}"


def _records(path: Path) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(read_file(path).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UserError(f"{path}: is no JSON") from None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise UserError(f"{path}: must be a list of samples")
    return found
