"""Scoring a pair."""

import json

import numpy as np
import pytest

from derender.core import BadPicture, Failure, FailureKind, Language, Program, Rendering, UnknownName
from derender.metrics import Difference, Mode, Part, Unscorable, fact, get_metric, metric, metric_names, observe, score
from derender.metrics._facts import rgb

CHEAP = [name for name in metric_names() if get_metric(name).default and name != "words"]
PROGRAM = Program("<svg/>", Language.SVG)


def failed(kind):
    return Rendering(PROGRAM, failure=Failure(kind, "name 'plt' is not defined", line=3))


def test_scores_are_json_as_they_are(chart):
    result = score(chart, 255 - chart, CHEAP)
    written = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert written == {"scores": result.scores, "unscored": {}, "resized": False, "notes": []}


def test_only_what_is_named_is_computed_and_each_once(chart):
    assert list(score(chart, chart, ["ssim", "mse", "ssim"]).scores) == ["ssim", "mse"]
    assert score(chart, chart, []).scores == {}


def test_an_unknown_metric_is_named_with_the_known_ones(chart):
    with pytest.raises(UnknownName, match=r"unknown metric 'sim': use one of .*ssim"):
        score(chart, chart, ["ssim", "sim"])


def test_a_bad_file_raises(chart, tmp_path):
    (tmp_path / "empty.png").touch()
    with pytest.raises(BadPicture, match=r"empty\.png"):
        score(chart, tmp_path / "empty.png", ["mse"])


def test_a_candidate_of_another_size_is_brought_to_the_reference_s_and_that_is_said(chart):
    doubled = np.repeat(np.repeat(chart, 2, axis=0), 2, axis=1)
    result = score(chart, doubled, CHEAP)
    assert result.resized
    assert result.notes == ("the candidate has 640x480 pixels, the reference 320x240",)
    assert result.scores["mse"]["mse"] == 0.0
    assert result.scores["ssim"]["ssim"] == 1.0
    assert not score(chart, chart, CHEAP).resized


def test_one_pixel_and_blank_and_grey_pictures_have_defined_results(chart):
    one = np.zeros((1, 1), np.uint8)
    for pair in ((one, chart), (chart, one), (one, one)):
        result = score(*pair, CHEAP)
        assert set(result.scores) | set(result.unscored) == set(CHEAP)
        assert set(result.unscored) <= {"ssim", "edges"}
    blank = score(chart, np.full_like(chart, 255), CHEAP)
    assert blank.unscored == {}
    assert score(chart[..., 0], chart[..., 0].astype(np.uint16) * 257, CHEAP).scores["mse"]["mse"] == 0.0


def test_the_program_s_fault_gets_the_worst_value_of_each_part(chart):
    result = score(chart, failed(FailureKind.RUNTIME), CHEAP)
    assert result.unscored == {}
    assert result.scores == {
        "mse": {"mse": 1.0},
        "psnr": {"psnr": 0.0},
        "color_histogram": {"intersection": 0.0},
        "phash": {"similarity": 0.0},
        "ssim": {"ssim": 0.0},
        "edges": {"f1": 0.0, "precision": 0.0, "recall": 0.0},
    }
    assert result.notes == ("the candidate failed (runtime: name 'plt' is not defined)",)


def test_a_failure_counts_only_where_a_picture_would_have(chart):
    blank = np.full((9, 9), 255, np.uint8)
    assert set(score(blank, failed(FailureKind.SYNTAX), CHEAP).unscored) == {"ssim", "edges"}


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind.ours])
def test_our_fault_is_never_scored(chart, kind):
    result = score(chart, failed(kind), CHEAP)
    assert result.scores == {}
    assert all(kind.value in reason for reason in result.unscored.values())


def test_a_reference_that_failed_scores_nothing(chart):
    result = score(failed(FailureKind.RUNTIME), chart, ["mse"])
    assert result.unscored == {"mse": "the reference has no picture: name 'plt' is not defined"}


def test_facts_of_a_reference_are_observed_once_for_many_candidates(chart):
    looks = []

    @fact
    def brightness(facts):
        looks.append(facts)
        return float(facts[rgb].mean())

    @metric("glow", (Part("gap", high=255, higher_is_better=False),), needs=(brightness,), source="here", cost_ms=1)
    def glow(reference, candidate):
        """Difference of mean brightness."""
        return {"gap": abs(reference[brightness] - candidate[brightness])}

    reference = observe(chart)
    for shade in (0, 100, 200):
        score(reference, np.full_like(chart, shade), [glow])
    assert len(looks) == 4
    assert looks.count(reference) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.5, -0.1])
