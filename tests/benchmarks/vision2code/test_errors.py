"""Run folders read back, and what their failures come to."""

import json
import os

import pytest

from derender.benchmarks.vision2code.errors import analyse, normalised
from derender.benchmarks.vision2code.runs import read_run, read_runs
from derender.benchmarks.vision2code.taxonomy import FailureClass, classify
from derender.core import UserError
from derender.judges import Mode

BARR = "AttributeError: module 'matplotlib.pyplot' has no attribute 'barr'"
SHAPES = "ValueError: x and y must have same first dimension, but have shapes ({},) and (2,)"


def row(name, status, message=None, **more):
    failed = status not in {"ok", None}
    failure = {"kind": "runtime", "message": message, "line": 2, "ours": False} if message else None
    return {
        "question_folder": name,
        "dataset": name.partition("_")[0],
        "render_success": None if status is None else not failed,
        "render_status": status,
        "failure_class": classify(status) if failed else None,
        "failure_class_fixed": more.pop("fixed", classify(status)) if failed else None,
        "failure_kind": "runtime" if failed else None,
        "dropped": more.pop("dropped", None),
        "rendering": {"failure": failure},
        **more,
    }


def write(folder, *rows, **about):
    folder.mkdir()
    (folder / "results.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    if about:
        (folder / "run.json").write_text(json.dumps({"benchmark": "vision2code", **about}))
    return folder


@pytest.fixture
def runs(tmp_path):
    one = write(
        tmp_path / "one",
        row("ChartQA_a", f"Traceback (most recent call last):\n{BARR}", BARR),
        row("ChartQA_b", SHAPES.format(3), SHAPES.format(3)),
        row("Physics_a", SHAPES.format(45), SHAPES.format(45)),
        row("Physics_b", "ok"),
        row("Physics_c", None, dropped="machine_failed"),
        model="small",
        judge="J",
    )
    two = write(
        tmp_path / "two",
        row("ChartQA_a", "no_output_image", fixed=None),
        row("ChartQA_b", "Traceback\n  File 'x'\nnumpy.linalg.LinAlgError: Singular matrix"),
        row("Physics_a", "ok"),
    )
    return read_runs([one, two])


def test_failures_are_counted_by_model_dataset_and_class(runs):
    found = analyse(runs)
    table = found.table()
    assert list(table.counts) == ["small", "two"]
    assert table.counts["small"][FailureClass.SHAPE_3D_GEOMETRY] == 2
    assert table.total(FailureClass.OTHER_RUNTIME) == 2
    assert found.pivot()["small"].counts["Physics"][FailureClass.SHAPE_3D_GEOMETRY] == 1
    # What derender found no class for is in no column of its table.
    assert sum(found.table(Mode.FIXED).counts["two"].values()) == 1
    record = found.record()
    assert record["runs"] == 7 and record["failures"] == 5
    assert record["models"]["small"]["render_success_pct"] == 25.0
    assert record["models"]["small"]["untried"] == {"machine_failed": 1}
    assert record["official"]["totals"]["shape_3d_geometry"] == {"count": 2, "share": 0.4}


def test_sentences_that_differ_in_numbers_alone_are_one_and_name_their_samples(runs):
    first, *others = analyse(runs).complaints()
    assert (first.error, first.example) == ("ValueError", SHAPES.format(3).partition(": ")[2])
    assert first.samples == (("small", "ChartQA_b"), ("small", "Physics_a"))
    assert [each.error for each in others] == ["AttributeError", "", "LinAlgError"]
    assert [each.sentence for each in others][1:] == ["no_output_image", "Singular matrix"]
    assert len(analyse(runs).record(2)["sentences"]) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("shapes (3,4) and (2,)", "shapes (31,4) and (7,)"),
        ("<Axes object at 0x7f01>", "<Axes object at 0xbeef>"),
        ("'(' was never closed (program.py, line 41)", "'(' was never closed (program.py, line 7)"),
        ("No such file: '/tmp/a/b.png'", "No such file: '/home/c/d.png'"),
        ("could not convert '" + 50 * "x" + "'", "could not convert '" + 60 * "y" + "'"),
        ("value -1.5e3 is out of range", "value 7 is out of range"),
    ],
)
def test_what_says_the_same_reads_the_same(one, other):
    assert normalised(one) == normalised(other)


def test_names_stay_apart():
    assert normalised("name 'ax' is not defined") != normalised("name 'fig' is not defined")
    assert normalised("name 'x1' is not defined") != normalised("name 'x2' is not defined")


