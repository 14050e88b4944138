"""The colours that ChartMimic's evaluator reads from what a plotting call drew.

A rule belongs to one plotting function. It yields the artists that the function drew, each with the way to read its
colours: once right after the call, and again when the program has ended, for colours may be changed meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

Artist: TypeAlias = Any
"""What Matplotlib, or a library on top of it, drew."""
Read: TypeAlias = Callable[[Artist], list[str]]
"""Artist → its colours, as ``#RRGGBB`` or the name of a colormap."""


class Unreadable(Exception):
    """A colour the evaluator's own reading ends with an error at."""


class Call(NamedTuple):
    """One plotting call that returned.

    Attributes:
        args: its arguments, the axes or the object it is a method of first.
        kwargs: its arguments by name.
        result: what it returned.
        flavour: whose reading it is, ``original``, ``vlmevalkit`` or ``fixed``.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    flavour: str

    def is_a(self, kind: type) -> bool:
        """Whether the call was made on an object of a class; the original does not count subclasses."""
        if not self.args:
            return False
        return type(self.args[0]) is kind if self.flavour == "original" else isinstance(self.args[0], kind)


Rule: TypeAlias = Callable[[Call], Iterable[tuple[Artist, Read]]]


def hexadecimal(color: object) -> str:
    """A colour as ``#RRGGBB``, in capitals; a text of 8 digits keeps its opacity.

    Raises:
        Unreadable: the evaluator can't read it either: a colour with an opacity beside it, a letter list.
    """
    import numpy as np
    from matplotlib import colors

    try:
        if isinstance(color, str):
            if color.startswith("#") and len(color) in (7, 9):
                return color.upper()
            return colors.to_hex(colors.to_rgba(color)).upper()
        if isinstance(color, list | tuple | np.ndarray) and len(color) in (3, 4):
            return colors.to_hex(color).upper()
    except ValueError as error:
        raise Unreadable(str(error)[:200]) from error
    raise Unreadable(f"{str(color)[:100]} is no colour")


def line(artist: Artist) -> list[str]:
    """The colour of a line or a text."""
    return [hexadecimal(artist.get_color())]


def face(artist: Artist) -> list[str]:
    """The colour a patch is filled with."""
    return [hexadecimal(artist.get_facecolor())]


def first_face(artist: Artist) -> list[str]:
    """The first of the colours a collection is filled with; it must have one."""
    return [hexadecimal(list(artist.get_facecolor()[0]))]


def faces(artist: Artist) -> list[str]:
    """All colours a collection is filled with; it must have one."""
    return _some([hexadecimal(color) for color in artist.get_facecolor().tolist()])


def edges(artist: Artist) -> list[str]:
    """All colours of a collection's lines; it must have one."""
    return _some([hexadecimal(list(color)) for color in artist.get_edgecolor()])


def colormap(artist: Artist) -> list[str]:
    """The name of an artist's colormap."""
    return [artist.get_cmap().name]


def result(read: Read) -> Rule:
    """The rule of a function that returns one artist."""
    return lambda call: [(call.result, read)]


def each(read: Read) -> Rule:
    """The rule of a function that returns many."""
    return lambda call: ((artist, read) for artist in call.result)


def made(kind: type, read: Read) -> Rule:
    """The rule of a constructor."""
    return lambda call: [(call.args[0], read)] if call.is_a(kind) else []


def plotted_line(call: Call) -> Iterable[tuple[Artist, Read]]:
    """What makes the lines of `Axes.plot` returns a line and how it was asked for."""
    return [(call.result[0], line)]


def lines_on(kind: type) -> Rule:
    """Lines that count on axes of one kind only."""
    return lambda call: ((artist, line) for artist in call.result) if call.is_a(kind) else ()


def bars(call: Call) -> Iterator[tuple[Artist, Read]]:
    """Bars by the colour they were asked for in, which their drawing changes."""
    read = {"original": _asked_face, "vlmevalkit": _asked_face_if_any, "fixed": face}[call.flavour]
    first = face if call.flavour == "fixed" else _asked_face
    for artist in call.result:
        yield artist, _twice(first, read)


