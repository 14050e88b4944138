"""The rubrics are data: the papers' numbers, our words."""

import json
from pathlib import Path

import pytest

from derender.core import UnknownName
from derender.judges import Shown, get_rubric, rubric_names

NUMBERS = json.loads((Path(__file__).parent / "vectors/rubrics.json").read_text())


def test_ids_weights_and_caps_are_the_published_ones():
    assert len(NUMBERS["datasets"]) == 15
    for name, published in NUMBERS["datasets"].items():
        rubric = get_rubric(f"vision2code/{name}")
        assert [[each.id, each.weight] for each in rubric.categories] == published["categories"]
        assert [each.critical for each in rubric.categories] == [True, True, False, False]
        listed = [
            {
                "type": cap.type,
                "cap_to": cap.cap_to,
                "all_of": [[each.subject, each.bound, each.value] for each in cap.all_of],
                "any_of": [[each.subject, each.bound, each.value] for each in cap.any_of],
            }
            for cap in rubric.caps
        ]
        assert listed[3:] == published["extra"]
        profile = NUMBERS["cap_profiles"][published["profile"]]
        assert [cap["cap_to"] for cap in listed[:3]] == [profile[each] for each in ("any_cap", "pair_cap", "top_cap")]


def test_weights_of_a_weighted_sum_are_a_whole():
    for name in rubric_names():
        rubric = get_rubric(name)
        assert rubric.aggregate != "weighted" or sum(each.weight for each in rubric.categories) == pytest.approx(1)


def test_conditions_name_categories_that_exist():
    for name in rubric_names():
        rubric = get_rubric(name)
        subjects = {each.subject for cap in rubric.caps for each in (*cap.all_of, *cap.any_of)}
        assert subjects <= {*rubric.ids, "raw"}


def test_every_rubric_has_words_and_its_own_digest():
    rubrics = [get_rubric(name) for name in rubric_names()]
    assert len({each.digest for each in rubrics}) == len(rubrics) == 22
    assert all(each.guidance and each.anchors and all(one.description for one in each.categories) for each in rubrics)
    assert all(Shown.CANDIDATE in each.shows or Shown.CODE in each.shows for each in rubrics)


def test_a_short_name_will_do_and_an_unknown_one_is_answered_with_those_there_are():
    assert get_rubric("dvqa") == get_rubric("vision2code/dvqa")
    with pytest.raises(UnknownName, match="vision2code/dvqa"):
        get_rubric("vision2code/dvqb")
