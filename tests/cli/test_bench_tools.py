"""The real ``derender bench tools``, where the language has a renderer and where it has none."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from derender.benchmarks.vision2code.ablations.tool_use import Tool, lacking
from derender.benchmarks.vision2code.data import Sample
from derender.judges import get_rubric

RENDERERS = Path(__file__).parents[1] / "benchmarks/vision2code/ablations/renderers"
WITH_RENDERERS = f"""
import derender.render.languages as languages
languages.__path__.append({str(RENDERERS)!r})
from derender.cli import main
main()
"""
SCENE = {"elements": [{"type": "rectangle", "x": 20, "y": 20, "width": 200, "height": 100}]}


@pytest.fixture
def folder(derender):
    home = derender.folder
    (home / "diagrams").mkdir()
    marks = {"category_scores": dict.fromkeys(get_rubric("vision2code/generic").ids, 4.0), "rationales": {}}
    said = [json.dumps(SCENE), '{"elements": [{"type": "circle"}]}', json.dumps(SCENE).replace("200", "150")]
    rows = {"said": [], "marks": []}
    for name, reply in zip("abc", said, strict=True):
        image = Image.new("RGB", (300, 200), "white")
        ImageDraw.Draw(image).rectangle((20, 20, 220, 120), outline="black", width=2)
        image.save(home / "diagrams" / f"{name}.png")
        rows["said"].append({"id": name, "text": reply})
        rows["marks"].append({"id": name, "text": json.dumps(marks)})
    for file, lines in rows.items():
        (home / f"{file}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return home


def _tools(folder, derender, *arguments):
    """The command with the renderers of the tests among derender's own."""
    return subprocess.run(
        [sys.executable, "-c", WITH_RENDERERS, "bench", "tools", "vision2code", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **derender.environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


ASKED = ("-m", "replay/said.jsonl", "--judge", "replay/marks.jsonl")


def test_diagrams_are_drawn_rated_and_summed_up(folder, derender):
    done = _tools(folder, derender, "diagrams", "--to", "excalidraw", *ASKED, "-o", "run")
    assert done.returncode == 0, done.stderr
    table = json.loads((folder / "run/summary.json").read_text())
    assert table["render_success"] == {"tried": 3, "ok": 2, "rate": 0.666667}
    assert table["statuses"] == {"ok": 2, "excalidraw_render_failed": 1} and table["dropped"] == {}
    assert table["fixed"]["mean_final_rating_0_to_5"] == round(8.0 / 3, 4) and table["rated"] == 3
    about = json.loads((folder / "run/run.json").read_text())
    assert about["benchmark"] == "vision2code/excalidraw" and about["model"] == "replay/said.jsonl"
    assert json.loads((folder / "run/a.excalidraw").read_text()) == SCENE and (folder / "run/a.png").exists()
    assert "drawn  2 of 3 that could be tried, of 3" in done.stdout
    spent = json.loads((folder / "run/ledger.json").read_text())
    assert spent["replay/said.jsonl"]["requests"] == 3
    lines = (folder / "run/results.jsonl").read_bytes()
    again = _tools(folder, derender, "diagrams", "--to", "excalidraw", *ASKED, "-o", "run")
    assert again.returncode == 0 and (folder / "run/results.jsonl").read_bytes() == lines
    assert json.loads((folder / "run/ledger.json").read_text()) == spent
    assert derender("report", "run").code == 0


def test_without_a_renderer_no_model_is_asked_and_nothing_is_rated(folder, derender):
    if lacking(Tool.EXCALIDRAW) is None:
        pytest.skip("scenes can be drawn here")
    done = derender("bench", "tools", "vision2code", "diagrams", "--to", "excalidraw", *ASKED, "-o", "run")
    assert done.code == 1 and "no model is asked: there is no renderer for excalidraw yet" in done.err
    table = json.loads((folder / "run/summary.json").read_text())
    assert (table["rated"], table["dropped"]) == (0, {"machine_failed": 3})
    assert table["official"]["mean_final_rating_0_to_5"] is None and table["render_success"]["tried"] == 0
    assert json.loads((folder / "run/ledger.json").read_text()) == {}
    later = _tools(folder, derender, "diagrams", "--to", "excalidraw", *ASKED, "-o", "run", "--json")
    assert later.returncode == 0
    assert json.loads(later.stdout.splitlines()[-1])["summary"]["rated"] == 3, "as soon as there is one"


def test_documents_of_the_package_are_set_with_their_own_rubric(folder, derender):
    cells = []
    for name, dataset in (("a", "DocVQA"), ("b", "ChartQA")):
        row = dict.fromkeys((field.name for field in fields(Sample)), "")
        row |= {"split": "test_mini", "question_folder": name, "source_dataset": dataset, "question": "Who?"}
        cells.append(asdict(Sample(**row | {"image_path": f"diagrams/{name}.png"})))
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, cells[0])
        writer.writeheader()
        writer.writerows(cells)
    source = "\\begin{document}many words in a row, and more of them\\end{document}"
    marks = {"category_scores": dict.fromkeys(get_rubric("DocVQA").ids, 3.0), "rationales": {}}
    (folder / "said.jsonl").write_text(json.dumps({"id": "a", "text": f"```latex\n{source}\n```"}) + "\n")
    (folder / "marks.jsonl").write_text(json.dumps({"id": "a", "text": json.dumps(marks)}) + "\n")
    done = _tools(folder, derender, "--to", "latex", "--data", ".", *ASKED, "-o", "run", "--json")
    assert done.returncode == 0, done.stderr
    row, summary = (json.loads(line) for line in done.stdout.splitlines())
    assert (row["dataset"], row["fixed"]["final_rating_0_to_5"], summary["summary"]["samples"]) == ("DocVQA", 3.0, 1)
    assert (folder / "run/a.tex").read_text() == source


def test_scenes_of_the_packages_samples_are_rated_by_the_generic_rubric(folder, derender):
    row = dict.fromkeys((field.name for field in fields(Sample)), "")
    row |= {"split": "test_mini", "question_folder": "a", "source_dataset": "ChartQA", "image_path": "diagrams/a.png"}
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    asked = ("--to", "excalidraw", "--data", ".", "--dataset", "ChartQA", *ASKED)
    done = _tools(folder, derender, *asked, "-o", "run", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[0])
    assert (said["dataset"], said["fixed"]["final_rating_0_to_5"]) == ("generic", 4.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("diagrams", "--to", "paint"), "unknown tool 'paint'"),
        (("--to", "excalidraw"), "holds no diagrams of Excalidraw's"),
        (("nowhere", "--to", "excalidraw"), "nowhere: no such file"),
        (("diagrams", "--to", "excalidraw", "--num-samples", -1), "a number of samples is 0"),
        (("diagrams", "--to", "excalidraw", "--dataset", "Pies"), "unknown dataset 'Pies'"),
    ],
)
def test_wrong_use_is_one_sentence(folder, derender, arguments, said):
    done = derender("bench", "tools", "vision2code", *arguments, *ASKED, "-o", "run")
    assert (done.code, done.out) == (2, "")
    assert said in done.err and done.err.count("\n") == 1
    assert not (folder / "run").exists()
