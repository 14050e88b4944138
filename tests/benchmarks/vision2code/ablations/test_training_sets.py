"""Pairs read from folders of round trips, and sets selected from them as the paper does it."""

import hashlib
import json
import os
import random
from collections import Counter

import pytest

from derender.benchmarks.vision2code.ablations.training_exports import records
from derender.benchmarks.vision2code.ablations.training_pairs import Fate, read_pool
from derender.benchmarks.vision2code.ablations.training_recipe import published_recipe
from derender.benchmarks.vision2code.ablations.training_sets import Selection, Variant, pictures_of, select, sift
from derender.benchmarks.vision2code.data import sha256_of
from derender.benchmarks.vision2code.published import Published
from derender.core import UserError

from .conftest import trip


def test_every_folder_has_its_fate(pool):
    trip(pool, "a_unrated", 5, 5).joinpath("ssl_stage_pair_rating_result__local_vllm_rater.json").unlink()
    trip(pool, "b_half_rated", 5, None)
    trip(pool, "c_not_drawn", 5, 5, render_success=False)
    (trip(pool, "d_empty", 5, 5) / "generated_code.py").write_text(" \n")
    (trip(pool, "e_broken", 5, 5) / "result.json").write_text("{")
    (trip(pool, "f_garbled", 5, 5) / "ssl_stage_pair_rating_result__local_vllm_rater.json").write_text("[]")
    (trip(pool, "g_no_picture", 5, 5) / "rendered_image.png").unlink()
    trip(pool, "h_nan", 5, float("nan"))
    trip(pool, "i_off_the_scale", 5, 5.1)
    found = read_pool(pool)
    assert found.fates == {
        Fate.ELIGIBLE: 20,
        Fate.UNRATED: 1,
        Fate.NOT_OK: 3,
        Fate.NOT_DRAWN: 1,
        Fate.NO_FILES: 2,
        Fate.NO_RESULT: 1,
        Fate.UNREADABLE: 1,
    }
    assert found.record()["sample_dirs_seen"] == 29 and found.record()["eligible_records"] == 20
    assert len(read_pool(pool, most_chars=10).pairs) == 0


def test_a_rating_stands_in_the_row_or_in_its_own_object_and_of_several_the_named_one_counts(pool):
    name = "Physics_train_000001_aaaaaaaaaaaa"
    nested = {
        which: {"rating_status": "ok", "rating": {"final_rating_0_to_5": value}}
        for which, value in (("image0_image1", "1.5"), ("image1_image2", 0.25))
    }
    (pool / name / "ssl_stage_pair_rating_result__other.json").write_text(json.dumps(nested))
    first, named = (read_pool(pool, rater).pairs for rater in (None, "other"))
    assert [pair.r1 for pair in first if pair.question_folder == name] == [4.5]
    assert [(pair.r1, pair.r2, pair.gap) for pair in named] == [(1.5, 0.25, 1.25)]


def test_a_link_out_of_a_samples_folder_is_not_followed_and_a_pipe_not_waited_for(tmp_path):
    (tmp_path / "private.txt").write_text("what nobody is to be trained on")
    for name in ("generated_code.py", "rendered_image.png"):
        folder = trip(tmp_path / "pool", f"linked_{name}", 5, 5)
        (folder / name).unlink()
        (folder / name).symlink_to(tmp_path / "private.txt")
    for name in ("generated_code.py", "rendered_image.png", "result.json"):
        folder = trip(tmp_path / "pool", f"piped_{name}", 5, 5)
        (folder / name).unlink()
        os.mkfifo(folder / name)
    found = read_pool(tmp_path / "pool")
    assert found.pairs == () and found.fates == {Fate.NO_FILES: 4, Fate.NO_RESULT: 1}


def test_a_result_that_names_files_elsewhere_is_not_followed(pool, tmp_path):
    (tmp_path / "secret.txt").write_text("a key")
    folder = trip(pool, "z", 5, 5, generated_code_path=str(tmp_path / "secret.txt"), sft_code_path="../../secret.txt")
    (pair,) = (pair for pair in read_pool(pool).pairs if pair.question_folder == "z")
    assert pair.program == folder / "generated_code.py" and "key" not in pair.code


def test_variants_hold_what_their_rules_say(pool):
    pairs = read_pool(pool).pairs
    sizes = {variant.paper: sum(variant.takes(pair, 4.0) for pair in pairs) for variant in Variant}
    assert sizes == {"si4_uniform": 20, "si4_self_ok": 8, "si4_self_drop": 5, "si4_low_r1": 7, "si4_high_r1": 13}
    assert Variant.parse("si4_self_drop") is Variant.parse("r1_ge_alpha_r2_lt_r1") is Variant.LOST
    with pytest.raises(UserError, match="unknown variant 'best'"):
        Variant.parse("best")


