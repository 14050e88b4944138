"""What a stretch of text looks like: which language, and how likely a whole program rather than a snippet.

Only the beginning and the end of long texts are looked at, so the cost is bounded.
"""

import ast
import re

from .languages import Language
from .quiet import no_warnings

_HEAD = 20_000
_TAIL = 4_000
_MOST_PARSED = 32_000

_MARKUP_LEAD = re.compile(
    r"\ufeff?\s*(?:<\?xml[^<>]*>\s*|<!--(?:[^-]++|-(?!->))*+-->\s*|<!doctype svg[^<>]*>\s*)*+", re.I
)
_SVG = re.compile(r"<svg\b", re.I)
_HTML = re.compile(
    r"<!doctype html"
    r"|<(?:html|head|body|div|style|main|section|header|table|canvas|meta|link|script|title|nav|article)\b",
    re.I,
)
_LATEX = re.compile(
    r"^[ \t]*\\(?:documentclass|usepackage|usetikzlibrary|begin[ \t]*\{|tikz\b|tikzset|pgfplotsset|chemfig|draw\b)",
    re.M,
)
_MERMAID = re.compile(
    r"\s*(?:---\n(?:[^\n]*\n){0,40}?---\s*)?(?:%%[^\n]*\n\s*)*+"
    r"(?:(?:graph|flowchart)[ \t]+(?:TD|TB|BT|RL|LR)\b|flowchart[ \t]*\n|sequenceDiagram\b|classDiagram\b"
    r"|stateDiagram\b|erDiagram\b|gantt[ \t]*\n|pie[ \t]*(?:\n|title\b|showData\b)|journey[ \t]*\n|gitGraph\b"
    r"|mindmap[ \t]*\n|timeline[ \t]*\n|quadrantChart\b|xychart-beta\b|sankey-beta\b|block-beta\b"
    r"|requirementDiagram\b|C4\w+\b|architecture-beta\b|packet-beta\b|kanban[ \t]*\n)"
)
_EXCALIDRAW = re.compile(r'\s*\{[^{}\[\]]*(?:"type"\s*:\s*"excalidraw"|"elements"\s*:\s*\[)')
_IMPORT = re.compile(
    r"^[ \t\xa0]*(?:import[ \t]+[A-Za-z_][\w.]*(?=[ \t]*(?:,|;|#|\r?$|as[ \t]))"
    r"|from[ \t]+[\w.]+[ \t]+import[ \t]+[\w(*])",
    re.M,
)
_STATEMENT = re.compile(
    r"^[ \t\xa0]*(?:def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[ \t]*[(:]|for[ \t]+[\w, ]{1,80}?[ \t]in\b"
    r"|with[ \t][^\n]{1,200}:[ \t]*\r?$|[A-Za-z_]\w*(?:\.\w+){0,8}\("
    r"|[A-Za-z_][\w.]*(?:\[[^\]\n]{0,80}\])?(?:[ \t]*,[ \t]*\w+){0,8}[ \t]*[-+*/]?=[ \t]*[^=\s])",
    re.M,
)
_WORK = re.compile(r"^[ \t\xa0]*(?!import\b|from\b|#)[^\n(]{0,400}\(", re.M)
_SCRIPT = re.compile(
    r"^[ \t]*(?:const|let|var|function|export)[ \t]+[\w{$]|=>[ \t]*[{(]|^import\b[^\n]*\bfrom[ \t]+['\"]", re.M
)
_LEFT_OUT = re.compile(
    r"^[ \t]*(?:#|//|<!--|%|/\*)[ \t]*(?:\.{3}|…|(?:the )?(?:rest|remainder) of\b"
    r"|(?:your|existing|previous|same|other) [^\n]{0,60}(?:code|here|above|before|unchanged))",
    re.M | re.I,
)
_SHELL = re.compile(
    r"(?:\$ |[!%]?(?:pip3?|uv|conda|mamba|apt|apt-get|sudo|brew|npm|npx|yarn|python3?|py|cd|export|git|curl)[ \t]|#)"
)


