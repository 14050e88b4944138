"""SVG that attacks by what a drawing can hold: numbers past all measure, bombs, endless references, ways out of it."""

import base64
import io
import re
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from derender.render.worker.svg_page import page_of_svg

DRAWINGS = Path(__file__).parent / "svg"
XMLNS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
LIME = '<rect width="50" height="50" fill="#00ff00"/>'
LIMITS = {"wall_s": 2, "cpu_s": 0.6, "memory_mb": 384}
GREEDY = "cpu_budget memory deadline runtime"
ENGINE_MB = 2500
"""What the engine, its workers, the browser and honest programs take by themselves, generously."""


def svg(inside: str, attributes: str = 'width="100" height="100"') -> str:
    return f"<svg {XMLNS} {attributes}>{inside}</svg>"


def data(media: str, content: bytes) -> str:
    return f"data:{media};base64,{base64.b64encode(content).decode()}"


def image(media: str, content: bytes) -> str:
    return svg(LIME + f'<image y="60" width="40" height="40" href="{data(media, content)}"/>')


def filtered(primitives: str, attributes: str = "") -> str:
    shape = '<rect filter="url(#f)" width="900" height="900" fill="red"/>'
    return svg(f'<filter id="f" {attributes}>{primitives}</filter>{shape}', 'width="1000" height="1000"')


def doubled(depth: int) -> str:
    """Ten references to ten references to ten references …"""
    levels = "".join(
        f'<g id="a{i}">{f"<use href=%sa{i - 1}%s/>" % (chr(34) + "#", chr(34)) * 10}</g>' for i in range(1, depth)
    )
    return svg(f'<defs><g id="a0">{LIME}</g>{levels}</defs><use href="#a{depth - 1}"/>')


