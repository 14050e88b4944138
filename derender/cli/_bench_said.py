"""What a model said about a benchmark's samples, from lines of JSON or from a folder that the paper's runner left."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import UserError

from ._exits import complain
from ._files import reason

if TYPE_CHECKING:
    from derender.benchmarks.vision2code import Sample
    from derender.benchmarks.vision2code.official_predictions import Official
    from derender.benchmarks.vision2code.predictions import Prediction
    from derender.benchmarks.vision2code.scoring import Task


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said.

    Attributes:
        tasks: all samples that are asked about, with what was said of each.
        rejected: sentences about what can't be used.
        official: the folder that it comes from; None where it stood in lines.
    """

    tasks: "Sequence[Task]"
    rejected: Sequence[str]
    official: "Official | None" = None

    @property
    def model(self) -> str | None:
        """Whose words they are, where the source says so."""
        return self.official.model if self.official else None

    @property
    def judge(self) -> str | None:
        """Who gave scores to them, where the source says so."""
        return self.official.judge if self.official else None

    def tell_departures(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Say how drawings and ratings came out otherwise than in the folder."""
        from derender.benchmarks.vision2code.official_predictions import departures

        for sentence in departures(self.official, rows) if self.official else ():
            complain(sentence)


def read_said(path: Path, data: Path | None, split_name: str, count: int, rater: str | None) -> Said:
    """What was said of a split's samples.

    Args:
        path: lines, or a folder.
        data: the package; None for the one that is set.
        split_name: which samples.
        count: only the first; 0 for all.
        rater: whose ratings of a folder; each sample's latest if None, nobody's if empty.

    Raises:
        UserError: nothing can be used of it, or of the package.
    """
    from derender.benchmarks.vision2code import Split, data_folder, read_manifest, select
    from derender.benchmarks.vision2code.official_predictions import read_official
    from derender.benchmarks.vision2code.scoring import Task

    folder, split = data_folder(data), Split.parse(split_name)
    package = read_manifest(folder)
    samples = select(package, split, count)
    if not samples:
        raise UserError(f"{folder}: holds no samples of the split {split_name}")
    official = read_official(path, split, samples, rater) if path.is_dir() else None
    if official is None and rater:
        raise UserError(f"{path}: is no folder of the paper's runner, and nobody's ratings can be chosen")
    if official is not None:
        found = {name: each.prediction for name, each in official.found.items()}
        rejected: Sequence[str] = official.problems
    else:
        found, rejected = _lines(path, samples, package)
    if not found:
        for sentence in rejected[:3]:
            complain(sentence)
        raise UserError(f"{path}: holds no predictions about samples of {split_name}")
    tasks = [Task(sample, folder.absolute(), found.get(sample.question_folder)) for sample in samples]
    return Said(tasks, rejected, official)


def _lines(
    path: Path, samples: "Sequence[Sample]", package: "Sequence[Sample]"
) -> "tuple[dict[str, Prediction], list[str]]":
    """Sample → prediction, and sentences about lines that can't be used; of those not asked about only how many."""
    from derender.benchmarks.vision2code.predictions import NotAsked, read_predictions

    found: dict[str, Prediction] = {}
    rejected, others = [], 0
    with closing(_bytes_of(path)) as lines:
        for each in read_predictions(lines, samples, path.parent, package):
            if isinstance(each, NotAsked):
                others += 1
            elif isinstance(each, UserError):
                rejected.append(f"{path}, {each}")
            else:
                found[each[0].question_folder] = each[1]
    if others:
        complain(f"{path}: {others} of its lines are about other samples of the package, and passed over")
    return found, rejected


def _bytes_of(path: Path) -> Generator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise UserError(f"{path}: can't be read ({reason(error)})") from None
