"""VinciCoder's tiled reward: its grids are the published ones, its arithmetic is checked on embedders made for it."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from derender.core import Failure, FailureKind, Language, Picture, Program, Rendering
from derender.metrics import score
from derender.metrics._embedder import Embedder, cosine
from derender.metrics.virl import (
    fitting_grid,
    halved,
    positive,
    tile_grid,
    tiled_similarities,
    tiled_similarity,
    tiles,
)

from .tiny_models import picture

GRIDS = json.loads((Path(__file__).parent / "vectors/vinci_tile_grid.json").read_text())["rows"]
SIDES = st.integers(1, 6000)


class MeanColour(Embedder):
    """Sees the mean colour of a tile against middle grey: tiles that are as light as others are dark have cosine -1."""

    def __init__(self):
        super().__init__("mean colour", (), batch=64)
        self.seen = 0

    fingerprint = "mean colour"

    def ready(self):
        pass

    def prepare(self, pixels):
        assert pixels.shape == (448, 448, 3)
        return pixels.mean(axis=(0, 1), dtype=np.float64).astype(np.float32) - 127.5

    def forward(self, prepared):
        self.seen += len(prepared)
        return prepared


@pytest.mark.parametrize(("width", "height", "columns", "rows", "images"), GRIDS)
def test_grids_are_the_published_ones(width, height, columns, rows, images):
    grid = tile_grid(width, height)
    assert grid == (columns, rows)
    assert len(tiles(np.zeros((4, 4, 3), np.uint8), grid)) == images


@given(SIDES, SIDES)
def test_a_fitting_grid_never_enlarges_a_side_much(width, height):
    columns, rows = fitting_grid(width, height)
    assert 1 <= columns * rows <= 12
    assert columns == 1 or columns * 448 <= 1.5 * width
    assert rows == 1 or rows * 448 <= 1.5 * height


@pytest.mark.parametrize(
    ("size", "official", "fixed"),
    [
        ((200, 150), (4, 3), (1, 1)),
        ((640, 480), (4, 3), (1, 1)),
        ((1024, 768), (4, 3), (3, 2)),
        ((1280, 720), (4, 2), (4, 2)),
        ((1920, 1080), (4, 2), (4, 2)),
        ((336, 336), (1, 1), (1, 1)),
        ((4000, 3000), (4, 3), (4, 3)),
    ],
)
def test_both_grids_of_usual_sizes(size, official, fixed):
    assert (tile_grid(*size), fitting_grid(*size)) == (official, fixed)


def test_tiles_are_cut_row_by_row_and_the_whole_comes_last():
    page = picture(1, 300, 500)
    found = tiles(page, (3, 2))
    whole = np.asarray(Image.fromarray(page).resize((3 * 448, 2 * 448), Image.Resampling.BICUBIC))
    for number, (row, column) in enumerate(np.ndindex(2, 3)):
        assert np.array_equal(found[number], whole[row * 448 : row * 448 + 448, column * 448 : column * 448 + 448])
    assert np.array_equal(found[6], np.asarray(Image.fromarray(page).resize((448, 448), Image.Resampling.BICUBIC)))
    assert len(tiles(page, (1, 1))) == 1


def test_the_score_is_the_unweighted_mean_over_tiles_and_the_whole():
    # Two tiles and the whole: the left half white in both; the right half white, then black.
    white, half = np.full((448, 896, 3), 255, np.uint8), np.full((448, 896, 3), 255, np.uint8)
    half[:, 448:] = 0
    half[:, :448] = 245
    assert tile_grid(896, 448) == (2, 1)
    left, right, whole = 1.0, -1.0, -1.0  # the whole of the second is a little darker than middle grey
    wanted = sum(halved(each) for each in (left, right, whole)) / 3
    assert tiled_similarity(MeanColour(), white, half) == pytest.approx(wanted, abs=1e-6)
    wanted = sum(positive(each) for each in (left, right, whole)) / 3
    assert tiled_similarity(MeanColour(), white, half, mapping=positive) == pytest.approx(wanted, abs=1e-6)


def test_mappings():
    assert [halved(value) for value in (-1, 0, 1)] == [0, 0.5, 1]
    assert [positive(value) for value in (-1, 0, 0.25, 1)] == [0, 0, 0.25, 1]


def test_the_candidate_is_brought_to_the_references_size_and_grid():
    reference, candidate = picture(1, 448, 896), picture(2, 300, 200)
    brought = np.asarray(Image.fromarray(candidate).resize((896, 448), Image.Resampling.BICUBIC))
    embedder = MeanColour()
    assert tiled_similarity(embedder, reference, candidate) == tiled_similarity(MeanColour(), reference, brought)
    assert embedder.seen == 6


def test_eight_rollouts_share_their_references_tiles():
    reference, rollouts = picture(1, 200, 400), [picture(seed, 200, 400) for seed in range(2, 10)]
    embedder = MeanColour()
    together = tiled_similarities(embedder, [(reference, rollout) for rollout in rollouts])
    distinct = {tile.tobytes() for page in (reference, *rollouts) for tile in tiles(page, (2, 1))}
    assert embedder.seen == len(distinct)
    assert together == [tiled_similarity(MeanColour(), reference, rollout) for rollout in rollouts]
    assert tiled_similarities(embedder, []) == []


def visual(reference, candidate, mode="official"):
    return score(reference, candidate, ["virl_efficientnet"], mode=mode).scores["virl_efficientnet"]["visual"]


def test_the_offline_reward_is_the_same_arithmetic_on_its_network():
    from derender.metrics.efficientnet import lite0

    reference, candidate = picture(1, 200, 430), picture(2, 200, 430)
    assert visual(reference, candidate) == tiled_similarity(lite0, reference, candidate)
    fixed = tiled_similarity(lite0, reference, candidate, cut=fitting_grid, mapping=positive)
    assert visual(reference, candidate, "fixed") == fixed
    assert fixed == max(0, cosine(*(lite0.embed(tiles(page, (1, 1)))[0] for page in (reference, candidate))))


def test_a_blank_page_gets_half_marks_as_published_and_none_corrected():
    page = picture(3, 336, 336)
    blank = np.full_like(page, 255)
    assert visual(page, page) == visual(page, page, "fixed") == 1.0
    assert 0.5 <= visual(page, blank) < 0.6
    assert visual(page, blank, "fixed") < 0.1


def test_what_failed_gets_nothing():
    program = Program("1/0", Language.PYTHON)
    failed = Rendering(program=program, failure=Failure(FailureKind.RUNTIME, "division by zero"))
    assert visual(picture(1), failed) == 0.0


def test_transparency_is_dropped_as_published_and_laid_on_white_corrected():
    page = picture(4, 336, 336)
    seen_through = np.dstack([np.where(page == 255, 0, page), np.where((page == 255).all(axis=2), 0, 255)])
    buffer = io.BytesIO()
    Image.fromarray(seen_through.astype(np.uint8)).save(buffer, "PNG")
    program = Program("<svg/>", Language.SVG)
    drawn = Rendering(program=program, pictures=(Picture("1", buffer.getvalue(), 336, 336),))
    dark = np.ascontiguousarray(seen_through[:, :, :3].astype(np.uint8))
    assert visual(page, drawn) == pytest.approx(visual(page, dark))
    assert visual(page, drawn, "fixed") == pytest.approx(1.0, abs=1e-6)
    assert visual(page, drawn) < 0.9
