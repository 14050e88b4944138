"""The gallery's data: an index of all samples, which the page needs at once, and what only an open card shows."""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from derender.benchmarks.vision2code import SOURCES
from derender.judges import Mode, Rubric
from derender.judges.rubric import rubric_of
from derender.report.pictures import Album
from derender.report.programs import read_program

from .board import Board
from .measured import BENCHMARK, Sample

CHUNK_ROWS = 24
_MAX_PROGRAM = 40_000
_MAX_TEXT = 4_000


def ordered(board: Board) -> list[tuple[str, Sample]]:
    """Model and sample of every card: what all models made of a sample side by side, models as on the board."""
    names = [each.name for each in board.standings if each.name in board.runs]
    found = [(name, sample) for name in names for sample in board.runs[name].samples]
    places = {sample: place for place, sample in enumerate(dict.fromkeys(sample.name for _, sample in found))}
    datasets = list(SOURCES)
    return sorted(found, key=lambda each: (datasets.index(each[1].record["dataset"]), places[each[1].name]))


def pictures_of(cards: Sequence[tuple[str, Sample]]) -> list[Path]:
    """The files that the cards show."""
    return [path for _, sample in cards for path in (sample.row.reference, *sample.row.pictures[:1]) if path]


def index_of(cards: Sequence[tuple[str, Sample]], album: Album, mode: Mode) -> dict[str, Any]:
    """What the page must know of every card, JSON-ready; ``gallery.js`` says how it reads a row."""
    models = list(dict.fromkeys(name for name, _ in cards))
    return {
        "chunk": CHUNK_ROWS,
        "mode": mode.value,
        "models": models,
        "datasets": list(SOURCES),
        "pictures": album.entries,
        "rows": [_row(models.index(name), sample, album) for name, sample in cards],
    }


def _row(model: int, sample: Sample, album: Album) -> list[Any]:
    record, row = sample.record, sample.row
    return [
        model,
        list(SOURCES).index(record["dataset"]),
        sample.name,
        sample.final(Mode.OFFICIAL),
        sample.final(Mode.FIXED),
        record["failure_class"] if record["render_success"] is False else None,
        record["dropped"],
        album.ids[row.reference] if row.reference else None,
        album.ids[row.pictures[0]] if row.pictures else None,
    ]


def blocks_of(cards: Sequence[tuple[str, Sample]]) -> Iterator[str]:
    """Script blocks ``d0``, ``d1`` …, each the deflated details of `CHUNK_ROWS` cards."""
    for number, start in enumerate(range(0, len(cards), CHUNK_ROWS)):
        chunk = cards[start : start + CHUNK_ROWS]
        data = json.dumps([details_of(sample) for _, sample in chunk], separators=(",", ":"))
        packed = b64encode(zlib.compress(data.encode(), 6)).decode()
        yield f'<script type="text/plain" id="d{number}">{packed}</script>\n'


def details_of(sample: Sample) -> dict[str, Any]:
    """What an open card shows, JSON-ready."""
    record, said, failure = sample.record, sample.verdict, sample.row.failure
    text = read_program(sample.row.program)
    cut = len(text.source) > _MAX_PROGRAM
    return {
        "categories": _categories(
            _rubric(record["dataset"]), record["category_scores"], said.rationales if said else {}
        ),
        "official": _rating(record["official"]),
        "fixed": _rating(record["fixed"]),
        "failure": None if failure is None else [failure.kind, failure.message[:_MAX_TEXT], failure.line],
        "why": record["why"][:_MAX_TEXT],
        "judge": record["judge"],
        "summary": said.summary[:_MAX_TEXT] if said else "",
        "strengths": [each[:_MAX_TEXT] for each in said.strengths] if said else [],
        "issues": [each[:_MAX_TEXT] for each in said.issues] if said else [],
        "addressed": [each[:_MAX_TEXT] for each in said.addressed] if said else [],
        "program": text.source[:_MAX_PROGRAM],
        "note": f"only the first {_MAX_PROGRAM:,} characters are shown" if cut else text.note,
    }


def _categories(rubric: Rubric, scores: Mapping[str, float], rationales: Mapping[str, str]) -> list[list[Any]]:
    """Label, weight, whether it is critical, score and rationale of each category that is scored."""
    return [
        [each.label, each.weight, each.critical, scores[each.id], rationales.get(each.id, "")[:_MAX_TEXT]]
        for each in rubric.categories
        if each.id in scores
    ]


def _rating(rating: Mapping[str, Any] | None) -> list[Any] | None:
    """Final, raw, and the caps that fired."""
    if rating is None:
        return None
    return [rating["final_rating_0_to_5"], rating["raw_score_0_to_5"], rating["applied_caps"]]


@cache
def _rubric(dataset: str) -> Rubric:
    return rubric_of(BENCHMARK, dataset)
