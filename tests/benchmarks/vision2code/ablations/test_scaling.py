"""A model scaled at test time: real programs, the real engine, recorded answers and verdicts."""

import asyncio
import json
import math
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from derender.agents import Stop
from derender.benchmarks.vision2code.ablations.scaling import JUDGE, MISSING, Policy, Scaling, scale, scaling_digest
from derender.benchmarks.vision2code.ablations.stage_table import stage_table
from derender.benchmarks.vision2code.data import read_manifest, sha256_of
from derender.benchmarks.vision2code.prompt import messages
from derender.benchmarks.vision2code.scoring import Dropped, Task, judging
from derender.core import Failure, FailureKind, Rendering, UserError
from derender.judges import get_rubric
from derender.models import ImagePart, Replay
from derender.render.environments import find

HEAD = "import matplotlib.pyplot as plt\nplt.axes([0, 0, 1, 1])\nplt.axis('off')\nplt.xlim(0, 240)\nplt.ylim(180, 0)\n"
RIGHT = f"{HEAD}plt.fill([20, 90, 90, 20], [60, 60, 170, 170], color='teal')\nplt.savefig(OUTPUT_PATH)"
NEAR = f"{HEAD}plt.fill([20, 70, 70, 20], [90, 90, 170, 170], color='teal')\nplt.savefig(OUTPUT_PATH)"
FAR = f"{HEAD}plt.fill([120, 240, 240, 120], [0, 0, 90, 90], color='red')\nplt.savefig(OUTPUT_PATH)"
BROKEN = "import matplotlib.pyplot as plt\nplt.barr([0, 1])\nplt.savefig(OUTPUT_PATH)"


