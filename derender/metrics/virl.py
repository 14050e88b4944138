"""VinciCoder's visual reward (ViRL): a picture whole and in tiles, coarse to fine, as a vision model sees them.

`tile_grid` cuts as the published code does, by the aspect ratio alone, so that a chart of 640x480 is enlarged to twelve
tiles of 448 pixels. `fitting_grid` is the correction: tiles only where there are pixels for them. `tiled_similarity`
compares tile by tile on any `Embedder`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ._embedder import Embedder, cosine
from ._facts import Fact, Facts, rgb, size
from ._metric import Difference, Part, Values, metric
from ._preprocess import BICUBIC, Preprocess, resized
from .dino import Dino
from .efficientnet import lite0

if TYPE_CHECKING:
    from ._embedder import Floats
    from ._facts import Bytes

TILE = 448
"""Side of a tile in pixels."""
MOST_TILES = 12
ENLARGED = 1.5
"""How much a corrected grid may enlarge a side, where that lets it have a tile more."""

Grid = tuple[int, int]
"""Columns and rows."""
Cut = Callable[[int, int], Grid]
Mapping = Callable[[float], float]


def tile_grid(width: int, height: int) -> Grid:
    """Columns and rows that the published code cuts a picture into.

    Of the grids of at most twelve tiles the one whose ratio of columns to rows is nearest to the picture's. Of grids
    equally near, a larger one is taken only if the picture has more than half of its pixels.
    """
    return _nearest(width, height, lambda columns, rows: True)


def fitting_grid(width: int, height: int) -> Grid:
    """Columns and rows with which no side is enlarged more than 1.5 times, unless the whole is smaller than a tile.

    Otherwise as `tile_grid`. A picture of 200x150 is one tile, not twelve.
    """

    def fits(columns: int, rows: int) -> bool:
        wide, high = columns * TILE <= width * ENLARGED, rows * TILE <= height * ENLARGED
        return (columns == 1 or wide) and (rows == 1 or high)

    return _nearest(width, height, fits)


def tiles(pixels: Bytes, grid: Grid) -> list[Bytes]:
    """The tiles row by row, 448x448 each, and after them the whole picture at that size if there is more than one.

    Args:
        pixels: height x width x 3.
        grid: columns and rows; the picture is brought to it by bicubic interpolation, its aspect ratio not kept.
    """
    columns, rows = grid
    whole = resized(pixels, (columns * TILE, rows * TILE), BICUBIC)
    cut = [
        whole[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        for row in range(rows)
        for column in range(columns)
    ]
    return cut if len(cut) == 1 else [*cut, resized(pixels, (TILE, TILE), BICUBIC)]


def halved(value: float) -> float:
    """(cosine + 1) / 2, the published mapping to 0..1: what has nothing in common gets a half."""
    return (value + 1) / 2


def positive(value: float) -> float:
    """The cosine itself, and 0 where it is negative: what has nothing in common gets nothing."""
    return max(0.0, value)


def tiled_similarity(
    embedder: Embedder, reference: Bytes, candidate: Bytes, *, cut: Cut = tile_grid, mapping: Mapping = halved
) -> float:
    """How alike two pictures are, tile by tile; 0..1, higher is better.

    Args:
        embedder: what sees the tiles; it remembers them, so that a reference costs once.
        reference: height x width x 3; its size decides the grid.
        candidate: height x width x 3; brought to the reference's size by bicubic interpolation, as published.
        cut: width and height to columns and rows.
        mapping: cosine to 0..1.

    Raises:
        Missing: the embedder's weights are absent.
    """
    return tiled_similarities(embedder, [(reference, candidate)], cut=cut, mapping=mapping)[0]


def tiled_similarities(
    embedder: Embedder, pairs: Sequence[tuple[Bytes, Bytes]], *, cut: Cut = tile_grid, mapping: Mapping = halved
) -> list[float]:
    """`tiled_similarity` of many (reference, candidate) pairs, whose tiles go through the model together."""
    import numpy as np

    sides = [side for reference, candidate in pairs for side in _cut_alike(reference, candidate, cut)]
    if not sides:
        return []
    ends = np.cumsum([len(side) for side in sides])
    seen = np.split(embedder.embed([tile for side in sides for tile in side]), ends[:-1])
    return [_mean(one, other, mapping) for one, other in zip(seen[::2], seen[1::2], strict=True)]


def _cut_alike(reference: Bytes, candidate: Bytes, cut: Cut) -> tuple[list[Bytes], list[Bytes]]:
    height, width = reference.shape[:2]
    grid = cut(width, height)
    return tiles(reference, grid), tiles(resized(candidate, (width, height), BICUBIC), grid)


def _mean(one: Floats, other: Floats, mapping: Mapping) -> float:
    return sum(mapping(cosine(a, b)) for a, b in zip(one, other, strict=True)) / len(one)


def _nearest(width: int, height: int, fits: Callable[[int, int], bool]) -> Grid:
    aspect, area = width / height, width * height
    best, best_distance = (1, 1), float("inf")
    grids = [(c, r) for c in range(1, MOST_TILES + 1) for r in range(1, MOST_TILES // c + 1) if fits(c, r)]
    for columns, rows in sorted(grids, key=lambda grid: grid[0] * grid[1]):
        distance = abs(aspect - columns / rows)
        enough = area > 0.5 * TILE * TILE * columns * rows
        if distance < best_distance or (distance == best_distance and enough):
            best, best_distance = (columns, rows), distance
    return best


def _undrawn(facts: Facts) -> Bytes:
    """The colours a program drew, with the transparency dropped instead of laid on white."""
    if facts.program is None or facts.failure is not None:
        return facts[rgb]
    import numpy as np

    from derender.core.pictures import read_picture

    return np.ascontiguousarray(read_picture(facts.rendering().pictures[0].png)[:, :, :3])


def _tiles_seen(name: str, embedder: Embedder, cut: Cut, colours: Callable[[Facts], Bytes]) -> Fact[Floats]:
    """The fact that is the vectors of a reference's tiles."""
    return Fact(
        name,
        lambda facts: embedder.embed(tiles(colours(facts), cut(*facts[size]))),
        at_hand=lambda _: embedder.available(),
        weights=tuple(one.name for one in embedder.weights),
        tools=embedder.packages,
    )


