"""Predictions drawn by the real engine, rated by both formulas, and summed up."""

import json
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from derender.benchmarks.vision2code import DomainMap
from derender.benchmarks.vision2code.data import read_manifest, sha256_of
from derender.benchmarks.vision2code.predictions import Prediction
from derender.benchmarks.vision2code.score_table import score_table
from derender.benchmarks.vision2code.scoring import Dropped, Task, score
from derender.core import Failure, FailureKind, Program, Rendering
from derender.core.store import ContentStore
from derender.judges import Judge, get_rubric
from derender.models import Cached, Replay
from derender.render import Engine
from derender.render.environments import find

BARS = "import matplotlib.pyplot as plt\nplt.bar([0, 1], [2, 3], color='teal')\nplt.savefig(OUTPUT_PATH)\n"
LINE = "import matplotlib.pyplot as plt\nplt.axes([0, 0, 1, 1])\nplt.axis('off')\nplt.plot([0, 1], [0, 1], lw=0.5)\n"
THIN = LINE + "plt.savefig(OUTPUT_PATH)\n"
WHITE = "import matplotlib.pyplot as plt\nplt.figure()\nplt.savefig(OUTPUT_PATH)\n"
BROKEN = "import matplotlib.pyplot as plt\nplt.barr([0, 1])\nplt.savefig(OUTPUT_PATH)\n"
UNSAVED = "import matplotlib.pyplot as plt\nplt.bar([0, 1], [2, 3])\nplt.show()\n"


