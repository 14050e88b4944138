"""What an SVG is made of: elements, paths, their commands. Read from the text; nothing is drawn for it."""

import re
from collections import Counter
from dataclasses import dataclass, field

from derender.core import Language

from ._facts import Facts, Unscorable, fact
from ._metric import Part, Value, Values, metric

MOST_CHARACTERS = 2_000_000
MOST_ENTITIES = 64
_TOKEN = re.compile(r"[MZLHVCSQTA]|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:E[+-]?\d+)?")
"""A command or a number of path data in capitals. Takes linear time whatever it is given."""


@dataclass(frozen=True, slots=True)
class SvgStructure:
    """What an SVG is made of.

    Attributes:
        error: why it is no SVG, in which case it has nothing else; None when it is one.
        elements: local name, such as ``path`` → how many.
        commands: command of path data, in capitals → how many; those that repeat without a letter are not counted.
        path_tokens: commands and numbers in all path data.
    """

    error: str | None = None
    elements: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    path_tokens: int = 0

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return self.elements["path"]


def structure_of(source: str) -> SvgStructure:
    """What an SVG's text is made of.

    Well-formed XML whose root is ``svg`` is an SVG; as for the renderers, prefixes needn't be declared. Nothing outside
    the text is read, and entities that are made of entities make it none.

    Raises:
        Unscorable: it is longer than 2 000 000 characters.
    """
    if len(source) > MOST_CHARACTERS:
        raise Unscorable(f"an SVG of {len(source)} characters is too long; {MOST_CHARACTERS} are taken at most")
    return _Reader().read(source)


@fact(of_program=True)
def svg_structure(facts: Facts) -> SvgStructure:
    """What the side's SVG is made of."""
    source = facts.source
    if facts.program is None or facts.program.language is not Language.SVG:
        raise Unscorable(f"svg_structure compares SVG programs; {facts.name or 'one side'} is none")
    return structure_of(source)


@metric(
    "svg_structure",
    (
        Part("elements"),
        Part("commands"),
        Part("paths"),
        Part("path_tokens"),
        Part("length"),
        Part("valid"),
        Part("drawable"),
    ),
    needs=(svg_structure,),
    source="counts of elements, paths, commands and tokens, as papers on vector graphics report them",
    cost_ms=1.0,
    family="vector",
    default=False,
)
def svg_structure_agreement(reference: Facts, candidate: Facts) -> Values:
    """How alike two SVGs are made, whatever they look like.

    ``elements`` and ``commands`` are the F1 of the multisets of element names and of path commands; ``paths``,
    ``path_tokens`` and ``length`` (characters) the smaller number's share of the larger. ``valid`` is 1 for well-formed
    XML with an ``svg`` root, ``drawable`` for what the renderer draws. A candidate that is no SVG gets 0 for all; parts
    that neither side has anything of are None.
    """
    wanted, given = reference[svg_structure], candidate[svg_structure]
    if wanted.error:
        raise Unscorable(f"the reference is no SVG: {wanted.error}")
    return {
        "elements": _common(wanted.elements, given.elements),
        "commands": _common(wanted.commands, given.commands),
        "paths": _smaller_share(wanted.paths, given.paths),
        "path_tokens": _smaller_share(wanted.path_tokens, given.path_tokens),
        "length": 0.0 if given.error else _smaller_share(len(reference.source), len(candidate.source)),
        "valid": 0.0 if given.error else 1.0,
        "drawable": _drawable(candidate),
    }


class _Reader:
    """One pass over a text. Expat keeps what is open on the heap, so that depth costs memory and never the stack."""

    def __init__(self) -> None:
        self._elements: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()
        self._entities = 0
        self._error: str | None = None

    def read(self, source: str) -> SvgStructure:
        from xml.parsers import expat

        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EntityDeclHandler = self._entity
        try:
            parser.Parse(source.strip("\ufeff \t\r\n").encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            return SvgStructure(f"not well-formed XML: {expat.ErrorString(error.code)} (line {error.lineno})")
        except _NotTaken as reason:
            return SvgStructure(str(reason))
        commands = Counter({token: count for token, count in self._tokens.items() if token.isalpha()})
        return SvgStructure(None, self._elements, commands, self._tokens.total())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._elements and local != "svg":
            raise _NotTaken(f"its root is <{name[:40]}>")
        self._elements[local] += 1
        if local == "path":
            self._tokens.update(_TOKEN.findall(attributes.get("d", "").upper()))

    def _entity(self, name: str, is_parameter: bool, value: str | None, *outside: str | None) -> None:
        self._entities += 1
        if is_parameter or value is None or "&" in value or self._entities > MOST_ENTITIES:
            raise _NotTaken(f"it declares the entity {name[:40]}, which leads elsewhere or is one too many")


class _NotTaken(Exception):
    """The document is no SVG, or not one to read on."""


def _common(wanted: Counter[str], given: Counter[str]) -> float | None:
    """F1 of two multisets; None of nothing."""
    total = wanted.total() + given.total()
    return 2 * (wanted & given).total() / total if total else None


def _smaller_share(wanted: int, given: int) -> float | None:
    larger = max(wanted, given)
    return min(wanted, given) / larger if larger else None


def _drawable(facts: Facts) -> Value:
    failure = facts.failure
    if failure is not None and failure.ours:
        return Unscorable(f"the candidate was not drawn, by no fault of its program ({failure.message})")
    return 0.0 if failure else 1.0
