"""Programs that stand in a reply without a fence: wrapped in JSON or a tag, or bare between prose."""

import json
import re
from collections.abc import Iterator
from itertools import islice

from ._candidates import Candidate, language_of
from ._looks import guess_language, parse_python
from .languages import Language
from .quiet import no_warnings

_WRAPPER = re.compile(
    r"<(?P<name>answer|code|program|solution|output|python|latex|mermaid)(?:\s[^<>\n]{0,200})?>"
    r"|<\|begin_of_box\|>|<\|python_tag\|>",
    re.IGNORECASE,
)
_CODE_KEYS = ("code", "program", "source", "source_code", "script", "answer", "content", "output", "result", "text")
_NESTING_KEYS = (
    "arguments",
    "args",
    "input",
    "parameters",
    "function",
    "tool_calls",
    "tool_call",
    "message",
    "choices",
)
_MARKUP_EDGE = re.compile(r"<!doctype html|<html\b|</html\s*>|</?svg\b[^<>]*+>?|<\?xml[^<>]*+>", re.IGNORECASE)
_MOST_EDGES = 20_000
_REACH = 500_000
"""How far into a stretch of a reply a program without a fence may begin."""
_FRAGMENT = re.compile(r"^[ \t]*<(?:body|div|main|section|header|style|table|canvas|article|nav|head)\b", re.I | re.M)
_IMPORT_LINE = re.compile(
    r"^[ \t\xa0]*(?:import[ \t]+[A-Za-z_][\w.]*(?:[ \t]+as[ \t]+\w+)?[ \t]*(?:[,;#][^\n]*)?"
    r"|from[ \t]+[\w.]+[ \t]+import[ \t]+[\w(*][^\n]*)\r?$",
    re.M,
)
_SENTENCE = re.compile(r"[ \t]*(?:[-*>#]+[ \t]+|\d+\.[ \t]+)?\**[A-Z][\w'’*:,-]*(?:[ \t]++[\w'’(`*,-]++)++[^=\n]*+$")
_LATEX_START = re.compile(r"\\documentclass\b|\\begin[ \t]*\{(?:tikzpicture|circuitikz|axis|figure|table|tabular)\*?\}")
_DIAGRAM = re.compile(
    r"^(?:(?:graph|flowchart)[ \t]+(?:TD|TB|BT|RL|LR)\b|sequenceDiagram\b|classDiagram\b|stateDiagram"
    r"|erDiagram\b|gantt[ \t]*$|pie[ \t]+(?:title|showData)\b|journey[ \t]*$|gitGraph\b|mindmap[ \t]*$|timeline[ \t]*$"
    r"|quadrantChart\b|xychart-beta\b)",
    re.M,
)