def test_the_last_line_of_a_sample_counts_and_half_a_line_is_left(tmp_path):
    folder = write(tmp_path / "run", row("ChartQA_a", BARR), row("ChartQA_a", "ok"))
    with (folder / "results.jsonl").open("a") as file:
        file.write('{"question_folder": "Chart')
    run = read_run(folder)
    assert [each["render_success"] for each in run.rows] == [True]
    assert (run.model, run.judge) == ("run", None)


def test_runs_of_one_model_are_told_apart(tmp_path):
    folders = [write(tmp_path / name, row("ChartQA_a", "ok"), model="M") for name in "ab"]
    assert [run.model for run in read_runs(folders)] == [f"M ({folder})" for folder in folders]
    with pytest.raises(UserError, match="is given twice"):
        read_runs([folders[0], folders[0]])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("results.jsonl", "no\n{}\n", "line 1: is no JSON"),
        ("results.jsonl", '{"id": 3}\n', "line 1: is no row of vision2code: it lacks question_folder or dataset"),
        ("results.jsonl", "\n", "the run has no results yet"),
        ("run.json", '{"benchmark": "other"}', "is not of a run of vision2code"),
        ("run.json", "{", "is no JSON"),
        ("run.json", "[]", "is not of a run of vision2code"),
        ("run.json", 100_000 * "[", "is no JSON"),
        ("run.json", '{"judge": ["x"]}', "judge must be text"),
        ("run.json", '{"split": 3}', "split must be text"),
        ("results.jsonl", 100_000 * "[" + "\n\n", "line 1: is no JSON"),
        ("results.jsonl", '{"question_folder": "a", "dataset": "dvqa"}\n', "rows don't say what was drawn"),
    ],
)
def test_a_folder_that_is_no_run_says_so(tmp_path, name, content, said):
    folder = write(tmp_path / "run", row("ChartQA_a", "ok"))
    (folder / name).write_text(content)
    with pytest.raises(UserError, match=said):
        read_run(folder)
    with pytest.raises(UserError, match=r"is no run folder, it holds no results\.jsonl"):
        read_run(tmp_path)


RATING = {"final_rating_0_to_5": 3, "raw_score_0_to_5": 3.2, "provisional_rating_0_to_5": 3.2}
CAPPED = {**RATING, "applied_caps": [["blank_or_degenerate", 0.5, True]]}


def test_a_whole_row_is_read_and_half_a_rating_is_not(tmp_path):
    folder = write(tmp_path / "run", row("ChartQA_a", "ok", official=CAPPED, fixed=CAPPED, category_scores={"a": 3}))
    assert read_run(folder).rows[0]["official"] == CAPPED
    write(tmp_path / "half", row("ChartQA_a", "ok", official=RATING))
    with pytest.raises(UserError, match=r"line 1: is no row of vision2code: official can't be \{"):
        read_run(tmp_path / "half")


@pytest.mark.parametrize(
    "cell",
    [
        *({"render_success": "yes"}, {"failure_class": ["x"]}, {"dropped": 3}, {"program": ["a.py"]}),
        *({"official": 5}, {"official": {**CAPPED, "final_rating_0_to_5": 10**400}}),
        *({"fixed": {**CAPPED, "raw_score_0_to_5": float("nan")}}, {"fixed": {**CAPPED, "applied_caps": [["x"]]}}),
        *({"category_scores": [1]}, {"category_scores": {"a": "4"}}, {"candidate_inspection": "no"}),
        *({"verdict": {"rationales": [1]}}, {"verdict": {"strengths": "much"}}),
        *({"rendering": []}, {"rendering": {"pictures": [5]}}, {"rendering": {"failure": {"message": 1}}}),
        {"cosine_image_only": float("inf")},
    ],
)
def test_a_field_of_another_kind_is_named(tmp_path, cell):
    folder = write(tmp_path / "run", row("ChartQA_a", "ok"), {**row("ChartQA_b", "ok"), **cell})
    with pytest.raises(UserError, match=f"line 2: is no row of vision2code: {next(iter(cell))} can't be"):
        read_run(folder)


@pytest.mark.parametrize("named", ["../secret", "/etc/hostname", "link", "a\0b", "\ud800"])
def test_a_row_never_leads_out_of_its_run(tmp_path, named):
    (tmp_path / "secret").write_text("s")
    folder = write(tmp_path / "run", row("ChartQA_a", "ok"))
    (folder / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "elsewhere").symlink_to(folder)
    run = read_run(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="a row names a file outside the run"):
        run.path(named)
    assert run.path("a.png") == tmp_path / "elsewhere/a.png"


def test_rows_that_are_a_pipe_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "results.jsonl")
    with pytest.raises(UserError, match="is a pipe or device, not a file"):
        read_run(tmp_path)