def test_samples_are_those_that_pythons_own_generator_gives(pool):
    pairs = read_pool(pool).pairs
    sets = {each.variant: each for each in select(pairs)}
    assert {len(each.pairs) for each in sets.values()} == {5}
    for name, chosen in sets.items():
        names = sorted(pair.question_folder for pair in pairs if name.takes(pair, 4.0))
        random.Random(f"42:{name.value}").shuffle(names)
        assert [pair.question_folder for pair in chosen.pairs] == names[:5]
        places = list(range(5))
        random.Random(f"42:{name.value}:dev").shuffle(places)
        assert chosen.dev == {places[0]}, "a tenth of five is none, and one is the least"
    assert [len(each.pairs) for each in select(pairs, Selection(size=0))] == [20, 8, 5, 7, 13]
    assert select(pairs)[0] == select(pairs[::-1])[0]
    assert select(pairs)[0] != select(pairs, Selection(seed=43))[0]


def test_identifiers_are_hashes_of_name_path_and_program(pool):
    (chosen, *_) = select(read_pool(pool).pairs)
    for record, pair in zip(records(chosen), chosen.pairs, strict=True):
        code = hashlib.sha256(pair.code.encode()).hexdigest()
        said = f"all_valid::{pair.question_folder}::{pool}/{pair.question_folder}/rendered_image.png::{code}"
        assert record["sample_uid"] == hashlib.sha256(said.encode()).hexdigest()[:24]
        assert pair.uid() == hashlib.sha256(said.partition("::")[2].encode()).hexdigest()[:24]
        assert record["self_gap"] == record["r1_score"] - record["r2_score"]
        assert record["image_sha256"] == sha256_of(pair.picture)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"size": 6}, "r1_ge_alpha_r2_lt_r1 has 5 pairs, and 6 are wanted"),
        ({"alpha": 5.0}, "has no pairs: leave it out"),
        ({"alpha": 7.0}, "alpha is a rating from 0 to 5"),
        ({"dev_ratio": 1.0}, "the share for development"),
        ({"size": -1}, "not -1"),
        ({"variants": ()}, "no variant is wanted"),
    ],
)
def test_what_cannot_be_selected_is_said(pool, how, said):
    with pytest.raises(UserError, match=said):
        select(read_pool(pool).pairs, Selection(**how))


def test_a_folder_without_samples_is_said(tmp_path):
    with pytest.raises(UserError, match="holds no folders"):
        read_pool(tmp_path)
    with pytest.raises(UserError, match="is no folder"):
        read_pool(tmp_path / "none")


def test_test_pictures_and_equal_pairs_are_left_out(pool, package):
    trip(pool, "ChartQA_test_000001_aaaaaaaaaaaa", 5, 5)
    twin = pool / "Physics_train_000019_aaaaaaaaaaaa"
    (twin / "generated_code.py").write_text((pool / "Physics_train_000017_aaaaaaaaaaaa/generated_code.py").read_text())
    package.change(0, image_sha256=sha256_of(pool / "ChartQA_train_000004_aaaaaaaaaaaa/source_image_1.png"))
    (pool / "ChartQA_train_000006_aaaaaaaaaaaa/source_image_1.png").unlink()
    pairs = read_pool(pool).pairs
    plain = sift(pairs)
    assert (len(plain.pairs), plain.of_test, plain.repeated, plain.unchecked) == (20, 1, 0, 0)
    strict = sift(pairs, pictures_of([package.folder]), unique=True)
    assert (len(strict.pairs), strict.of_test, strict.repeated, strict.unchecked) == (18, 2, 1, 1)
    assert len(sift(pairs, keep_test=True).pairs) == 21
    assert pictures_of([package.folder / "manifest.csv"]) == {row.image_sha256 for row in package.samples}


def test_the_published_counts_follow_from_the_rules():
    said = Published().json("results/paper_outputs/ablations/self_training_summary.json")
    names = {variant.paper for variant in Variant}
    assert set(said["variants"]) == names
    default = Selection(size=said["sample_size"])
    assert (default.alpha, default.dev_ratio, default.seed) == (said["threshold"], said["dev_ratio"], said["seed"])
    counts = {name: each["candidate_records"] for name, each in said["variants"].items()}
    assert min(counts.values()) == counts[Variant.LOST.paper] == said["sample_size"]
    # A pool with the published counts, selected anew: the sizes of both parts are the published ones.
    ratings = Counter(
        {(5.0, 5.0): counts["si4_self_ok"], (5.0, 1.0): counts["si4_self_drop"], (1.0, 1.0): counts["si4_low_r1"]}
    )
    pairs = [_Rated(f"{place:05d}", *value) for place, value in enumerate(ratings.elements())]
    for chosen in select(pairs):
        published = said["variants"][chosen.variant.paper]
        assert chosen.candidates == published["candidate_records"]
        assert len(chosen.dev) == published["dev_records"]
        assert len(chosen.pairs) - len(chosen.dev) == published["train_records"]
    recipe = published_recipe()
    assert (recipe.batch_size, recipe.steps(published["train_records"])) == (32, 240)


class _Rated:
    """As much of a pair as the selection looks at."""

    def __init__(self, name, r1, r2):
        self.question_folder, self.r1, self.r2 = name, r1, r2

    def uid(self):
        return self.question_folder