@pytest.fixture(autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


@pytest.fixture
def samples(package):
    """Four samples whose pictures a program can be drawn like: bars, and of GEOQA thin lines."""
    for place, row in enumerate(package.samples):
        image = Image.new("RGB", (240, 180), "white")
        draw = ImageDraw.Draw(image)
        if row.source_dataset == "ChartQA":
            draw.rectangle((20, 60, 90 + place, 170), fill="teal")
        else:
            draw.line((0, 180, 240 - place, 0), fill="blue")
        image.save(package.folder / row.image_path)
        package.change(place, image_sha256=sha256_of(package.folder / row.image_path))
    return read_manifest(package.folder)[:4]


@pytest.fixture
def task(package):
    def made(sample, source, mark=None):
        scores = None if mark is None else dict.fromkeys(get_rubric(sample.source_dataset).ids, mark)
        said = Prediction(sample.question_folder, Program(source, "python"), None, scores)
        return Task(sample, package.folder, said)

    return made


def _judge(path, marks):
    """A recording of marks, as a judge of every rubric."""
    rows = []
    for name, mark in marks.items():
        scores = dict.fromkeys(get_rubric(name.partition("_test_")[0]).ids, mark)
        rows.append({"id": name, "text": json.dumps({"category_scores": scores, "rationales": {}})})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Replay(path)


def _by_name(found):
    return {each.task.sample.question_folder: each for each in found}


def test_answers_of_three_qualities_by_a_judge(engine, samples, task, tmp_path):
    names = [sample.question_folder for sample in samples]
    model = _judge(tmp_path / "said.jsonl", dict(zip(names, (4.6, 2.0, 5.0, 5.0), strict=True)))
    tasks = [task(*each) for each in zip(samples, (BARS, THIN, BROKEN, UNSAVED), strict=True)]
    found = _by_name(score(tasks, engine, lambda rubric: Judge(model, rubric)))
    good, poor, broken, unsaved = (found[name] for name in names)
    assert (good.official.final, good.fixed.final, good.drawn.picture.width) == (4.6, 4.6, 240)
    # Nearly all white, of a reference that is not: blank by either formula.
    assert (poor.official.final, poor.fixed.final) == (0.5, 0.5)
    assert (broken.official.final, broken.record()["failure_class"]) == (0.0, "hallucinated_api_argument")
    assert [cap.type for cap in broken.official.caps] == ["execution_failure"]
    assert (unsaved.fixed.final, unsaved.drawn.status) == (0.0, "no_output_image")
    assert good.verdict.judge == "replay/said.jsonl" and broken.verdict is None

    table = score_table([found[name].record() for name in names])
    assert table["official"]["benchmark_score_0_to_5"] == round((2.55 + 0.0) / 2, 4)
    assert table["official"]["mean_final_rating_0_to_5"] == round(5.1 / 4, 4)
    assert table["render_success"] == {"tried": 4, "ok": 2, "rate": 0.5}
    assert table["failures"]["official"]["hallucinated_api_argument"] == 1
    assert table["failures"]["kinds"] == {"no_picture": 1, "runtime": 1}
    assert table["domains"]["Charts&Plots"]["official_macro"] == 2.55
    geometry = table["datasets"]["GEOQA_8K_R1V"]
    assert [geometry[name] for name in ("domain", "n", "rated", "tried", "rendered")] == ["Geometry", 2, 2, 2, 0]
    assert geometry["official"] == geometry["fixed"] == geometry["official_interval"]["high"] == 0.0
    chart = table["datasets"]["ChartQA"]["official_interval"]
    assert chart == {"value": 2.55, "low": 0.5, "high": 4.6, "n": 2}
    interval = table["official"]["macro"]
    assert interval["low"] < interval["value"] < interval["high"] and interval["n"] == 4


def test_the_fixed_formula_calls_thin_lines_blank_only_where_the_reference_has_more(engine, samples, task):
    thin, white = score([task(samples[2], THIN, 4.8), task(samples[3], WHITE, 4.8)], engine)
    if thin.task.sample is not samples[2]:
        thin, white = white, thin
    assert (thin.official.final, thin.fixed.final) == (0.5, 4.8)
    assert (white.official.final, white.fixed.final) == (0.5, 0.5)
    table = score_table([thin.record(), white.record()])
    assert (table["official"]["macro"]["value"], table["fixed"]["macro"]["value"]) == (0.5, 2.65)


def test_every_reason_why_there_is_no_rating_is_told_and_none_is_a_zero(engine, samples, task, package, tmp_path):
    first, second, third, fourth = samples
    nowhere = replace(first, question_folder="nowhere", image_path="images/none.png")
    outside = replace(first, question_folder="outside", image_path="../none.png")
    changed = replace(first, question_folder="changed", image_sha256="0" * 64)
    no_answer = Task(third, package.folder, Prediction(third.question_folder, None, "the endpoint was down"))
    tasks = [
        Task(second, package.folder, None),
        no_answer,
        *(task(sample, BARS) for sample in (nowhere, outside, changed)),
        task(first, BARS, 5.1),
        task(fourth, BARS),
    ]
    found = _by_name(score(tasks, engine))
    assert {name: each.dropped for name, each in found.items()} == {
        second.question_folder: Dropped.NO_PREDICTION,
        third.question_folder: Dropped.NO_ANSWER,
        "nowhere": Dropped.BAD_REFERENCE,
        "outside": Dropped.BAD_REFERENCE,
        "changed": Dropped.BAD_REFERENCE,
        first.question_folder: Dropped.BAD_SCORES,
        fourth.question_folder: Dropped.NOT_JUDGED,
    }
    assert all(each.official is None and each.why for each in found.values())
    assert "must be from 0 to 5, not 5.1" in found[first.question_folder].why
    silent = _judge(tmp_path / "said.jsonl", {first.question_folder: 4})
    (unheard,) = score([task(fourth, BARS)], engine, lambda rubric: Judge(silent, rubric))
    assert (unheard.dropped, unheard.official) == (Dropped.JUDGE_FAILED, None)
    assert "no answer about" in unheard.why
    table = score_table([each.record() for each in (*found.values(), unheard)])
    assert table["official"]["benchmark_score_0_to_5"] is None
    assert sum(table["dropped"].values()) == table["samples"] == 8


def test_a_picture_too_large_to_be_drawn_is_no_zero_of_the_models(engine, samples, task, package):
    huge = replace(samples[0], question_folder="huge", image_path="images/huge.png", image_sha256="")
    Image.new("1", (9000, 9000)).save(package.folder / huge.image_path)
    (found,) = score([task(huge, BARS)], engine)
    assert (found.dropped, found.official) == (Dropped.MACHINE_FAILED, None)
    assert "9000 × 9000" in found.why


class _Lost:
    """An engine whose workers die."""

    def render_many(self, programs, options):
        for index, program in enumerate(programs):
            yield index, Rendering(program, failure=Failure(FailureKind.WORKER_LOST, "the worker died"))


def test_a_failure_of_the_machines_is_unrated(samples, task):
    (lost,) = score([task(samples[0], BARS, 5)], _Lost())
    assert (lost.dropped, lost.official, lost.why) == (Dropped.MACHINE_FAILED, None, "the worker died")
    record = lost.record()
    assert record["render_success"] is None and record["failure_class"] is None
    assert score_table([record])["render_success"] == {"tried": 0, "ok": 0, "rate": 0.0}


def test_domains_are_the_means_of_their_datasets_and_olympiads_belong_where_one_says():
    def row(dataset, final):
        rating = {"final_rating_0_to_5": final, "raw_score_0_to_5": final}
        row = {"dataset": dataset, "render_success": True, "official": rating, "fixed": rating, "dropped": None}
        columns = ("why", "failure_class", "failure_class_fixed", "failure_kind")
        return row | dict.fromkeys(columns) | {"category_scores": {}}

    rows = [row("OlympiadBench", 4.0), row("geometry3k", 1.0), row("geometry3k", 3.0), row("Physics", 2.0)]
    site = score_table(rows)["domains"]
    assert (site["Geometry"]["official_macro"], site["Geometry"]["fixed_micro"]) == (3.0, 2.6667)
    assert site["Geometry"]["official_macro_interval"] == {"value": 3.0, "low": 2.5, "high": 3.5, "n": 3}
    assert (site["Science"]["official_macro"], site["Science"]["n"]) == (2.0, 1)
    code = score_table(rows, DomainMap.CODE)["domains"]
    assert (code["Geometry"]["official_macro"], code["Science"]["official_macro"]) == (2.0, 3.0)


def test_zeros_of_failed_programs_alone_are_no_mean(engine, samples, task):
    rows = [each.record() for each in score([task(samples[0], BARS), task(samples[1], BROKEN)], engine)]
    table = score_table(rows)
    assert table["official"]["macro"]["value"] is None
    assert table["dropped"] == {"not_judged": 1, "zeros_alone": 1}
    (broken,) = (row for row in rows if not row["render_success"])
    assert score_table([broken])["official"]["macro"]["value"] == 0.0


def test_nothing_is_drawn_or_judged_twice(samples, task, tmp_path, monkeypatch):
    drawn, asked = [], []
    run, ask = Engine._run, Replay.ask
    monkeypatch.setattr(Engine, "_run", lambda *given: drawn.append(1) or run(*given))
    monkeypatch.setattr(Replay, "ask", lambda *given, **more: asked.append(1) or ask(*given, **more))
    names = [sample.question_folder for sample in samples[:2]]
    model = _judge(tmp_path / "said.jsonl", dict.fromkeys(names, 4.0))
    kept = Cached(model, ContentStore(tmp_path / "answers"))
    tasks = [task(samples[0], BARS), task(samples[1], BROKEN)]
    runs = []
    for _ in range(2):
        with Engine(jobs=2, cache=tmp_path / "cache") as engine:
            found = _by_name(score(tasks, engine, lambda rubric: Judge(kept, rubric)))
        runs.append([json.dumps(found[name].record()) for name in names])
    assert (len(drawn), len(asked)) == (2, 1)
    assert runs[0] == runs[1]


def test_a_key_is_of_all_that_the_score_depends_on(samples, task, package):
    one = task(samples[0], BARS)
    key = one.key("a")
    assert key == task(samples[0], BARS).key("a")
    others = [one.key("b"), task(samples[0], THIN).key("a"), task(samples[0], BARS, 4).key("a")]
    others += [task(samples[1], BARS).key("a"), Task(samples[0], package.folder, None).key("a")]
    Image.new("RGB", (240, 180), "red").save(package.folder / samples[0].image_path)
    others.append(one.key("a"))
    assert len({key, *others}) == len(others) + 1
