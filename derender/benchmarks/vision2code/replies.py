"""A model's reply to the program in it, as Vision2Code takes it out, or as derender does.

The official way takes the last fence whatever its language, leaves tags other than ``python`` in the code, and keeps
the backticks of a fence that is never closed. It is written here without patterns, for replies that never end.
"""

from collections.abc import Iterator

from derender.core import Language, NoProgram, Program, extract_program
from derender.judges import Mode

_FENCE = "```"
_TAG = "python"
_BEGIN, _END = "<think>", "</think>"


def program_of(reply: str, mode: Mode = Mode.OFFICIAL) -> Program:
    """The program in a reply; an empty one where there is none, which fails as any other.

    Args:
        reply: what the model said.
        mode: the paper's way, or derender's own extraction.
    """
    if mode is Mode.OFFICIAL:
        return Program(official_code(reply), Language.PYTHON)
    try:
        return extract_program(reply, Language.PYTHON).program
    except NoProgram:
        return Program("", Language.PYTHON)


def official_code(reply: str) -> str:
    """The code in a reply by the paper's rules."""
    text = _without_thoughts(reply.strip())
    if _END in text:
        text = text.rpartition(_END)[2].lstrip()
    text = text.replace(_BEGIN, "").replace(_END, "")
    blocks = [*_fenced(text)]
    return blocks[-1].strip() if blocks else text


def _without_thoughts(text: str) -> str:
    """The text without closed thoughts and the white space behind them."""
    kept: list[str] = []
    start = 0
    while (begin := text.find(_BEGIN, start)) >= 0 and (end := text.find(_END, begin)) >= 0:
        kept.append(text[start:begin])
        start = end + len(_END)
        while start < len(text) and text[start].isspace():
            start += 1
    return "".join([*kept, text[start:]])


def _fenced(text: str) -> Iterator[str]:
    """What stands between one fence and the next, two by two."""
    parts = text.split(_FENCE)
    for inside in parts[1:-1:2]:
        yield inside[len(_TAG) :] if inside[: len(_TAG)].lower() == _TAG else inside
