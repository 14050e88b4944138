"""How alike the syntax trees of two Python programs are."""

import ast
from collections import Counter
from hashlib import blake2b

from derender.core import Language
from derender.core.quiet import no_warnings

from ._agreement import PARTS, agreement, share
from ._facts import Facts, Unscorable, fact
from ._metric import Values, metric

MOST_CHARACTERS = 200_000
_NAMED = {
    # What is called or set by name tells what is drawn; what variables are called tells nothing.
    ast.Attribute: "attr",
    ast.keyword: "arg",
    ast.alias: "name",
    ast.ImportFrom: "module",
}


def subtrees(source: str) -> Counter[bytes]:
    """The subtrees of a program's syntax tree, by a digest of their shape → how often each occurs.

    Two have one shape where they are of the same kinds of nodes in the same order, with the same attributes, keywords
    and imports; the names of variables and the values of constants don't count, nor do single names and constants.

    Raises:
        SyntaxError: the text is no Python of this interpreter's version, or nested too deeply for it.
        Unscorable: it is too long.
    """
    if len(source) > MOST_CHARACTERS:
        raise Unscorable(f"the program has {len(source)} characters; up to {MOST_CHARACTERS} are compared")
    shapes: dict[int, bytes] = {}
    found: Counter[bytes] = Counter()
    # Breadth first, so that in reverse children come before their parents and nothing recurs.
    for node in reversed([*ast.walk(_parsed(source))]):
        below = (child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr_context))
        children = [shapes[id(child)] for child in below]
        name = str(getattr(node, _NAMED[type(node)])) if type(node) in _NAMED else ""
        kind = f"{type(node).__name__} {name}".encode("utf-8", "surrogatepass")
        shapes[id(node)] = shape = blake2b(b"\0".join((kind, *children)), digest_size=16).digest()
        if children or name:
            found[shape] += 1
    return found


@fact(of_program=True)
def syntax(facts: Facts) -> Counter[bytes] | SyntaxError:
    """The subtrees of a Python program, or why it can't be parsed."""
    source = facts.source
    if facts.program is not None and facts.program.language is not Language.PYTHON:
        raise Unscorable(f"Python is compared here, and {facts.name or 'this side'} is {facts.program.language}")
    try:
        return subtrees(source)
    except SyntaxError as error:
        return error


@metric(
    "ast_similarity",
    PARTS,
    needs=(syntax,),
    source="the syntax match of CodeBLEU (Ren et al. 2020), on Python's own trees, both ways",
    cost_ms=5.0,
    family="code",
    default=False,
)
def ast_similarity(reference: Facts, candidate: Facts) -> Values:
    """Share of the subtrees of one Python program's syntax tree that the other's has, whatever their place.

    Precision is of the candidate's, recall of the reference's. A candidate that can't be parsed gets 0.
    """
    wanted, given = reference[syntax], candidate[syntax]
    if isinstance(wanted, SyntaxError):
        raise Unscorable(f"the reference can't be parsed: {wanted.msg}")
    if isinstance(given, SyntaxError):
        return {"f1": 0.0, "precision": 0.0, "recall": 0.0}
    matched = (wanted & given).total()
    return agreement(share(matched, given.total()), share(matched, wanted.total()), "a statement")


def _parsed(source: str) -> ast.Module:
    with no_warnings():
        try:
            return ast.parse(source)
        except (ValueError, MemoryError, RecursionError, UnicodeError) as error:
            raise SyntaxError(str(error) or "nested too deeply") from None