def wrapped(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Programs inside a JSON object or a tag such as ``<answer>``; their sources may hold fences themselves."""
    yield from _from_json(text, start, end)
    first_page = _MARKUP_EDGE.search(text, start, min(end, start + _REACH))
    limit = first_page.start() if first_page else min(end, start + _REACH)
    place = start
    while (opening := _WRAPPER.search(text, place, limit)) is not None:
        name = opening["name"]
        place = _find(text, f"</{name}>" if name else "<|end_of_box|>", opening.end(), end)
        source = text[opening.end() : place].strip("\r\n")
        if source.strip():
            yield Candidate(source, guess_language(source), opening.end(), place, f"what stands in {opening[0]}")


def bare(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Programs that stand between prose without any mark."""
    yield from _markup(text, start, end)
    yield from _python(text, start, end)
    yield from _latex(text, start, end)
    yield from _mermaid(text, start, end)


def _find(text: str, what: str, start: int, end: int) -> int:
    found = re.compile(re.escape(what), re.IGNORECASE).search(text, start, end)
    return found.start() if found else end


def _from_json(text: str, start: int, end: int) -> Iterator[Candidate]:
    begin = text.find("{", start, end)
    if begin < 0 or begin - start > 2000 or not text[begin + 1 : begin + 200].lstrip().startswith('"'):
        return
    try:
        value, stop = json.JSONDecoder(strict=False).raw_decode(text[:end], begin)
    except (ValueError, RecursionError):
        return
    for key, source in islice(_strings(value, "", 0), 1000):
        language = language_of(source, None)
        named = key.lower() in _CODE_KEYS or key.lower() in set(Language)
        if language is not None or (named and "\n" in source):
            yield Candidate(source, language, begin, stop, f"the field {key!r} of a JSON object")


def _strings(value: object, key: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        inner = _parsed(value) if key in _NESTING_KEYS else None
        if inner is not None and depth < 6:
            yield from _strings(inner, key, depth + 1)
        elif value.strip():
            yield key, value
    elif isinstance(value, dict) and depth < 6:
        for name, inside in value.items():
            yield from _strings(inside, str(name), depth + 1)
    elif isinstance(value, list) and depth < 6:
        for inside in value:
            yield from _strings(inside, key, depth + 1)


def _parsed(text: str) -> object | None:
    try:
        parsed: object = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict | list) else None


def _markup(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Pages from their first tag to the last closing one before the next page; drawings by balanced tags."""
    begun = _MARKUP_EDGE.search(text, start, min(end, start + _REACH))
    edges = list(islice(_MARKUP_EDGE.finditer(text, begun.start(), end), _MOST_EDGES)) if begun else []
    place, first = 0, end
    while place < len(edges):
        opening = edges[place]
        if _kind(opening) not in {"svg", "single svg", "page"}:
            place += 1
            continue
        language = Language.HTML if _kind(opening) == "page" else Language.SVG
        begin = _with_prolog(text, edges, place)
        stop, place = (_end_of_svg if language is Language.SVG else _end_of_page)(edges, place, end)
        first = min(first, begin)
        yield Candidate(text[begin:stop], language, begin, stop, f"the {language.upper()} without a fence")
    fragment = _FRAGMENT.search(text, start, min(first, start + _REACH))
    last = text.rfind(">", start, end) + 1
    if fragment is not None and last > fragment.end():
        begin = fragment.start()
        yield Candidate(text[begin:last], Language.HTML, begin, last, "the part of a page without a fence")


def _kind(edge: re.Match[str]) -> str:
    start = edge[0][:6].lower()
    if start.startswith("<svg"):
        return "single svg" if edge[0].endswith("/>") else "svg"
    return {"<?xml": "prolog", "</svg": "end of svg", "</htm": "end of page"}.get(start[:5], "page")


def _with_prolog(text: str, edges: list[re.Match[str]], place: int) -> int:
    before = edges[place - 1] if place else None
    if before is None or _kind(before) != "prolog":
        return edges[place].start()
    gap = text[before.end() : edges[place].start()].strip()
    return before.start() if not gap or gap.startswith("<!") else edges[place].start()


def _end_of_svg(edges: list[re.Match[str]], place: int, end: int) -> tuple[int, int]:
    """Where a drawing ends, and the first edge after it; an unfinished one takes all the rest."""
    depth = 0
    for number in range(place, len(edges)):
        depth += {"svg": 1, "end of svg": -1}.get(_kind(edges[number]), 0)
        if depth == 0:
            return edges[number].end(), number + 1
    return end, len(edges)


def _end_of_page(edges: list[re.Match[str]], place: int, end: int) -> tuple[int, int]:
    stop = end
    for number in range(place + 1, len(edges)):
        kind = _kind(edges[number])
        if kind == "end of page":
            stop = edges[number].end()
        elif kind == "page" and (stop < end or edges[number][0][1] == "!"):
            return min(stop, edges[number].start()), number
    return stop, len(edges)


def _python(text: str, start: int, end: int) -> Iterator[Candidate]:
    first = _IMPORT_LINE.search(text, start, min(end, start + _REACH))
    if first is None:
        if guess_language(text[start:end]) is Language.PYTHON and parse_python(text[start:end].strip()) is not None:
            yield Candidate(text[start:end].strip("\r\n"), Language.PYTHON, start, end, "the whole reply")
        return
    begin = _with_comments_above(text, start, first.start())
    stop = _code_end(text, begin, end)
    yield Candidate(text[begin:stop], Language.PYTHON, begin, stop, "the Python without a fence")


def _with_comments_above(text: str, start: int, begin: int) -> int:
    """Where the comments begin that stand right above the first import."""
    while begin > start:
        above = text.rfind("\n", start, begin - 1) + 1 or start
        if not text.startswith(("#!", "# -*-", "# "), above) or begin - above > 500:
            break
        begin = above
    return begin


def _code_end(text: str, begin: int, end: int) -> int:
    """Where prose begins after the code: the first place from which on Python's parser sees none, tried a few times."""
    stop = begin + len(text[begin:end].rstrip())
    for _ in range(8):
        line = _first_wrong_line(text[begin:stop])
        if line is None:
            return _without_last_words(text, begin, stop)
        cut = _place_of_line(text, begin, stop, line)
        shorter = begin + len(text[begin:cut].rstrip())
        if shorter <= begin or not _reads_as_prose(text, cut, stop):
            return stop
        stop = shorter
    return stop


def _first_wrong_line(source: str) -> int | None:
    import ast

    try:
        with no_warnings():
            ast.parse(source[:32_000])
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _place_of_line(text: str, begin: int, stop: int, line: int) -> int:
    place = begin
    for _ in range(line - 1):
        place = text.find("\n", place, stop) + 1
        if not place:
            return stop
    return place


def _reads_as_prose(text: str, start: int, stop: int) -> bool:
    line_end = text.find("\n", start, stop)
    line = text[start : line_end if line_end >= 0 else stop]
    return len(line) < 2000 and _SENTENCE.match(line) is not None


def _without_last_words(text: str, begin: int, stop: int) -> int:
    """Without a last line that is a bare word, such as ``Enjoy``: Python reads it as a name."""
    above = text.rfind("\n", begin, stop) + 1
    return begin + len(text[begin:above].rstrip()) if above > begin and text[above:stop].isalpha() else stop


def _latex(text: str, start: int, end: int) -> Iterator[Candidate]:
    opening = _LATEX_START.search(text, start, min(end, start + _REACH))
    if opening is None:
        return
    closing = r"\end{document}"
    if not opening[0].startswith(r"\documentclass"):
        closing = opening[0].replace("begin", "end", 1).replace(" ", "")
    last = text.rfind(closing, opening.end(), end)
    stop = last + len(closing) if last >= 0 else end
    yield Candidate(text[opening.start() : stop], Language.LATEX, opening.start(), stop, "the LaTeX without a fence")


def _mermaid(text: str, start: int, end: int) -> Iterator[Candidate]:
    opening = _DIAGRAM.search(text, start, min(end, start + _REACH))
    if opening is None:
        return
    stop = end
    for gap in islice(re.compile(r"\n[ \t\r]*\n").finditer(text, opening.end(), end), 1000):
        if _reads_as_prose(text, gap.end(), end):
            stop = gap.start()
            break
    source = text[opening.start() : stop].rstrip()
    stop = opening.start() + len(source)
    yield Candidate(source, Language.MERMAID, opening.start(), stop, "the Mermaid diagram without a fence")
