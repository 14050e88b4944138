"""Making an SVG fit to be drawn: one pass over the document that checks it and leaves out what must not be there.

Left out, each with a warning: scripts, event handlers, HTML inside (``foreignObject``), style sheets elsewhere, and
every reference that leads out of the document and is no file beside it. What is not well formed is a failure, never
mended; a forgotten declaration of a namespace is added, as a browser does for SVG inside a page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from .svg_failure import CannotDraw
from .svg_fonts import substitute_families, substitute_in_css
from .svg_references import References

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
MAX_WARNINGS = 50
MAX_ENTITIES = 64
MAX_ENTITY = 4096
MAX_DEPTH = 512

_LEFT_OUT = {
    "script": "a script was left out",
    "foreignobject": "HTML in a foreignObject was left out: only a browser draws it",
    "iframe": "an iframe was left out",
    "object": "an object was left out",
    "embed": "an embed was left out",
    "audio": "a sound was left out",
    "video": "a video was left out",
    "handler": "a script was left out",
}
# Takes linear time whatever it is given: style sheets that never close a bracket come from people who mean it.
_URL = re.compile(r"""(?i)url\(\s*+(?:"([^"\n]*+)"|'([^'\n]*+)'|([^"'()\s]*+))\s*+\)""")
_IMPORT = re.compile(r"(?i)@import[^;]*;?")


@dataclass(slots=True)
class Document:
    """What is left of an SVG.

    Attributes:
        body: everything but the root's start tag.
        root: the root's qualified name.
        attributes: of the root.
        texts: its words, one entry per run.
        characters: all characters of its text elements.
        warnings: sentences about what was left out, each once.
    """

    body: str = ""
    root: str = "svg"
    attributes: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    characters: str = ""
    warnings: dict[str, None] = field(default_factory=dict)

    def text(self, **changes: str) -> str:
        """The document as text, with some of the root's attributes replaced."""
        return _start_tag(self.root, {**self.attributes, **changes}) + self.body


def read_svg(source: bytes, file: Callable[[str], bytes | None], *, depth: int = 0) -> Document:
    """Check a document and leave out what must not be there.

    Args:
        source: the document, in UTF-8.
        file: gives the content of a file beside the document, or None.
        depth: how many documents this one lies in as an image.

    Raises:
        CannotDraw: it is not well formed, no SVG, or declares entities that lead elsewhere.
    """
    return _Reader(file, depth).read(source)


