"""The programs that ChartMimic's scripts derive from a chart's program and run in its place."""

import re
from dataclasses import dataclass

SAVE = "plt.savefig"
"""What the scripts look for in the text."""
FILE = "candidate.pdf"
_FROM_SAVE_ON = re.compile(r"plt\.savefig\(.*\n*", re.DOTALL)
# Any character between the two words: so it is in the scripts.
_FROM_SHOW_ON = re.compile(r"plt.show\(.*\n*", re.DOTALL)
_NO_TICKS = "\nfor ax in plt.gcf().get_axes():\n    ax.set_xticks([])\n    ax.set_yticks([])\n"
_HARMLESS = frozenset({"", "plt.show()", "plt.close()", "plt.close('all')", 'plt.close("all")', "plt.clf()"})
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\\\": "\\", "b": "\b", "f": "\f", "v": "\v"}
"""What stands behind two backslashes → what it is taken for; in this order."""


@dataclass(frozen=True, slots=True)
class Runs:
    """What is to be run to learn everything about a chart.

    Attributes:
        main: the program whose calls, axes and colours count.
        strings: the one whose strings count; the same where it draws nothing else than the other.
    """

    main: str
    strings: str


def runs(source: str) -> Runs:
    """The runs for a program that saves its chart itself: for the strings, ticks are emptied before it first does.

    The scripts put that where the text first says ``plt.savefig``, be it in a function, in a comment or in the middle
    of a line, at the margin; a program that doesn't say so keeps its ticks.
    """
    at = source.find(SAVE)
    if at < 0:
        return Runs(source, source)
    emptied = source[:at] + _NO_TICKS + source[at:]
    return Runs(emptied if _is_last(source, at) else source, emptied)


def wrapped(source: str, *, swallowing: bool = False) -> str:
    """The program that ChartMimic scores for a candidate: indented, up to its first save, then saved.

    Indenting reaches into texts of several lines, which the chart then shows so. What raises in it fails it here,
    unless it is swallowed, and the chart counts as far as it had come.
    """
    body = _cut(source.replace("\n", "\n    ")).strip()
    around = ("try:", "except Exception:\n    pass\n") if swallowing else ("if True:", "")
    return f"{around[0]}\n    {body}\n{around[1]}{SAVE}({FILE!r})"


def plain(source: str) -> str:
    """The program that decides whether a candidate runs: up to its first save, then saved."""
    return f"{_cut(source).strip()}\n{SAVE}({FILE!r})"


def unescaped(source: str) -> str:
    """Doubled backslashes and what follows them made one character, as VLMEvalKit does to all candidates."""
    for letter, meant in _ESCAPES.items():
        source = source.replace("\\\\" + letter, meant)
    return source


def shows_indentation(source: str) -> bool:
    """Whether indenting a program may change what it does: it may have a text of several lines."""
    return '"""' in source or "'''" in source or "\\\n" in source


def _cut(source: str) -> str:
    """The text before the first ``plt.savefig(``, and before the first ``plt.show(``; what follows is lost."""
    return _FROM_SHOW_ON.sub("", _FROM_SAVE_ON.sub("", source))


def _is_last(source: str, at: int) -> bool:
    """Whether a save begins its line and nothing follows it that could show a difference."""
    line, *rest = source[at:].split("\n")
    begins = at == 0 or source[at - 1] == "\n"
    alone = ";" not in line and line.rstrip().endswith(")")
    return begins and alone and all(each.rstrip() in _HARMLESS or each.startswith("#") for each in rest)
