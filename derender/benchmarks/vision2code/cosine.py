"""The cosine baselines: a picture and its redrawing as vectors, without and with words about what matters there.

A pair is rated by the cosine of its vectors, brought from -1..1 to 0..5. Where a program gave no picture that is 0 in
the mean of all rows. What could not be compared by no fault of the program is in no mean, and is counted; the paper's
code counts it as 0, and had none.
"""

import hashlib
import json
import struct
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeAlias

from derender.benchmarks.statistics import micro_mean
from derender.core import BadPicture, DerenderError, UnknownName, UserError
from derender.core.pictures import read_picture
from derender.models.embeddings import Encoder, Shown

from .data import sha256_of
from .runs import ScoredRun
from .scoring import Dropped

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

AT_ONCE = 16
"""Pairs whose pictures are held at once, fewer where those are large."""
_MOST_BYTES = 256 << 20
"""Of pictures: no more are read once so much is held."""
KINDS = ("image_only", "image_plus_text")
_NO_PICTURE = {
    True: "the program gave no picture",
    False: "the program gave a picture, and the run kept none",
    None: "the program could not be tried",
}


@dataclass(frozen=True, slots=True)
class Focus:
    """What is said beside pictures.

    Attributes:
        version: of the texts.
        instruction: what models are told to embed for.
        texts: dataset → what matters in its pictures.
    """

    version: str
    instruction: str
    texts: Mapping[str, str]

    def text(self, dataset: str) -> str:
        """The text of a dataset.

        Raises:
            UnknownName: it has none.
        """
        if dataset not in self.texts:
            raise UnknownName("dataset", dataset, self.texts)
        return self.texts[dataset]


@cache
def focus() -> Focus:
    """The texts, in derender's own words about the paper's topics."""
    return Focus(**json.loads(Path(__file__).with_name("focus_texts.json").read_text("utf-8")))


class Status(StrEnum):
    """What came of a row."""

    SCORED = "scored"
    """Both pictures were compared."""
    MISSING_RENDER = "missing_render"
    """There is no picture of the program's."""
    MISSING_SOURCE_IMAGE = "missing_source_image"
    """There is no picture to compare it with."""
    EMBED_ERROR = "embed_error"
    """One of them has no vector."""
    MISSING_SAMPLE_DIR = "missing_sample_dir"
    """The run holds nothing of the sample."""

    @property
    def again(self) -> bool:
        """Whether another try may end otherwise."""
        return self is Status.EMBED_ERROR


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of a run, ready to be compared.

    Attributes:
        sample: its ``question_folder``.
        dataset: of the sample.
        reference: file of the picture; None where the row names none.
        candidate: file of the redrawing; None where there is none.
        failed: whether the program gave no picture; None where nobody can say.
        absent: whether the run holds nothing of the sample.
    """

    sample: str
    dataset: str
    reference: Path | None
    candidate: Path | None
    failed: bool | None
    absent: bool

    def key(self, encoder: Encoder) -> str:
        """Equal exactly when what comes of two pairs must be; by an encoder that is ready."""
        texts = [focus().version, focus().instruction, focus().text(self.dataset)]
        said = [self.sample, self.dataset, self.failed, self.absent, encoder.fingerprint, *texts]
        digest = hashlib.sha256(json.dumps(said).encode())
        for path in (self.reference, self.candidate):
            digest.update((file_digest(path) or "nothing").encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a pair.

    Attributes:
        pair: which.
        status: of the row.
        cosines: kind → cosine; empty unless scored.
        why: why there are none.
    """

    pair: Pair
    status: Status
    cosines: Mapping[str, float]
    why: str = ""

    @property
    def is_zero(self) -> bool:
        """Whether the mean of all rows counts it as 0: the program gave no picture."""
        return self.status is Status.MISSING_RENDER and self.pair.failed is True

    def record(self) -> dict[str, Any]:
        """As JSON, under the published names; values of all rows are None where none is deserved."""
        found: dict[str, Any] = {
            "question_folder": self.pair.sample,
            "dataset": self.pair.dataset,
            "status": self.status,
            "why": self.why or None,
            "candidate_sha256": file_digest(self.pair.candidate),
        }
        for kind in KINDS:
            scaled = on_five(self.cosines.get(kind))
            found |= {
                f"cosine_{kind}": self.cosines.get(kind),
                f"cosine_{kind}_0_to_5": scaled,
                f"cosine_{kind}_0_to_5_all_rows": 0.0 if self.is_zero else scaled,
            }
        return found


_Looked: TypeAlias = "tuple[Pixels, Pixels] | Compared"
"""Both pictures of a pair, or what is missing."""


def pairs_of(run: ScoredRun) -> list[Pair]:
    """The rows of a run.

    Raises:
        UnknownName: a row is of a dataset that the benchmark hasn't.
        UserError: a row names a picture outside the run.
    """
    return [_pair(run, row) for row in run.rows]


def compare(pairs: Sequence[Pair], encoder: Encoder) -> Iterator[Compared]:
    """What comes of pairs, in their order, some at once; by an encoder that is ready."""
    held: list[tuple[Pair, _Looked]] = []
    for pair in pairs:
        held.append((pair, _looked_at(pair)))
        size = sum(pixels.nbytes for _, found in held if not isinstance(found, Compared) for pixels in found)
        if len(held) == AT_ONCE or size >= _MOST_BYTES:
            yield from _together(held, encoder)
            held = []
    yield from _together(held, encoder)


