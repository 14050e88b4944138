"""A tiny package of Vision2Code's, answers of three qualities about its six samples, and a judge's marks."""

import csv
import json
from dataclasses import asdict, fields

from PIL import Image, ImageDraw

from derender.benchmarks.vision2code.data import Sample, sha256_of
from derender.judges import get_rubric

GOOD = "Bars.\n```python\nimport matplotlib.pyplot as plt\nplt.bar([0, 1], [2, 3])\nplt.savefig(OUTPUT_PATH)\n```"
POOR = "```python\nimport matplotlib.pyplot as plt\nplt.pie([1, {}])\nplt.savefig(OUTPUT_PATH)\n```"
BROKEN = "```python\nimport matplotlib.pyplot as plt\nplt.barr([0, 1])\nplt.savefig(OUTPUT_PATH)\n```"
NAMES = [f"ChartQA_test_00000{line}_aaaaaaaaaaaa" for line in range(1, 4)]
NAMES += [f"Physics_test_00000{line}_bbbbbbbbbbbb" for line in range(1, 4)]
REPLIES = dict(zip(NAMES, (GOOD, POOR.format(2), BROKEN, GOOD + "\n", POOR.format(3), BROKEN), strict=True))
MARKS = dict(zip(NAMES, (4.6, 2.0, 5, 4.2, 1.0, 5), strict=True))


def write_package(folder):
    """A package, ``data``, ``said.jsonl`` and a judge's ``marks.jsonl``."""
    rows = []
    for place, name in enumerate(NAMES):
        path = folder / "data/images" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (200, 160), "white")
        ImageDraw.Draw(image).rectangle((20, 30, 80 + place, 150), fill="teal")
        image.save(path)
        cells = dict.fromkeys((field.name for field in fields(Sample)), "")
        cells |= {"split": "test_mini", "question_folder": name, "source_id": name.replace("_", ":")}
        cells |= {"source_dataset": name.partition("_")[0], "image_path": f"images/{name}.png"}
        rows.append(asdict(Sample(**cells | {"image_sha256": sha256_of(path)})))
    with (folder / "data/manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    said = ({"id": name, "text": text} for name, text in REPLIES.items())
    write_lines(folder / "said.jsonl", *said)
    write_lines(folder / "marks.jsonl", *({"id": name, "text": marks_of(name)} for name in NAMES))
    return folder


def write_lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def marks_of(name):
    scores = dict.fromkeys(get_rubric(name.partition("_")[0]).ids, MARKS[name])
    return json.dumps({"category_scores": scores, "rationales": {}})