@pytest.fixture(autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


class Watched:
    """A model that writes down what it is asked."""

    def __init__(self, model):
        self.model, self.name, self.identity = model, model.name, model.identity
        self.asked = []

    async def ask(self, messages, sampling=None, *, deadline=None, item=None):
        self.asked.append((item, messages, sampling))
        return await self.model.ask(messages, sampling, deadline=deadline, item=item)


@pytest.fixture
def task(package):
    image = Image.new("RGB", (240, 180), "white")
    ImageDraw.Draw(image).rectangle((20, 60, 90, 170), fill="teal")
    image.save(package.folder / package.samples[0].image_path)
    package.change(0, image_sha256=sha256_of(package.folder / package.samples[0].image_path))
    return Task(read_manifest(package.folder)[0], package.folder, None)


@pytest.fixture
def scaled(task, engine, tmp_path):
    """What comes of programs that a model answers with, each rated by a recorded verdict."""

    def run(*programs, marks=(), engine=engine, **how):
        name = task.sample.question_folder
        items = [name if number == 1 else f"{name}~{number}" for number in range(1, 1 + len(programs))]
        said = [{"id": item, "text": program} for item, program in zip(items, programs, strict=True)]
        scores = get_rubric(task.sample.source_dataset).ids
        rated = [
            {"id": item, "text": json.dumps({"category_scores": dict.fromkeys(scores, mark), "rationales": {}})}
            for item, mark in zip(items, marks, strict=False)
        ]
        for file, rows in (("said", said), ("marks", rated)):
            (tmp_path / f"{file}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        model = Watched(Replay(tmp_path / "said.jsonl"))
        run.judge = Watched(Replay(tmp_path / "marks.jsonl"))
        judge_of = judging(run.judge, plain=False) if marks else None
        return scale(task, model, engine, Scaling(**how), judge_of), model

    return run


def _fenced(program):
    return f"```python\n{program}\n```"


def test_each_official_stage_goes_on_from_the_last_picture_whatever_it_is_like(scaled, task):
    programs = [_fenced(NEAR), _fenced(FAR), _fenced(FAR), _fenced(RIGHT)]
    made, model = scaled(*programs, marks=(3, 1, 1, 5))
    assert [made.views[f"stage{number}"].official.final for number in (1, 2, 3, 4)] == [3.0, 1.0, 1.0, 5.0]
    assert made.trajectory.stop is Stop.ROUNDS and list(made.views) == ["stage1", "stage2", "stage3", "stage4"]
    assert list(model.asked[0][1]) == messages(task.reference.read_bytes()), "stage 1 is the benchmark's own question"
    for number, before in ((2, 1), (3, 2), (4, 3)):
        item, (rules, question), sampling = model.asked[number - 1]
        assert item == f"{task.sample.question_folder}~{number}" and rules == model.asked[0][1][0]
        wanted, drawn, text = question.parts
        assert wanted.content == task.reference.read_bytes()
        assert drawn == ImagePart(made.rounds[before - 1].drawn.picture.png)
        assert made.rounds[before - 1].task.prediction.program.source in text and "OUTPUT_PATH" in text
        assert (sampling.temperature, sampling.max_tokens, sampling.n) == (0.0, 8192, 1)
    assert len({scaling_digest(policy) for policy in Policy}) == 2
    assert made.trajectory.rounds[1].prompt == scaling_digest(Policy.OFFICIAL)


@pytest.mark.parametrize("failing", [_fenced(BROKEN), "I can't."])
def test_what_fails_officially_stays_failed_and_nobody_is_asked_again(scaled, failing):
    made, model = scaled(_fenced(NEAR), failing, _fenced(RIGHT), marks=(3, 5, 5))
    assert len(model.asked) == 2
    finals = [made.views[f"stage{number}"].official.final for number in (1, 2, 3, 4)]
    assert finals == [3.0, 0.0, 0.0, 0.0]
    assert [made.views[f"stage{number}"].drawn.status == MISSING for number in (2, 3, 4)] == [False, True, True]
    assert made.views["stage4"].record()["failure_class"] == "other_runtime"


def test_the_fixed_policy_takes_what_is_better_and_tells_of_failures(scaled):
    programs = [_fenced(NEAR), _fenced(BROKEN), _fenced(FAR), _fenced(RIGHT)]
    made, model = scaled(*programs, marks=(3, 5, 4.5, 4), policy=Policy.FIXED)
    assert [each.accepted for each in made.trajectory.rounds] == [True, False, False, True]
    finals = {view: scored.official.final for view, scored in made.views.items()}
    assert finals == {"stage1": 3.0, "stage2": 3.0, "stage3": 3.0, "stage4": 4.0, "last": 4.0, "oracle": 4.5}
    texts = ["".join(part for part in question[1][-1].parts if isinstance(part, str)) for question in model.asked]
    assert "barr" in texts[2] and "line 2" in texts[2] and "attribute" in texts[2]
    assert [question[1][0] for question in model.asked] == [model.asked[0][1][0]] * 4


def test_the_judge_itself_may_decide_and_rates_each_program_once(scaled):
    programs = [_fenced(NEAR), _fenced(FAR), _fenced(RIGHT)]
    made, _ = scaled(*programs, marks=(3, 4, 2), policy=Policy.FIXED, accept_by=JUDGE, stages=3)
    assert len(scaled.judge.asked) == 3
    assert [each.accepted for each in made.trajectory.rounds] == [True, True, False]
    finals = {view: scored.official.final for view, scored in made.views.items()}
    assert finals == {"stage1": 3.0, "stage2": 4.0, "stage3": 4.0, "last": 2.0, "oracle": 4.0}
    assert [(each.score.name, each.score.value) for each in made.trajectory.rounds] == [
        ("judge", float(mark)) for mark in (3, 4, 2)
    ]
    by_metric, _ = scaled(*programs, marks=(3, 4, 2), policy=Policy.FIXED, stages=3)
    assert by_metric.views["stage3"].official.final == 2.0, "the metric likes another best"


def test_where_the_judge_decides_what_it_did_not_rate_is_not_passed_over(scaled):
    programs = [_fenced(NEAR), _fenced(FAR), _fenced(RIGHT)]
    made, _ = scaled(*programs, marks=(3,), policy=Policy.FIXED, accept_by=JUDGE, stages=3)
    assert made.views["stage1"].official.final == 3.0
    assert {made.views[view].dropped for view in ("stage2", "stage3", "last", "oracle")} == {Dropped.JUDGE_FAILED}


class Slow:
    """A model that takes its time."""

    def __init__(self, model, seconds):
        self.model, self.name, self.identity, self.seconds = model, model.name, model.identity, seconds
        self.deadlines = []

    async def ask(self, messages, sampling=None, *, deadline=None, item=None):
        self.deadlines.append(deadline)
        await asyncio.sleep(self.seconds)
        return await self.model.ask(messages, sampling, deadline=deadline, item=item)


def test_after_the_deadline_no_stage_is_begun_and_the_best_so_far_counts(task, engine, tmp_path):
    name = task.sample.question_folder
    rows = [{"id": name, "text": _fenced(NEAR)}, {"id": f"{name}~2", "text": _fenced(RIGHT)}]
    (tmp_path / "said.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    model = Slow(Replay(tmp_path / "said.jsonl"), 0.2)
    made = scale(task, model, engine, Scaling(stages=2, policy=Policy.FIXED, deadline_s=0.1))
    assert made.trajectory.stop is Stop.DEADLINE and len(model.deadlines) == 1 and model.deadlines[0] is not None
    assert made.views["stage1"].task.prediction.program == made.views["stage2"].task.prediction.program
    assert made.views["stage2"].drawn.render_success


def test_a_loop_that_ends_early_keeps_what_it_has(scaled):
    made, model = scaled(_fenced(NEAR), _fenced(FAR), "DONE", marks=(3, 2, 1), policy=Policy.FIXED)
    assert made.trajectory.stop is Stop.DONE and len(model.asked) == 3
    finals = {view: scored.official.final for view, scored in made.views.items()}
    assert finals == {"stage1": 3.0, "stage2": 3.0, "stage3": 3.0, "stage4": 3.0, "last": 2.0, "oracle": 3.0}


@pytest.mark.parametrize("policy", list(Policy))
def test_a_model_that_cannot_be_asked_is_no_zero(scaled, policy):
    made, _ = scaled(_fenced(NEAR), marks=(3,), policy=policy, stages=3)
    assert made.views["stage1"].official.final == 3.0
    later = [made.views[view] for view in made.views if view != "stage1"]
    assert {(each.dropped, each.official) for each in later} == {(Dropped.NO_ANSWER, None)}
    assert "holds no" in later[0].why or "recorded" in later[0].why


class Breaking:
    """An engine that fails after so many programs, by no fault of theirs."""

    def __init__(self, engine, after):
        self.engine, self.after = engine, after

    def render(self, program, options=None):
        self.after -= 1
        if self.after >= 0:
            return self.engine.render(program, options)
        return Rendering(program, failure=Failure(FailureKind.WORKER_LOST, "the worker died"))


@pytest.mark.parametrize("policy", list(Policy))
def test_a_machine_that_fails_is_no_zero_at_that_stage_nor_at_any_later(scaled, engine, policy):
    broken = Breaking(engine, after=1)
    made, model = scaled(_fenced(NEAR), _fenced(RIGHT), marks=(3, 5), engine=broken, policy=policy, stages=3)
    assert made.trajectory.stop is Stop.NOT_DRAWN and len(model.asked) == 2
    assert made.views["stage1"].official.final == 3.0
    later = [made.views[view] for view in made.views if view != "stage1"]
    assert {(each.dropped, each.official, each.why) for each in later} == {
        (Dropped.MACHINE_FAILED, None, "the worker died")
    }


def test_without_a_judge_nothing_that_was_drawn_is_rated_and_no_oracle_is_made_up(scaled):
    made, _ = scaled(_fenced(BROKEN), _fenced(NEAR), policy=Policy.FIXED, stages=2)
    assert made.views["stage1"].official.final == 0.0
    assert {made.views[view].dropped for view in ("stage2", "last", "oracle")} == {Dropped.NOT_JUDGED}


def test_a_picture_that_is_another_than_published_is_asked_about_by_nobody(task, engine, tmp_path):
    (tmp_path / "said.jsonl").write_text("")
    model = Watched(Replay(tmp_path / "said.jsonl"))
    changed = replace(task, sample=replace(task.sample, image_sha256="0" * 64))
    made = scale(changed, model, engine, Scaling(stages=2))
    assert {each.dropped for each in made.views.values()} == {Dropped.BAD_REFERENCE} and not model.asked


def test_wrong_scalings_are_said():
    with pytest.raises(UserError, match="at least one stage"):
        Scaling(stages=0)
    with pytest.raises(UserError, match="knows no budget of tokens"):
        Scaling(tokens=100)
    with pytest.raises(UserError, match="knows no budget of seconds"):
        Scaling(deadline_s=1)
    for wrong in (0, -1, math.inf, math.nan):
        with pytest.raises(UserError, match="a budget of seconds must be more than 0"):
            Scaling(policy=Policy.FIXED, deadline_s=wrong)
    with pytest.raises(UserError, match="a budget of tokens must be more than 0"):
        Scaling(policy=Policy.FIXED, tokens=0)
    assert Scaling(stages=2, policy=Policy.FIXED, tokens=100).views == ("stage1", "stage2", "last", "oracle")


def _row(dataset, official, fixed=None, dropped=None):
    rating = {"raw_score_0_to_5": official, "final_rating_0_to_5": official} if official is not None else None
    other = {**rating, "final_rating_0_to_5": fixed} if rating and fixed is not None else rating
    row = {"dataset": dataset, "render_success": True, "failure_class": None, "failure_class_fixed": None}
    row |= {"failure_kind": None, "official": rating, "fixed": other, "dropped": dropped, "why": dropped}
    return {**row, "category_scores": {} if rating else None}


def test_stages_are_compared_with_the_first_sample_by_sample():
    first = [
        _row("ChartQA", 2.0),
        _row("ChartQA", 3.0),
        _row("Physics", 1.0),
        _row("Physics", None, dropped="no_answer"),
    ]
    later = [_row("ChartQA", 3.0), _row("ChartQA", 4.0, 2.0), _row("Physics", 2.0), _row("Physics", 5.0)]
    table = stage_table({"stage1": first, "stage2": later})
    official, fixed = (table["against_stage1"]["stage2"][mode] for mode in ("official", "fixed"))
    assert (official["n"], official["mean"], official["mean_of_stage1"]) == (3, 3.0, 2.0)
    assert official["micro"] == {"difference": 1.0, "low": 1.0, "high": 1.0}
    assert official["macro"] == {"difference": 1.0, "low": 1.0, "high": 1.0}
    # Three samples are too few to tell.
    assert (official["better"], official["worse"], official["verdict"]) == (1.0, 0.0, "overlap_zero")
    assert fixed["micro"]["difference"] == pytest.approx(1 / 3, abs=1e-6)
    assert fixed["macro"]["difference"] == 0.5 and fixed["verdict"] == "overlap_zero"
    assert table["stages"]["stage2"]["official"]["benchmark_score_0_to_5"] == 3.5
    assert stage_table({"stage1": first[3:], "stage2": later[3:]})["against_stage1"] == {"stage2": {}}