def test_a_metric_that_breaks_its_own_range_is_an_error(chart, value):
    broken = metric("broken", (Part("part"),), needs=(rgb,), source="here", cost_ms=1)(lambda *_: {"part": value})
    with pytest.raises(ValueError, match="broken"):
        score(chart, chart, [broken])


def test_a_metric_that_gives_other_parts_than_declared_is_an_error(chart):
    broken = metric("broken", (Part("part"),), needs=(rgb,), source="here", cost_ms=1)(lambda *_: {"other": 1.0})
    with pytest.raises(ValueError, match="other"):
        score(chart, chart, [broken])


def test_a_part_without_a_worst_bound_leaves_a_failure_unscored(chart):
    endless = Part("steps", high=float("inf"), higher_is_better=False)
    steps = metric("steps", (endless,), needs=(rgb,), source="here", cost_ms=1)(lambda *_: {"steps": 3.0})
    assert score(chart, chart, [steps]).scores == {"steps": {"steps": 3.0}}
    assert score(chart, failed(FailureKind.RUNTIME), [steps]).unscored.keys() == {"steps"}


def test_what_can_t_be_compared_is_unscored_and_the_rest_goes_on(chart):
    def never(reference, candidate):
        raise Unscorable("no weights on this machine")

    absent = metric("absent", (Part("part"),), needs=(rgb,), source="here", cost_ms=1)(never)
    result = score(chart, chart, [absent, "mse"])
    assert result.unscored == {"absent": "no weights on this machine"}
    assert result.scores == {"mse": {"mse": 0.0}}


def test_what_the_engine_drew_is_scored_as_it_comes(engine):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60"><text x="5" y="40">{}</text></svg>'
    sources = [drawing.format("Two words"), drawing.format("Two birds"), "<svg"]
    same, other, broken = (engine.render(Program(source, Language.SVG)) for source in sources)
    assert score(same, same).scores["words"] == {"f1": 1.0, "precision": 1.0, "recall": 1.0}
    assert score(same, other).scores["words"]["recall"] == 0.5
    assert 0 < score(same, other).scores["ssim"]["ssim"] < 1
    assert score(same, broken).scores["words"]["recall"] == 0.0


@fact(of_program=True)
def length(facts):
    return len(facts.source)


@metric(
    "lengths",
    (Part("same"), Part("picture"), Part("nothing")),
    needs=(length,),
    source="here",
    cost_ms=0,
    family="code",
    fixed=lambda reference, candidate: {"same": 0.25, "picture": 0.5, "nothing": None},
    differences=(Difference("one", "counts letters", "counts nothing"),),
)
def lengths(reference, candidate):
    """Whether two programs are of one length."""
    same = float(reference[length] == candidate[length])
    return {"same": same, "picture": Unscorable("no model is here"), "nothing": None}


def test_programs_are_compared_as_they_are_though_they_fail():
    result = score(PROGRAM, Program("<svg ", Language.SVG), [lengths])
    assert result.scores == {"lengths": {"same": 0.0, "nothing": None}}
    assert result.unscored == {"lengths.picture": "no model is here"}


def test_a_picture_s_program_is_unknown(chart):
    assert "programs are compared" in score(PROGRAM, chart, [lengths]).unscored["lengths"]


def test_the_mode_chooses_between_the_published_and_the_corrected():
    assert score(PROGRAM, PROGRAM, [lengths]).scores["lengths"]["same"] == 1.0
    fixed = score(PROGRAM, PROGRAM, [lengths], mode="fixed")
    assert fixed.scores["lengths"] == {"same": 0.25, "picture": 0.5, "nothing": None}
    assert lengths(observe(PROGRAM), observe(PROGRAM), Mode.FIXED)["same"] == 0.25
    with pytest.raises(UnknownName, match="unknown mode 'better': use one of fixed, official"):
        score(PROGRAM, PROGRAM, [lengths], mode="better")


def test_a_metric_of_which_every_part_is_missing_is_unscored_once():
    @metric("hollow", (Part("one"), Part("two")), needs=(length,), source="here", cost_ms=0)
    def hollow(reference, candidate):
        return dict.fromkeys(("one", "two"), Unscorable("no model is here"))

    assert score(PROGRAM, PROGRAM, [hollow]).to_json()["unscored"] == {"hollow": "no model is here"}


def test_scores_stand_in_the_order_asked_for(chart):
    program = Program('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>', Language.SVG)
    assert list(score(program, program, ["mse", lengths, "phash"]).scores) == ["mse", "lengths", "phash"]


def test_programs_and_pictures_are_compared_alike(chart):
    source = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="9" height="9"/></svg>'
    program = Program(source, Language.SVG)
    picture = observe(program).rendering().picture
    assert score(program, picture, ["mse", "ssim"]).scores == score(picture, picture, ["mse", "ssim"]).scores
