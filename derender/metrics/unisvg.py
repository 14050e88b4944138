"""UniSVG's score of a drawn answer, and how its script finds the SVG in a reply.

The paper's pictures are CairoSVG's; here an SVG program is drawn by this package's own renderer, at the same 336x336
pixels on white. Given pictures, the numbers are those of the published script.
"""

import re
from collections import Counter

from derender.core import DerenderError, FailureKind

from . import clip, lpips, ssim_flavours
from ._facts import Facts, Unscorable, rgb
from ._metric import Difference, Part, Values, metric
from ._svg_drawing import square

SIDE_PX = 336
WEIGHTS = {"ssim": 0.2, "lpips": 0.2, "clip": 0.6}
EMPTY = f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE_PX}" height="{SIDE_PX}"></svg>'
WORST: Values = {"score": 0.0, "ssim": 0.0, "lpips": 1.0, "clip": 0.0}
_OPENED = re.compile(r"<([a-zA-Z]+)[^>]*>")
_CLOSED = re.compile(r"</([a-zA-Z]+)>")

picture = square("unisvg_picture", SIDE_PX, weights=lpips.lpips_alex.weights + clip.clip_l14_336.weights)


def answer_svg(reply: str) -> str:
    """The SVG that UniSVG's script draws of a reply.

    That from the first ``<svg ...>`` to the first ``</svg>``, even where one SVG lies inside another. Where it has no
    end: from ``<svg ...>`` on, less a last unfinished tag, with the tags closed that it doesn't close. Elements closed
    in themselves (``<path/>``) count as open there, so that an answer which was cut off after one is not well formed
    any more. Without any ``<svg ...>``: an empty picture.
    """
    start = reply.find("<svg")
    opened = reply.find(">", start)
    if start < 0 or opened < 0:
        return EMPTY
    end = reply.find("</svg>", opened)
    return reply[start : end + len("</svg>")] if end >= 0 else _closed(reply[start:])


def _closed(svg: str) -> str:
    unfinished = svg.find("<", svg.rfind(">"))
    whole = svg[:unfinished] if unfinished >= 0 else svg
    closed = Counter(_CLOSED.findall(whole))
    still_open = []
    for tag in _OPENED.findall(whole):
        if closed[tag]:
            closed[tag] -= 1
        else:
            still_open.append(tag)
    mended = whole + "".join(f"</{tag}>" for tag in reversed(still_open))
    return mended if mended.strip().endswith("</svg>") else mended + "</svg>"


def weighted(ssim: float, lpips: float, clip: float) -> float:
    """UniSVG's score: 0.2 SSIM + 0.2 (1 - LPIPS) + 0.6 CLIP."""
    return WEIGHTS["ssim"] * ssim + WEIGHTS["lpips"] * (1 - lpips) + WEIGHTS["clip"] * clip


def _fixed(reference: Facts, candidate: Facts) -> Values:
    wanted, given = _drawn_reference(reference), candidate[picture]
    if given.failure is not None:
        return _fault(given)
    height, width = wanted[rgb].shape[:2]
    return _compared(wanted, given.at((width, height)))


@metric(
    "unisvg",
    (
        Part("score", low=-10.0),
        Part("ssim", low=-1.0),
        Part("lpips", high=float("inf"), higher_is_better=False),
        Part("clip", low=-1.0),
    ),
    needs=(picture,),
    source="UniSVG, evaluation.py: 0.2 SSIM + 0.2 (1 - LPIPS) + 0.6 CLIP",
    cost_ms=600.0,
    family="vector",
    default=False,
    fixed=_fixed,
    differences=(
        Difference(
            "left out",
            official="an answer that can't be drawn is unscored: the script leaves it out and doesn't count it",
            fixed="it gets score 0, SSIM 0, LPIPS 1, CLIP 0, as an answer that is missing does",
            example="one answer of 0.8 and one that is not well formed: a mean of 0.8 as published, 0.4 corrected",
        ),
        Difference(
            "other sizes",
            official="a picture of another size than the reference's gets score 0, SSIM 0, LPIPS 1, CLIP 0",
            fixed="it is brought to the reference's size",
            example="a reference of 400x300 against any answer, which is drawn at 336x336: 0; its likeness corrected",
        ),
    ),
)
def unisvg(reference: Facts, candidate: Facts) -> Values:
    """UniSVG's score of a picture, with the SSIM, LPIPS (AlexNet) and CLIP (ViT-L/14-336) that it is made of.

    SVG programs are drawn at 336x336 on white, by resvg where the paper's are drawn by CairoSVG; pictures are taken as
    they are. The paper's score of a set is made of means, which equals the mean of these scores. Scores lie in 0..1 in
    practice; no bound is proven for LPIPS.
    """
    wanted, given = _drawn_reference(reference), candidate[picture]
    failure = given.failure
    if failure is not None and failure.kind is not FailureKind.NO_CODE and not failure.ours:
        raise Unscorable(f"UniSVG leaves out what can't be drawn ({failure.kind}: {failure.message})")
    if failure is not None:
        return _fault(given)
    return WORST if wanted[rgb].shape != given[rgb].shape else _compared(wanted, given)


def _drawn_reference(reference: Facts) -> Facts:
    wanted = reference[picture]
    if wanted.failure is not None:
        raise Unscorable(f"the reference has no picture: {wanted.failure.message}")
    return wanted


def _fault(given: Facts) -> Values:
    if given.failure is not None and given.failure.ours:
        raise Unscorable(f"the candidate was not drawn, by no fault of its program ({given.failure.message})")
    return WORST


def _compared(wanted: Facts, given: Facts) -> Values:
    parts = {
        "ssim": ssim_flavours.ssim_unisvg.headline(wanted, given),
        "lpips": lpips.lpips_alex.headline(wanted, given),
        "clip": clip.clip_l14_336.headline(wanted, given),
    }
    numbers = {name: value for name, value in parts.items() if isinstance(value, float)}
    lacking = next((value for value in parts.values() if isinstance(value, DerenderError)), None)
    return {"score": weighted(**numbers) if lacking is None else lacking, **parts}