def on_five(cosine: float | None) -> float | None:
    """A cosine on the ratings' scale; None without one."""
    if cosine is None:
        return None
    # Published ones were numbers of 32 bits before they were scaled.
    return min(max((single(cosine) + 1) / 2 * 5, 0.0), 5.0)


def single(number: float) -> float:
    """The nearest number of 32 bits."""
    found: float = struct.unpack("f", struct.pack("f", number))[0]
    return found


def summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Means of records, of all and of each dataset.

    Args:
        rows: of `Compared.record`.
    """
    datasets = dict.fromkeys(row["dataset"] for row in rows)
    return {
        **_means(rows),
        "intervals": {kind: _interval(rows, f"cosine_{kind}_0_to_5_all_rows") for kind in KINDS},
        "datasets": {name: _means([row for row in rows if row["dataset"] == name]) for name in datasets},
    }


def file_digest(path: Path | None) -> str | None:
    """SHA-256 of a file, hexadecimal; None where there is none."""
    try:
        return sha256_of(path) if path else None
    except UserError:
        return None


def drawn(run: ScoredRun, row: Mapping[str, Any]) -> Path | None:
    """The picture that a row's program gave; None without one.

    Raises:
        UserError: it lies outside the run.
    """
    pictures = (row.get("rendering") or {}).get("pictures")
    return run.path(pictures[0]) if pictures else None


def _means(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    statuses = Counter(row["status"] for row in rows)
    found: dict[str, Any] = {"total_rows": len(rows)}
    found |= {f"{status.value}_rows": statuses[status] for status in Status}
    # By no fault of the program.
    left_out = [row["why"] for row in rows if row[f"cosine_{KINDS[0]}_0_to_5_all_rows"] is None]
    found["left_out"] = dict(Counter(left_out).most_common())
    for kind in KINDS:
        for column in (f"cosine_{kind}", f"cosine_{kind}_0_to_5", f"cosine_{kind}_0_to_5_all_rows"):
            values = [row[column] for row in rows if row[column] is not None]
            found[f"mean_{column}"] = fmean(values) if values else None
    return found


def _interval(rows: Sequence[Mapping[str, Any]], column: str) -> dict[str, Any]:
    found = micro_mean([row[column] for row in rows if row[column] is not None])
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n}


def _pair(run: ScoredRun, row: Mapping[str, Any]) -> Pair:
    focus().text(row["dataset"])
    success = row.get("render_success")
    return Pair(
        row["question_folder"],
        row["dataset"],
        run.reference(row),
        drawn(run, row),
        None if success is None else not success,
        row.get("dropped") in {Dropped.NO_PREDICTION, Dropped.NO_ANSWER},
    )


def _together(held: "Sequence[tuple[Pair, _Looked]]", encoder: Encoder) -> Iterator[Compared]:
    shown: list[Shown] = []
    for pair, found in held:
        if not isinstance(found, Compared):
            shown += [Shown(pixels, text) for text in ("", focus().text(pair.dataset)) for pixels in found]
    vectors = iter(encoder.vectors(shown) if shown else ())
    for pair, found in held:
        yield found if isinstance(found, Compared) else _compared(pair, [next(vectors) for _ in range(4)])


def _compared(pair: Pair, vectors: Sequence[Any]) -> Compared:
    error = next((each for each in vectors if isinstance(each, DerenderError)), None)
    if error is not None:
        return Compared(pair, Status.EMBED_ERROR, {}, str(error))
    if any(one.shape != other.shape for one, other in zip(vectors[::2], vectors[1::2], strict=True)):
        return Compared(pair, Status.EMBED_ERROR, {}, "the vectors of the two pictures have different lengths")
    of_kinds = zip(KINDS, zip(vectors[::2], vectors[1::2], strict=True), strict=True)
    return Compared(pair, Status.SCORED, {kind: _cosine(*both) for kind, both in of_kinds})


def _cosine(one: "npt.NDArray[np.float32]", other: "npt.NDArray[np.float32]") -> float:
    """Of two vectors of length 1, in double precision until the end."""
    import numpy as np

    return single(float(one.astype(np.float64) @ other.astype(np.float64)))


def _looked_at(pair: Pair) -> "_Looked":
    """Both pictures, or what is missing."""
    if pair.absent:
        return Compared(pair, Status.MISSING_SAMPLE_DIR, {}, "the run holds no program of the sample")
    if pair.failed is not False or pair.candidate is None:
        return Compared(pair, Status.MISSING_RENDER, {}, _NO_PICTURE[pair.failed])
    try:
        candidate = _seen(pair.candidate)
    except BadPicture as error:
        return Compared(pair, Status.MISSING_RENDER, {}, str(error))
    try:
        if pair.reference is None:
            raise BadPicture("the row names no reference")
        return _seen(pair.reference), candidate
    except BadPicture as error:
        return Compared(pair, Status.MISSING_SOURCE_IMAGE, {}, str(error))


def _seen(path: Path) -> "Pixels":
    """A picture as the paper's code reads it: what is transparent keeps the colour it would have."""
    return read_picture(path)[..., :3].copy()
