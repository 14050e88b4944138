"""InteractScience: how pages behave when they are used, scored from recorded outcomes.

Three scores, and nothing is run here: the functional tests that passed (`pass_rates` of Playwright's JSON report; the
action score is the overall rate of the tests that act and take snapshots), the likeness of those snapshots to the
reference's (`snapshot_average`), and a judge's grades of their checklists (`judge_average`).

Chen et al., InteractScience, arXiv 2510.09724. The official mode gives the numbers of its leaderboard.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derender.core import UserError

from ._facts import Unscorable
from ._metric import Difference, Mode

WORST_GRADE, BEST_GRADE = 1, 5
"""What a judge may give an item of a checklist."""

DIFFERENCES = (
    Difference(
        "tests outside a describe",
        "only tests inside exactly one describe block count; of the bench's 779 tests 29 do not, of its 150 files 7",
        "every test of the report counts",
        "a file of two tests at its top level, one passed: official 0 of 0, the file is left out; fixed 1 of 2",
    ),
    Difference(
        "tasks without a reference snapshot",
        "they count as 0 in the mean over tasks",
        "they are left out",
        "task a with likeness 0.8, task b with no reference: official 0.4, fixed 0.8",
    ),
    Difference(
        "grades on a scale from 20",
        "the mean grade times 20, so that 1, the worst there is, is 20 points",
        "grades 1..5 are spread over 0..100; a missing picture stays 0",
        "every item graded 1: official 20, fixed 0",
    ),
    Difference(
        "grades that are none",
        "any number is taken, and a reply with prose around its JSON is dropped",
        "the JSON is found inside prose, and a reply with a grade outside 1..5 is dropped",
        'a reply of one item graded 50: official adds 1000 points, fixed drops it; "Here: {…}": official drops it',
    ),
)


@dataclass(frozen=True, slots=True)
class PassRates:
    """Shares of tests in 0..1, more is better.

    Attributes:
        overall: of the tests, those passed.
        average: the share passed, file by file, averaged.
        perfect: of the files, those of which all tests passed.
        tests: how many tests counted.
        files: how many files did.
        dropped_tests: tests of the report that did not count.
        dropped_files: files of which no test did.
    """

    overall: float
    average: float
    perfect: float
    tests: int
    files: int
    dropped_tests: int
    dropped_files: int


def pass_rates(report: Mapping[str, Any], mode: Mode | str = Mode.OFFICIAL) -> PassRates:
    """The pass rates in a report of Playwright's JSON reporter.

    A test is passed when any of its tries is; one that was skipped is not. Which tests count is told in `DIFFERENCES`.

    Raises:
        UserError: it is no such report.
        Unscorable: it holds no test that counts.
    """
    official = Mode(mode) is Mode.OFFICIAL
    outcomes = [list(_outcomes(file)) for file in _entries(report, "suites")]
    counted = [[passed for depth, passed in tests if depth == 1 or not official] for tests in outcomes]
    files = [tests for tests in counted if tests]
    if not files:
        raise Unscorable("the report holds no test that counts")
    total = sum(map(len, files))
    return PassRates(
        overall=sum(map(sum, files)) / total,
        average=math.fsum(sum(tests) / len(tests) for tests in files) / len(files),
        perfect=sum(map(all, files)) / len(files),
        tests=total,
        files=len(files),
        dropped_tests=sum(map(len, outcomes)) - total,
        dropped_files=len(counted) - len(files),
    )


def _outcomes(file: Mapping[str, Any]) -> Iterator[tuple[int, bool]]:
    """How many describes a test lies in, and whether it passed."""
    waiting = [(0, file)]
    while waiting:
        depth, suite = waiting.pop()
        waiting += [(depth + 1, inner) for inner in _entries(suite, "suites")]
        for spec in _entries(suite, "specs"):
            for test in _entries(spec, "tests"):
                yield depth, any(one.get("status") == "passed" for one in _entries(test, "results"))


def _entries(owner: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    entries = owner.get(name, ())
    if not isinstance(entries, Sequence) or not all(isinstance(one, Mapping) for one in entries):
        raise UserError(f"this is no JSON report of Playwright: its {name!r} is no list of objects")
    return entries


@dataclass(frozen=True, slots=True)
class SnapshotAverage:
    """The likeness of snapshots, averaged; more is better.

    Attributes:
        by_task: the mean likeness within each task, averaged over the tasks: what the leaderboard shows.
        by_snapshot: the mean over all snapshots of the reference.
        snapshots: how many the reference has.
        missing: how many of these the candidate lacks; each counts as 0.
    """

    by_task: float
    by_snapshot: float
    snapshots: int
    missing: int


def snapshot_average(
    references: Mapping[str, Sequence[str]],
    likeness: Mapping[tuple[str, str], float],
    mode: Mode | str = Mode.OFFICIAL,
) -> SnapshotAverage:
    """Average what snapshots got, those that are missing counting as 0.

    Args:
        references: task → the names of its reference's snapshots.
        likeness: (task, snapshot) → cosine of the CLIP ViT-B/32 embeddings; absent where there is no snapshot.
        mode: whether tasks without any reference count as 0 (official) or are left out.

    Raises:
        Unscorable: no task has a reference.
        UserError: a likeness is no finite number.
    """
    wanted = {task: [likeness.get((task, name)) for name in names] for task, names in references.items()}
    values = [value for task in wanted.values() for value in task]
    if not values:
        raise Unscorable("no task has a reference snapshot")
    if not all(value is None or math.isfinite(value) for value in values):
        raise UserError("a likeness of snapshots is no finite number")
    means = [math.fsum(value or 0.0 for value in task) / len(task) for task in wanted.values() if task]
    tasks = len(wanted) if Mode(mode) is Mode.OFFICIAL else len(means)
    return SnapshotAverage(
        by_task=math.fsum(means) / tasks,
        by_snapshot=math.fsum(value or 0.0 for value in values) / len(values),
        snapshots=len(values),
        missing=values.count(None),
    )


@dataclass(frozen=True, slots=True)
class JudgeAverage:
    """What a judge gave, averaged.

    Attributes:
        points: 0..100, more is better; above 100 in the official mode if the judge leaves its scale.
        snapshots: how many counted, missing ones among them.
        missing: how many of those the candidate lacks; each counts as 0.
        dropped: how many replies could not be read; they do not count.
    """

    points: float
    snapshots: int
    missing: int
    dropped: int


def judge_average(replies: Iterable[str | None], mode: Mode | str = Mode.OFFICIAL) -> JudgeAverage:
    """Average a judge's replies, one for each snapshot; None stands for a snapshot that the candidate lacks.

    Raises:
        Unscorable: no reply could be read.
    """
    official = Mode(mode) is Mode.OFFICIAL
    given = list(replies)
    grades = [checklist_grade(reply, mode) for reply in given if reply is not None]
    read = [grade for grade in grades if grade is not None]
    missing, dropped = given.count(None), len(grades) - len(read)
    counted = missing + len(read)
    if not counted:
        raise Unscorable("no reply of the judge could be read")
    lowest, step = (0, 20) if official else (WORST_GRADE, 100 / (BEST_GRADE - WORST_GRADE))
    points = math.fsum((grade - lowest) * step for grade in read) / counted
    return JudgeAverage(points, counted, missing, dropped)


def checklist_grade(reply: str, mode: Mode | str = Mode.OFFICIAL) -> float | None:
    """The mean grade of a checklist in a judge's reply, ``{"checklist_results": [{"score": 4}, …]}``; None if unread.

    Official: the whole reply is that JSON, or a fence of it. Fixed: as told in `DIFFERENCES`.
    """
    official = Mode(mode) is Mode.OFFICIAL
    text = reply.strip().replace("```json\n", "").replace("\n```", "")
    if not official:
        text = reply[reply.find("{") : reply.rfind("}") + 1]
    try:
        grades = [item["score"] for item in json.loads(text).get("checklist_results", [])]
        mean = sum(grades) / len(grades)
        usable = math.isfinite(mean) and (official or all(WORST_GRADE <= grade <= BEST_GRADE for grade in grades))
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
        return None
    return float(mean) if usable else None