@cache
def png(width: int, height: int) -> bytes:
    """A black picture that takes few bytes and much memory."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(width // 8 + 1)) for _ in range(height)) + packer.flush()
    parts = {b"IHDR": struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0), b"IDAT": rows, b"IEND": b""}
    chunks = (struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in parts.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@cache
def raster(form: str, side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side)).save(buffer, form)
    return buffer.getvalue()


def nested(depth: int) -> str:
    drawing = svg(LIME)
    for _ in range(depth):
        drawing = image("image/svg+xml", drawing.encode())
    return drawing


@dataclass(frozen=True)
class Bomb:
    """What makes a drawing, and what it may end with, by resvg and by the browser; ``none`` when it is drawn."""

    source: Callable[[], str]
    resvg: str = "none"
    browser: str = "none"
    limits: dict[str, float] = field(default_factory=lambda: LIMITS)


def entities(declarations: str, text: str) -> str:
    return f'<!DOCTYPE svg [{declarations}]><svg {XMLNS} width="100" height="100">{LIME}<text>{text}</text></svg>'


_LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
_SELF = (
    '<pattern id="p" width="9" height="9"><rect fill="url(#p)" width="9" height="9"/></pattern>'
    '<mask id="m"><rect mask="url(#m)" width="9" height="9"/></mask>'
    '<clipPath id="c" clip-path="url(#c)"><rect width="9" height="9"/></clipPath>'
    '<marker id="k"><path marker-end="url(#k)" d="M0 0L9 9"/></marker>'
    '<use id="u" href="#u"/><g id="v"><use href="#v"/></g>'
    '<filter id="i"><feImage href="#w"/></filter><rect id="w" filter="url(#i)" width="9" height="9"/>'
    '<g transform="translate(60 60)"><rect fill="url(#p)" mask="url(#m)" clip-path="url(#c)" width="9" height="9"/>'
    '<path marker-end="url(#k)" d="M0 0L9 9"/></g>'
)
BOMBS = {
    "uses_a_billion_times": Bomb(lambda: doubled(10), "runtime", GREEDY),
    "view_box_of_a_million": Bomb(lambda: svg(LIME, 'viewBox="0 0 1e6 1e6"'), "output_too_large", "output_too_large"),
    "size_of_a_billion": Bomb(lambda: svg(LIME, 'width="1e9" height="1e9"'), "output_too_large", "output_too_large"),
    "size_past_all_numbers": Bomb(
        lambda: svg(LIME, 'width="1e999" height="1e999"'), "output_too_large", "output_too_large"
    ),
    "size_not_a_number": Bomb(lambda: svg(LIME, 'width="NaN" height="Infinity"')),
    "size_below_zero": Bomb(lambda: svg(LIME, 'width="-5" height="10"'), "no_picture", "none"),
    "size_of_almost_nothing": Bomb(lambda: svg(LIME, 'width="1e-30" height="1e-30"')),
    "view_box_of_almost_nothing": Bomb(lambda: svg(LIME, 'width="9" height="9" viewBox="0 0 1e-30 1e-30"')),
    "turbulence_of_a_billion_octaves": Bomb(
        lambda: filtered('<feTurbulence baseFrequency="0.9" numOctaves="1000000000"/>'), GREEDY, f"none {GREEDY}"
    ),
    "blur_of_a_billion": Bomb(
        lambda: filtered('<feGaussianBlur stdDeviation="1e9"/>'), f"none {GREEDY}", f"none {GREEDY}"
    ),
    "dilation_of_a_million": Bomb(
        lambda: filtered('<feMorphology operator="dilate" radius="1e6"/>'), f"none {GREEDY}", f"none {GREEDY}"
    ),
    "region_of_ten_million": Bomb(
        lambda: filtered('<feGaussianBlur stdDeviation="500"/>', 'x="-1e6" y="-1e6" width="1e7" height="1e7"'),
        f"none {GREEDY}",
        f"none {GREEDY}",
    ),
    "a_thousand_filters": Bomb(lambda: filtered('<feGaussianBlur stdDeviation="50"/>' * 1000), GREEDY, GREEDY),
    "entities_that_multiply": Bomb(lambda: entities(_LAUGHS, "&a9;"), "policy", "none"),
    "an_entity_many_times": Bomb(
        lambda: entities(f'<!ENTITY a "{"x" * 4000}">', "&a;" * 100_000), "syntax", f"none {GREEDY}"
    ),
    "an_entity_of_the_disk": Bomb(
        lambda: entities('<!ENTITY a SYSTEM "file://@@home@@/secret.txt">', "&a;"), "policy", "none"
    ),
    "an_entity_of_parameters": Bomb(
        lambda: entities('<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;', "x"), "policy", "none"
    ),
    "png_of_50000": Bomb(lambda: image("image/png", png(50_000, 50_000)), "memory", f"none {GREEDY}"),
    "jpeg_of_16000": Bomb(lambda: image("image/jpeg", raster("JPEG", 16_000)), "memory", f"none {GREEDY}"),
    "gif_of_16000": Bomb(lambda: image("image/gif", raster("GIF", 16_000)), f"none {GREEDY}", f"none {GREEDY}"),
    "webp_of_6000": Bomb(lambda: image("image/webp", raster("WEBP", 6_000)), f"none {GREEDY}", f"none {GREEDY}"),
    "svgz_of_200_megabytes": Bomb(
        lambda: image("image/svg+xml", zlib.compress(b" " * (200 << 20), wbits=31)), "none", f"none {GREEDY}"
    ),
    "svg_in_svg_in_svg": Bomb(lambda: nested(12)),
    "a_million_paths": Bomb(lambda: svg('<path d="M0 0L9 9" stroke="red"/>' * 1_000_000), GREEDY, GREEDY),
    "ten_million_points": Bomb(lambda: svg(f'<path stroke="red" d="M0 0{"L1 1 9 5" * 5_000_000}"/>'), GREEDY, GREEDY),
    "dashes_of_nothing": Bomb(
        lambda: svg(LIME + '<path stroke="red" stroke-dasharray="1e-9" d="M0 60L1e9 90"/>'),
        f"none {GREEDY}",
        f"none {GREEDY}",
    ),
    "groups_100000_deep": Bomb(lambda: svg("<g>" * 100_000 + LIME + "</g>" * 100_000), "policy", f"{GREEDY} none"),
    "all_that_refers_to_itself": Bomb(lambda: svg(LIME + _SELF)),
    "three_megabytes_of_words": Bomb(
        lambda: svg(f'<text y="9">{"hello world " * 300_000}</text>'), GREEDY, f"none {GREEDY}"
    ),
    "words_on_a_path": Bomb(
        lambda: svg(f'<path id="t" d="M0 50L100 50"/><text><textPath href="#t">{"hello " * 20_000}</textPath></text>'),
        f"none {GREEDY}",
        f"none {GREEDY}",
    ),
    "100000_fonts": Bomb(
        lambda: svg("".join(f'<text font-family="F{i}">a</text>' for i in range(100_000))), GREEDY, f"none {GREEDY}"
    ),
    "letters_of_a_billion": Bomb(lambda: svg(LIME + '<text y="90" font-size="1e9">Hello</text>'), "none", "none"),
    "css_of_every_kind": Bomb(
        lambda: svg(
            f"<style>{'a b c > * * * ~ * {fill:red} ' * 20_000}</style>{'<g>' * 200}{LIME * 100}{'</g>' * 200}"
        ),
        f"none {GREEDY}",
        f"none {GREEDY}",
    ),
    "css_that_never_closes": Bomb(lambda: svg(f"<style>{'url(' * 300_000}</style>{LIME}")),
    "css_of_spaces": Bomb(lambda: svg(f"<style>a{{fill:url({' ' * 300_000}x}}</style>{LIME}")),
    "300000_attributes": Bomb(
        lambda: f"<svg {XMLNS} {' '.join(f'a{i}={chr(34)}{chr(34)}' for i in range(300_000))}>{LIME}</svg>",
        GREEDY,
        f"none {GREEDY}",
    ),
    "5000_animations": Bomb(
        lambda: svg(
            '<rect width="9" height="9">'
            + '<animate attributeName="x" values="0;9" dur="0.001s" repeatCount="indefinite"/>' * 5000
            + f"</rect>{LIME}"
        ),
        f"none {GREEDY}",
        f"none {GREEDY}",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("browser", [False, True], ids=["resvg", "browser"])
def test_a_drawing_harms_no_one_but_itself(arena, name, browser):
    bomb = BOMBS[name]
    honest = ("page", "svg") if browser else ("svg",)
    outcome = arena.attack(bomb.source(), "svg", options={"browser": browser}, honest=honest, **bomb.limits)
    assert outcome.harm == []
    assert (outcome.kind or "none") in (bomb.browser if browser else bomb.resvg).split()
    assert outcome.peak_mb is None or outcome.peak_mb < ENGINE_MB


@pytest.mark.parametrize("browser", [False, True], ids=["resvg", "browser"])
def test_a_drawing_gets_nothing_from_outside(arena, browser):
    source = (DRAWINGS / "reaches_out.svg").read_text("utf-8")
    outcome = arena.attack(source, "svg", options={"browser": browser}, honest=("page", "svg"))
    assert outcome.harm == []
    assert outcome.kind is None
    drawn = Image.open(io.BytesIO(base64.b64decode(outcome.pictures[0]["png"]))).convert("RGB")
    assert drawn.getpixel((10, 10)) == (0, 255, 0)
    # The secret picture is teal all over.
    assert (0, 128, 128) not in {colour for _, colour in drawn.getcolors(1 << 20)}
    assert "refused" in " ".join(outcome.warnings)


HOSTILE_TEXTS = {
    "comments": "<!--" * 1_250_000,
    "empty comments": "<!---->" * 700_000,
    "declarations": "<?xml" * 1_000_000,
    "doctypes": "<!DOCTYPE" * 550_000,
    "open doctypes": "<!DOCTYPE [" * 450_000,
    "brackets": "<!DOCTYPE [" + "] " * 2_500_000,
    "spaces": " " * 5_000_000 + "<svg>",
    "roots": "<svg " * 1_000_000,
    "unclosed values": "<svg " + 'a="' * 1_600_000,
    "mixed quotes": "<svg " + "a='\" b=\"' " * 500_000 + ">",
    "names": "<svg " + ":" * 5_000_000 + ">",
    "digits": f'<svg width="{"1" * 5_000_000}x">',
    "padded digits": f'<svg width="{" " * 2_500_000}1{" " * 2_500_000}x">',
    "box": f'<svg viewBox="{"1 " * 2_500_000}">',
}


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_what_the_caller_reads_of_a_drawing_takes_time_in_proportion(name):
    """The page around a drawing is made in the caller's own process: five megabytes of anything must not hold it up."""
    text = HOSTILE_TEXTS[name]
    spent = [_processor_time(text[: len(text) // 8]), _processor_time(text)]
    assert spent[1] < max(2.0, 40 * spent[0])


def _processor_time(text: str) -> float:
    started = time.process_time()
    assert re.search("<body>", page_of_svg(text))
    return time.process_time() - started