def points(call: Call) -> Iterable[tuple[Artist, Read]]:
    """Points by their colormap where one is named, else by the first of their colours."""
    named = _named_colormap(call)
    return [(call.result, named or _first_face_if_any)]


def points_3d(call: Call) -> Iterable[tuple[Artist, Read]]:
    """Points in space by their colormap where one is named, else by all of their colours."""
    return [(call.result, _named_colormap(call) or faces)]


def surface(call: Call) -> Iterable[tuple[Artist, Read]]:
    """A surface by its colormap where one is named, else by the colour of its first facet."""
    return [(call.result, _named_colormap(call) or first_face)]


def wedges(call: Call) -> Iterable[tuple[Artist, Read]]:
    """The wedges of a pie."""
    return ((artist, face) for artist in call.result[0])


def boxes(call: Call) -> Iterator[tuple[Artist, Read]]:
    """The boxes of a box plot, where they are filled."""
    from matplotlib.patches import PathPatch

    return ((artist, face) for artist in call.result["boxes"] if isinstance(artist, PathPatch))


def bodies(call: Call) -> Iterable[tuple[Artist, Read]]:
    """The bodies of a violin plot."""
    return ((artist, first_face) for artist in call.result["bodies"])


def histogram(call: Call) -> Iterator[tuple[Artist, Read]]:
    """The bars of a histogram. Outlines of a single one are no list of lists, which the evaluator stumbles over."""
    from matplotlib.cbook import silent_list

    _, _, drawn = call.result
    if not isinstance(drawn, silent_list):
        groups: Iterable[Any] = [drawn]
    elif call.flavour == "fixed":
        groups = [group if hasattr(group, "__iter__") else [group] for group in drawn]
    else:
        groups = drawn
    for group in groups:
        for artist in group:
            yield artist, face


def tiles(call: Call) -> Iterator[tuple[Artist, Read]]:
    """The tiles of a tree map: all bars on its axes."""
    return ((artist, face) for container in call.result.containers for artist in container)


def circles(call: Call) -> Iterable[tuple[Artist, Read]]:
    """The regions of a Venn diagram."""

    def regions(diagram: Artist) -> list[str]:
        patches = diagram.patches
        if call.flavour == "fixed":
            patches = [patch for patch in patches if patch is not None]
        return _some([hexadecimal(patch.get_facecolor()) for patch in patches])

    return [(call.args[0], regions)]


def labels(call: Call) -> Iterable[tuple[Artist, Read]]:
    """The labels of a graph's nodes."""
    return ((artist, line) for artist in call.result.values())


def links(call: Call) -> Iterable[tuple[Artist, Read]]:
    """The edges of a graph: arrows, or one collection of lines."""
    may_lack = call.flavour != "original"

    def read(drawn: Artist) -> list[str]:
        if isinstance(drawn, list):
            found = [hexadecimal(arrow.get_facecolor()) for arrow in drawn]
        else:
            found = [hexadecimal(color) for color in drawn.get_edgecolor().tolist()]
        return found if may_lack else _some(found)

    return [(call.result, read)]


def _some(found: list[str]) -> list[str]:
    if not found:
        raise Unreadable("nothing is coloured")
    return found


def _asked_face(artist: Artist) -> list[str]:
    # Once it was set by name, this is a list of letters, which is no colour.
    return [hexadecimal(list(artist._original_facecolor))]


def _asked_face_if_any(artist: Artist) -> list[str]:
    try:
        return _asked_face(artist)
    except Unreadable:
        return []


def _first_face_if_any(artist: Artist) -> list[str]:
    return first_face(artist) if len(artist.get_facecolor()) else []


def _named_colormap(call: Call) -> Read | None:
    chosen = call.kwargs.get("cmap")
    if chosen is None:
        return None
    name = chosen if isinstance(chosen, str) else chosen.name
    return lambda _: [str(name)]


def _twice(first: Read, later: Read) -> Read:
    """Read one way when it is drawn, another when the program has ended."""
    reads = iter((first,))
    return lambda artist: next(reads, later)(artist)