def guess_language(source: str) -> Language | None:
    """The language a program's text is written in, by its looks; None when it looks like none of ours."""
    head = source[:_HEAD]
    lead = _MARKUP_LEAD.match(head)
    start = lead.end() if lead else 0
    if _SVG.match(head, start):
        return Language.SVG
    if _HTML.match(head, start):
        return Language.HTML
    if _MERMAID.match(head):
        return Language.MERMAID
    if _EXCALIDRAW.match(head):
        return Language.EXCALIDRAW
    if _looks_like_python(head):
        return Language.PYTHON
    if _LATEX.search(head):
        return Language.LATEX
    return None


def completeness(source: str, language: Language) -> int:
    """How likely the text is a whole program: 0 nothing of the kind, 1 a snippet, 2 nearly, 3 whole."""
    rate = _RATINGS[language]
    rating = rate(source)
    return max(1, rating - 1) if rating > 1 and _LEFT_OUT.search(source, 0, _HEAD) else rating


def is_shell(source: str) -> bool:
    """Whether the text is commands for a shell, such as those that install packages."""
    lines = [line.strip() for line in source[:_TAIL].splitlines() if line.strip()]
    return bool(lines) and all(_SHELL.match(line) for line in lines) and not all(line[0] == "#" for line in lines)


def parse_python(source: str) -> ast.Module | None:
    """The syntax tree; None when the text is no Python, or too long to try."""
    if len(source) > _MOST_PARSED:
        return None
    try:
        with no_warnings():
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _looks_like_python(head: str) -> bool:
    if _IMPORT.search(head) or (head.startswith("#!") and "python" in head[:80]):
        return _SCRIPT.search(head) is None
    if _STATEMENT.search(head) is None or "\\begin{" in head or _SCRIPT.search(head):
        return False
    return len(head) >= _HEAD or parse_python(head) is not None


def _rate_python(source: str) -> int:
    head = source[:_MOST_PARSED]
    imports, works = _IMPORT.search(head) is not None, _WORK.search(head) is not None
    if not (imports or works or _STATEMENT.search(head)):
        return 0
    if not (imports and works):
        return 1
    return 3 if len(source) > _MOST_PARSED or parse_python(source) is not None else 2


def _rate_svg(source: str) -> int:
    return _rate_by_ends(source, _SVG, "</svg>")


def _rate_html(source: str) -> int:
    if re.search(r"<!doctype html|<html\b", source[:_HEAD], re.I):
        return 3 if "</html" in source[-_TAIL:].lower() else 2
    return 1 if "<" in source else 0


def _rate_latex(source: str) -> int:
    if r"\documentclass" in source[:_HEAD]:
        return 3 if r"\end{document}" in source[-_TAIL:] else 2
    return 2 if r"\begin{" in source[:_HEAD] and r"\end{" in source[-_TAIL:] else int("\\" in source)


def _rate_mermaid(source: str) -> int:
    return 3 if _MERMAID.match(source[:_HEAD]) else int(bool(source.strip()))


def _rate_by_ends(source: str, opening: re.Pattern[str], closing: str) -> int:
    if not opening.search(source[:_HEAD]):
        return int("<" in source)
    tail = source[-_TAIL:].rstrip().lower()
    return 3 if closing in tail or tail.endswith("/>") else 2


def _rate_smiles(source: str) -> int:
    # A line, with a name behind a tab if any.
    words = source.strip().partition("\t")[0].split()
    return 3 if len(words) == 1 else int(bool(words))


def _rate_molfile(source: str) -> int:
    return 3 if "M  END" in source else int(bool(source.strip()))


def _rate_excalidraw(source: str) -> int:
    if not _EXCALIDRAW.match(source[:_HEAD]):
        return int("{" in source)
    return 3 if source.rstrip().endswith("}") else 2


_RATINGS = {
    Language.PYTHON: _rate_python,
    Language.SVG: _rate_svg,
    Language.HTML: _rate_html,
    Language.LATEX: _rate_latex,
    Language.MERMAID: _rate_mermaid,
    Language.SMILES: _rate_smiles,
    Language.MOLFILE: _rate_molfile,
    Language.EXCALIDRAW: _rate_excalidraw,
}