class _Reward:
    """Both modes of the reward on one embedder."""

    def __init__(self, name: str, embedder: Embedder) -> None:
        self._embedder = embedder
        self._published = _tiles_seen(f"{name}_tiles", embedder, tile_grid, _undrawn)
        self._fitting = _tiles_seen(f"{name}_fitting_tiles", embedder, fitting_grid, lambda facts: facts[rgb])
        self.needs = (self._published,)

    def official(self, reference: Facts, candidate: Facts) -> Values:
        given = resized(_undrawn(candidate), reference[size], BICUBIC)
        seen = self._embedder.embed(tiles(given, tile_grid(*reference[size])))
        return {"visual": _mean(reference[self._published], seen, halved)}

    def fixed(self, reference: Facts, candidate: Facts) -> Values:
        given = resized(candidate[rgb], reference[size], BICUBIC)
        seen = self._embedder.embed(tiles(given, fitting_grid(*reference[size])))
        return {"visual": _mean(reference[self._fitting], seen, positive)}


DIFFERENCES = (
    Difference(
        "grid",
        official="the grid hangs on the aspect ratio alone, so that small pictures are enlarged to twelve tiles",
        fixed="no grid that enlarges a side more than 1.5 times",
        example="a picture of 200x150: 13 tiles, enlarged to 1792x1344, against 1; 1920x1080: 9 tiles in both",
    ),
    Difference(
        "mapping",
        official="(cosine + 1) / 2 per tile, so that a picture with nothing in common gets a half",
        fixed="the cosine, and 0 where it is negative",
        example="a tile at a right angle to the reference's: 0.5 against 0; the same tile: 1 in both",
    ),
    Difference(
        "transparency",
        official="what a program drew loses its opacity, whatever colour lies under it (mostly black) being shown",
        fixed="it is laid on white",
        example="black text on nothing: a black picture against black text on white",
    ),
)
virl_dino = Dino("virl", "facebook/dinov2-large", Preprocess(None), token="raw", rounded=True)
"""DINOv2-L as that reward uses it: the first token before the last normalisation, pixels rounded to bfloat16."""
_on_dino = _Reward("virl", virl_dino)
_on_efficientnet = _Reward("virl_efficientnet", lite0)


@metric(
    "virl",
    (Part("visual"),),
    needs=_on_dino.needs,
    source="VinciCoder, Coarse-to-fine ViRL reward: DINOv2-L on a dynamic grid of tiles and a thumbnail",
    cost_ms=90000.0,
    family="perceptual",
    default=False,
    fixed=_on_dino.fixed,
    differences=DIFFERENCES,
)
def virl(reference: Facts, candidate: Facts) -> Values:
    """VinciCoder's visual reward: the mean over tiles and the whole of (1 + cosine) / 2 of DINOv2-L's first token.

    The candidate is brought to the reference's size, and both are cut alike. A program that draws nothing gets 0 and a
    blank page half marks or more: not to be used as a reward without the correction. On a GPU some milliseconds.
    """
    return _on_dino.official(reference, candidate)


@metric(
    "virl_efficientnet",
    (Part("visual"),),
    needs=_on_efficientnet.needs,
    source="VinciCoder's ViRL reward on EfficientNet-Lite0 beyond a blank page, see `efficientnet`",
    cost_ms=120.0,
    family="perceptual",
    default=False,
    fixed=_on_efficientnet.fixed,
    differences=DIFFERENCES,
)
def virl_efficientnet(reference: Facts, candidate: Facts) -> Values:
    """VinciCoder's visual reward on the network that `efficientnet` uses, offline and without PyTorch.

    The tiles, the mapping and their corrections are those of `virl`; the numbers are not comparable with its.
    """
    return _on_efficientnet.official(reference, candidate)
