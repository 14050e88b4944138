"""Draws the small Vision2Code package of the demo: `python demo/package.py`.

Its thirty pictures, two of each dataset's kind, are ours: the programs under `programs/vision2code` draw them. The
package has the published one's files, columns and names; the split `test_mini` is a copy of each dataset's first. What
models and judges said of its pictures is recorded beside it, so that other pictures need other recordings.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from derender.benchmarks.vision2code.data import MANIFEST, PROVENANCE, Sample, sha256_of
from derender.benchmarks.vision2code.identifiers import question_folder
from derender.benchmarks.vision2code.sources import SOURCES, Split
from derender.core import Program
from derender.render import Engine, RenderOptions

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs/vision2code"
PACKAGE = HERE / "vision2code/data"
SIZES = {"ChartQA-1": (420, 430), "DocVQA-1": (560, 640), "DocVQA-2": (600, 520)}
"""Of pages, which have none of their own."""
COLORS = 128
LICENCE = "Apache-2.0"


def main() -> None:
    """Write the package anew."""
    questions = json.loads((PROGRAMS / "questions.json").read_text("utf-8"))
    samples = []
    with Engine() as engine:
        for name, question in questions.items():
            dataset, _, number = name.rpartition("-")
            picture = small(drawn(engine, name))
            splits = [Split.TEST, Split.TEST_MINI] if number == "1" else [Split.TEST]
            samples += [sample(split, dataset, int(number), question, picture) for split in splits]
    write([each for split in Split for each in samples if each.split == split])


def drawn(engine: Engine, name: str) -> Image.Image:
    """The picture that a program draws."""
    (path,) = (each for each in PROGRAMS.glob(f"{name}.*"))
    width, height = SIZES.get(name, (None, None))
    rendering = engine.render(Program.from_file(path), RenderOptions(width=width, height=height))
    if rendering.picture is None:
        raise SystemExit(f"{path}: {rendering.failure}")
    return rendering.picture.image()


def small(image: Image.Image) -> bytes:
    """A PNG of few colours."""
    scene = image.convert("RGB").quantize(COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    file = io.BytesIO()
    scene.save(file, "PNG", optimize=True)
    return file.getvalue()


def sample(split: Split, dataset: str, number: int, question: str, picture: bytes) -> Sample:
    """The row of a picture, and its file."""
    source = f"{dataset}:derender:test:demo-00000-of-00001:{number - 1}"
    folder = question_folder(dataset, "test", number, source)
    path = PACKAGE / f"images/{split}/{folder}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
    return Sample(
        split=split,
        benchmark_split=split.replace("_", "-"),
        question_folder=folder,
        image_path=f"images/{split}/{folder}.png",
        image_sha256=sha256_of(path),
        image_bytes=str(len(picture)),
        question=question,
        category=SOURCES[dataset].domain,
        source_dataset=dataset,
        source_subset="derender",
        source_id=source,
        source_record_id=f"derender__test.jsonl:{number}",
        source_original_split="test",
        source_jsonl_file="derender__test.jsonl",
        source_jsonl_line=str(number),
        image_available="true",
        asset_release_status="included",
        release_note="drawn_by_the_programs_of_the_demo",
    )


def write(samples: list[Sample]) -> None:
    """Everything but the pictures."""
    rows = [asdict(each) for each in samples]
    table(PACKAGE / MANIFEST, rows)
    (PACKAGE / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    table(PACKAGE / PROVENANCE, list(origins()))
    croissant = {
        "@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
        "@type": "Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "derender's small package in the format of Vision2Code",
        "license": LICENCE,
        "distribution": [{"@type": "cr:FileObject", "@id": MANIFEST, "encodingFormat": "text/csv"}],
    }
    (PACKAGE / "croissant.json").write_text(json.dumps(croissant, indent=1) + "\n", "utf-8")


def origins() -> Iterator[dict[str, str]]:
    """A row for each dataset whose kind of picture is here."""
    for source in SOURCES.values():
        yield {
            "source_dataset": source.name,
            "category": source.domain,
            "source_uri": "demo/programs/vision2code",
            "source_card_license": LICENCE,
            "license_url": "https://www.apache.org/licenses/LICENSE-2.0",
            "split_policy": "two pictures each, the first in test_mini too",
            "provenance_note": f"not of {source.origin}: drawn here, in the manner of its pictures",
            "redistribution_status": "may be passed on under its licence",
        }


def table(path: Path, rows: list[dict[str, str]]) -> None:
    """A CSV file of rows."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
