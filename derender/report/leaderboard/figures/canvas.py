"""What figures are drawn with: a sheet of a size, colours that keep apart for everybody, words, and a scale."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from derender.benchmarks.vision2code.standings import Origin, Standing
from derender.report.leaderboard.markup import Child, Colour, Element, Medium, Value, el, shortened, width_of

INK = Colour("#1b1c1e", "#e8e8e6")
MUTED = Colour("#5f6268", "#a0a4ab")
RULE = Colour("#e2e2dd", "#34383e")
AXIS = Colour("#b9b9b2", "#565b63")
GROUND = Colour("#ffffff", "#1b1d20")
MISSING = Colour("#f0f0ec", "#24272b")
ACCENT = Colour("#1f5fd0", "#7fb0ff")
ACCENT_SOFT = Colour("#cfdffa", "#243a5e")
QUIET = Colour("#7b818b", "#8b919b")
QUIET_SOFT = Colour("#d6d9df", "#373b42")
OF_ORIGIN = {Origin.MEASURED: (ACCENT, ACCENT_SOFT), Origin.PUBLISHED: (QUIET, QUIET_SOFT)}

_MARGIN = 12
_NARROW = 500
_LINE = 16
_FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_LIGHT_RAMP = ("#f5f8fd", "#d6e4f7", "#a5c6ee", "#639ddd", "#2f70bd", "#123f7d")
_DARK_RAMP = ("#20252d", "#213650", "#254f80", "#356fb2", "#639fe6", "#b5d6ff")
_WARM_LIGHT = ("#ffffff", "#fbe0c6", "#f2b27c", "#d97b2c")
_WARM_DARK = ("#1b1d20", "#4a3018", "#85501d", "#d08a44")
_COOL_LIGHT = ("#ffffff", "#d3e3f8", "#94baea", "#3f7fcc")
_COOL_DARK = ("#1b1d20", "#1f3552", "#2f5c94", "#5b9ae6")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure.

    Attributes:
        name: a word, for files and for ids.
        title: what it shows, in a line.
        description: what there is to be seen, for who can't.
        width: in pixels.
        height: likewise.
        marks: what is drawn.
    """

    name: str
    title: str
    description: str
    width: float
    height: float
    marks: tuple[Element, ...]

    def element(self, variant: str = "") -> Element:
        """The figure in a page; ``variant`` tells copies of it apart."""
        own = f"figure-{self.name}{variant}"
        return el(
            "svg",
            el("title", self.title, id=f"{own}-title"),
            el("desc", self.description, id=f"{own}-desc"),
            *self.marks,
            viewBox=f"0 0 {self.width:g} {self.height:g}",
            width=self.width,
            height=self.height,
            role="img",
            aria_labelledby=f"{own}-title {own}-desc",
            class_=own,
        )

    def file(self) -> str:
        """The figure as a file of its own, for papers."""
        sheet = self.element()
        wide, tall = self.width + 2 * _MARGIN, self.height + 2 * _MARGIN
        ground = el("rect", x=-_MARGIN, y=-_MARGIN, width=wide, height=tall, fill=GROUND)
        # The title, the description, then the ground, below everything that is drawn.
        children = (*sheet.children[:2], ground, *sheet.children[2:])
        around: dict[str, Value] = {
            "viewBox": f"{-_MARGIN} {-_MARGIN} {wide:g} {tall:g}",
            "width": wide,
            "height": tall,
        }
        attributes = (("xmlns", "http://www.w3.org/2000/svg"), *(dict(sheet.attributes) | around).items())
        attributes = (*attributes, ("font-family", _FONTS))
        return Element("svg", children, attributes).written(Medium.PAPER) + "\n"


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers to places along a line."""

    low: float
    high: float
    start: float
    length: float

    def __call__(self, value: float) -> float:
        """Where a number is; one outside is at the end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * self.length, 2)


def word(
    x: float,
    y: float,
    text: str,
    *,
    room: float | None = None,
    size: float = 12,
    anchor: str = "start",
    colour: Colour = INK,
    weight: int | None = None,
    turned: float | None = None,
) -> Element:
    """A line of text; what there is no room for is left out, and stands in its title."""
    shown = text if room is None else shortened(text, size, room)
    whole: Child = None if shown == text else el("title", text)
    return el(
        "text",
        whole,
        shown,
        x=round(x, 2),
        y=round(y, 2),
        font_size=size,
        text_anchor=None if anchor == "start" else anchor,
        fill=colour,
        font_weight=weight,
        transform=None if turned is None else f"rotate({turned:g} {x:g} {y:g})",
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: Colour, width: float = 1) -> Element:
    """A straight line."""
    return el("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width, stroke_linecap="round")


def divided(standings: Sequence[Standing], top: float, row: float, width: float) -> Iterator[Element]:
    """A line between rows of models that have a rank and those that have none."""
    for place in range(1, len(standings)):
        if standings[place - 1].rank is not None and standings[place].rank is None:
            yield line(0, top + place * row, width, top + place * row, AXIS)


def box(x: float, y: float, width: float, height: float, colour: Colour, told: str = "", radius: float = 2) -> Element:
    """A filled box; ``told`` is what it says when it is pointed at."""
    return el(
        "rect",
        el("title", told) if told else None,
        x=round(x, 2),
        y=round(y, 2),
        width=round(max(width, 0), 2),
        height=round(height, 2),
        rx=radius,
        fill=colour,
    )


def heat(share: float) -> tuple[Colour, Colour]:
    """The ground for a share of 0 to 1, and the ink that can be read on it. Light to dark, so that no hue matters."""
    return _on(Colour(_mixed(_LIGHT_RAMP, share), _mixed(_DARK_RAMP, share)))


def diverging(share: float) -> tuple[Colour, Colour]:
    """The same for -1 to 1: warm below, cool above, as the colour-blind can tell too."""
    light, dark = (_COOL_LIGHT, _COOL_DARK) if share >= 0 else (_WARM_LIGHT, _WARM_DARK)
    return _on(Colour(_mixed(light, abs(share)), _mixed(dark, abs(share))))


def _on(ground: Colour) -> tuple[Colour, Colour]:
    return ground, Colour(*(_readable(each) for each in (ground.light, ground.dark)))


def _mixed(ramp: Sequence[str], share: float) -> str:
    place = min(max(share, 0.0), 1.0) * (len(ramp) - 1)
    step = min(int(place), len(ramp) - 2)
    rest = place - step
    pairs = zip(_channels(ramp[step]), _channels(ramp[step + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * rest):02x}" for a, b in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _readable(ground: str) -> str:
    """Black or white, whichever has more contrast by WCAG."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(ground))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (light + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


@dataclass(frozen=True, slots=True)
class Labels:
    """Names of rows: in a column beside them, or each on a line above its row where that column would be too narrow.

    Attributes:
        left: where the rows begin.
        above: how much higher a row is for its name; 0 beside it.
    """

    left: float
    above: float

    @classmethod
    def of(cls, names: Iterable[str], width: float, gap: float, share: float = 0.4) -> "Labels":
        """For a figure of a width; ``gap`` is between a column of names and the rows."""
        if width < _NARROW:
            return cls(max(gap - 10, 0), _LINE)
        return cls(min(width * share, max((width_of(name, 12) for name in names), default=0) + 4) + gap, 0)

    def word(self, name: str, y: float, gap: float, width: float) -> Element:
        """A name; ``y`` is the base of its line beside the row, whose line above is that much higher."""
        if self.above:
            return word(0, y - 16, name, room=width)
        return word(self.left - gap, y, name, room=self.left - gap, anchor="end")
