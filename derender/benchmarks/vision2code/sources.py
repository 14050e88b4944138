"""The fifteen datasets that Vision2Code's pictures come from: domain, counts, origin and terms."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from derender.core import UnknownName


class DomainMap(StrEnum):
    """Whose domains: the two differ in where OlympiadBench belongs."""

    SITE = "site"
    """The leaderboard's and the paper's statistics: Geometry."""
    CODE = "code"
    """The released code's table: Science."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A source dataset's own files, as far as identifiers tell them.

    Attributes:
        config: name of the dataset's configuration.
        split: of the source.
        shards: stems of its Parquet files.
        starts: of a split kept as it was: how many of the pool's lines come before each shard; None where rows were
            shuffled, so that a line doesn't tell the row.
        rows: how many rows all shards have.
    """

    config: str
    split: str
    shards: tuple[str, ...]
    starts: tuple[int, ...] | None
    rows: int


@dataclass(frozen=True, slots=True)
class Source:
    """One of the fifteen datasets.

    Attributes:
        name: exact, as rows spell it.
        domain: of the leaderboard's site.
        test: samples in the split ``test``.
        mini: samples in ``test_mini``, which are copies of some of those.
        origin: where it comes from.
        licence: what its card says.
        policy: how the benchmark's own split was made.
        pools: its files, in the order of their lines; empty where identifiers can't be made from lines.
    """

    name: str
    domain: str
    test: int
    mini: int
    origin: str
    licence: str
    policy: str
    pools: tuple[Pool, ...] = ()


def _read() -> Mapping[str, Source]:
    rows = json.loads(Path(__file__).with_name("sources.json").read_text("utf-8"))
    found = (Source(**{**row, "pools": tuple(map(_pool, row.get("pools", ())))}) for row in rows)
    return MappingProxyType({source.name: source for source in found})


def _pool(row: dict[str, Any]) -> Pool:
    starts = row["starts"]
    return Pool(**{**row, "shards": tuple(row["shards"]), "starts": None if starts is None else tuple(starts)})


SOURCES: Mapping[str, Source] = _read()


class Split(StrEnum):
    """The two splits, by the names that rows have."""

    TEST = "test"
    """All samples."""
    TEST_MINI = "test_mini"
    """A part of them, with pictures of its own."""

    @classmethod
    def parse(cls, name: str) -> "Split":
        """A split by its name, with a hyphen too, and with ``filtered_`` before it as in result files.

        Raises:
            UnknownName: there is no such split.
        """
        plain = name.replace("-", "_").removeprefix("filtered_")
        if plain not in set(cls):
            raise UnknownName("split", name, cls)
        return cls(plain)


def counts(split: Split) -> Counter[str]:
    """Dataset → how many samples it has in a split."""
    return Counter({each.name: each.test if split is Split.TEST else each.mini for each in SOURCES.values()})


def domain(dataset: str, domains: DomainMap = DomainMap.SITE) -> str:
    """The domain of a dataset.

    Raises:
        UnknownName: it is none of the fifteen.
    """
    if dataset not in SOURCES:
        raise UnknownName("dataset", dataset, SOURCES)
    if dataset == "OlympiadBench" and domains is DomainMap.CODE:
        return "Science"
    return SOURCES[dataset].domain
