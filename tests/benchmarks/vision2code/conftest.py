"""A package of pictures as the benchmark publishes it, small enough to make anew for every test."""

import csv
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest
from PIL import Image

from derender.benchmarks.vision2code.data import Sample, sha256_of
from derender.benchmarks.vision2code.identifiers import question_folder, sample_id
from derender.benchmarks.vision2code.sources import SOURCES

PROVENANCE = (
    "source_dataset,category,source_uri,source_card_license,license_url,split_policy,provenance_note,"
    "redistribution_status\n"
    "ChartQA,Charts&Plots,https://example.org/ChartQA,gpl-3.0,https://example.org/gpl,kept,published,upstream terms\n"
)


@dataclass
class Package:
    """A folder and the rows its manifest is to have."""

    folder: Path
    samples: list[Sample]

    def write(self) -> Path:
        """Write everything but the pictures anew."""
        with (self.folder / "manifest.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, asdict(self.samples[0]))
            writer.writeheader()
            writer.writerows(map(asdict, self.samples))
        lines = [json.dumps(asdict(sample)) for sample in self.samples]
        (self.folder / "manifest.jsonl").write_text("\n".join(lines) + "\n")
        (self.folder / "source_licenses_provenance.csv").write_text(PROVENANCE)
        (self.folder / "croissant.json").write_text("{}")
        return self.folder

    def change(self, number: int, **cells: str) -> Path:
        """Change a row."""
        self.samples[number] = replace(self.samples[number], **cells)
        return self.write()


def sample(folder: Path, line: int, split: str = "test", dataset: str = "ChartQA") -> Sample:
    """A row as the benchmark has it, and its picture."""
    pool = SOURCES[dataset].pools[0]
    name = sample_id(dataset, pool, pool.shards[0], line - 1)
    own = question_folder(dataset, "test", line, name)
    path = f"images/{split}/{own}.png"
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8 + line % 5, 8), (line % 256, 0, 0)).save(folder / path)
    return Sample(
        split=split,
        benchmark_split=split.replace("_", "-"),
        question_folder=own,
        image_path=path,
        image_sha256=sha256_of(folder / path),
        image_bytes=str((folder / path).stat().st_size),
        question='How many, "exactly"?\nTwo lines.',
        category=SOURCES[dataset].domain,
        source_dataset=dataset,
        source_subset=pool.config,
        source_id=name,
        source_record_id=f"default__test.jsonl:{line}",
        source_original_split=pool.split,
        source_jsonl_file="default__test.jsonl",
        source_jsonl_line=str(line),
        image_available="true",
        asset_release_status="included",
        release_note="raw_image_included_under_upstream_terms",
    )


@pytest.fixture
def package(tmp_path):
    rows = [sample(tmp_path, line, dataset=name) for name in ("ChartQA", "GEOQA_8K_R1V") for line in (3, 509)]
    found = Package(tmp_path, [*rows, sample(tmp_path, 509, "test_mini")])
    found.write()
    return found
