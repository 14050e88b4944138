"""Names of samples: how the benchmark makes them, so that a row can be held against where it says it comes from.

A sample is ``<dataset>:<config>:<source split>:<shard>:<row in the shard>``; its folder is
``<dataset>_<split>_<line, six digits>_<first 12 digits of the SHA-1 of the sample's name>``.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from derender.core import UserError

from .sources import SOURCES, Pool

_FOLDER = re.compile(r"(?P<dataset>.+)_(?P<split>train|test)_(?P<line>\d{6})_(?P<digest>[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class Folder:
    """A sample's folder, taken apart.

    Attributes:
        dataset: one of the fifteen.
        split: ``train`` or ``test``.
        line: in the dataset's pool, counted from 1.
        digest: twelve hexadecimal digits.
    """

    dataset: str
    split: str
    line: int
    digest: str

    @classmethod
    def parse(cls, name: str) -> "Folder":
        """A folder by its name.

        Raises:
            UserError: it is no name of such a folder.
        """
        found = _FOLDER.fullmatch(name)
        if found is None:
            raise UserError(f"{name!r} is no sample's folder: those are <dataset>_<split>_<line>_<12 hex digits>")
        return cls(found["dataset"], found["split"], int(found["line"]), found["digest"])

    def __str__(self) -> str:
        return f"{self.dataset}_{self.split}_{self.line:06d}_{self.digest}"


def sample_id(dataset: str, pool: Pool, shard: str, row: int) -> str:
    """A sample's name; ``row`` counts from 0."""
    return f"{dataset}:{pool.config}:{pool.split}:{shard}:{row}"


def digest(sample: str) -> str:
    """What a folder's name ends in, of a sample's name."""
    return hashlib.sha1(sample.encode(), usedforsecurity=False).hexdigest()[:12]


def question_folder(dataset: str, split: str, line: int, sample: str) -> str:
    """The folder of a sample."""
    return str(Folder(dataset, split, line, digest(sample)))


def is_checkable(dataset: str) -> bool:
    """Whether the dataset's files are known, so that its samples' names can be made anew."""
    source = SOURCES.get(dataset)
    return source is not None and bool(source.pools)


def find_sample(folder: Folder) -> str | None:
    """The sample whose digest a folder has: where rows kept their order the one of its line, else any of the dataset.

    None where there is none, or where nobody published the names of the dataset's files.
    """
    source = SOURCES.get(folder.dataset)
    for pool in source.pools if source else ():
        sample = _by_line(folder, pool) if pool.starts else _by_digest(folder.dataset, pool).get(folder.digest)
        if sample is not None and digest(sample) == folder.digest:
            return sample
    return None


def _by_line(folder: Folder, pool: Pool) -> str | None:
    starts = pool.starts or ()
    end = starts[0] + pool.rows
    for shard, start, after in zip(pool.shards, starts, (*starts[1:], end), strict=True):
        if start < folder.line <= after:
            return sample_id(folder.dataset, pool, shard, folder.line - 1 - start)
    return None


@cache
def _by_digest(dataset: str, pool: Pool) -> Mapping[str, str]:
    """Digest → sample, of all rows."""
    # Shards are of equal size but for a row.
    most = -(-pool.rows // len(pool.shards))
    samples = (sample_id(dataset, pool, shard, row) for shard in pool.shards for row in range(most))
    return {digest(sample): sample for sample in samples}
