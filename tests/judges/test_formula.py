"""The formula and its caps, on vectors worked out from the paper's rules without this code."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.judges import BadScores, Outcome, get_rubric, rate, rubric_names, rubric_of

VECTORS = [json.loads(line) for line in (Path(__file__).parent / "vectors/rating_vectors.jsonl").open()]
SMOKE = {
    "numeric_information_fidelity": 4.7,
    "structure_layout_fidelity": 3.6,
    "text_label_legibility_accuracy": 2.9,
    "cleanliness_completeness": 3.2,
}


@pytest.mark.parametrize("name", sorted({each["dataset"] for each in VECTORS}))
def test_every_published_vector_comes_out_to_the_digit(name):
    for each in (each for each in VECTORS if each["dataset"] == name):
        outcome = Outcome(each["execution_status"], each["candidate_readable"], each["is_blank_or_degenerate"])
        rating = rate(get_rubric(f"vision2code/{name}"), each["scores"], outcome)
        assert round(rating.raw, 4) == each["raw_score_0_to_5"]
        assert rating.provisional == each["provisional_rating_0_to_5"]
        assert rating.final == each["final_rating_0_to_5"]
        assert [[cap.type, cap.cap_to, cap.changed] for cap in rating.caps] == each["applied_caps"]


def test_the_vectors_reach_every_cap_of_every_rubric():
    fired = {(each["dataset"], cap[0]) for each in VECTORS for cap in each["applied_caps"]}
    kinds = {kind for _, kind in fired}
    for name in {each["dataset"] for each in VECTORS}:
        assert {cap.type for cap in get_rubric(name).caps} <= kinds


def test_the_published_worked_example():
    rating = rate(get_rubric("ChartQA"), SMOKE)
    assert (round(rating.raw, 4), rating.final, rating.caps) == (3.695, 3.7, ())


def test_halves_round_up_and_not_to_even():
    rubric = get_rubric("vision2code/generic")
    rating = rate(rubric, dict.fromkeys(rubric.ids, 2.25) | {rubric.ids[0]: 2.3, rubric.ids[1]: 2.2})
    assert rating.scores[rubric.ids[2]] == 2.3
    assert rating.final == 2.3


def test_the_generic_rubric_knows_no_blank_picture():
    rubric = get_rubric("vision2code/generic")
    assert rate(rubric, dict.fromkeys(rubric.ids, 5), Outcome(blank=True)).final == 5.0
    assert rate(rubric, dict.fromkeys(rubric.ids, 5), Outcome("timeout")).final == 0.0


@pytest.mark.parametrize("score", [5.1, -0.1, True, "much", None, "nan", "inf", [4], 10**400])
def test_a_score_that_is_none_is_an_error_and_is_not_clamped(score):
    with pytest.raises(BadScores, match="numeric_information_fidelity"):
        rate(get_rubric("ChartQA"), SMOKE | {"numeric_information_fidelity": score})


def test_a_score_that_is_missing_is_named():
    with pytest.raises(BadScores, match="no score for cleanliness_completeness"):
        rate(get_rubric("ChartQA"), {name: value for name, value in SMOKE.items() if name[0] != "c"})


def test_numbers_written_as_text_are_taken_and_keys_nobody_asked_for_passed_over():
    assert rate(get_rubric("ChartQA"), {name: str(value) for name, value in SMOKE.items()} | {"taste": 9}).final == 3.7


def _janus(name, *scores, **more):
    rubric = get_rubric(f"januscoder/{name}")
    return rate(rubric, dict(zip(rubric.ids, scores, strict=True)), **more)


def test_rewards_aggregate_and_pass_as_their_paper_says():
    assert _janus("chart_generation", "4.0", 3, 3, 2).raw == 3.0
    assert _janus("chart_generation", "4.0", 3, 3, 2).passed is True
    assert _janus("chart_generation", 4, 3, 3, 1.9).passed is False
    assert (_janus("chart_edit", 3, 3, 3).raw, _janus("chart_edit", 3, 3, 3).passed) == (1.0, True)
    assert (_janus("chart_edit", 5, 5, 2.9).raw, _janus("chart_edit", 5, 5, 2.9).passed) == (0.0, False)
    assert (_janus("artifacts", 5, 5, 4, 4).final, _janus("artifacts", 5, 5, 4, 4).passed) == (4.5, None)
    assert _janus("page_edit_code", 5, 4, 4, 4, 4).final == 4.2
    assert _janus("text_only", 5, 4, 3).final == 4.0


def test_a_holistic_total_is_the_judges_own_and_whole():
    assert _janus("page_edit", 5, 5, 5, 5, 5, total=3).final == 3.0
    with pytest.raises(BadScores, match="Total Score"):
        _janus("page_edit", 5, 5, 5, 5, 5)
    with pytest.raises(BadScores, match="whole number"):
        _janus("page_edit", 5, 5, 4.5, 5, 5, total=3)


def test_a_program_that_drew_nothing_passes_no_threshold():
    assert _janus("chart_generation", 5, 5, 5, 5, outcome=Outcome("timeout")).passed is False
    assert _janus("chart_edit", 5, 5, 5, outcome=Outcome(readable=False)).passed is False


def test_every_rubric_can_be_satisfied_and_failed():
    for name in rubric_names():
        rubric = get_rubric(name)
        best = rate(rubric, dict.fromkeys(rubric.ids, rubric.high), total=rubric.high)
        worst = rate(rubric, dict.fromkeys(rubric.ids, rubric.low), total=rubric.low)
        assert worst.final < best.final
        assert best.passed is not False
        assert worst.passed is not True


def test_a_dataset_is_found_in_an_id_a_path_or_its_own_name():
    said = ["ChartQA", "ChartQA:default:test:x:508", "ChartQA_test_000509_2ac3907c97d2"]
    assert {rubric_of("vision2code", each).name for each in said} == {"vision2code/ChartQA"}
    assert rubric_of("vision2code", None, "elsewhere", "dvqa_train_1").name == "vision2code/dvqa"


@given(
    st.sampled_from([name for name in rubric_names() if name.startswith("vision2code/")]),
    st.lists(st.integers(0, 50), min_size=4, max_size=4),
)
def test_caps_only_lower_and_the_lowest_counts(name, tenths):
    rubric = get_rubric(name)
    rating = rate(rubric, dict(zip(rubric.ids, (each / 10 for each in tenths), strict=True)))
    lowest = min([rating.raw, *(cap.cap_to for cap in rating.caps)])
    assert rating.final <= rating.provisional
    assert rating.final == round(lowest + 1e-8, 1)
    assert any(cap.changed for cap in rating.caps) == (lowest < rating.raw)