class _Reader:
    """The pass over one document."""

    def __init__(self, file: Callable[[str], bytes | None], depth: int) -> None:
        self._document = Document()
        self._parts: list[str] = []
        self._open: list[str] = []
        self._skipping = 0
        self._run: list[str] = []
        self._in_text = 0
        self._style: list[str] | None = None
        self._prefixes: set[str] = set()
        self._declared: set[str] = {"xml", "xmlns"}
        self._entities = 0
        self._file, self._depth = file, depth
        self._references = References(file, self._warn, self._inner, depth)
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.ProcessingInstructionHandler = self._instruction
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._skipped_entity

    def read(self, source: bytes) -> Document:
        text = source.lstrip(b"\xef\xbb\xbf \t\r\n")
        skipped_lines = source[: len(source) - len(text)].count(b"\n")
        if not text:
            raise CannotDraw("no_code", "the document is empty")
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            message = f"not well-formed XML: {expat.ErrorString(error.code)} (line {error.lineno + skipped_lines})"
            lines = text.split(b"\n")
            detail = lines[error.lineno - 1][:200].decode("utf-8", "replace") if error.lineno <= len(lines) else ""
            raise CannotDraw("syntax", message, error.lineno + skipped_lines, detail.strip()) from None
        document = self._document
        document.body = "".join(self._parts)
        self._declare_namespaces()
        return document

    def _declare_namespaces(self) -> None:
        document = self._document
        if ":" not in document.root and document.attributes.get("xmlns") != SVG:
            if "xmlns" in document.attributes:
                self._fail("syntax", f"the root's namespace is {document.attributes['xmlns']!r}, not SVG's")
            document.attributes["xmlns"] = SVG
            self._warn("the SVG namespace was not declared and was added")
        for prefix in sorted(self._prefixes - self._declared):
            document.attributes[f"xmlns:{prefix}"] = XLINK if prefix == "xlink" else f"urn:undeclared:{prefix}"
            self._warn(f"the namespace prefix {prefix} was not declared and was added")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._open:
            if local != "svg":
                self._fail("syntax", f"the document is no SVG: its root is <{name}>")
            self._document.root = name
        if len(self._open) >= MAX_DEPTH:
            self._fail("policy", f"elements lie more than {MAX_DEPTH} deep in each other")
        self._open.append(name)
        if self._skipping or local.lower() in _LEFT_OUT:
            if not self._skipping:
                self._warn(_LEFT_OUT[local.lower()])
            self._skipping += 1
            return
        self._note_prefixes(name, attributes)
        kept = self._kept(local, attributes)
        if len(self._open) == 1:
            self._document.attributes = kept
        else:
            self._parts.append(_start_tag(name, kept))
        if local == "style":
            self._style = []
        elif local == "text" or (self._in_text and local in {"tspan", "textPath", "tref", "a"}):
            self._in_text += 1
            if local == "text" or kept.keys() & {"x", "y", "dy"}:
                self._end_run()

    def _end(self, name: str) -> None:
        self._open.pop()
        if self._skipping:
            self._skipping -= 1
            return
        if self._style is not None:
            css = self._safe_css("".join(self._style))
            self._style = None
            self._parts.append(escape(css))
        if self._in_text:
            self._in_text -= 1
            if not self._in_text:
                self._end_run()
        self._parts.append(f"</{name}>")

    def _data(self, data: str) -> None:
        if self._skipping or not self._open:
            return
        if self._style is not None:
            self._style.append(data)
            return
        if self._in_text:
            self._run.append(data)
        self._parts.append(escape(data))

    def _end_run(self) -> None:
        run = "".join(self._run)
        self._run.clear()
        words = " ".join(run.split())
        if words:
            self._document.texts.append(words)
            self._document.characters += run

    def _kept(self, local: str, attributes: dict[str, str]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, value in attributes.items():
            key = name.rpartition(":")[2].lower()
            if key.startswith("on") and ":" not in name:
                self._warn("event handlers were left out")
            elif key == "href":
                target = self._references.target(local, value)
                if target is not None:
                    kept[name] = target
            elif name == "style":
                kept[name] = self._safe_css(value)
            elif name == "font-family" or name == "font":
                kept[name] = substitute_families(value)
            elif name.startswith("xmlns") or "url(" not in value.lower():
                kept[name] = value
            else:
                kept[name] = self._safe_urls(value)
        return kept

    def _safe_css(self, css: str) -> str:
        lowered = css.lower()
        if "@import" in lowered:
            self._warn("a style sheet elsewhere was left out")
            css = _IMPORT.sub("", css)
        if "@font-face" in lowered:
            self._warn("fonts of the document's own are not used")
        if "url(" in lowered:
            css = self._safe_urls(css)
        return substitute_in_css(css)

    def _safe_urls(self, value: str) -> str:
        def replaced(match: re.Match[str]) -> str:
            target = match[1] or match[2] or match[3] or ""
            if target.startswith("#"):
                return match[0]
            self._references.refuse(target)
            return "none"

        return _URL.sub(replaced, value)

    def _inner(self, source: bytes) -> str:
        inner = read_svg(source, self._file, depth=self._depth + 1)
        self._document.characters += inner.characters
        for warning in inner.warnings:
            self._warn(warning)
        return inner.text()

    def _note_prefixes(self, name: str, attributes: dict[str, str]) -> None:
        for each in (name, *attributes):
            prefix, colon, local = each.partition(":")
            if not colon:
                continue
            if prefix == "xmlns":
                self._declared.add(local)
            else:
                self._prefixes.add(prefix)

    def _instruction(self, target: str, _data: str) -> None:
        if target.lower() == "xml-stylesheet":
            self._warn("a style sheet elsewhere was left out")

    def _entity(self, name: str, _parameter: bool, value: str | None, *_rest: str | None) -> None:
        self._entities += 1
        if value is None:
            self._fail("policy", f"the entity {name} leads to another document, which is not allowed")
        if "&" in value or "%" in value or len(value) > MAX_ENTITY or self._entities > MAX_ENTITIES:
            self._fail("policy", f"the entity {name} is too complex: entities may hold plain text only")

    def _skipped_entity(self, name: str, _parameter: bool) -> None:
        self._fail("syntax", f"not well-formed XML: the entity &{name}; is not defined")

    def _fail(self, kind: str, message: str) -> NoReturn:
        raise CannotDraw(kind, message, self._parser.CurrentLineNumber)

    def _warn(self, sentence: str) -> None:
        if len(self._document.warnings) < MAX_WARNINGS:
            self._document.warnings[sentence] = None


def _start_tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}" + "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items()) + ">"
