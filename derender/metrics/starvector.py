"""StarVector's metrics of drawn SVGs and of their length.

The paper's pictures are CairoSVG's; here an SVG program is drawn by this package's own renderer, at the same 512x512
pixels on white. Given pictures, the numbers are those of the published scripts.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from derender.core import DerenderError, Missing

from . import dino, lpips, pixels, ssim_flavours
from ._facts import Facts, Unscorable, fact, size
from ._metric import Difference, Mode, Part, Value, Values, metric
from ._svg_drawing import square
from ._weights import MissingWeights, hub_cache, own_folder

SIDE_PX = 512
TOKENIZER = "bigcode/starcoder2-7b"
MOST_CHARACTERS = 2_000_000
PARTS = {
    "dino": dino.dino_starvector,
    "lpips": lpips.lpips_starvector,
    "ssim": ssim_flavours.ssim_starvector,
    "mse": pixels.mse,
    "masked_mse": pixels.masked_mse,
}
"""The metrics whose headlines these are."""
FAILED = {"dino": 0.0, "lpips": 1.0, "ssim": 0.0, "mse": 1.0, "masked_mse": 1.0}

picture = square("starvector_picture", SIDE_PX, weights=PARTS["dino"].weights + PARTS["lpips"].weights)


@fact(of_program=True, weights=(TOKENIZER,), tools=("tokenizers",))
def starcoder_tokens(facts: Facts) -> int:
    """How many tokens of StarCoder2 a program's text has."""
    if len(facts.source) > MOST_CHARACTERS:
        raise Unscorable(f"a text of {len(facts.source)} characters is too long to count its tokens")
    return len(_tokenizer(tokenizer_file()).encode(facts.source).ids)


def tokenizer_file() -> Path:
    """Where StarCoder2's ``tokenizer.json`` lies: in ``$DERENDER_WEIGHTS/bigcode/starcoder2-7b``, or the hub's cache.

    Raises:
        MissingWeights: nowhere.
    """
    cached = hub_cache() / ("models--" + TOKENIZER.replace("/", "--")) / "snapshots"
    places = [*(folder / TOKENIZER for folder in own_folder()), *sorted(cached.glob("*"))]
    for place in places:
        if (place / "tokenizer.json").is_file():
            return place / "tokenizer.json"
    raise MissingWeights(f"{TOKENIZER} (tokenizer.json)", places or [cached], f"hf download {TOKENIZER} tokenizer.json")


def _corrected(reference: Facts, candidate: Facts) -> Values:
    wanted, given = _drawn(reference, candidate)
    if given.failure is not None:
        return FAILED | {"length": _length(reference, candidate)}
    alike = _parts(wanted, given.at(wanted[size]), Mode.FIXED)
    return alike | {"length": _length(reference, candidate)}


@metric(
    "starvector",
    (
        Part("dino"),
        Part("lpips", high=float("inf"), higher_is_better=False),
        Part("ssim", low=-1.0),
        Part("mse", higher_is_better=False),
        Part("masked_mse", higher_is_better=False),
        Part("length", -MOST_CHARACTERS, MOST_CHARACTERS, higher_is_better=False, unit="tokens", ideal=0.0),
    ),
    needs=(picture, starcoder_tokens),
    source="StarVector, metrics: DinoScore, LPIPS, SSIM, L2, masked L2, token length",
    cost_ms=3000.0,
    family="vector",
    default=False,
    fixed=_corrected,
    differences=(
        Difference(
            "failures",
            official="an SVG that can't be drawn is compared as a white picture",
            fixed="it gets DinoScore and SSIM 0, LPIPS 1 and errors of 1",
            example="`<svg` against a thin line on white: SSIM 0.96 as published, 0 corrected",
        ),
        Difference(
            "other sizes",
            official="pictures of two sizes have no LPIPS, SSIM or errors: they are left out",
            fixed="the candidate is brought to the reference's size",
            example="pictures of 512x512 and 256x256: unscored as published, SSIM 1 for a plain pair corrected",
        ),
        Difference(
            "ink",
            official="masked errors count only where both pictures have ink, as a share of all pixels",
            fixed="they count wherever either has ink, as a share of those pixels",
            example="a black square and a blank page: 0, the best value, as published; 1 corrected",
        ),
        Difference(
            "normalised twice",
            official="pixels are normalised by ImageNet's mean and spread before LPIPS normalises them again",
            fixed="pixels are given in -1..1, as LPIPS wants them",
            example="a white pixel's red comes to the network as 4.98 against 2.25",
        ),
    ),
)
def starvector(reference: Facts, candidate: Facts) -> Values:
    """StarVector's DinoScore, LPIPS, SSIM, mean squared errors and length of an SVG or its picture.

    SVG programs are drawn at 512x512 on white, by resvg where the paper's are drawn by CairoSVG; pictures are taken as
    they are. ``length`` is by how many StarCoder2 tokens the candidate is longer than the reference, less than 0 where
    it is shorter: as long is best. Pictures have no length.
    """
    wanted, given = _drawn(reference, candidate)
    if given.failure is not None:
        given = _blank()
    return _parts(wanted, given, Mode.OFFICIAL) | {"length": _length(reference, candidate)}


def _drawn(reference: Facts, candidate: Facts) -> tuple[Facts, Facts]:
    wanted, given = reference[picture], candidate[picture]
    if wanted.failure is not None:
        raise Unscorable(f"the reference has no picture: {wanted.failure.message}")
    if given.failure is not None and given.failure.ours:
        raise Unscorable(f"the candidate was not drawn, by no fault of its program ({given.failure.message})")
    return wanted, given


def _parts(wanted: Facts, given: Facts, mode: Mode) -> dict[str, Value]:
    found = {name: part.headline(wanted, given, mode) for name, part in PARTS.items()}
    (width, height), (other_width, other_height) = wanted[size], given[size]
    if (width, height) == (other_width, other_height):
        return found
    sizes = f"{width}x{height} and {other_width}x{other_height}"
    other = Unscorable(f"StarVector compares pictures of one size; these have {sizes}")
    return {"dino": found["dino"]} | {name: other for name in found if name != "dino"}


def _length(reference: Facts, candidate: Facts) -> Value:
    try:
        return float(candidate[starcoder_tokens] - reference[starcoder_tokens])
    except DerenderError as error:
        return error


def _blank() -> Facts:
    import numpy as np

    return Facts(lambda: np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8))


@lru_cache(maxsize=2)
def _tokenizer(file: Path) -> Any:  # noqa: ANN401  tokenizers has no types
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise Missing("tokenizers (counts the tokens of a program)", "pip install 'derender[perceptual]'") from None
    return Tokenizer.from_file(str(file))
